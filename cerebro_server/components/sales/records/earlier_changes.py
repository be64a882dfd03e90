"""What happened to records elsewhere."""

from __future__ import annotations

from cerebro_sdk.schemas.sales.earlier_changes import (
    EarlierChange,
    EarlierChangeCreate,
    EarlierChangeUpdate,
)
from cerebro_server.components.contacts.records import companies, contacts
from cerebro_server.components.sales.presets import EARLIER_CHANGES
from cerebro_server.components.sales.records.deals import OF_DEAL, deals
from cerebro_server.components.sales.records.leads import leads
from cerebro_server.components.sales.rules import earlier_changes as rules
from cerebro_server.components.sales.tables.earlier_changes import EarlierChangeRow
from cerebro_server.kernel.fields import Elsewhere, ImportParent, RecordType, Relation

_WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "field": {"English": ("field name", "property", "changed field")},
    "old_value": {"English": ("old", "from", "before", "original value")},
    "new_value": {"English": ("new", "to", "after", "value")},
    "changed_at": {"English": ("created date", "edit date", "time", "timestamp", "change date")},
    "changed_by": {"English": ("created by", "edited by", "user", "author")},
}
earlier_changes = RecordType(
    wire=EarlierChange,
    create=EarlierChangeCreate,
    update=EarlierChangeUpdate,
    row=EarlierChangeRow,
    rules=rules.earlier_changes,
    update_rules=rules.changed_earlier_changes,
    before_import=rules.from_files,
    elsewhere=Elsewhere(),
    presets=EARLIER_CHANGES,
    files=("account history", "contact history", "lead history"),
    also_called=_WORDS,
    import_parents={
        "contact": ImportParent(
            "contacts", here="contact_id", by=("email",), created_by="last_name"
        ),
        "company": ImportParent(
            "companies", here="company_id", by=("domain", "name"), created_by="name"
        ),
        "deal": OF_DEAL,
        "lead": ImportParent("leads", here="lead_id", by=("email",), created_by="last_name"),
    },
    refers={
        "contact_id": "contacts",
        "company_id": "companies",
        "deal_id": "deals",
        "lead_id": "leads",
    },
    ends={
        "contact_id": contacts,
        "company_id": companies,
        "deal_id": deals,
        "lead_id": leads,
    },
    relations={
        "contact": Relation("contacts", here="contact_id"),
        "company": Relation("companies", here="company_id"),
        "deal": Relation("deals", here="deal_id"),
        "lead": Relation("leads", here="lead_id"),
    },
)
