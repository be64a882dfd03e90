# Generated from ../_async/reports.py by tools/sync_client.py; do not edit.
"""Reports on deals: rows of exact sums."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

from cerebro_sdk._sync.history import When
from cerebro_sdk._sync.more_reports import MoreReportCalls, ReportRows
from cerebro_sdk._sync.resource import PlainCalls, TypedCalls, Plain

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


class ReportCalls(ReportRows, Generic[P, F, T, W, Q]):
    """What is counted of deals; `where` says of which, `as_of` as of when."""

    def pipeline(self, where: str | None = None, *, as_of: When | None = None) -> list[P]:
        """Sum up deals by stage: count, amount, weighted amount, for each currency.

        >>> for row in crm.reports.pipeline("owner_id = me", as_of="2026-09-30"):
        ...     print(row.label, row.count, row.amount, row.weighted, row.currency)
        """
        params = {"where": where}
        return self._rows("pipeline", f"{_ROWS}:PipelineSum", params, as_of=as_of)

    def forecast(
        self,
        where: str | None = None,
        *,
        by: Literal["month", "quarter"] | None = None,
        as_of: When | None = None,
    ) -> list[F]:
        """Sum up deals by category and the month, or quarter, in which they close: open ones times
        their probability, won ones whole, lost ones not at all.

        >>> rows = crm.reports.forecast(by="quarter")
        >>> sum(row.weighted for row in rows if row.period == "2026-Q4")
        """
        params = {"where": where, "by": by}
        return self._rows("forecast", f"{_ROWS}:ForecastSum", params, as_of=as_of)

    def time_in_stage(
        self, where: str | None = None, *, as_of: When | None = None
    ) -> list[T]:
        """Say how long deals stay in each stage, and how those end that were in it.

        >>> for row in crm.reports.time_in_stage():
        ...     print(row.label, row.average_seconds, row.won, row.lost)
        """
        params = {"where": where}
        return self._rows("time_in_stage", f"{_ROWS}:StageTime", params, as_of=as_of)

    def win_rate(
        self, by: str | None = None, where: str | None = None, *, as_of: When | None = None
    ) -> list[W]:
        """Say how many deals are won by a field's values; by owner, unless told otherwise.

        >>> for row in crm.reports.win_rate("source"):
        ...     print(row.value, row.rate)
        """
        params = {"where": where, "by": by}
        return self._rows("win_rate", f"{_ROWS}:WinRate", params, as_of=as_of)

    def quota(
        self,
        where: str | None = None,
        *,
        quotas: str | None = None,
        on: date | str | None = None,
        as_of: When | None = None,
    ) -> list[Q]:
        """Say how far quotas are reached: those that fit `quotas`, in the periods that hold the day
        `on`; `where` says which deals count. Teams and territories count all that is below them.

        >>> for row in crm.reports.quota(on="2026-11-30", quotas="period = quarter"):
        ...     print(row.name, row.closed, row.attainment, row.gap)
        """
        params = {"where": where, "quotas": quotas, "on": None if on is None else str(on)}
        rows = "sales.attainment:QuotaAttainment"
        return self._rows("quota", rows, params, as_of=as_of)


class RawReports(
    PlainCalls,
    ReportCalls[Plain, Plain, Plain, Plain, Plain],
    MoreReportCalls[Plain, Plain, Plain, Plain, Plain, Plain, Plain],
):
    """Reports as plain dicts."""


class Reports(
    TypedCalls,
    ReportCalls["PipelineSum", "ForecastSum", "StageTime", "WinRate", "QuotaAttainment"],
    MoreReportCalls[
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
    def raw(self) -> RawReports:
        """The same with plain dicts, without importing pydantic."""
        return RawReports(self._transport, self._name, self._schema)
