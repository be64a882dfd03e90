"""Record types of the contacts component."""

from __future__ import annotations

from cerebro_sdk.schemas.contacts.companies import Company, CompanyCreate, CompanyUpdate
from cerebro_sdk.schemas.contacts.contacts import Contact, ContactCreate, ContactUpdate
from cerebro_server.components.contacts import presets, rules
from cerebro_server.components.contacts.tables import CompanyRow, ContactRow
from cerebro_server.kernel.fields import RecordType, Relation

OWNED = {"owner": Relation("users", here="owner_id")}

companies = RecordType(
    wire=Company,
    create=CompanyCreate,
    update=CompanyUpdate,
    row=CompanyRow,
    rules=rules.companies,
    presets=presets.COMPANIES,
    owner="owner_id",
    team="team",
    relations=OWNED,
)

contacts = RecordType(
    wire=Contact,
    create=ContactCreate,
    update=ContactUpdate,
    row=ContactRow,
    owner="owner_id",
    team="team",
    relations=OWNED,
)
