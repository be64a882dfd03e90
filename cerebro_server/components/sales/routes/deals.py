"""Routes of deals besides those that every noun has."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from fastapi import Request, Response
from pydantic import BaseModel

from cerebro_sdk.schemas.sales.deal_verbs import (
    DealAssign,
    DealLose,
    DealMove,
    DealReopen,
    DealWin,
)
from cerebro_server.components.sales.records.deals import deals as deals_type
from cerebro_server.components.sales.service import deals
from cerebro_server.kernel.crud.nouns import of_noun
from cerebro_server.kernel.crud.parameters import IF_MATCH, REFERENCE
from cerebro_server.kernel.http.auth import Caller, Route
from cerebro_server.kernel.http.body import read_json
from cerebro_server.kernel.http.etags import etag, if_match
from cerebro_server.kernel.http.operations import json_body, json_reply
from cerebro_server.kernel.http.routing import Router
from cerebro_server.kernel.records.validation import parse_payload
from cerebro_server.kernel.records.writer import Written

P = TypeVar("P", bound=BaseModel)
router = Router(prefix="/v1/deals", tags=["deals"], route_class=Route)


def _verb(verb: str, body: type[BaseModel]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a verb on one deal."""
    return of_noun(
        router,
        deals_type,
        "POST",
        f"/{{reference:path}}/{verb}",
        verb,
        reply=json_reply("Deal", etag=True),
        refusals=(404, 409, 412, 413, 415, 422),
        parameters=[REFERENCE, IF_MATCH],
        body={**json_body(body.__name__), "required": False},
    )


async def _done(
    request: Request,
    context: Caller,
    schema: type[P],
    act: Callable[..., Awaitable[Written]],
) -> Response:
    said = parse_payload(schema, await read_json(request) or b"{}")
    reference, version = request.path_params["reference"], if_match(request)
    written = await act(context, reference, said, version=version)
    headers = {"ETag": etag(written.version)}
    return Response(written.json, 200, headers, "application/json")


@_verb("win", DealWin)
async def win(request: Request, context: Caller) -> Response:
    """Win a {one}.
    It goes into its pipeline's won stage, with probability 100 and the time of closing. One that is
    won stays as it is."""
    return await _done(request, context, DealWin, deals.win)


@_verb("lose", DealLose)
async def lose(request: Request, context: Caller) -> Response:
    """Lose a {one}.
    It goes into its pipeline's lost stage, and needs a reason, some of which need a note."""
    return await _done(request, context, DealLose, deals.lose)


@_verb("reopen", DealReopen)
async def reopen(request: Request, context: Caller) -> Response:
    """Open a {one} again.
    It goes back to the stage that it was closed in; reason, note and time of closing are
    emptied."""
    return await _done(request, context, DealReopen, deals.reopen)


@_verb("move", DealMove)
async def move(request: Request, context: Caller) -> Response:
    """Move a {one} into another stage.
    Into a lost one it goes by `lose`, which takes the reason."""
    return await _done(request, context, DealMove, deals.move)


@_verb("assign", DealAssign)
async def assign(request: Request, context: Caller) -> Response:
    """Give a {one} to somebody.
    Whoever may assign it need not be able to see it afterwards."""
    return await _done(request, context, DealAssign, deals.assign)
