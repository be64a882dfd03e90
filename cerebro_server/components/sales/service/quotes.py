"""The verbs of quotes."""

from __future__ import annotations

from typing import Final

from pydantic_core import from_json, to_json

from cerebro_sdk.schemas.sales.quote_verbs import QuoteDecide
from cerebro_server.components.sales.records.quotes import quotes
from cerebro_server.components.sales.service import quote_deciding, quote_links
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.records import writer
from cerebro_server.kernel.records.writer import Written

_WHOLE: Final = (
    "select to_jsonb(q) || jsonb_build_object('shipping', q.shipping::text, "
    "'discount_percent', q.discount_percent::text, 'discount_amount', q.discount_amount::text) "
    "from quotes q where q.id = %s"
)
_CARRIED: Final = (
    *("deal_id", "company_id", "contact_id", "currency", "shipping", "wins_deal", "terms"),
    *("notes", "owner_id", "team", "discount_percent", "discount_amount"),
)


async def send(context: Context, reference: str, *, version: int | None) -> tuple[bytes, int]:
    """Mark a draft as sent, and make the link to it; return both as JSON, and the version.

    Needs `quotes:send`. A quote that was sent gets a new link, and the old one leads nowhere.
    Raises `QuoteDecided`, `QuoteNotSent`, and `ValidationFailed` for one without lines.
    """
    values = {"status": "sent", "sent_at": context.now}
    written = await writer.change(
        context, quotes, reference, values, action="send", version=version
    )
    token = await quote_links.make(context, written.id)
    said = {"token": token, "url": quote_links.url(context, token)}
    body = b'{"quote":' + written.json + b"," + to_json(said)[1:]
    return body, written.version


async def accept(
    context: Context, reference: str, said: QuoteDecide, *, version: int | None
) -> Written:
    """Enter that a quote was accepted. Needs `quotes:accept`; one that is, stays as it is."""
    return await quote_deciding.decide(context, reference, "accept", said, version=version)


async def decline(
    context: Context, reference: str, said: QuoteDecide, *, version: int | None
) -> Written:
    """Enter that a quote was declined. Needs `quotes:decline`; one that is, stays as it is."""
    return await quote_deciding.decide(context, reference, "decline", said, version=version)


async def revise(context: Context, reference: str, *, version: int | None) -> Written:
    """Make the next revision of a quote, a draft with the same lines; the quote is superseded.

    Needs `quotes:revise` and `quotes:create`. Its last day is for whoever revises it to say. Raises
    `QuoteNotSent` for a draft and for one that was superseded, `QuoteDecided` for one that was
    accepted.
    """
    context.actor.require("quotes:create")
    old = {"status": "superseded"}
    written = await writer.change(context, quotes, reference, old, action="revise", version=version)
    [(row,)] = await context.read(Sql(_WHOLE, (written.id,)))
    whole = from_json(row)
    values = {name: whole[name] for name in _CARRIED}
    values |= {"previous_id": whole["id"], "revision": whole["revision"] + 1, "external_ids": {}}
    return await writer.create(context, quotes, values)


async def expire(context: Context) -> None:
    """Mark quotes as expired whose last day has passed."""
    transaction = await context.write()
    await transaction.rows(
        Sql(
            "update quotes set status = 'expired', version = version + 1, updated_at = now() "
            "where status = 'sent' and valid_until < %s and deleted_at is null",
            (context.now.date(),),
        )
    )
