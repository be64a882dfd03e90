"""Deals, why they are lost, and who takes part in them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Computed, DateTime, Identity, Integer, Numeric, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from cerebro_server.kernel.fields import CustomizedRow, LockableRow, RecordRow

_TIME = DateTime(timezone=True)
_WEIGHTED = "amount * probability / 100"
_BASE = "round(amount * rate, 2)"
_MRR = "round(recurring_amount / recurring_months, 2)"


def _worth(how: str, digits: int = 30, places: int = 2) -> Any:
    """Declare what PostgreSQL works out of an amount; of the largest at the largest rate, too."""
    return Field(
        default=None, sa_column=Column(Numeric(digits, places), Computed(how, persisted=True))
    )


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
    rate: Decimal | None = Field(default=None, sa_type=Numeric(20, 10))
    rate_day: date | None = None
    base_amount: Decimal | None = _worth(_BASE)
    weighted_base_amount: Decimal | None = _worth(f"{_BASE} * probability / 100", 32, 4)
    recurring_plan_id: UUID | None = None
    recurring_amount: Decimal | None = Field(default=None, sa_type=Numeric(20, 2))
    recurring_months: int | None = None
    mrr: Decimal | None = _worth(_MRR, 20)
    weighted_mrr: Decimal | None = _worth(f"{_MRR} * probability / 100", 22, 4)
    base_mrr: Decimal | None = _worth(f"round({_MRR} * rate, 2)")
    forecast_category: str
    expected_close: date | None = None
    opened_at: datetime = Field(sa_type=_TIME)
    closed_at: datetime | None = Field(default=None, sa_type=_TIME)
    assigned_at: datetime | None = Field(default=None, sa_type=_TIME)
    last_stage_change_at: datetime = Field(sa_type=_TIME)
    last_open_stage_id: UUID | None = None
    lost_reason_id: UUID | None = None
    lost_note: str | None = None
    next_step: str | None = None
    source: str | None = None
    utm_source: str | None = None
    utm_medium: str | None = None
    utm_campaign: str | None = None
    territory_id: UUID | None = None
    position: str
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
