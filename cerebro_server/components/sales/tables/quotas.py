"""Quotas."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Numeric
from sqlmodel import Field

from cerebro_server.kernel.fields import RecordRow


class QuotaRow(RecordRow, table=True):
    """What somebody is to sell in a period."""

    __tablename__ = "quotas"

    user_id: UUID | None = None
    team: str | None = None
    territory_id: UUID | None = None
    period_start: date
    period: str
    amount: Decimal = Field(sa_type=Numeric(20, 2))
    currency: str
