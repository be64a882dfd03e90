"""Lines. PostgreSQL works out their sums, each rounded to cents, half away from zero."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Computed, Numeric
from sqlmodel import Field

from cerebro_server.kernel.fields import RecordRow

_SUBTOTAL: Final = "round(quantity * unit_price, 2)"
_DISCOUNT: Final = (
    f"round({_SUBTOTAL} * coalesce(discount_percent, 0) / 100, 2) + coalesce(discount_amount, 0)"
)
_NET: Final = f"{_SUBTOTAL} - ({_DISCOUNT})"
_TAX: Final = f"round(({_NET}) * coalesce(tax_rate, 0) / 100, 2)"
_TOTAL: Final = f"{_NET} + {_TAX}"


def _sum(how: str) -> Any:
    # the type and its arguments, not a column: each table gets one of its own
    return Field(
        default=None, sa_type=Numeric(20, 2), sa_column_args=(Computed(how, persisted=True),)
    )


class LineRow(RecordRow):
    """What every line has."""

    product_id: UUID | None = None
    description: str
    unit: str | None = None
    quantity: Decimal = Field(sa_type=Numeric(20, 4))
    unit_price: Decimal = Field(sa_type=Numeric(20, 4))
    discount_percent: Decimal | None = Field(default=None, sa_type=Numeric(7, 4))
    discount_amount: Decimal | None = Field(default=None, sa_type=Numeric(20, 2))
    tax_rate: Decimal | None = Field(default=None, sa_type=Numeric(7, 4))
    position: int
    subtotal: Decimal | None = _sum(_SUBTOTAL)
    discount: Decimal | None = _sum(_DISCOUNT)
    net: Decimal | None = _sum(_NET)
    tax: Decimal | None = _sum(_TAX)
    total: Decimal | None = _sum(_TOTAL)


class DealLineRow(LineRow, table=True):
    """Lines of deals."""

    __tablename__ = "deal_lines"

    deal_id: UUID
