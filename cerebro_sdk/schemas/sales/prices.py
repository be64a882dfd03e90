"""Prices: what a product costs in a price book, from a quantity on."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from cerebro_sdk.schemas.base import ALL, Noun, Payload, Record, Sourced, field, kept, required
from cerebro_sdk.schemas.kinds import Quantity, RecordRef, UnitPrice

_BOOK = ("Price book", "In which price book: an id or a name.")
_PRODUCT = ("Product", "Of which product: an id or its SKU.")
_PRICE = ("Price", "What one costs, up to four decimals; a text, so that nothing is lost.")
_FROM = (
    "Min quantity",
    "From which quantity on; of several the largest that is reached counts. 1, unless told.",
)


class Price(Record):
    """A price as the server returns it."""

    noun: ClassVar[Noun] = Noun(
        name="prices",
        singular="price",
        component="sales",
        title="price",
        columns=("price_book_id", "product_id", "min_quantity", "price", "updated_at"),
        verbs=ALL,
    )
    price_book_id: UUID = required(*_BOOK)
    product_id: UUID = required(*_PRODUCT)
    price: Decimal = required(*_PRICE)
    min_quantity: Decimal = required(*_FROM)


class PriceCreate(Payload, Sourced):
    """A new price."""

    price_book_id: RecordRef = required(*_BOOK)
    product_id: RecordRef = required(*_PRODUCT)
    price: UnitPrice = required(*_PRICE)
    min_quantity: Quantity | None = field(*_FROM)


class PriceUpdate(Payload, Sourced):
    """The fields of a price to change; what is left out stays."""

    price: UnitPrice = kept(*_PRICE)
    min_quantity: Quantity = kept(*_FROM)
