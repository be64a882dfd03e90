"""How far quotas are reached."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from pydantic import Field

from cerebro_sdk.schemas.shape import Shape


class QuotaAttainment(Shape):
    """One quota, and the deals that count for it."""

    quota_id: UUID = Field(description="The quota.")
    period: str = Field(description="Which period: `2026-11`, `2026-Q4` or `2026`.")
    period_start: date = Field(description="Its first day (UTC).")
    kind: str = Field(description="Whose quota it is: `user`, `team` or `territory`.")
    user_id: UUID | None = Field(description="The user.")
    team: str | None = Field(description="The team's key; all teams below count, too.")
    territory_id: UUID | None = Field(description="The territory; all that lie in it count, too.")
    name: str | None = Field(description="What it is called; null where that is hidden.")
    currency: str = Field(description="Of all amounts of this row.")
    quota: Decimal = Field(description="What is to be sold.")
    won: int = Field(description="How many deals were won in the period.")
    closed: Decimal = Field(description="What they are worth together.")
    attainment: Decimal | None = Field(
        description="Closed of quota, to four places: 1 is all of it; null where the quota is 0."
    )
    gap: Decimal = Field(description="What is missing; below 0 where more was sold.")
    open: int = Field(description="How many open deals are expected to close in the period.")
    weighted: Decimal = Field(description="What those are worth, each times its probability.")
    expected: Decimal = Field(description="Closed and weighted together.")
    without_amount: int = Field(description="How many of the deals have no amount; they add 0.")
    without_probability: int = Field(
        description="How many open ones have an amount, and no probability; they weigh nothing."
    )
    other_currency: int = Field(
        description="How many deals are in another currency, and left out; those of a quota in the "
        "base currency count by their rates, where these are known."
    )


class QuotaReport(Shape):
    """Quotas, and how far they are reached."""

    items: list[QuotaAttainment] = Field(
        description="By period, newest first; then users, teams, territories by name."
    )
