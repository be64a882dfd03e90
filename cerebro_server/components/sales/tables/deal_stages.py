"""The stages that deals were in."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Column, Computed, DateTime, Numeric
from sqlmodel import Field

from cerebro_server.kernel.fields import RecordRow

_TIME = DateTime(timezone=True)
_DURATION = "extract(epoch from left_at - entered_at)"


class DealStageRow(RecordRow, table=True):
    """Stays of deals in stages, written by a trigger and by imports."""

    __tablename__ = "deal_stages"

    deal_id: UUID
    pipeline_id: UUID
    from_stage: str | None = None
    from_stage_id: UUID | None = None
    to_stage: str
    to_stage_id: UUID
    to_status: str
    entered_at: datetime = Field(sa_type=_TIME)
    left_at: datetime | None = Field(default=None, sa_type=_TIME)
    duration_seconds: Decimal | None = Field(
        default=None, sa_column=Column(Numeric(16, 3), Computed(_DURATION, persisted=True))
    )
    origin: str = "imported"
    noted_at: datetime | None = Field(default=None, sa_type=_TIME)
    """When the trigger wrote it down; the chain may put it later, behind what was imported."""
    actor: str
    amount: Decimal | None = Field(default=None, sa_type=Numeric(20, 2))
    currency: str
    probability: int | None = None
    expected_close: date | None = None
    forecast_category: str
