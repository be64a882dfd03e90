"""Reports on deals: rows of exact sums, one for each currency, beside the base currency's."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from pydantic import Field

from cerebro_sdk.schemas.shape import Shape


class _Sums(Shape):
    currency: str | None = Field(description="Of all amounts of this row; null where no deal is.")
    count: int = Field(description="How many deals.")
    without_amount: int = Field(description="How many of them have no amount; they add nothing.")
    amount: Decimal = Field(description="What they are worth together.")
    weighted: Decimal = Field(
        description="The same, each times its probability; won deals whole, lost ones not at all."
    )
    without_probability: int = Field(
        description="How many open ones have an amount, and no probability; they add nothing to "
        "what is weighted."
    )
    without_rate: int = Field(
        description="How many have an amount, and no rate; they add nothing to what is converted."
    )
    base_amount: Decimal = Field(description="The amount in the base currency.")
    base_weighted: Decimal = Field(description="The weighted amount in the base currency.")


class PipelineSum(_Sums):
    """The deals in one stage, in one currency."""

    pipeline_id: UUID = Field(description="The pipeline.")
    pipeline: str = Field(description="What the pipeline is called.")
    stage_id: UUID = Field(description="The stage.")
    stage: str = Field(description="The stage's key.")
    label: str = Field(description="What the stage is called.")
    status: str = Field(description="What the stage means: open, won or lost.")


class ForecastSum(_Sums):
    """The deals of one category that close in one month or quarter, in one currency."""

    period: str | None = Field(
        description="`2026-11` or `2026-Q4`, by expected close, of won deals by when they were "
        "closed (UTC); null where there is no such day."
    )
    category: str = Field(description="The forecast category.")
    mrr: Decimal = Field(description="Monthly recurring revenue of these deals together.")
    base_mrr: Decimal = Field(description="The same in the base currency, where rates are known.")


class StageTime(Shape):
    """How long deals stay in one stage, and how they end that were in it."""

    pipeline_id: UUID = Field(description="The pipeline.")
    pipeline: str = Field(description="What the pipeline is called.")
    stage_id: UUID = Field(description="The stage.")
    stage: str = Field(description="The stage's key.")
    label: str = Field(description="What the stage is called.")
    deals: int = Field(description="How many deals were ever in it.")
    here: int = Field(description="How many are in it now.")
    stays: int = Field(description="How many stays have ended; a deal may come back.")
    total_seconds: Decimal = Field(description="How long these stays were together.")
    average_seconds: Decimal | None = Field(description="The same for one; null where none ended.")
    longest_seconds: Decimal | None = Field(description="The longest of them.")
    won: int = Field(description="How many of the deals are won by now.")
    lost: int = Field(description="How many of them are lost.")


class WinRate(Shape):
    """How deals end that have one value in a field."""

    value: str | None = Field(description="The value; null of deals that have none.")
    open: int = Field(description="How many are open.")
    won: int = Field(description="How many are won.")
    lost: int = Field(description="How many are lost.")
    rate: Decimal | None = Field(
        description="Won of those won and lost, from 0 to 1, to four places; null where none is."
    )


class PipelineReport(Shape):
    """Deals by stage."""

    items: list[PipelineSum] = Field(description="By pipeline and stage, in order.")


class ForecastReport(Shape):
    """Deals by when they close, and how surely."""

    items: list[ForecastSum] = Field(description="By period; what has none comes last.")


class TimeInStageReport(Shape):
    """How long deals stay in stages."""

    items: list[StageTime] = Field(description="By pipeline and stage, in order.")


class WinRateReport(Shape):
    """How deals end, by a field."""

    items: list[WinRate] = Field(description="By value; the most deals first.")
