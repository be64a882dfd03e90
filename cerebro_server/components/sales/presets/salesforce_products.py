"""Salesforce's exports of what is sold: Product2, Pricebook2, PricebookEntry, OpportunityLineItem,
Quote and QuoteLineItem.

The columns are the names of fields in Salesforce's object reference, as those in `salesforce`.
"""

from __future__ import annotations

from typing import Final

from cerebro_server.kernel.fields import Preset, cells

_STATUS: Final = {
    **dict.fromkeys(("draft", "needs review", "in review", "approved", "rejected"), "draft"),
    "presented": "sent",
    "accepted": "accepted",
    "denied": "declined",
}


def status(text: str) -> str:
    """Read the status of a quote; what is still talked about inside is a draft."""
    return _STATUS.get(text.lower(), text.lower())


def number(text: str) -> str:
    """Read `00000017` as 17."""
    return text.lstrip("0") or text


PRODUCTS = Preset(
    source="salesforce",
    key="Id",
    marks=cells.in_capitals_too(("Id", "ProductCode", "Family"), ("Id", "Name", "ProductCode")),
    columns={
        "Name": "name",
        "ProductCode": "sku",
        "StockKeepingUnit": "sku",
        "Description": "description",
        "QuantityUnitOfMeasure": "unit",
        "IsActive": "is_active",
        "CreatedDate": "source_created_at",
    },
    deleted="IsDeleted",
    readers={"CreatedDate": cells.moment},
)
PRICE_BOOKS = Preset(
    source="salesforce",
    key="Id",
    marks=cells.in_capitals_too(("Id", "Name", "IsStandard")),
    columns={
        "Name": "name",
        "IsActive": "is_active",
        "IsStandard": "is_default",
        "CreatedDate": "source_created_at",
    },
    deleted="IsDeleted",
    readers={"CreatedDate": cells.moment},
)
# what is not active prices nothing
PRICES = Preset(
    source="salesforce",
    key="Id",
    marks=cells.in_capitals_too(("Id", "Pricebook2Id", "Product2Id", "UnitPrice")),
    columns={
        "Pricebook2Id": "price_book.external_ids.salesforce",
        "Product2Id": "product.external_ids.salesforce",
        "UnitPrice": "price",
        "CreatedDate": "source_created_at",
    },
    deleted="IsDeleted",
    only=("IsActive",),
    readers={"UnitPrice": cells.amount, "CreatedDate": cells.moment},
)
_LINE = {
    "Product2Id": "product.external_ids.salesforce",
    "Quantity": "quantity",
    "UnitPrice": "unit_price",
    "Discount": "discount_percent",
    "Description": "description",
    "SortOrder": "position",
    "CreatedDate": "source_created_at",
}
_READERS = {
    "Quantity": cells.amount,
    "UnitPrice": cells.amount,
    "Discount": cells.amount,
    "CreatedDate": cells.moment,
}
DEAL_LINES = Preset(
    source="salesforce",
    key="Id",
    marks=cells.in_capitals_too(("Id", "OpportunityId", "Quantity", "UnitPrice")),
    columns={"OpportunityId": "deal.external_ids.salesforce", **_LINE},
    deleted="IsDeleted",
    readers=_READERS,
)
QUOTES = Preset(
    source="salesforce",
    key="Id",
    marks=cells.in_capitals_too(
        ("Id", "OpportunityId", "QuoteNumber"), ("Id", "OpportunityId", "ExpirationDate")
    ),
    columns={
        "OpportunityId": "deal.external_ids.salesforce",
        "AccountId": "company.external_ids.salesforce",
        "ContactId": "contact.external_ids.salesforce",
        "QuoteNumber": "number",
        "Status": "status",
        "CurrencyIsoCode": "currency",
        "ExpirationDate": "valid_until",
        "ShippingHandling": "shipping",
        "Description": "notes",
        "Owner.Email": "owner_id",
        "CreatedDate": "source_created_at",
    },
    deleted="IsDeleted",
    readers={
        "QuoteNumber": number,
        "Status": status,
        "ExpirationDate": cells.day_of,
        "ShippingHandling": cells.amount,
        "CreatedDate": cells.moment,
    },
)
QUOTE_LINES = Preset(
    source="salesforce",
    key="Id",
    marks=cells.in_capitals_too(("Id", "QuoteId", "Quantity", "UnitPrice")),
    columns={"QuoteId": "quote.external_ids.salesforce", **_LINE},
    deleted="IsDeleted",
    readers=_READERS,
)
