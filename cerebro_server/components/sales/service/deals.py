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
from cerebro_server.components.sales.service import placing
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.errors import ValidationFailed
from cerebro_server.kernel.records.acting import act
from cerebro_server.kernel.records.writer import Written


async def win(context: Context, reference: str, said: DealWin, *, version: int | None) -> Written:
    """Win a deal. Needs `deals:win`; one that is won stays as it is."""
    return await act(
        context, deals, reference, {"status": "won", **_sent(said)}, action="win", version=version
    )


async def lose(context: Context, reference: str, said: DealLose, *, version: int | None) -> Written:
    """Lose a deal. Needs `deals:lose`; one that is lost gets the reason that is sent.

    Raises `ValidationFailed` where reason or note are missing.
    """
    return await act(
        context, deals, reference, {"status": "lost", **_sent(said)}, action="lose", version=version
    )


async def reopen(
    context: Context, reference: str, said: DealReopen, *, version: int | None
) -> Written:
    """Open a deal again. Needs `deals:reopen`; one that is open stays as it is."""
    return await act(
        context,
        deals,
        reference,
        {"status": "open", **_sent(said)},
        action="reopen",
        version=version,
    )


async def move(context: Context, reference: str, said: DealMove, *, version: int | None) -> Written:
    """Move a deal into another stage, to a place beside another deal, or both. Needs `deals:move`.

    Raises `ValidationFailed` where it is not said whither, or the other deal is elsewhere.
    """
    values = _sent(said)
    beside = [name for name in ("before", "after") if name in values]
    if not beside and said.stage is None:
        raise ValidationFailed.at(
            "stage", "missing", "Say whither: a stage, before or after another deal."
        )
    if len(beside) == 2:
        raise ValidationFailed.at(
            "after", "conflict", "Say before or after which deal it goes, not both."
        )
    if beside:
        values = await placing.beside(context, reference, said, beside[0])
    return await act(context, deals, reference, values, action="move", version=version)


async def assign(
    context: Context, reference: str, said: DealAssign, *, version: int | None
) -> Written:
    """Give a deal to somebody, who need not be within the caller's reach. Needs `deals:assign`.

    Raises `ValidationFailed` where neither owner nor team is sent.
    """
    values = _sent(said)
    if not values:
        raise ValidationFailed.at("owner_id", "missing", "Say to whom: an owner, a team, or both.")
    return await act(context, deals, reference, values, action="assign", version=version)


def _sent(said: Payload) -> dict[str, Any]:
    return said.model_dump(exclude_none=True)
