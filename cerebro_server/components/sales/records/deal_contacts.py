"""Contacts of deals."""

from __future__ import annotations

from cerebro_sdk.schemas.sales.deal_contacts import (
    DealContact,
    DealContactCreate,
    DealContactUpdate,
)
from cerebro_server.components.contacts.records import contacts
from cerebro_server.components.sales.presets import DEAL_CONTACTS
from cerebro_server.components.sales.records.deals import OF_DEAL, deals
from cerebro_server.components.sales.rules import deal_contacts as rules
from cerebro_server.components.sales.tables.deals import DealContactRow
from cerebro_server.kernel.fields import ImportParent, RecordType

deal_contacts = RecordType(
    wire=DealContact,
    create=DealContactCreate,
    update=DealContactUpdate,
    row=DealContactRow,
    watched=frozenset(),
    presets=DEAL_CONTACTS,
    files=("opportunity contact role", "opportunity contact roles"),
    import_parents={
        "deal": OF_DEAL,
        "contact": ImportParent(
            "contacts", here="contact_id", by=("email",), created_by="last_name"
        ),
    },
    refers={"deal_id": "deals", "contact_id": "contacts"},
    ends={"deal_id": deals, "contact_id": contacts},
    is_twice=rules.is_same_part,
)
