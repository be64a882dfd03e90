"""Routes of search."""

from __future__ import annotations

from fastapi import Request, Response
from pydantic import Field

from cerebro_server.components.workspace.service import search
from cerebro_server.kernel.http.auth import Caller, Route
from cerebro_server.kernel.http.operations import SIGNED_IN, json_reply, operation
from cerebro_server.kernel.http.parameters import Parameters, read_parameters
from cerebro_server.kernel.http.routing import Router

router = Router(prefix="/v1/search", tags=["search"], route_class=Route)


class SearchQuery(Parameters):
    """What to look for."""

    q: str = Field(
        min_length=1,
        max_length=200,
        description="Words, or how they begin, in any order: `grav inv`. One letter may "
        "be wrong, in a word of five letters or more.",
    )
    nouns: str | None = Field(
        default=None,
        max_length=500,
        description="Only in these, comma-separated: `companies,contacts`.",
    )
    limit: int = Field(default=20, ge=1, le=100, description="Most records to return.")


@operation(
    router,
    "GET",
    "",
    "search.records",
    reply=json_reply("SearchResults"),
    refusals=(422,),
    needs=SIGNED_IN,
    query=SearchQuery,
)
async def search_records(request: Request, context: Caller) -> Response:
    """Search records.
    In all nouns at once, in the fields that you see of the records that you may read; best first.
    """
    query = read_parameters(request, SearchQuery)
    found = await search.records(context, query.q, nouns=query.nouns, limit=query.limit)
    return Response(found, media_type="application/json")
