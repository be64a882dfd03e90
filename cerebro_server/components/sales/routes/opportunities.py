"""Routes of opportunities: lists of deals that are open."""

from __future__ import annotations

from fastapi import Request, Response

from cerebro_sdk.schemas.query import Search
from cerebro_server.components.sales.records.deals import deals
from cerebro_server.components.sales.routes.reports import PeriodQuery
from cerebro_server.components.sales.service import opportunities
from cerebro_server.components.sales.service.reports import sums
from cerebro_server.components.sales.service.reports.asking import Asked
from cerebro_server.kernel.crud.parameters import REFERENCE, ListQuery
from cerebro_server.kernel.crud.routes import page
from cerebro_server.kernel.http.auth import Caller, Route
from cerebro_server.kernel.http.body import read_json
from cerebro_server.kernel.http.etags import etag
from cerebro_server.kernel.http.operations import READS, json_body, json_reply, operation
from cerebro_server.kernel.http.parameters import read_parameters
from cerebro_server.kernel.http.routing import Router
from cerebro_server.kernel.records.validation import parse_payload

router = Router(prefix="/v1/opportunities", tags=["opportunities"], route_class=Route)
_PAGE = json_reply("DealPage")


@operation(
    router,
    "GET",
    "",
    "opportunities.list",
    reply=_PAGE,
    refusals=(422,),
    needs="deals:read",
    query=ListQuery,
)
async def list_opportunities(request: Request, context: Caller) -> Response:
    """List opportunities: the deals that are open.
    The same records as `deals`, and everything that goes with lists of those."""
    asked = read_parameters(request, ListQuery)
    return await page(context, deals, asked, where=opportunities.among(asked.where))


@operation(
    router,
    "POST",
    "/search",
    "opportunities.search",
    reply=_PAGE,
    refusals=(413, 415, 422),
    needs="deals:read",
    body=json_body(Search.__name__),
    no_dry_run=READS,
)
async def search_opportunities(request: Request, context: Caller) -> Response:
    """List opportunities by a filter that is a tree.
    The same as the list with `where`, for programs that put filters together."""
    asked = parse_payload(Search, await read_json(request))
    return await page(context, deals, asked, where=opportunities.among(asked.where))


@operation(
    router,
    "GET",
    "/forecast",
    "opportunities.forecast",
    reply=json_reply("ForecastReport"),
    refusals=(422,),
    needs="deals:read",
    query=PeriodQuery,
)
async def forecast_opportunities(request: Request, context: Caller) -> Response:
    """Sum up opportunities by forecast category and by when they close.
    The forecast of deals, of those alone that are open, or were at the moment that is asked for:
    what is still to come. What is won is in `reports.forecast`."""
    query = read_parameters(request, PeriodQuery)
    asked = Asked(where=opportunities.among(query.where), as_of=query.as_of)
    found = await sums.forecast(context, asked, by=query.by)
    return Response(found.model_dump_json(), media_type="application/json")


@operation(
    router,
    "GET",
    "/{reference:path}",
    "opportunities.get",
    reply=json_reply("Deal", etag=True),
    refusals=(404, 409, 422),
    needs="deals:read",
    parameters=[REFERENCE],
)
async def get_opportunity(request: Request, context: Caller) -> Response:
    """Get an opportunity: a deal that is open.
    One that is won or lost is not found here, but among the deals."""
    found = await opportunities.get(context, request.path_params["reference"])
    return Response(found.json, 200, {"ETag": etag(found.version)}, "application/json")
