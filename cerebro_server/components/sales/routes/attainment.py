"""The route of the report on quotas."""

from __future__ import annotations

from fastapi import Request, Response
from pydantic import Field

from cerebro_sdk.schemas.kinds import Day
from cerebro_server.components.sales.routes.reports import ReportQuery
from cerebro_server.components.sales.service.reports import attainment
from cerebro_server.kernel.http.auth import Caller, Route
from cerebro_server.kernel.http.operations import json_reply, operation
from cerebro_server.kernel.http.parameters import read_parameters
from cerebro_server.kernel.http.routing import Router

router = Router(prefix="/v1/reports", tags=["reports"], route_class=Route)


class QuotaQuery(ReportQuery):
    """Which quotas, which deals count, and as of when."""

    quotas: str | None = Field(
        default=None,
        description="Filter on quotas: `team = sales and period = quarter`; all of them if left "
        "out.",
    )
    on: Day | None = Field(
        default=None, description="Only quotas whose period holds this day: `2026-11-30`."
    )


@operation(
    router,
    "GET",
    "/quota",
    "reports.quota",
    reply=json_reply("QuotaReport"),
    refusals=(422,),
    needs="quotas:read",
    query=QuotaQuery,
)
async def quota(request: Request, context: Caller) -> Response:
    """Say how far quotas are reached.
    Deals won in the period (UTC), open ones expected to close in it times their probability, the
    share of the quota that is closed, and what is missing. Teams and territories count all that is
    below them. Deals in another currency count for quotas in the base currency by their rates, and
    are counted beside others."""
    query = read_parameters(request, QuotaQuery)
    report = await attainment.attainment(context, query.asked, of=query.quotas, on=query.on)
    return Response(report.model_dump_json(), media_type="application/json")
