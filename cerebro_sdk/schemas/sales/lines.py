"""What lines of deals and lines of quotes have in common."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from cerebro_sdk.schemas.base import field, kept, required
from cerebro_sdk.schemas.kinds import (
    Amount,
    Line,
    Quantity,
    RecordRef,
    TaxRate,
    Text,
    UnitPrice,
    WholeNumber,
)
from cerebro_sdk.schemas.shape import Shape

_PRODUCT = ("Product", "Which product: an id or its SKU; null: something that is none.")
_DESCRIPTION = ("Description", "What is sold; the product's name, unless told otherwise.")
_UNIT = ("Unit", "What it is counted in; the product's, unless told otherwise.")
_QUANTITY = ("Quantity", "How many; 1, unless told otherwise.")
_PRICE = (
    "Unit price",
    "What one costs, up to four decimals; the price book's, unless told otherwise.",
)
_PERCENT = ("Discount percent", "Per cent off; null: none.")
_OFF = ("Discount amount", "What comes off besides, of the whole line; null: nothing.")
_TAX = ("Tax rate", "Per cent of tax; the product's, unless told otherwise.")
_POSITION = ("Position", "Its place among the lines; the last, unless told otherwise.")


class LineRecord(Shape):
    """What a line has as the server returns it; sums are rounded to cents."""

    product_id: UUID | None = field(*_PRODUCT)
    description: str = required(*_DESCRIPTION)
    unit: str | None = field(*_UNIT)
    quantity: Decimal = required(*_QUANTITY)
    unit_price: Decimal = required(*_PRICE)
    discount_percent: Decimal | None = field(*_PERCENT)
    discount_amount: Decimal | None = field(*_OFF)
    tax_rate: Decimal | None = field(*_TAX)
    position: int = required(*_POSITION)
    subtotal: Decimal = required("Subtotal", "Quantity times unit price, rounded.")
    discount: Decimal = required("Discount", "All that comes off.")
    net: Decimal = required("Net", "The subtotal less the discount.")
    tax: Decimal = required("Tax", "The net times the tax rate, rounded.")
    total: Decimal = required("Total", "Net and tax.")


class _Sent(Shape):
    product_id: RecordRef | None = field(*_PRODUCT)
    unit: Line | None = field(*_UNIT)
    unit_price: UnitPrice | None = field(*_PRICE)
    discount_percent: TaxRate | None = field(*_PERCENT)
    discount_amount: Amount | None = field(*_OFF)
    tax_rate: TaxRate | None = field(*_TAX)


class LineNew(_Sent):
    """What a new line can bring."""

    description: Text | None = field(*_DESCRIPTION)
    quantity: Quantity | None = field(*_QUANTITY)
    position: WholeNumber | None = field(*_POSITION)


class LineChange(_Sent):
    """What can change of a line."""

    description: Text = kept(*_DESCRIPTION)
    quantity: Quantity = kept(*_QUANTITY)
    position: WholeNumber = kept(*_POSITION)
