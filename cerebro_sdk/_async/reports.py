"""Reports on deals: rows of exact sums."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

from cerebro_sdk._async.history import When
from cerebro_sdk._async.more_reports import AsyncMoreReportCalls, AsyncReportRows
from cerebro_sdk._async.resource import AsyncPlainCalls, AsyncTypedCalls, Plain

if TYPE_CHECKING:  # the classes below name these in strings
    from cerebro_sdk.schemas.sales.attainment import QuotaAttainment  # noqa: F401
    from cerebro_sdk.schemas.sales.report_rows import (  # noqa: F401
        CohortCell,
        CycleTime,
        EndReason,
        ForecastChange,
        FunnelStage,
        SlippedDeals,
        Velocity,
    )
    from cerebro_sdk.schemas.sales.reports import (  # noqa: F401
        ForecastSum,
        PipelineSum,
        StageTime,
        WinRate,
    )

P = TypeVar("P")
F = TypeVar("F")
T = TypeVar("T")
W = TypeVar("W")
Q = TypeVar("Q")


_ROWS = "sales.reports"


class AsyncReportCalls(AsyncReportRows, Generic[P, F, T, W, Q]):
    """What is counted of deals; `where` says of which, `as_of` as of when."""

    async def pipeline(self, where: str | None = None, *, as_of: When | None = None) -> list[P]:
        """Sum up deals by stage: count, amount, weighted amount, for each currency.

        >>> for row in await crm.reports.pipeline("owner_id = me", as_of="2026-09-30"):
        ...     print(row.label, row.count, row.amount, row.weighted, row.currency)
        """
        params = {"where": where}
        return await self._rows("pipeline", f"{_ROWS}:PipelineSum", params, as_of=as_of)

    async def forecast(
        self,
        where: str | None = None,
        *,
        by: Literal["month", "quarter"] | None = None,
        as_of: When | None = None,
    ) -> list[F]:
        """Sum up deals by category and the month, or quarter, in which they close: open ones times
        their probability, won ones whole, lost ones not at all.

        >>> rows = await crm.reports.forecast(by="quarter")
        >>> sum(row.weighted for row in rows if row.period == "2026-Q4")
        """
        params = {"where": where, "by": by}
        return await self._rows("forecast", f"{_ROWS}:ForecastSum", params, as_of=as_of)

    async def time_in_stage(
        self, where: str | None = None, *, as_of: When | None = None
    ) -> list[T]:
        """Say how long deals stay in each stage, and how those end that were in it.

        >>> for row in await crm.reports.time_in_stage():
        ...     print(row.label, row.average_seconds, row.won, row.lost)
        """
        params = {"where": where}
        return await self._rows("time_in_stage", f"{_ROWS}:StageTime", params, as_of=as_of)

    async def win_rate(
        self, by: str | None = None, where: str | None = None, *, as_of: When | None = None
    ) -> list[W]:
        """Say how many deals are won by a field's values; by owner, unless told otherwise.

        >>> for row in await crm.reports.win_rate("source"):
        ...     print(row.value, row.rate)
        """
        params = {"where": where, "by": by}
        return await self._rows("win_rate", f"{_ROWS}:WinRate", params, as_of=as_of)

    async def quota(
        self,
        where: str | None = None,
        *,
        quotas: str | None = None,
        on: date | str | None = None,
        as_of: When | None = None,
    ) -> list[Q]:
        """Say how far quotas are reached: those that fit `quotas`, in the periods that hold the day
        `on`; `where` says which deals count. Teams and territories count all that is below them.

        >>> for row in await crm.reports.quota(on="2026-11-30", quotas="period = quarter"):
        ...     print(row.name, row.closed, row.attainment, row.gap)
        """
        params = {"where": where, "quotas": quotas, "on": None if on is None else str(on)}
        rows = "sales.attainment:QuotaAttainment"
        return await self._rows("quota", rows, params, as_of=as_of)


class AsyncRawReports(
    AsyncPlainCalls,
    AsyncReportCalls[Plain, Plain, Plain, Plain, Plain],
    AsyncMoreReportCalls[Plain, Plain, Plain, Plain, Plain, Plain, Plain],
):
    """Reports as plain dicts."""


class AsyncReports(
    AsyncTypedCalls,
    AsyncReportCalls["PipelineSum", "ForecastSum", "StageTime", "WinRate", "QuotaAttainment"],
    AsyncMoreReportCalls[
        "FunnelStage",
        "Velocity",
        "SlippedDeals",
        "CycleTime",
        "EndReason",
        "CohortCell",
        "ForecastChange",
    ],
):
    """Reports on deals."""

    @property
    def raw(self) -> AsyncRawReports:
        """The same with plain dicts, without importing pydantic."""
        return AsyncRawReports(self._transport, self._name, self._schema)
