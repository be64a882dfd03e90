"""Other products' histories of single fields.

Salesforce: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta
/object_reference/sforce_api_associated_objects_history.htm
"""

from __future__ import annotations

from typing import Final

from cerebro_server.kernel.fields import Preset, cells

OF_STAGES: Final = frozenset({"stagename"})
"""The field whose changes are stays of deals, in the same file."""
BOTH: Final = cells.in_capitals_too(("Id", "OpportunityId", "Field", "NewValue"))
"""Columns of a file that has stays of deals and changes of their other fields."""
_OF: Final = {
    "AccountId": "company",
    "ContactId": "contact",
    "LeadId": "lead",
    "OpportunityId": "deal",
}
SALESFORCE = Preset(
    source="salesforce",
    key="Id",
    marks=cells.in_capitals_too(*(("Id", name, "Field", "NewValue") for name in _OF)),
    columns={
        **{name: f"{noun}.external_ids.salesforce" for name, noun in _OF.items()},
        "Field": "field",
        "OldValue": "old_value",
        "NewValue": "new_value",
        "CreatedDate": "changed_at",
        "CreatedById": "changed_by",
    },
    values={"source": "salesforce"},
    deleted="IsDeleted",
    only=("Field",),
    only_words=None,
    other_words=OF_STAGES,
    shares=BOTH,
    readers={"CreatedDate": cells.moment},
)
# as connectors write what the API has: the values that there were, each since when
HUBSPOT = Preset(
    source="hubspot",
    key=None,
    marks=tuple(
        (name, "property", "timestamp") for name in ("contactId", "companyId", "dealId", "vid")
    ),
    columns={
        "contactId": "contact.external_ids.hubspot",
        "vid": "contact.external_ids.hubspot",
        "companyId": "company.external_ids.hubspot",
        "dealId": "deal.external_ids.hubspot",
        "property": "field",
        "value": "new_value",
        "timestamp": "changed_at",
        "updatedByUserId": "changed_by",
    },
    values={"source": "hubspot"},
    readers={"timestamp": cells.moment},
)
