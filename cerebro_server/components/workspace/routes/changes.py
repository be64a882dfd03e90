"""Routes of the journal."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic import Field

from cerebro_server.components.workspace.service import changes
from cerebro_server.kernel.crud.parameters import Cursor, Limit
from cerebro_server.kernel.http.auth import Caller, Route
from cerebro_server.kernel.http.operations import json_reply, operation
from cerebro_server.kernel.http.parameters import Parameters, read_parameters

router = APIRouter(prefix="/v1/changes", tags=["changes"], route_class=Route)


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
