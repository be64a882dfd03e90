"""What tasks, activities and notes may be about, as record types say it."""

from __future__ import annotations

from dataclasses import replace

from cerebro_server.components.activities.rules.links import LINKS
from cerebro_server.components.contacts.records import companies, contacts
from cerebro_server.components.sales.records.deals import deals
from cerebro_server.components.sales.records.leads import leads
from cerebro_server.kernel.fields import ImportParent, RecordType, Relation

_TARGETS = dict(zip(LINKS, (contacts, companies, deals, leads), strict=True))
REFERS = {column: target.name for column, target in _TARGETS.items()}
"""Each column with the noun that it names."""
ENDS: dict[str, RecordType] = dict(_TARGETS)
"""The same with the record types."""
RELATIONS = {
    target.noun.singular: Relation(target.name, here=column) for column, target in _TARGETS.items()
}
OWNER = {"owner": Relation("users", here="owner_id")}
_BY = {
    "contacts": ("email",),
    "companies": ("domain", "name"),
    "deals": ("number", "name"),
    "leads": ("email",),
}
_CALLED = {
    "contacts": ("contact", "contact email", "person"),
    "companies": ("company", "company name", "account", "organization", "organisation"),
    "deals": ("deal", "deal name", "opportunity"),
    "leads": ("lead", "lead email"),
}
PARENTS = {
    target.noun.singular: ImportParent(
        target.name,
        here=column,
        by=_BY[target.name],
        created_by="",
        called=_CALLED[target.name],
        is_optional=True,
    )
    for column, target in _TARGETS.items()
}
"""How files name them; a record that is not there is left out, and made by none."""
NEEDED = {name: replace(parent, is_optional=False) for name, parent in PARENTS.items()}
"""The same for links, which are nothing without it."""
