"""Record types of the workspace component."""

from __future__ import annotations

from cerebro_sdk.schemas.workspace.fields import CustomField, CustomFieldCreate, CustomFieldUpdate
from cerebro_sdk.schemas.workspace.files import File, FileCreate, FileUpdate
from cerebro_sdk.schemas.workspace.settings import KeptMapping, KeptRules
from cerebro_server.components.workspace.rules import fields as field_rules
from cerebro_server.components.workspace.rules import files as file_rules
from cerebro_server.components.workspace.tables import FieldRow, FileRow, MappingRow, RulesRow
from cerebro_server.kernel.fields import Carried, ImportParent, RecordType, Relation, Searched

_NAMED_BY = {
    "contact": ("email",),
    "company": ("domain", "name"),
    "deal": ("number",),
    "lead": ("email",),
    "quote": ("number",),
}
_ATTACHED = {
    "contact_id": "contacts",
    "company_id": "companies",
    "deal_id": "deals",
    "lead_id": "leads",
    "quote_id": "quotes",
}


def _named(name: str) -> ImportParent:
    """Return how a table says to what a file is attached; quotes never come as files."""
    here, by = f"{name}_id", _NAMED_BY[name]
    optional = name == "quote"
    return ImportParent(
        _ATTACHED[here], here=here, by=by, created_by="", called=(here,), is_optional=optional
    )


fields = RecordType(
    wire=CustomField,
    create=CustomFieldCreate,
    update=CustomFieldUpdate,
    row=FieldRow,
    rules=field_rules.fields,
    update_rules=field_rules.changed_fields,
    filled=("index_state", "index_error"),
    tells_of="path",
)
files = RecordType(
    wire=File,
    create=FileCreate,
    update=FileUpdate,
    row=FileRow,
    rules=file_rules.files,
    update_rules=file_rules.changed_files,
    watched=frozenset({"sha256", "content_type"}),
    filled=("size",),
    is_worked_on=True,
    owner="owner_id",
    team="team",
    attached=tuple(_ATTACHED),
    carried=Carried.NAMES_MORE,
    refers=_ATTACHED,
    import_parents={name: _named(name) for name in _NAMED_BY},
    relations={
        "owner": Relation("users", here="owner_id"),
        **{column.removesuffix("_id"): Relation(n, here=column) for column, n in _ATTACHED.items()},
    },
    searched=(Searched("name"), Searched("description", 0.5)),
)

import_mappings = RecordType(
    wire=KeptMapping, row=MappingRow, filled=("record_type", "name", "mapping"), is_setting=True
)
duplicate_rules = RecordType(
    wire=KeptRules, row=RulesRow, filled=("record_type", "rules"), is_setting=True
)
