"""Routes of reports."""

from __future__ import annotations

from fastapi import Request, Response
from pydantic import BaseModel, Field

from cerebro_server.components.sales.service import reports
from cerebro_server.components.sales.service.reports import Period
from cerebro_server.kernel.http.auth import Caller, Route
from cerebro_server.kernel.http.operations import json_reply, operation
from cerebro_server.kernel.http.parameters import Parameters, read_parameters
from cerebro_server.kernel.http.routing import Router

router = Router(prefix="/v1/reports", tags=["reports"], route_class=Route)


class ReportQuery(Parameters):
    """Which deals count."""

    where: str | None = Field(
        default=None,
        description="Filter on deals, in the query language: `owner_id = me and amount > 1000`.",
    )


class ForecastQuery(ReportQuery):
    """Which deals count, and how they are put together."""

    by: Period = Field(default="month", description="Whether a period is a month or a quarter.")


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
    return _reply(await reports.pipeline(context, query.where))


@operation(
    router,
    "GET",
    "/forecast",
    "reports.forecast",
    reply=json_reply("ForecastReport"),
    refusals=(422,),
    needs="deals:read",
    query=ForecastQuery,
)
async def forecast(request: Request, context: Caller) -> Response:
    """Sum up deals by forecast category and by when they close.
    Open deals count times their probability, won ones whole, lost ones not at all."""
    query = read_parameters(request, ForecastQuery)
    return _reply(await reports.forecast(context, query.where, by=query.by))


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
    return _reply(await reports.time_in_stage(context, query.where))


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
    return _reply(await reports.win_rate(context, query.where, by=query.by))


def _reply(report: BaseModel) -> Response:
    return Response(report.model_dump_json(), media_type="application/json")
