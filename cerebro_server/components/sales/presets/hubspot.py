"""HubSpot's exports: deals and the stages that they were in, leads, products and line items.

Columns are the labels of properties:
https://knowledge.hubspot.com/properties/hubspots-default-deal-properties
https://knowledge.hubspot.com/properties/hubspots-default-line-item-properties
"""

from __future__ import annotations

from cerebro_server.kernel.fields import Preset, Unfolding, cells

_YES = ("true", "yes", "1")


def is_won(text: str) -> str | None:
    """Read `Is Closed Won`: whether the stage is one of deals that are won."""
    return "stage:won" if text.lower() in _YES else None


def is_closed(text: str) -> str:
    """Read `Is Deal Closed?`: whether the stage is one of deals that are closed."""
    return "stage:closed" if text.lower() in _YES else "stage:open"


DEALS = Preset(
    source="hubspot",
    key="Record ID",
    marks=(("Record ID", "Deal Name"), ("Record ID", "Deal Stage")),
    columns={
        "Deal Name": "name",
        "Pipeline": "pipeline.name",
        "Deal Stage": "stage",
        "Is Closed Won": "status",
        "Is Deal Closed?": "status+",
        "Amount": "amount",
        "Currency": "currency",
        "Deal probability": "probability",
        "Close Date": "expected_close",
        "Closed Lost Reason": "lost_note",
        "Next step": "next_step",
        "Deal Description": "description",
        "Associated Company IDs (Primary)": "company.external_ids.hubspot",
        "Associated Company IDs": "company.external_ids.hubspot",
        "Associated Company (Primary)": "company.name",
        "Associated Company": "company.name",
        "Original Traffic Source": "source",
        "Deal owner": "owner_id",
        "Create Date": "source_created_at",
    },
    readers={
        "Is Closed Won": is_won,
        "Is Deal Closed?": is_closed,
        "Amount": cells.amount,
        "Deal probability": cells.share,
        "Close Date": cells.day_of,
        "Associated Company IDs (Primary)": cells.first_named,
        "Associated Company IDs": cells.first_named,
        "Associated Company (Primary)": cells.first_named,
        "Associated Company": cells.first_named,
        "Deal owner": cells.email_in,
        "Create Date": cells.moment,
    },
)
# the same file has, for each stage, when the deal came into it
DEAL_STAGES = Preset(
    source="hubspot",
    key=None,
    unfolding=Unfolding(
        r"Date entered [\"'“](?P<stage>.+?)"
        r"(?: \((?P<pipeline>[^()]*(?:\([^()]*\))?[^()]*)\))?[\"'”]",
        ("stage", "pipeline"),
        "entered",
    ),
    columns={
        "Record ID": "deal.external_ids.hubspot",
        "stage": "to_stage",
        "pipeline": "pipeline.name",
        "entered": "entered_at",
    },
    readers={"entered": cells.moment},
)
LEADS = Preset(
    source="hubspot",
    key="Record ID",
    marks=(("Record ID", "Lead Name"), ("Record ID", "Lead name")),
    columns={
        "Lead Name": "full_name",
        "Lead Stage": "status",
        "Lead Pipeline Stage": "status",
        "Lead Label": "tags",
        "Lead Source": "source",
        "Lead owner": "owner_id",
        "Associated Company (Primary)": "company_name",
        "Associated Company": "company_name",
        "Create Date": "source_created_at",
    },
    readers={
        "Lead owner": cells.email_in,
        "Associated Company (Primary)": cells.first_named,
        "Associated Company": cells.first_named,
        "Create Date": cells.moment,
    },
)
PRODUCTS = Preset(
    source="hubspot",
    key="Record ID",
    marks=(("Record ID", "SKU", "Unit price"),),
    columns={
        "Name": "name",
        "SKU": "sku",
        "Product description": "description",
        "Create Date": "source_created_at",
    },
    readers={"Create Date": cells.moment},
)
DEAL_LINES = Preset(
    source="hubspot",
    key="Record ID",
    marks=(("Record ID", "Quantity", "Unit price"),),
    columns={
        "Associated Deal IDs": "deal.external_ids.hubspot",
        "Associated Deal": "deal.name",
        "Product ID": "product.external_ids.hubspot",
        "SKU": "product.sku",
        "Name": "description",
        "Quantity": "quantity",
        "Unit price": "unit_price",
        "Discount percentage": "discount_percent",
        "Create Date": "source_created_at",
    },
    readers={
        "Associated Deal IDs": cells.first_named,
        "Associated Deal": cells.first_named,
        "Quantity": cells.amount,
        "Unit price": cells.amount,
        "Discount percentage": cells.amount,
        "Create Date": cells.moment,
    },
)
