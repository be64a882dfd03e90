"""Products: what is sold."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from pydantic import Field

from cerebro_sdk.schemas.base import (
    ALL,
    Customized,
    CustomizedRecord,
    LockableRecord,
    Noun,
    Payload,
    Sourced,
    field,
    kept,
    required,
)
from cerebro_sdk.schemas.kinds import Line, TaxRate, Text
from cerebro_sdk.schemas.shape import Shape

_SKU = ("SKU", "The code that it is ordered by: `E-100`; no two living products share one.")
_NAME = ("Name", "What the product is called.")
_ACTIVE = ("Is active", "Whether it is sold; what is not comes into no new lines.")
_TAX = ("Tax rate", "Per cent of tax, a text such as `19` or `7.5`; null: none.")


class ProductFields(Shape):
    """What a product has besides its identity and history."""

    unit: Line | None = field("Unit", "What it is counted in: `hour`, `kg`.")
    description: Text | None = field("Description", "What it is, in plain text.")


class Product(CustomizedRecord, LockableRecord, ProductFields):
    """A product as the server returns it."""

    noun: ClassVar[Noun] = Noun(
        name="products",
        singular="product",
        component="sales",
        title="name",
        keys=("sku",),
        columns=("sku", "name", "unit", "tax_rate", "is_active", "updated_at"),
        verbs=(*ALL, "destroy", "lock", "unlock"),
    )
    sku: str = required(*_SKU)
    name: str = required(*_NAME)
    is_active: bool = required(*_ACTIVE)
    tax_rate: Decimal | None = field(*_TAX)


class ProductCreate(Payload, ProductFields, Customized, Sourced):
    """A new product."""

    sku: Line = required(*_SKU)
    name: Line = required(*_NAME)
    is_active: bool = Field(default=True, title=_ACTIVE[0], description=_ACTIVE[1])
    tax_rate: TaxRate | None = field(*_TAX)


class ProductUpdate(Payload, ProductFields, Customized, Sourced):
    """The fields of a product to change; null empties a field, what is left out stays."""

    sku: Line = kept(*_SKU)
    name: Line = kept(*_NAME)
    is_active: bool = kept(*_ACTIVE)
    tax_rate: TaxRate | None = field(*_TAX)
