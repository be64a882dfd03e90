"""Routes of the workspace component."""

from __future__ import annotations

import json

from fastapi import APIRouter, Request, Response
from pydantic import Field

from cerebro_server.components.workspace.service import changes, search
from cerebro_server.kernel.crud.parameters import Cursor, Limit
from cerebro_server.kernel.http.auth import Caller, Route
from cerebro_server.kernel.http.customized import customized
from cerebro_server.kernel.http.operations import SIGNED_IN, json_reply, operation
from cerebro_server.kernel.http.parameters import Parameters, read_parameters

router = APIRouter(prefix="/v1/changes", tags=["changes"], route_class=Route)
search_router = APIRouter(prefix="/v1/search", tags=["search"], route_class=Route)


class ChangesQuery(Parameters):
    """Which changes."""

    record: str | None = Field(
        default=None, max_length=300, description="Of one record: `companies/acme.com`."
    )
    record_type: str | None = Field(default=None, max_length=60, description="Of one noun.")
    actor: str | None = Field(
        default=None,
        max_length=300,
        description="By whom, with a key of theirs or without: `me`, a user's id or e-mail "
        "address, a key's id, or `system`.",
    )
    action: str | None = Field(
        default=None,
        max_length=200,
        description="What happened, comma-separated: `created`, `updated`, `deleted`, `restored`.",
    )
    since: str | None = Field(
        default=None,
        max_length=100,
        description="After this: a day from its beginning, a time with its zone, `now - 30d`, or "
        "`seq:812`.",
    )
    until: str | None = Field(
        default=None, max_length=100, description="Up to this; a day to its end."
    )
    limit: int = Limit
    cursor: str | None = Cursor


@operation(
    router,
    "GET",
    "",
    "changes.list",
    reply=json_reply("ChangePage"),
    refusals=(404, 409, 422),
    needs="changes:read",
    query=ChangesQuery,
)
async def list_changes(request: Request, context: Caller) -> Response:
    """List changes.
    Who changed what, and when; newest first."""
    query = read_parameters(request, ChangesQuery)
    page = await changes.page(
        context,
        changes.Selection(
            record=query.record,
            record_type=query.record_type,
            actor=query.actor,
            action=query.action,
            since=query.since,
            until=query.until,
        ),
        limit=query.limit,
        cursor=query.cursor,
    )
    return Response(page, media_type="application/json")


document_router = APIRouter(prefix="/v1/openapi", tags=["workspace"], route_class=Route)


@operation(
    document_router,
    "GET",
    "",
    "workspace.openapi",
    reply={"content": {"application/json": {"schema": {"type": "object"}}}},
    refusals=(),
    needs=SIGNED_IN,
)
async def workspace_document(request: Request, context: Caller) -> Response:
    """Get the OpenAPI document of this workspace.
    The workspace's own fields, as the caller sees them, are typed properties of `custom`."""
    seen = [
        context.seen(record_type)
        for name, record_type in context.catalog.items()
        if any(context.actor.may(f"{name}:{action}") for action in ("read", "create", "update"))
    ]
    document = customized(request.app.openapi(), seen)
    return Response(json.dumps(document), media_type="application/json")


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
    search_router,
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
