"""Routes of deals besides those that every noun has."""

from __future__ import annotations

from fastapi import Request, Response

from cerebro_sdk.schemas.sales.deal_verbs import (
    DealAssign,
    DealLose,
    DealMove,
    DealReopen,
    DealWin,
)
from cerebro_server.components.sales.records.deals import deals as deals_type
from cerebro_server.components.sales.service import deals
from cerebro_server.kernel.crud.verbs import perform, verb
from cerebro_server.kernel.http.auth import Caller, Route
from cerebro_server.kernel.http.routing import Router

router = Router(prefix="/v1/deals", tags=["deals"], route_class=Route)


@verb(router, deals_type, "win", body=DealWin)
async def win(request: Request, context: Caller) -> Response:
    """Win {a_one}.
    It goes into its pipeline's won stage, with probability 100 and the time of closing. One that is
    won stays as it is."""
    return await perform(request, context, DealWin, deals.win)


@verb(router, deals_type, "lose", body=DealLose)
async def lose(request: Request, context: Caller) -> Response:
    """Lose {a_one}.
    It goes into its pipeline's lost stage, and needs a reason, some of which need a note."""
    return await perform(request, context, DealLose, deals.lose)


@verb(router, deals_type, "reopen", body=DealReopen)
async def reopen(request: Request, context: Caller) -> Response:
    """Open {a_one} again.
    It goes back to the stage that it was closed in; reason, note and time of closing are
    emptied."""
    return await perform(request, context, DealReopen, deals.reopen)


@verb(router, deals_type, "move", body=DealMove)
async def move(request: Request, context: Caller) -> Response:
    """Move {a_one} into another stage, or right before or after another deal.
    Into a lost one it goes by `lose`, which takes the reason. Among the deals of a stage it keeps
    its place, wherever it is moved, until it is put beside another one."""
    return await perform(request, context, DealMove, deals.move)


@verb(router, deals_type, "assign", body=DealAssign)
async def assign(request: Request, context: Caller) -> Response:
    """Give {a_one} to somebody.
    Whoever may assign it need not be able to see it afterwards."""
    return await perform(request, context, DealAssign, deals.assign)
