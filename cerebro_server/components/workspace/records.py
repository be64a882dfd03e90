"""Record types of the workspace component."""

from __future__ import annotations

from cerebro_sdk.schemas.workspace.fields import CustomField, CustomFieldCreate, CustomFieldUpdate
from cerebro_sdk.schemas.workspace.settings import KeptMapping, KeptRules
from cerebro_server.components.workspace import rules
from cerebro_server.components.workspace.tables import FieldRow, MappingRow, RulesRow
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

import_mappings = RecordType(
    wire=KeptMapping, row=MappingRow, filled=("record_type", "name", "mapping"), is_setting=True
)
duplicate_rules = RecordType(
    wire=KeptRules, row=RulesRow, filled=("record_type", "rules"), is_setting=True
)
