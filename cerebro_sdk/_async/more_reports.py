"""More reports on deals: how far they come, how fast, how they end, what a forecast became."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, Literal, TypeVar

from cerebro_sdk._async.history import When, moment
from cerebro_sdk._async.replies import mapping
from cerebro_sdk._async.resource import AsyncCalls
from cerebro_sdk._async.transport import Call

F = TypeVar("F")
V = TypeVar("V")
S = TypeVar("S")
C = TypeVar("C")
R = TypeVar("R")
O = TypeVar("O")  # noqa: E741
D = TypeVar("D")
_ROWS = "sales.report_rows"


class AsyncReportRows(AsyncCalls):
    """The rows of any report."""

    async def _rows(
        self,
        report: str,
        schema: str,
        params: Mapping[str, Any],
        *,
        as_of: When | None = None,
    ) -> list[Any]:
        asked = {**params, "as_of": moment(as_of)}
        call = Call("GET", f"{self._path}/{report}", params=asked, is_repeatable=True)
        reply = mapping(await self._transport.json(call))
        return [self._read(schema, row) for row in reply["items"]]


class AsyncMoreReportCalls(AsyncReportRows, Generic[F, V, S, C, R, O, D]):
    """How far deals come, how fast, and how they end; `where` says of which, `as_of` as of when."""

    async def funnel(self, where: str | None = None, *, as_of: When | None = None) -> list[F]:
        """Say of each stage how many deals reached it, went on from there, and were lost there.

        >>> for row in await crm.reports.funnel("source = fair"):
        ...     print(row.label, row.reached, row.conversion, row.lost)
        """
        params = {"where": where}
        return await self._rows("funnel", f"{_ROWS}:FunnelStage", params, as_of=as_of)

    async def velocity(self, where: str | None = None, *, as_of: When | None = None) -> list[V]:
        """Say what each pipeline brings in a day: open deals times the average amount of won ones
        times the win rate, by the average days that it takes to win one.

        >>> for row in await crm.reports.velocity("status = open or closed_at > now - 90d"):
        ...     print(row.pipeline, row.velocity, row.currency)
        """
        params = {"where": where}
        return await self._rows("velocity", f"{_ROWS}:Velocity", params, as_of=as_of)

    async def slipped(
        self, where: str | None = None, *, by: str | None = None, as_of: When | None = None
    ) -> list[S]:
        """Say how often, and by how many days, the expected close of deals was put off, by the
        values of a field, or of all together.

        >>> for row in await crm.reports.slipped("status = open", by="owner_id"):
        ...     print(row.value, row.slipped, row.times, row.days, row.amount)
        """
        params = {"where": where, "by": by}
        return await self._rows("slipped", f"{_ROWS}:SlippedDeals", params, as_of=as_of)

    async def cycle(
        self, where: str | None = None, *, by: str | None = None, as_of: When | None = None
    ) -> list[C]:
        """Say how many days deals take until they are won or lost, by the values of a field, or of
        all together.

        >>> for row in await crm.reports.cycle(by="source"):
        ...     print(row.value, row.status, row.median_days)
        """
        params = {"where": where, "by": by}
        return await self._rows("cycle", f"{_ROWS}:CycleTime", params, as_of=as_of)

    async def reasons(
        self, where: str | None = None, *, by: str | None = None, as_of: When | None = None
    ) -> list[R]:
        """Say how many closed deals were won, or lost for which reason, by the values of a field,
        or of all together.

        >>> for row in await crm.reports.reasons(by="source"):
        ...     print(row.value, row.status, row.reason, row.count, row.share)
        """
        params = {"where": where, "by": by}
        return await self._rows("reasons", f"{_ROWS}:EndReason", params, as_of=as_of)

    async def cohort(
        self,
        where: str | None = None,
        *,
        by: Literal["month", "quarter"] | None = None,
        as_of: When | None = None,
    ) -> list[O]:
        """Say of deals that were opened in one month, or quarter, how many are won after how many
        months.

        >>> for row in await crm.reports.cohort():
        ...     print(row.cohort, row.months, row.won, row.rate_so_far)
        """
        params = {"where": where, "by": by}
        return await self._rows("cohort", f"{_ROWS}:CohortCell", params, as_of=as_of)

    async def forecast_changes(
        self,
        since: When,
        where: str | None = None,
        *,
        by: Literal["month", "quarter"] | None = None,
        as_of: When | None = None,
    ) -> list[D]:
        """Compare the forecast with that of an earlier day (to its end). Each deal counts for one
        cause, and the causes of a row add up to its change.

        >>> for row in await crm.reports.forecast_changes("2026-11-01"):
        ...     print(row.period, row.category, row.amount_then, row.amount_now, row.causes)
        """
        params = {"since": moment(since), "where": where, "by": by}
        schema = f"{_ROWS}:ForecastChange"
        return await self._rows("forecast_changes", schema, params, as_of=as_of)
