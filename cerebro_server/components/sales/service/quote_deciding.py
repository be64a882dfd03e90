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
_DEAL: Final = (
    "select d.id::text, case when d.deleted_at is not null then 'deleted' "
    "when d.status = 'lost' then 'lost' when d.status = 'open' and d.locked_at is not null "
    "then 'locked' end, d.status = 'open' from quotes q join deals d on d.id = q.deal_id "
    "where q.id = %s and q.wins_deal and q.status = 'accepted' and q.decided_at = %s "
    "for no key update of d"
)
_ROLE: Final = Role(
    "quote",
    (
        *(Permission("deals", action, "all") for action in ("read", "win")),
        *(Permission("quotes", action, "all") for action in ("read", "accept")),
    ),
)


async def decide(
    context: Context, reference: str, action: Action, said: QuoteDecide, *, version: int | None
) -> Written:
    """Accept or decline a quote; the same decision again changes nothing.

    An acceptance wins the deal where the quote says so: whoever wrote that might win it. Where the
    deal cannot be won, the quote is accepted all the same, and `deal_left` says why. Raises
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
        return await _win(context, written)
    return written


async def _win(context: Context, written: Written) -> Written:
    """Win the deal of a quote that was accepted just now; return the quote, which says why where
    that cannot be."""
    transaction = await context.write()
    found = await transaction.rows(Sql(_DEAL, (written.id, context.now)))
    if not found:
        return written
    [(deal_id, why, is_open)] = found
    as_system = replace(context, actor=replace(context.actor.with_roles(_ROLE), scopes=None))
    if why is None and is_open:
        try:
            await writer.change(as_system, deals, deal_id, {"status": "won"}, action="win")
        except ValidationFailed:
            why = "no_won_stage"
    if why is None:
        return written
    return await writer.change(
        as_system, quotes, str(written.id), {"deal_left": why}, action="accept"
    )
