"""More reports on deals: how far they come, how fast, how they end, and what a forecast became."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from pydantic import Field

from cerebro_sdk.schemas.shape import Shape

_CURRENCY = "Of all amounts of this row."
_VALUE = "The value; null of deals that have none, and where nothing is told apart."


class FunnelStage(Shape):
    """How many deals came into one stage, and what became of them."""

    pipeline_id: UUID = Field(description="The pipeline.")
    pipeline: str = Field(description="What the pipeline is called.")
    stage_id: UUID = Field(description="The stage, an open or a won one.")
    stage: str = Field(description="The stage's key.")
    label: str = Field(description="What the stage is called.")
    status: str = Field(description="What the stage means: open or won.")
    reached: int = Field(description="How many deals were ever in this stage or in a later one.")
    conversion: Decimal | None = Field(
        description="Of those that reached the stage before, how many reached this one, from 0 to "
        "1, to four places; null of the first."
    )
    entered: int = Field(description="How many deals were ever in this very stage.")
    went_on: int = Field(description="How many of these came into a later stage afterwards.")
    rate: Decimal | None = Field(
        description="Those of those that entered; null of won stages, and where none entered."
    )
    lost: int = Field(description="How many are lost that were in this stage before.")
    won: int = Field(description="How many of those that entered are won.")


class Velocity(Shape):
    """What one pipeline brings in a day, in one currency."""

    pipeline_id: UUID = Field(description="The pipeline.")
    pipeline: str = Field(description="What the pipeline is called.")
    currency: str = Field(description=_CURRENCY)
    open: int = Field(description="How many deals are open.")
    won: int = Field(description="How many are won.")
    lost: int = Field(description="How many are lost.")
    win_rate: Decimal | None = Field(description="Won of those won and lost, to four places.")
    average_amount: Decimal | None = Field(
        description="What won deals are worth on average, without those that have no amount."
    )
    average_days: Decimal | None = Field(
        description="How many days it took to win one, from its opening to its closing."
    )
    velocity: Decimal | None = Field(
        description="Open deals times average amount times win rate, by average days: what comes "
        "in a day. Null where one of them is not known, or the days are none."
    )


class SlippedDeals(Shape):
    """How often the expected close of deals with one value was put off, in one currency."""

    value: str | None = Field(description=_VALUE)
    currency: str = Field(description=_CURRENCY)
    deals: int = Field(description="How many deals there are.")
    slipped: int = Field(description="How many of them were put off at least once.")
    rate: Decimal = Field(description="These of those, from 0 to 1, to four places.")
    times: int = Field(description="How often they were put off together.")
    days: int = Field(description="By how many days together; what was pulled in does not count.")
    average_days: Decimal | None = Field(description="By how many days each time.")
    longest_days: int | None = Field(description="By how many days at most at once.")
    without_amount: int = Field(description="How many of those put off have no amount.")
    amount: Decimal = Field(description="What those that were put off are worth now.")


class CycleTime(Shape):
    """How many days deals took until they were won, or lost."""

    value: str | None = Field(description=_VALUE)
    status: str = Field(description="How they ended: won or lost.")
    count: int = Field(description="How many deals.")
    average_days: Decimal = Field(description="Days from opened to closed, on average.")
    median_days: Decimal = Field(description="Half of them took no longer than this.")
    shortest_days: Decimal = Field(description="The least.")
    longest_days: Decimal = Field(description="The most.")


class EndReason(Shape):
    """How many deals were won, or lost for one reason, in one currency."""

    value: str | None = Field(description=_VALUE)
    status: str = Field(description="How they ended: won or lost.")
    lost_reason_id: UUID | None = Field(description="Why they were lost; null of won deals.")
    reason: str | None = Field(description="What the reason is called.")
    currency: str = Field(description=_CURRENCY)
    count: int = Field(description="How many deals.")
    without_amount: int = Field(description="How many of them have no amount; they add nothing.")
    amount: Decimal = Field(description="What they are worth together.")
    share: Decimal = Field(
        description="Of all closed deals with this value, in whatever currency, to four places."
    )


class CohortCell(Shape):
    """Of the deals opened in one month or quarter, those closed after as many months."""

    cohort: str = Field(description="`2026-11` or `2026-Q4`: when they were opened (UTC).")
    currency: str = Field(description=_CURRENCY)
    months: int | None = Field(
        description="From the month in which they were opened to the one in which they were "
        "closed; null of those still open."
    )
    deals: int = Field(description="How many were opened then, in this currency: of all months.")
    won: int = Field(description="How many were won after as many months.")
    lost: int = Field(description="How many were lost then.")
    amount: Decimal = Field(description="What those won are worth.")
    rate: Decimal = Field(description="Won of all that were opened, to four places.")
    rate_so_far: Decimal = Field(description="The same, with those won after fewer months.")


class ForecastCause(Shape):
    """Why some deals count otherwise than before, and what that makes."""

    cause: str = Field(
        description="new, entered, reopened, won, lost, left, pulled_in, pushed_out, currency, "
        "category, amount_up, amount_down or probability; each deal has one."
    )
    deals: int = Field(description="How many deals.")
    amount: Decimal = Field(description="What they add to the amount, or take from it.")
    weighted: Decimal = Field(description="What they add to the weighted amount, or take from it.")


class ForecastChange(Shape):
    """What a category of one month or quarter was, is, and why, in one currency."""

    period: str | None = Field(description="`2026-11` or `2026-Q4`; null where there is no day.")
    category: str = Field(description="The forecast category.")
    currency: str = Field(description=_CURRENCY)
    count_then: int = Field(description="How many deals it had.")
    count_now: int = Field(description="How many it has.")
    amount_then: Decimal = Field(description="What they were worth.")
    amount_now: Decimal = Field(description="What they are worth.")
    amount_change: Decimal = Field(description="The difference; the causes add up to it.")
    weighted_then: Decimal = Field(description="What they were worth, times their probability.")
    weighted_now: Decimal = Field(description="The same now.")
    weighted_change: Decimal = Field(description="The difference; the causes add up to it.")
    causes: list[ForecastCause] = Field(description="Why it changed.")


class FunnelReport(Shape):
    """How far deals come."""

    items: list[FunnelStage] = Field(description="By pipeline and stage, in order; won ones last.")


class VelocityReport(Shape):
    """How fast deals come in."""

    items: list[Velocity] = Field(description="By pipeline and currency.")


class SlippedReport(Shape):
    """How often deals were put off."""

    items: list[SlippedDeals] = Field(description="By value; the most deals put off first.")


class CycleReport(Shape):
    """How long deals take."""

    items: list[CycleTime] = Field(description="By value; the most deals first.")


class ReasonsReport(Shape):
    """How deals ended, and why."""

    items: list[EndReason] = Field(description="By value; the most deals first.")


class CohortReport(Shape):
    """When those deals were won that were opened together."""

    items: list[CohortCell] = Field(description="By cohort; those still open come last.")


class ForecastChangesReport(Shape):
    """What became of a forecast."""

    items: list[ForecastChange] = Field(description="By period; what has none comes last.")
