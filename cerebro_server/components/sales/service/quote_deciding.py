"""Accepting and declining quotes: one decision, by whoever has the right or the link."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final, Literal

from cerebro_sdk.schemas.sales.quote_verbs import QuoteDecide
from cerebro_server.components.sales.records.deals import deals
from cerebro_server.components.sales.records.quotes import quotes
from cerebro_server.kernel.access import Permission, Role
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.errors import ValidationFailed
from cerebro_server.kernel.records import writer
from cerebro_server.kernel.records.writer import Written

Action = Literal["accept", "decline"]
_STATUS: Final = {"accept": "accepted", "decline": "declined"}
_WON: Final = (
    "select d.id::text from quotes q join deals d on d.id = q.deal_id where q.id = %s "
    "and q.wins_deal and q.status = 'accepted' and q.decided_at = %s and d.status = 'open' "
    "and d.deleted_at is null and d.locked_at is null"
)
_ROLE: Final = Role(
    "quote", (Permission("deals", "read", "all"), Permission("deals", "win", "all"))
)


async def decide(
    context: Context, reference: str, action: Action, said: QuoteDecide, *, version: int | None
) -> Written:
    """Accept or decline a quote; the same decision again changes nothing.

    An acceptance wins the deal where the quote says so: whoever wrote that might win it. Raises
    `QuoteDecided`, `QuoteExpired`, `QuoteNotSent`.
    """
    values: dict[str, Any] = {
        "status": _STATUS[action],
        "decided_at": context.now,
        "decided_by_name": said.name,
        "decided_by_email": said.email,
        "decline_reason": said.reason if action == "decline" else None,
    }
    written = await writer.change(
        context, quotes, reference, values, action=action, version=version
    )
    if action == "accept":
        await _win(context, written)
    return written


async def _win(context: Context, written: Written) -> None:
    """Win the deal of a quote that was accepted just now, unless it is closed or locked."""
    found = await context.read(Sql(_WON, (written.id, context.now)))
    actor = replace(context.actor.with_roles(_ROLE), scopes=None)
    for (deal_id,) in found:
        try:
            won = {"status": "won"}
            await writer.change(replace(context, actor=actor), deals, deal_id, won, action="win")
        except ValidationFailed:
            return  # its pipeline has no won stage; the acceptance holds all the same
