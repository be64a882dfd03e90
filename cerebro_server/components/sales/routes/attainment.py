"""The route of the report on quotas."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic import Field

from cerebro_sdk.schemas.kinds import Day
from cerebro_server.components.sales.service import attainment
from cerebro_server.kernel.http.auth import Caller, Route
from cerebro_server.kernel.http.operations import json_reply, operation
from cerebro_server.kernel.http.parameters import Parameters, read_parameters

router = APIRouter(prefix="/v1/reports", tags=["reports"], route_class=Route)


class QuotaQuery(Parameters):
    """Which quotas, and which deals count."""

    where: str | None = Field(
        default=None, description="Filter on deals, in the query language: `source = fair`."
    )
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
    below them; deals in another currency than the quota are counted beside it."""
    query = read_parameters(request, QuotaQuery)
    report = await attainment.attainment(context, query.where, of=query.quotas, on=query.on)
    return Response(report.model_dump_json(), media_type="application/json")
