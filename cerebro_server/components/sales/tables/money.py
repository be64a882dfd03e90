"""Tables of exchange rates and recurring plans."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import Numeric
from sqlmodel import Field

from cerebro_server.kernel.fields import RecordRow


class ExchangeRateRow(RecordRow, table=True):
    """Exchange rates."""

    __tablename__ = "exchange_rates"

    key: str
    currency: str
    day: date
    rate: Decimal = Field(sa_type=Numeric(20, 10))
    source: str | None = None


class RecurringPlanRow(RecordRow, table=True):
    """Recurring plans."""

    __tablename__ = "recurring_plans"

    name: str
    months: int
    position: int = 0
