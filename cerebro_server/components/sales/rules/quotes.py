"""What is checked and derived when quotes and their lines are written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final, Literal, NamedTuple

from pydantic import PositiveInt

from cerebro_sdk.schemas.kinds import Currency, Email, Line, Text, Timestamp
from cerebro_server.components.sales.errors import QuoteDecided, QuoteExpired, QuoteNotSent
from cerebro_server.components.sales.rules import lines, numbers
from cerebro_server.components.sales.rules.lines import Home, Homes
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.errors import Conflict
from cerebro_server.kernel.fields import Batch, Making
from cerebro_server.kernel.records import planned
from cerebro_server.kernel.records.planned import same

VERBS: Final = (
    *("sent_at", "decided_at", "decided_by_name", "decided_by_email", "decline_reason"),
    *("deal_left", "to_company", "to_contact"),
)
"""What only verbs write."""
DECIDED: Final = ("accepted", "declined")
_FREE: Final = frozenset({"owner_id", "team", "external_ids", "source_created_at", "deal_left"})
"""What may change of a quote that was sent."""
_SENT: Final = "quote_sent"
_FROM: Final = {
    "sent": ("draft",),
    "accepted": ("sent",),
    "declined": ("sent",),
    "superseded": ("sent", "declined", "expired"),
}
"""Which status may follow on which."""


FROM_FILES: Final[Mapping[str, Any]] = {
    "number": PositiveInt,
    "revision": PositiveInt,
    "status": Literal["draft", "sent", "accepted", "declined", "expired", "superseded"],
    "currency": Currency,
    "sent_at": Timestamp,
    "decided_at": Timestamp,
    "decided_by_name": Line,
    "decided_by_email": Email,
    "decline_reason": Text,
    "to_company": Line,
    "to_contact": Line,
}
"""What only files say of quotes: how they ended where they are from."""
_NAMES: Final = (
    "select (select c.name from companies c where c.id = q.company_id), "
    "(select p.full_name from contacts p where p.id = q.contact_id) "
    "from quotes q where q.id = %s"
)
"""Whom a quote goes to, as they are called today."""
_NETS: Final = (
    "select n.id::text, case when n.is_new then (select sum(l.net) from deal_lines l "
    "where l.deal_id = n.id and l.deleted_at is null) else (select sum(l.net) from quote_lines l "
    "where l.quote_id = n.id and l.deleted_at is null) end "
    "from unnest(%s::uuid[], %s::boolean[]) n(id, is_new)"
)
_CAME_SO: Final = (
    "(nullif(current_setting('cerebro.undoes', true), '') is not null and exists (select from "
    "changes c where c.record_type = 'quotes' and c.record_id = q.id and c.action = 'created' "
    "and c.diff -> 'status' ->> 1 = q.status))"
)
"""Whether a quote `q` came in by an import as it is, and an undo looks at it: nobody sent it here,
or decided on it, so that the import can be taken back."""


class _Deal(NamedTuple):
    company_id: str | None
    currency: str
    contact_id: str | None


async def quotes(context: Context, batch: Batch) -> None:
    """Fill new quotes with what their deal says: for whom, in which currency."""
    deals = await _deals(context, [str(row["deal_id"]) for row in batch.rows if row["deal_id"]])
    await numbers.free(context, batch, "quotes")
    for number, row in enumerate(batch.rows):
        deal = deals.get(str(row["deal_id"]))
        row["status"] = row.get("status") or "draft"  # only files say another
        is_draft = row["status"] == "draft"
        if deal is not None and is_draft:
            row["company_id"] = row.get("company_id") or deal.company_id
            row["contact_id"] = row.get("contact_id") or deal.contact_id
        row["currency"] = row.get("currency") or (deal and deal.currency)
        row["revision"] = row.get("revision") or 1
        row["wins_deal"] = bool(row.get("wins_deal"))
        if is_draft:
            row.update(dict.fromkeys(VERBS))
        if context.planning is None:
            _check_until(context, batch, number, row)
    await _check_wins(context, batch)
    await _check_discounts(context, batch)


async def changed_quotes(context: Context, batch: Batch) -> None:
    """Refuse changes of quotes that were sent, but for those that a verb makes.

    Raises `QuoteDecided`, `QuoteExpired` and `QuoteNotSent` where a verb comes at the wrong time.
    """
    if batch.relinks:
        return
    spared = await _came_so(context, batch)
    record_type = context.catalog["quotes"]
    for number, (row, before) in enumerate(zip(batch.rows, batch.before, strict=True)):
        if "status" not in before:
            continue  # an import asks for circles, and knows no more
        if "status" in row:
            await _step(context, batch, number)
            continue
        if "deal_id" in row and str(row["deal_id"]) != before["deal_id"]:  # only files say it
            batch.refuse(number, "deal_id", "fixed", "A quote stays with its deal.")
        rest = ((name, value) for name, value in row.items() if name not in _FREE)
        touched = any(not same(record_type, name, v, before.get(name)) for name, v in rest)
        if before["status"] != "draft" and touched and before["id"] not in spared:
            batch.refuse(number, None, _SENT, sent(before))
        if before["status"] == "draft":
            _check_until(context, batch, number, row)
    await _check_wins(context, batch)
    await _check_discounts(context, batch)


def sent(quote: Mapping[str, Any]) -> str:
    """Say why a quote stays as it is, and what to do instead."""
    said = f"The quote {quote['number']} is {quote['status']} and stays as it was sent"
    return f"{said}: {_instead(quote)}"


def _instead(quote: Mapping[str, Any]) -> str:
    """Say what can be done where a quote is not changed: what was agreed is not revised."""
    if quote["status"] == "accepted":
        return (
            "it was agreed on. Offer something else with another quote: cerebro quotes create "
            f"deal_id={quote['deal_id']}"
        )
    if quote["status"] == "superseded":
        return "a later revision took its place: change that one."
    return "`quotes revise` makes a new one of it."


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
        [names] = await context.read(Sql(_NAMES, (before["id"],)))
        row["to_company"], row["to_contact"] = names
        _check_until(context, batch, number, {"valid_until": before["valid_until"]})
        if not await _has_lines(context, before["id"]):
            said = "The quote has no lines: there is nothing to send."
            batch.refuse(number, None, "no_lines", said)


def _too_late(quote: Mapping[str, Any]) -> Conflict:
    name, status = f"The quote {quote['number']}", quote["status"]
    if status in DECIDED:
        when = f" on {str(quote['decided_at'])[:10]}" if quote.get("decided_at") else ""
        return QuoteDecided(f"{name} was {status}{when}: {_instead(quote)}")
    if status == "expired":
        return QuoteExpired(f"{name} could be accepted until {quote['valid_until']}: revise it.")
    more = f" {_instead(quote).capitalize()}" if status == "superseded" else ""
    return QuoteNotSent(f"{name} is {status}, not sent.{more}")


def _check_until(context: Context, batch: Batch, number: int, row: Mapping[str, Any]) -> None:
    if is_over(row, context.now.date()):
        said = f"{row['valid_until']} has passed: nobody could accept the quote."
        batch.refuse(number, "valid_until", "in_the_past", said)


async def _check_wins(context: Context, batch: Batch) -> None:
    """Refuse to let others win a deal that one may not win oneself."""
    asked = {
        number: str(row.get("deal_id") or batch.before[number]["deal_id"])
        for number, row in enumerate(batch.rows)
        if (row.get("deal_id") or batch.before)
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
        coming = await planned.made(context, "deals", [*asked.values()])
        allowed = {one for (one,) in rows} | {each["id"] for each in coming}
    for number, deal in asked.items():
        if deal not in allowed:
            said = "You may not win this deal, and so not let it be won by an acceptance."
            batch.refuse(number, "wins_deal", "forbidden", said)


async def _check_discounts(context: Context, batch: Batch) -> None:
    """Refuse discounts on whole quotes that are more than the lines come to."""
    if context.planning is not None:
        return  # the lines of a file come later; what is too much comes to nothing
    asked: dict[int, tuple[str, bool]] = {}
    for number, row in enumerate(batch.rows):
        if row.get("discount_amount") or row.get("discount_percent"):
            before = batch.before[number] if batch.before else None
            asked[number] = (before["id"], False) if before else (str(row["deal_id"]), True)
    if not asked:
        return
    ids, are_new = zip(*asked.values(), strict=True)
    nets: dict[str, Decimal | None] = dict(
        await context.read(Sql(_NETS, (list(ids), list(are_new))))
    )
    for number, (one, _) in asked.items():
        now = {**(batch.before[number] if batch.before else {}), **batch.rows[number]}
        net = nets.get(one) or Decimal(0)
        off = lines.cents(net * _decimal(now, "discount_percent") / 100)
        off += _decimal(now, "discount_amount")
        if off > net:
            said = f"{off} would come off {net}: a quote may come to nothing, but not to less."
            batch.refuse(number, "discount_amount", "discount_too_large", said)


def _decimal(row: Mapping[str, Any], name: str) -> Decimal:
    return Decimal(str(row.get(name) or 0))


async def quote_lines(context: Context, batch: Batch) -> None:
    """Complete new lines of drafts by what their product and the price book say."""
    await lines.complete(context, batch, "quote_id", _quotes)


async def changed_quote_lines(context: Context, batch: Batch) -> None:
    """Settle changes of lines of drafts; refuse those of quotes that were sent."""
    await lines.change(context, batch, "quote_id", _quotes)


async def _quotes(context: Context, ids: list[str]) -> Homes:
    """Find quotes, and take hold of them: a quote is not sent while its lines are written."""
    transaction = await lines.hold(context, "quotes", ids)
    rows = await transaction.rows(
        Sql(
            "select q.id::text, q.deal_id::text, q.currency, q.status, q.number, coalesce((select "
            "max(l.position) from quote_lines l where l.quote_id = q.id and l.deleted_at is null), "
            f"0), {_CAME_SO}, not exists (select from quote_lines l where l.quote_id = q.id "
            "and l.deleted_at is null) from quotes q where q.id = any(%s::uuid[])",
            (ids,),
        )
    )
    is_file = context.planning is not None
    found = {}
    for one, deal, currency, status, number, last, came_so, is_bare in rows:
        is_open = status == "draft" or came_so or (is_file and is_bare)
        now = {"number": number, "status": status, "deal_id": deal}
        why = () if is_open else (_SENT, sent(now))
        found[one] = Home(deal, currency, last, *why)
    return found


async def _deals(context: Context, ids: list[str]) -> dict[str, _Deal]:
    coming = {
        each["id"]: _Deal(each.get("company_id"), each["currency"], None)
        for each in await planned.made(context, "deals", ids)
    }
    rows = await context.read(
        Sql(
            "select d.id::text, d.company_id::text, d.currency, (select c.contact_id::text from "
            "deal_contacts c join contacts p on p.id = c.contact_id and p.deleted_at is null "
            "where c.deal_id = d.id and c.is_primary and c.deleted_at is null) "
            "from deals d where d.id = any(%s::uuid[])",
            (ids,),
        )
    )
    return coming | {one: _Deal(*values) for one, *values in rows}


async def of_files(context: Context, batch: Batch, making: Making) -> None:
    """Let quotes of files that nobody can accept any more have expired."""
    today = context.now.date()
    for row in batch.rows:
        if row.get("status") == "sent" and is_over(row, today):
            row["status"] = "expired"


async def _came_so(context: Context, batch: Batch) -> frozenset[str]:
    """Return the ids of quotes that an undo may take back though they were sent."""
    if not any("deleted_at" in row for row in batch.rows):
        return frozenset()
    ids = [before["id"] for before in batch.before]
    found = await context.read(
        Sql(f"select q.id::text from quotes q where q.id = any(%s::uuid[]) and {_CAME_SO}", (ids,))
    )
    return frozenset(one for (one,) in found)


async def _has_lines(context: Context, quote_id: str) -> bool:
    found = await context.read(
        Sql(
            "select 1 from quote_lines where quote_id = %s and deleted_at is null limit 1",
            (quote_id,),
        )
    )
    return bool(found)
