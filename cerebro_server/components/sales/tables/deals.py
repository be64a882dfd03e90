"""Deals, why they are lost, and who takes part in them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Column, Computed, DateTime, Identity, Integer, Numeric, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from cerebro_server.kernel.fields import CustomizedRow, LockableRow, RecordRow

_TIME = DateTime(timezone=True)
_WEIGHTED = "amount * probability / 100"


class LostReasonRow(RecordRow, table=True):
    """Reasons for which deals are lost."""

    __tablename__ = "lost_reasons"

    name: str
    needs_note: bool = False
    position: int = 0


class DealRow(CustomizedRow, LockableRow, table=True):
    """Deals."""

    __tablename__ = "deals"

    number: int = Field(sa_column=Column(Integer, Identity(), nullable=False))
    name: str
    company_id: UUID | None = None
    pipeline_id: UUID
    stage_id: UUID
    stage: str
    status: str
    amount: Decimal | None = Field(default=None, sa_type=Numeric(20, 2))
    amount_source: str = "manual"
    currency: str
    price_book_id: UUID | None = None
    probability: int | None = None
    probability_is_manual: bool = False
    weighted_amount: Decimal | None = Field(
        default=None, sa_column=Column(Numeric(22, 4), Computed(_WEIGHTED, persisted=True))
    )
    forecast_category: str
    expected_close: date | None = None
    opened_at: datetime = Field(sa_type=_TIME)
    closed_at: datetime | None = Field(default=None, sa_type=_TIME)
    last_stage_change_at: datetime = Field(sa_type=_TIME)
    last_open_stage_id: UUID | None = None
    lost_reason_id: UUID | None = None
    lost_note: str | None = None
    next_step: str | None = None
    source: str | None = None
    utm_source: str | None = None
    utm_medium: str | None = None
    utm_campaign: str | None = None
    tags: list[str] = Field(default_factory=list, sa_column=Column(ARRAY(Text), nullable=False))
    description: str | None = None
    owner_id: UUID | None = None
    team: str | None = None


class DealContactRow(RecordRow, table=True):
    """Contacts of deals."""

    __tablename__ = "deal_contacts"

    deal_id: UUID
    contact_id: UUID
    role: str | None = None
    is_primary: bool = False
