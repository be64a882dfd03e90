"""The verbs of deals. What follows from each, the rules derive, as from any other change."""

from __future__ import annotations

from typing import Any

from cerebro_sdk.schemas.base import Payload
from cerebro_sdk.schemas.sales.deal_verbs import (
    DealAssign,
    DealLose,
    DealMove,
    DealReopen,
    DealWin,
)
from cerebro_server.components.sales.records.deals import deals
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.errors import Forbidden, ValidationFailed
from cerebro_server.kernel.fields import Batch
from cerebro_server.kernel.records import writer
from cerebro_server.kernel.records.people import resolve_people
from cerebro_server.kernel.records.relating import resolve_relations
from cerebro_server.kernel.records.writer import Written


async def win(context: Context, reference: str, said: DealWin, *, version: int | None) -> Written:
    """Win a deal. Needs `deals:win`; one that is won stays as it is."""
    return await _act(context, reference, "win", {"status": "won", **_sent(said)}, version)


async def lose(context: Context, reference: str, said: DealLose, *, version: int | None) -> Written:
    """Lose a deal. Needs `deals:lose`; one that is lost gets the reason that is sent.

    Raises `ValidationFailed` where reason or note are missing.
    """
    return await _act(context, reference, "lose", {"status": "lost", **_sent(said)}, version)


async def reopen(
    context: Context, reference: str, said: DealReopen, *, version: int | None
) -> Written:
    """Open a deal again. Needs `deals:reopen`; one that is open stays as it is."""
    return await _act(context, reference, "reopen", {"status": "open", **_sent(said)}, version)


async def move(context: Context, reference: str, said: DealMove, *, version: int | None) -> Written:
    """Move a deal into another stage. Needs `deals:move`."""
    return await _act(context, reference, "move", _sent(said), version)


async def assign(
    context: Context, reference: str, said: DealAssign, *, version: int | None
) -> Written:
    """Give a deal to somebody, who need not be within the caller's reach. Needs `deals:assign`.

    Raises `ValidationFailed` where neither owner nor team is sent.
    """
    values = _sent(said)
    if not values:
        text = "Say to whom: an owner, a team, or both."
        raise ValidationFailed(
            text, errors=[{"pointer": "/owner_id", "code": "missing", "detail": text}]
        )
    return await _act(context, reference, "assign", values, version)


def _sent(said: Payload) -> dict[str, Any]:
    return said.model_dump(exclude_none=True)


async def _act(
    context: Context, reference: str, action: str, values: dict[str, Any], version: int | None
) -> Written:
    context.actor.require(f"deals:{action}")
    shown = context.seen(deals)
    if closed := sorted(set(values) & (shown.closed | shown.hidden)):
        said = f"You may not change {', '.join(closed)} of deals."
        raise Forbidden(said, permission="deals:update")
    batch = Batch([values])
    await resolve_people(context, deals, batch)
    await resolve_relations(context, deals, batch)
    if batch.refusals:
        raise writer.refused(batch)
    return await writer.change(
        context, deals, reference, batch.rows[0], action=action, version=version
    )
