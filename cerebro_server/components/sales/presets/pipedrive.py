"""Pipedrive's exports of deals, leads and products.

A deal that is won or lost stays in the stage that it was in, and its status says the rest.
"""

from __future__ import annotations

from cerebro_server.kernel.fields import Preset, cells

DEALS = Preset(
    source="pipedrive",
    key=None,
    marks=(("Deal - Title",),),
    columns={
        "Deal - ID": "external_ids.pipedrive",
        "Deal - Title": "name",
        "Deal - Value": "amount",
        "Deal - Currency of value": "currency",
        "Deal - Currency": "currency",
        "Deal - Pipeline": "pipeline.name",
        "Deal - Stage": "stage",
        "Deal - Status": "status",
        "Deal - Probability": "probability",
        "Deal - Expected close date": "expected_close",
        "Deal - Deal closed on": "closed_at",
        "Deal - Closed on": "closed_at",
        "Deal - Won time": "closed_at",
        "Deal - Lost time": "closed_at",
        "Deal - Lost reason": "lost_reason.name",
        "Deal - Label": "tags",
        "Deal - Labels": "tags",
        "Deal - Source channel": "source",
        "Deal - Owner": "owner_id",
        "Deal - Organization ID": "company.external_ids.pipedrive",
        "Organization - ID": "company.external_ids.pipedrive",
        "Deal - Organization": "company.name",
        "Organization - Name": "company.name",
        "Deal - Deal created": "source_created_at",
        "Deal - Creation date": "source_created_at",
    },
    deleted="Deal - Status",
    deleted_words=frozenset({"deleted"}),
    readers={
        "Deal - Owner": cells.email_in,
        "Deal - Value": cells.amount,
        "Deal - Probability": cells.percent,
        "Deal - Expected close date": cells.day_of,
        "Deal - Deal closed on": cells.moment_of,
        "Deal - Closed on": cells.moment_of,
        "Deal - Won time": cells.moment_of,
        "Deal - Lost time": cells.moment_of,
        "Deal - Deal created": cells.moment,
        "Deal - Creation date": cells.moment_of,
    },
)
LEADS = Preset(
    source="pipedrive",
    key=None,
    marks=(("Lead - Title",),),
    columns={
        "Lead - ID": "external_ids.pipedrive",
        "Lead - Title": "description",
        "Lead - Value": "amount",
        "Lead - Currency of value": "currency",
        "Lead - Currency": "currency",
        "Lead - Labels": "tags",
        "Lead - Label": "tags",
        "Lead - Owner": "owner_id",
        "Lead - Source channel": "source",
        "Lead - Source": "source",
        "Lead - Lead created": "source_created_at",
        "Lead - Lead created on": "source_created_at",
        "Lead - Contact person": "full_name",
        "Person - Name": "full_name",
        "Person - Email": "email",
        "Person - Email - Work": "email",
        "Person - Phone": "phone",
        "Person - Phone - Work": "phone",
        "Lead - Organization": "company_name",
        "Organization - Name": "company_name",
    },
    readers={
        "Lead - Owner": cells.email_in,
        "Lead - Value": cells.amount,
        "Lead - Lead created": cells.moment,
        "Lead - Lead created on": cells.moment_of,
    },
)
PRODUCTS = Preset(
    source="pipedrive",
    key=None,
    marks=(("Product - Name",),),
    columns={
        "Product - ID": "external_ids.pipedrive",
        "Product - Name": "name",
        "Product - Product code": "sku",
        "Product - Unit": "unit",
        "Product - Tax": "tax_rate",
        "Product - Description": "description",
    },
    readers={"Product - Tax": cells.amount},
)
