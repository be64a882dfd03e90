"""Record types of the contacts component."""

from __future__ import annotations

from cerebro_sdk.schemas.contacts.companies import Company, CompanyCreate, CompanyUpdate
from cerebro_sdk.schemas.contacts.contacts import Contact, ContactCreate, ContactUpdate
from cerebro_sdk.schemas.contacts.positions import Position, PositionCreate, PositionUpdate
from cerebro_sdk.schemas.kinds import Kind
from cerebro_server.components.contacts import duplicates, matching, presets, rules, words
from cerebro_server.components.contacts.presets import names
from cerebro_server.components.contacts.tables import CompanyRow, ContactRow, PositionRow
from cerebro_server.kernel.fields import (
    ImportParent,
    PartKey,
    Primary,
    RecordType,
    Relation,
    Searched,
    Via,
)

_OWNER = {"owner": Relation("users", here="owner_id")}
_EMAIL = {"address": Kind.EMAIL, "type": Kind.TEXT}
_PHONE = {
    "number": Kind.PHONE,
    "extension": Kind.TEXT,
    "type": Kind.TEXT,
    "is_valid": Kind.BOOLEAN,
}
_LINES = ("street", "city", "state", "postal_code", "country")
_ADDRESS = dict.fromkeys(("type", *_LINES), Kind.TEXT)
_PHONES = PartKey("number", kind="phone", is_unique=False)
_PRIMARIES = {
    "phone": Primary("phones", "number"),
    **{line: Primary("addresses", line) for line in _LINES},
}
_WORKS_FOR = Via("positions", here="contact_id", there="company_id", only="is_current")
_EVER_WORKED_FOR = Via("positions", here="contact_id", there="company_id")
_WORKED_FOR = Via("positions", here="company_id", there="contact_id")
_HAS_PART_IN = Via("deal_contacts", here="contact_id", there="deal_id")


def telling(column: str) -> dict[str, Relation]:
    """Return the relations to what names a record in a column: what is to be done about it, and
    what happened. Notes are none: many have a field of their own that is called so."""
    return {noun: Relation(noun, there=column) for noun in ("tasks", "activities")}


_PARENT = ImportParent(
    "companies",
    here="parent_id",
    by=("domain", "name"),
    created_by="name",
    called=("parent company",),
)
_PERSON = ImportParent("contacts", here="contact_id", by=("email",), created_by="last_name")
_FIRM = ImportParent("companies", here="company_id", by=("domain", "name"), created_by="name")
_COMPANY = ImportParent(
    "companies",
    via="positions",
    here="contact_id",
    there="company_id",
    by=("domain", "name"),
    created_by="name",
    called=("company name", "account", "account name", "organization", "organisation", "employer"),
    current="is_current",
    copied={"role": "job_title"},
)

companies = RecordType(
    wire=Company,
    create=CompanyCreate,
    update=CompanyUpdate,
    row=CompanyRow,
    rules=rules.companies,
    update_rules=rules.changed_companies,
    watched=frozenset({"parent_id"}),
    asked_again=frozenset({"parent_id"}),
    presets=presets.COMPANIES,
    files=("account", "accounts", "organization", "organizations", "organisation", "organisations"),
    also_called=words.COMPANIES,
    import_parents={"parent": _PARENT},
    owner="owner_id",
    team="team",
    relations={
        **_OWNER,
        "parent": Relation("companies", here="parent_id"),
        "members": Relation("companies", there="parent_id"),
        "contacts": Relation("contacts", via=_WORKED_FOR),
        "deals": Relation("deals", there="company_id"),
        **telling("company_id"),
    },
    parts={"phones": _PHONE, "addresses": _ADDRESS},
    part_keys={"phones": _PHONES},
    primaries=_PRIMARIES,
    derived={"phone_quality": ("phones",)},
    refers={"parent_id": "companies"},
    searched=(
        Searched("name"),
        Searched("domain", 0.9),
        Searched("phone", 0.7),
        Searched("city", 0.4),
    ),
    duplicates=duplicates.COMPANIES,
    matching=matching.COMPANIES,
)

contacts = RecordType(
    wire=Contact,
    create=ContactCreate,
    update=ContactUpdate,
    row=ContactRow,
    rules=rules.contacts,
    update_rules=rules.changed_contacts,
    watched=frozenset({"consent"}),
    merges={"consent": rules.most_restrictive},
    presets=presets.CONTACTS,
    files=("person", "persons", "people"),
    also_called=words.CONTACTS,
    import_parents={"company": _COMPANY},
    splits={"full_name": names.split},
    filled=("consent_at",),
    dated=("consent_at",),
    owner="owner_id",
    team="team",
    relations={
        **_OWNER,
        "company": Relation("companies", via=_WORKS_FOR),
        "companies": Relation("companies", via=_EVER_WORKED_FOR),
        "deals": Relation("deals", via=_HAS_PART_IN),
        **telling("contact_id"),
    },
    parts={"emails": _EMAIL, "phones": _PHONE, "addresses": _ADDRESS},
    part_keys={
        "emails": PartKey("address", kind="email", is_unique=True),
        "phones": _PHONES,
    },
    primaries={"email": Primary("emails", "address"), **_PRIMARIES},
    derived={
        "full_name": ("first_name", "last_name"),
        "email_quality": ("emails",),
        "phone_quality": ("phones",),
    },
    searched=(
        Searched("full_name"),
        Searched("email", 0.9),
        Searched("phone", 0.7),
        Searched("job_title", 0.4),
    ),
    duplicates=duplicates.CONTACTS,
    matching=matching.CONTACTS,
)


positions = RecordType(
    wire=Position,
    create=PositionCreate,
    update=PositionUpdate,
    row=PositionRow,
    rules=rules.positions,
    update_rules=rules.positions,
    watched=frozenset({"started_on", "ended_on"}),
    presets=presets.POSITIONS,
    files=("account contact relation", "account contact relations"),
    import_parents={"contact": _PERSON, "company": _FIRM},
    refers={"contact_id": "contacts", "company_id": "companies"},
    ends={"contact_id": contacts, "company_id": companies},
    is_twice=rules.is_same_position,
)
