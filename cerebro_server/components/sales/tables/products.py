"""Products, and what they cost in which price book."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Numeric
from sqlmodel import Field

from cerebro_server.kernel.fields import CustomizedRow, LockableRow, RecordRow


class ProductRow(CustomizedRow, LockableRow, table=True):
    """Products."""

    __tablename__ = "products"

    sku: str
    name: str
    unit: str | None = None
    description: str | None = None
    is_active: bool = True
    tax_rate: Decimal | None = Field(default=None, sa_type=Numeric(7, 4))


class PriceBookRow(RecordRow, table=True):
    """Price books."""

    __tablename__ = "price_books"

    name: str
    currency: str
    is_default: bool = False
    is_active: bool = True
    valid_from: date | None = None
    valid_to: date | None = None


class PriceRow(RecordRow, table=True):
    """Prices of products in price books."""

    __tablename__ = "prices"

    price_book_id: UUID
    product_id: UUID
    price: Decimal = Field(sa_type=Numeric(20, 4))
    min_quantity: Decimal = Field(sa_type=Numeric(20, 4))
