"""Routes of reports."""

from __future__ import annotations

from fastapi import Request, Response
from pydantic import BaseModel, Field

from cerebro_server.components.sales.service.reports import comparing, ends, speed, stages, sums
from cerebro_server.components.sales.service.reports.asking import Asked, Period
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
        description="The field whose values are told apart: `source`, `owner_id`, a field of the "
        "workspace's own. All deals together, if left out.",
    )


class WinRateQuery(ReportQuery):
    """Which deals count, and by what."""

    by: str = Field(
        default="owner_id",
        max_length=100,
        description="The field whose values are told apart: `source`, `utm_campaign`, a field of "
        "the workspace's own.",
    )


@operation(
    router,
    "GET",
    "/pipeline",
    "reports.pipeline",
    reply=json_reply("PipelineReport"),
    refusals=(422,),
    needs="deals:read",
    query=ReportQuery,
)
async def pipeline(request: Request, context: Caller) -> Response:
    """Sum up deals by stage.
    Count, amount and weighted amount of each stage, a row for each currency; sums are exact."""
    query = read_parameters(request, ReportQuery)
    return _reply(await sums.pipeline(context, query.asked))


@operation(
    router,
    "GET",
    "/forecast",
    "reports.forecast",
    reply=json_reply("ForecastReport"),
    refusals=(422,),
    needs="deals:read",
    query=PeriodQuery,
)
async def forecast(request: Request, context: Caller) -> Response:
    """Sum up deals by forecast category and by when they close.
    Open deals count times their probability, won ones whole, lost ones not at all."""
    query = read_parameters(request, PeriodQuery)
    return _reply(await sums.forecast(context, query.asked, by=query.by))


@operation(
    router,
    "GET",
    "/time_in_stage",
    "reports.time_in_stage",
    reply=json_reply("TimeInStageReport"),
    refusals=(422,),
    needs="deal_stages:read",
    query=ReportQuery,
)
async def time_in_stage(request: Request, context: Caller) -> Response:
    """Say how long deals stay in each stage.
    And how many of those that were in it are won or lost by now."""
    query = read_parameters(request, ReportQuery)
    return _reply(await stages.time_in_stage(context, query.asked))


@operation(
    router,
    "GET",
    "/win_rate",
    "reports.win_rate",
    reply=json_reply("WinRateReport"),
    refusals=(422,),
    needs="deals:read",
    query=WinRateQuery,
)
async def win_rate(request: Request, context: Caller) -> Response:
    """Say how many deals are won, by a field.
    Of those that are won and lost; open ones are counted beside them."""
    query = read_parameters(request, WinRateQuery)
    return _reply(await ends.win_rate(context, query.asked, by=query.by))


@operation(
    router,
    "GET",
    "/funnel",
    "reports.funnel",
    reply=json_reply("FunnelReport"),
    refusals=(422,),
    needs="deal_stages:read",
    query=ReportQuery,
)
async def funnel(request: Request, context: Caller) -> Response:
    """Say how far deals come.
    Of each stage: how many reached it, came into it, went on from there, and were lost there."""
    query = read_parameters(request, ReportQuery)
    return _reply(await stages.funnel(context, query.asked))


@operation(
    router,
    "GET",
    "/velocity",
    "reports.velocity",
    reply=json_reply("VelocityReport"),
    refusals=(422,),
    needs="deals:read",
    query=ReportQuery,
)
async def velocity(request: Request, context: Caller) -> Response:
    """Say what each pipeline brings in a day.
    Open deals times the average amount of won ones times the win rate, by the average days."""
    query = read_parameters(request, ReportQuery)
    return _reply(await speed.velocity(context, query.asked))


@operation(
    router,
    "GET",
    "/slipped",
    "reports.slipped",
    reply=json_reply("SlippedReport"),
    refusals=(422,),
    needs="deals:read",
    query=FieldQuery,
)
async def slipped(request: Request, context: Caller) -> Response:
    """Say how often the close of deals was put off.
    And by how many days; what was expected when is read from the journal."""
    query = read_parameters(request, FieldQuery)
    return _reply(await speed.slipped(context, query.asked, by=query.by))


@operation(
    router,
    "GET",
    "/cycle",
    "reports.cycle",
    reply=json_reply("CycleReport"),
    refusals=(422,),
    needs="deals:read",
    query=FieldQuery,
)
async def cycle(request: Request, context: Caller) -> Response:
    """Say how many days deals take until they are won or lost.
    Average, median, shortest and longest, from their opening to their closing."""
    query = read_parameters(request, FieldQuery)
    return _reply(await ends.cycle(context, query.asked, by=query.by))


@operation(
    router,
    "GET",
    "/reasons",
    "reports.reasons",
    reply=json_reply("ReasonsReport"),
    refusals=(422,),
    needs="deals:read",
    query=FieldQuery,
)
async def reasons(request: Request, context: Caller) -> Response:
    """Say how many deals are won, or lost for which reason.
    With their amounts and their share of all that are closed."""
    query = read_parameters(request, FieldQuery)
    return _reply(await ends.reasons(context, query.asked, by=query.by))


@operation(
    router,
    "GET",
    "/cohort",
    "reports.cohort",
    reply=json_reply("CohortReport"),
    refusals=(422,),
    needs="deals:read",
    query=PeriodQuery,
)
async def cohort(request: Request, context: Caller) -> Response:
    """Say of deals that were opened together how many are won after how many months.
    Counts, amounts and rates, by the month or quarter in which they were opened."""
    query = read_parameters(request, PeriodQuery)
    return _reply(await ends.cohort(context, query.asked, by=query.by))


@operation(
    router,
    "GET",
    "/forecast_changes",
    "reports.forecast_changes",
    reply=json_reply("ForecastChangesReport"),
    refusals=(422,),
    needs="deals:read",
    query=ChangesQuery,
)
async def forecast_changes(request: Request, context: Caller) -> Response:
    """Compare the forecast with that of an earlier day.
    Each deal counts for one cause, and the causes add up to the difference."""
    query = read_parameters(request, ChangesQuery)
    return _reply(
        await comparing.forecast_changes(context, query.asked, since=query.since, by=query.by)
    )


def _reply(report: BaseModel) -> Response:
    return Response(report.model_dump_json(), media_type="application/json")
