"""Record types of the workspace component."""

from __future__ import annotations

from cerebro_sdk.schemas.workspace.fields import CustomField, CustomFieldCreate, CustomFieldUpdate
from cerebro_server.components.workspace import rules
from cerebro_server.components.workspace.tables import FieldRow
from cerebro_server.kernel.fields import RecordType

fields = RecordType(
    wire=CustomField,
    create=CustomFieldCreate,
    update=CustomFieldUpdate,
    row=FieldRow,
    rules=rules.fields,
    update_rules=rules.changed_fields,
    filled=("index_state", "index_error"),
    tells_of="path",
)
