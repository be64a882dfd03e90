"""Routes of reports."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from fastapi import Request, Response
from pydantic import BaseModel, Field

from cerebro_server.components.sales.service.reports import comparing, ends, speed, stages, sums
from cerebro_server.components.sales.service.reports.asking import Asked, Period
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.crud.parameters import AsOf
from cerebro_server.kernel.http.auth import Caller, Route
from cerebro_server.kernel.http.operations import json_reply, operation
from cerebro_server.kernel.http.parameters import Parameters, read_parameters
from cerebro_server.kernel.http.routing import Router

router = Router(prefix="/v1/reports", tags=["reports"], route_class=Route)


class ReportQuery(Parameters):
    """Which deals count, and as of when."""

    where: str | None = Field(
        default=None,
        description="Filter on deals, in the query language: `owner_id = me and amount > 1000`.",
    )
    as_of: str | None = AsOf

    @property
    def asked(self) -> Asked:
        """The same, as reports take it."""
        return Asked(where=self.where, as_of=self.as_of)


class PeriodQuery(ReportQuery):
    """Which deals count, and how they are put together."""

    by: Period = Field(default="month", description="Whether a period is a month or a quarter.")


class ChangesQuery(PeriodQuery):
    """Which deals count, and beside what."""

    since: str = Field(
        max_length=100,
        description="The moment to compare with: a day (to its end), a time with its zone, "
        "`now - 7d`, or `seq:812`.",
    )


class FieldQuery(ReportQuery):
    """Which deals count, and by what, if anything."""

    by: str | None = Field(
        default=None,
        max_length=100,
        description="The field whose values are told apart: `source`, `owner.name`, "
        "`company.industry`, `tags`, a field of the workspace's own. All deals together, if left "
        "out.",
    )


class WinRateQuery(ReportQuery):
    """Which deals count, and by what."""

    by: str = Field(
        default="owner_id",
        max_length=100,
        description="The field whose values are told apart: `source`, `owner.name`, "
        "`company.industry`, `tags`, a field of the workspace's own.",
    )


Q = TypeVar("Q", bound=ReportQuery)


def _report(
    name: str,
    reply: str,
    query: type[Q],
    make: Callable[[Context, Q], Awaitable[BaseModel]],
    *,
    said: str,
    needs: str = "deals:read",
) -> None:
    """Add the route of a report: what it asks, what makes it, and what it says of itself."""

    async def answer(request: Request, context: Caller) -> Response:
        found = await make(context, read_parameters(request, query))
        return Response(found.model_dump_json(), media_type="application/json")

    answer.__doc__ = said
    answer.__name__ = name
    operation(
        router,
        "GET",
        f"/{name}",
        f"reports.{name}",
        reply=json_reply(reply),
        refusals=(422,),
        needs=needs,
        query=query,
    )(answer)


_report(
    "pipeline",
    "PipelineReport",
    ReportQuery,
    lambda c, q: sums.pipeline(c, q.asked),
    said="""Sum up deals by stage.
    Count, amount and weighted amount of each stage, a row for each currency; sums are exact.""",
)
_report(
    "forecast",
    "ForecastReport",
    PeriodQuery,
    lambda c, q: sums.forecast(c, q.asked, by=q.by),
    said="""Sum up deals by forecast category and by when they close.
    Open deals count times their probability, won ones whole, lost ones not at all.""",
)
_report(
    "time_in_stage",
    "TimeInStageReport",
    ReportQuery,
    lambda c, q: stages.time_in_stage(c, q.asked),
    said="""Say how long deals stay in each stage.
    And how many of those that were in it are won or lost by now.""",
    needs="deal_stages:read",
)
_report(
    "win_rate",
    "WinRateReport",
    WinRateQuery,
    lambda c, q: ends.win_rate(c, q.asked, by=q.by),
    said="""Say how many deals are won, by a field.
    Of those that are won and lost; open ones are counted beside them.""",
)
_report(
    "funnel",
    "FunnelReport",
    ReportQuery,
    lambda c, q: stages.funnel(c, q.asked),
    said="""Say how far deals come.
    Of each stage: how many reached it, came into it, went on from there, and were lost there.""",
    needs="deal_stages:read",
)
_report(
    "velocity",
    "VelocityReport",
    ReportQuery,
    lambda c, q: speed.velocity(c, q.asked),
    said="""Say what each pipeline brings in a day.
    Open deals times the average amount of won ones times the win rate, by the average days.""",
)
_report(
    "slipped",
    "SlippedReport",
    FieldQuery,
    lambda c, q: speed.slipped(c, q.asked, by=q.by),
    said="""Say how often the close of deals was put off.
    And by how many days; what was expected when is read from the journal.""",
)
_report(
    "cycle",
    "CycleReport",
    FieldQuery,
    lambda c, q: ends.cycle(c, q.asked, by=q.by),
    said="""Say how many days deals take until they are won or lost.
    Average, median, shortest and longest, from their opening to their closing.""",
)
_report(
    "reasons",
    "ReasonsReport",
    FieldQuery,
    lambda c, q: ends.reasons(c, q.asked, by=q.by),
    said="""Say how many deals are won, or lost for which reason.
    With their amounts and their share of all that are closed.""",
)
_report(
    "cohort",
    "CohortReport",
    PeriodQuery,
    lambda c, q: ends.cohort(c, q.asked, by=q.by),
    said="""Say of deals that were opened together how many are won after how many months.
    Counts, amounts and rates, by the month or quarter in which they were opened.""",
)
_report(
    "forecast_changes",
    "ForecastChangesReport",
    ChangesQuery,
    lambda c, q: comparing.forecast_changes(c, q.asked, since=q.since, by=q.by),
    said="""Compare the forecast with that of an earlier day.
    Each deal counts for one cause, and the causes add up to the difference.""",
)
