"""Quotes and their lines."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Column, Computed, DateTime, Identity, Integer, Numeric
from sqlmodel import Field

from cerebro_server.components.sales.tables.lines import LineRow
from cerebro_server.kernel.fields import RecordRow

_TIME = DateTime(timezone=True)
_TOTAL = "subtotal - discount + tax + coalesce(shipping, 0)"


class QuoteRow(RecordRow, table=True):
    """Quotes."""

    __tablename__ = "quotes"

    number: int = Field(sa_column=Column(Integer, Identity(), nullable=False))
    deal_id: UUID
    company_id: UUID | None = None
    contact_id: UUID | None = None
    revision: int
    previous_id: UUID | None = None
    status: str
    currency: str
    valid_until: date | None = None
    subtotal: Decimal = Field(default=0, sa_type=Numeric(20, 2))
    discount: Decimal = Field(default=0, sa_type=Numeric(20, 2))
    tax: Decimal = Field(default=0, sa_type=Numeric(20, 2))
    shipping: Decimal | None = Field(default=None, sa_type=Numeric(20, 2))
    total: Decimal = Field(
        default=None, sa_column=Column(Numeric(20, 2), Computed(_TOTAL, persisted=True))
    )
    discount_percent: Decimal | None = Field(default=None, sa_type=Numeric(7, 4))
    discount_amount: Decimal | None = Field(default=None, sa_type=Numeric(20, 2))
    wins_deal: bool = False
    terms: str | None = None
    notes: str | None = None
    sent_at: datetime | None = Field(default=None, sa_type=_TIME)
    decided_at: datetime | None = Field(default=None, sa_type=_TIME)
    decided_by_name: str | None = None
    decided_by_email: str | None = None
    decline_reason: str | None = None
    deal_left: str | None = None
    to_company: str | None = None
    to_contact: str | None = None
    owner_id: UUID | None = None
    team: str | None = None


class QuoteLineRow(LineRow, table=True):
    """Lines of quotes."""

    __tablename__ = "quote_lines"

    quote_id: UUID
