"""Routes of the journal."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from functools import partial
from typing import Any, NoReturn

from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from cerebro_server.components.workspace.service import changes, feed
from cerebro_server.kernel.crud.parameters import Cursor, Limit
from cerebro_server.kernel.errors import Invalid
from cerebro_server.kernel.http.auth import Caller, Route, renewed
from cerebro_server.kernel.http.body import begun
from cerebro_server.kernel.http.operations import json_reply, operation
from cerebro_server.kernel.http.parameters import Parameters, read_parameters
from cerebro_server.kernel.http.routing import Router

router = Router(prefix="/v1/changes", tags=["changes"], route_class=Route)


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
    after: str | None = Field(
        default=None,
        max_length=8000,
        description="Read on from here, oldest first, and nothing twice or never: `start`, `now`, "
        "`next_cursor` of the page before, or `cursor` of a change. Such a page always has a "
        "`next_cursor`; an empty one means that there is no more yet.",
    )
    wait: float | None = Field(
        default=None,
        ge=0,
        le=60,
        description="With `after`: how many seconds to wait for something, if there is nothing.",
    )


_LAST_EVENT_ID: dict[str, Any] = {
    "name": "Last-Event-ID",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": "The last `id` of the stream before: go on behind it; counts more than `after`.",
}
_STREAM = "text/event-stream"
_REPLY = {
    "content": {**json_reply("ChangePage")["content"], _STREAM: {"schema": {"type": "string"}}}
}
_NOT_WITH_AFTER = ("cursor", "since", "until")


@operation(
    router,
    "GET",
    "",
    "changes.list",
    reply=_REPLY,
    refusals=(404, 409, 422),
    needs="changes:read",
    query=ChangesQuery,
    parameters=[_LAST_EVENT_ID],
)
async def list_changes(request: Request, context: Caller) -> Response:
    """List changes, or follow them.
    Who changed what, and when; newest first. With `after` it is a feed: oldest first, each change
    exactly once, from a cursor on that stays good. Asked for `text/event-stream`, it is a stream of
    server-sent events: `event: change`, with the cursor as `id`."""
    query = read_parameters(request, ChangesQuery)
    is_stream = _STREAM in request.headers.get("accept", "")
    _check(query, is_stream=is_stream)
    selection = changes.Selection(
        record=query.record,
        record_type=query.record_type,
        actor=query.actor,
        action=query.action,
        since=query.since,
        until=query.until,
    )
    if query.after is None and not is_stream:
        page = await changes.page(context, selection, limit=query.limit, cursor=query.cursor)
        return Response(page, media_type="application/json")
    followed = feed.Feed(
        partial(renewed, request, context), request.app.state.commits, selection, query.limit
    )
    after = "now" if query.after is None else query.after
    if is_stream:
        after = request.headers.get("last-event-id") or after
        return StreamingResponse(
            await begun(feed.events(followed, context, after)),
            media_type=_STREAM,
            headers={"X-Accel-Buffering": "no"},  # or nginx would hold events back
        )
    found = feed.page(followed, context, after, seconds=query.wait or 0)
    if query.wait:
        return Response(await _while_there(request, found), media_type="application/json")
    return Response(await found, media_type="application/json")


def _check(query: ChangesQuery, *, is_stream: bool) -> None:
    """Refuse parameters that do not go together. Raises `Invalid`."""
    if query.after is None and not is_stream:
        if query.wait is not None:
            _refuse("wait", "`wait` goes with `after`: there is nothing to wait for in a list.")
        return
    for name in _NOT_WITH_AFTER:
        if getattr(query, name) is not None:
            _refuse(name, f"`{name}` is for lists, newest first; `after` reads on from a cursor.")


def _refuse(parameter: str, said: str) -> NoReturn:
    raise Invalid(said, errors=[{"parameter": parameter, "code": "mixed", "detail": said}])


async def _while_there(request: Request, page: Coroutine[Any, Any, bytes]) -> bytes:
    """Return the page; stop waiting for it when the client is gone."""

    async def gone() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    found, left = asyncio.ensure_future(page), asyncio.ensure_future(gone())
    try:
        await asyncio.wait({found, left}, return_when=asyncio.FIRST_COMPLETED)
        return found.result() if found.done() else b""
    finally:
        for task in (found, left):
            task.cancel()
        await asyncio.wait({found, left})
