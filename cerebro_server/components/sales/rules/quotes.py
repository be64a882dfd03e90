"""What is checked and derived when quotes and their lines are written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, NamedTuple

from cerebro_server.components.sales.errors import QuoteDecided, QuoteExpired, QuoteNotSent
from cerebro_server.components.sales.rules import lines
from cerebro_server.components.sales.rules.lines import Home, Homes
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.errors import Conflict
from cerebro_server.kernel.fields import Batch
from cerebro_server.kernel.records.planned import same

VERBS: Final = ("sent_at", "decided_at", "decided_by_name", "decided_by_email", "decline_reason")
"""What only verbs write."""
DECIDED: Final = ("accepted", "declined")
_FREE: Final = frozenset({"owner_id", "team", "external_ids", "source_created_at"})
"""What may change of a quote that was sent."""
_SENT: Final = "quote_sent"
_FROM: Final = {
    "sent": ("draft",),
    "accepted": ("sent",),
    "declined": ("sent",),
    "superseded": ("sent", "declined", "expired"),
}
"""Which status may follow on which."""


class _Deal(NamedTuple):
    company_id: str | None
    currency: str
    contact_id: str | None


async def quotes(context: Context, batch: Batch) -> None:
    """Fill new quotes with what their deal says: for whom, in which currency."""
    deals = await _deals(context, [str(row["deal_id"]) for row in batch.rows])
    for number, row in enumerate(batch.rows):
        deal = deals.get(str(row["deal_id"]))
        if deal is not None:
            row["company_id"] = row.get("company_id") or deal.company_id
            row["contact_id"] = row.get("contact_id") or deal.contact_id
            row["currency"] = row.get("currency") or deal.currency
        row["status"] = "draft"
        row["revision"] = row.get("revision") or 1
        row["wins_deal"] = bool(row.get("wins_deal"))
        _check_until(context, batch, number, row)
    await _check_wins(context, batch)


async def changed_quotes(context: Context, batch: Batch) -> None:
    """Refuse changes of quotes that were sent, but for those that a verb makes.

    Raises `QuoteDecided`, `QuoteExpired` and `QuoteNotSent` where a verb comes at the wrong time.
    """
    if batch.relinks:
        return
    record_type = context.catalog["quotes"]
    for number, (row, before) in enumerate(zip(batch.rows, batch.before, strict=True)):
        if "status" in row:
            await _step(context, batch, number)
            continue
        rest = ((name, value) for name, value in row.items() if name not in _FREE)
        touched = any(not same(record_type, name, v, before.get(name)) for name, v in rest)
        if before["status"] != "draft" and touched:
            batch.refuse(number, None, _SENT, sent(before))
        _check_until(context, batch, number, row)
    await _check_wins(context, batch)


def sent(quote: Mapping[str, Any]) -> str:
    """Say why a quote stays as it is, and what to do instead."""
    return (
        f"The quote {quote['number']} is {quote['status']} and stays as it was sent: "
        "`quotes revise` makes a new one of it."
    )


def is_over(quote: Mapping[str, Any], today: date) -> bool:
    """Whether the last day of a quote has passed."""
    until = quote.get("valid_until")
    return bool(until) and date.fromisoformat(str(until)) < today


async def _step(context: Context, batch: Batch, number: int) -> None:
    """Let a verb change the status of a quote, as far as it may come next."""
    row, before = batch.rows[number], batch.before[number]
    old, new = before["status"], row["status"]
    if old == new != "superseded":
        for name in VERBS:
            row.pop(name, None)  # a second time changes nothing
        return
    if old not in _FROM[new]:
        raise _too_late(before)
    if new in DECIDED and is_over(before, context.now.date()):
        raise _too_late({**before, "status": "expired"})
    if new == "sent":
        _check_until(context, batch, number, {"valid_until": before["valid_until"]})
        if not await _has_lines(context, before["id"]):
            said = "The quote has no lines: there is nothing to send."
            batch.refuse(number, None, "no_lines", said)


def _too_late(quote: Mapping[str, Any]) -> Conflict:
    name, status = f"The quote {quote['number']}", quote["status"]
    if status in DECIDED:
        return QuoteDecided(f"{name} was {status} on {str(quote['decided_at'])[:10]}.")
    if status == "expired":
        return QuoteExpired(f"{name} could be accepted until {quote['valid_until']}: revise it.")
    return QuoteNotSent(f"{name} is {status}, not sent.")


def _check_until(context: Context, batch: Batch, number: int, row: Mapping[str, Any]) -> None:
    if is_over(row, context.now.date()):
        said = f"{row['valid_until']} has passed: nobody could accept the quote."
        batch.refuse(number, "valid_until", "in_the_past", said)


async def _check_wins(context: Context, batch: Batch) -> None:
    """Refuse to let others win a deal that one may not win oneself."""
    asked = {
        number: str(row.get("deal_id") or batch.before[number]["deal_id"])
        for number, row in enumerate(batch.rows)
        if (row.get("wins_deal") and "status" not in row) or (not batch.before and row["wins_deal"])
    }
    if not asked:
        return
    allowed: set[str] = set()
    deals = context.catalog["deals"]
    if context.actor.may("deals:win"):
        limit = context.condition(deals, "read", "win") or Sql("true")
        rows = await context.read(
            Sql(
                f"select t.id::text from deals t where t.id = any(%s::uuid[]) and {limit.text}",
                ([*asked.values()], *limit.params),
            )
        )
        allowed = {one for (one,) in rows}
    for number, deal in asked.items():
        if deal not in allowed:
            said = "You may not win this deal, and so not let it be won by an acceptance."
            batch.refuse(number, "wins_deal", "forbidden", said)


async def quote_lines(context: Context, batch: Batch) -> None:
    """Complete new lines of drafts by what their product and the price book say."""
    await lines.complete(context, batch, "quote_id", _quotes)


async def changed_quote_lines(context: Context, batch: Batch) -> None:
    """Settle changes of lines of drafts; refuse those of quotes that were sent."""
    await lines.change(context, batch, "quote_id", _quotes)


async def _quotes(context: Context, ids: list[str]) -> Homes:
    """Find quotes, and take hold of them: a quote is not sent while its lines are written."""
    transaction = await context.write()
    rows = await transaction.rows(
        Sql(
            "select q.id::text, q.deal_id::text, q.currency, q.status, q.number, coalesce((select "
            "max(l.position) from quote_lines l where l.quote_id = q.id and l.deleted_at is null), "
            "0) from quotes q where q.id = any(%s::uuid[]) order by q.id for no key update",
            (ids,),
        )
    )
    return {
        one: Home(
            *(deal, currency, last),
            *(() if status == "draft" else (_SENT, sent({"number": number, "status": status}))),
        )
        for one, deal, currency, status, number, last in rows
    }


async def _deals(context: Context, ids: list[str]) -> dict[str, _Deal]:
    rows = await context.read(
        Sql(
            "select d.id::text, d.company_id::text, d.currency, (select c.contact_id::text from "
            "deal_contacts c join contacts p on p.id = c.contact_id and p.deleted_at is null "
            "where c.deal_id = d.id and c.is_primary and c.deleted_at is null) "
            "from deals d where d.id = any(%s::uuid[])",
            (ids,),
        )
    )
    return {one: _Deal(*values) for one, *values in rows}


async def _has_lines(context: Context, quote_id: str) -> bool:
    found = await context.read(
        Sql(
            "select 1 from quote_lines where quote_id = %s and deleted_at is null limit 1",
            (quote_id,),
        )
    )
    return bool(found)
