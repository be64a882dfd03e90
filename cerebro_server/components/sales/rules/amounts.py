"""Where the amount of a deal comes from, and which price book goes with its currency."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.fields import Batch
from cerebro_server.kernel.records import planned

WATCHED: Final = frozenset({"amount", "amount_source", "currency", "price_book_id"})
"""The fields that depend on each other."""
_Row = dict[str, Any]


async def new(context: Context, batch: Batch) -> None:
    """Give new deals the source of their amount, and the currency of their price book."""
    books = await _books(context, batch)
    for number, row in enumerate(batch.rows):
        sent = row.get("amount") is not None
        row["amount_source"] = row.get("amount_source") or ("manual" if sent else "lines")
        if row["amount_source"] == "lines":
            row["amount"] = None  # there are no lines yet
        book = books.get(str(row.get("price_book_id")))
        row["currency"] = row.get("currency") or (book or context.settings.base_currency)
        _check_book(batch, number, book, row["currency"])


async def changed(context: Context, batch: Batch) -> None:
    """Refuse amounts of deals that are counted from lines, and currencies that lines are not in.

    An amount that is sent for a deal without lines is kept by hand from then on.
    """
    if not any(WATCHED & row.keys() for row in batch.rows):
        return
    books = await _books(context, batch)
    lined = await _lined(context, batch)
    for number, (row, before) in enumerate(zip(batch.rows, batch.before, strict=True)):
        has_lines = before["id"] in lined
        is_file = context.planning is not None
        _check_amount(batch, number, row, before, has_lines=has_lines, is_file=is_file)
        currency = row.get("currency") or before["currency"]
        if has_lines and currency != before["currency"]:
            said = f"The lines of the deal are priced in {before['currency']}: remove them first."
            batch.refuse(number, "currency", "has_lines", said)
        book = books.get(str(row.get("price_book_id", before.get("price_book_id"))))
        _check_book(batch, number, book, currency)


def _check_amount(
    batch: Batch,
    number: int,
    row: _Row,
    before: Mapping[str, Any],
    *,
    has_lines: bool,
    is_file: bool,
) -> None:
    told = row.get("amount_source")
    if (told or before.get("amount_source")) != "lines" or not _differs(row, before):
        return
    if told == "lines" and is_file:
        del row["amount"]  # the sum when the file was written
        return
    if told is None and not has_lines:
        row["amount_source"] = "manual"
        return
    said = (
        "The amount of the deal is the sum of its lines: change those, or send "
        "amount_source=manual along with the amount."
    )
    batch.refuse(number, "amount", "counted_from_lines", said)


def _differs(row: _Row, before: Mapping[str, Any]) -> bool:
    """Tell whether an amount is sent that is another than before."""
    sent, held = row.get("amount"), before.get("amount")
    if "amount" not in row or sent is None or held is None:
        return "amount" in row and sent is not held
    return Decimal(str(sent)) != Decimal(str(held))


def _check_book(batch: Batch, number: int, book: str | None, currency: str) -> None:
    if book is not None and book != currency:
        said = f"The price book is in {book}, the deal in {currency}."
        batch.refuse(number, "price_book_id", "other_currency", said)


async def _books(context: Context, batch: Batch) -> dict[str, str]:
    """Return the currencies of the price books that a batch names, by their ids."""
    rows = (*batch.rows, *batch.before)
    named = {str(row["price_book_id"]) for row in rows if row.get("price_book_id")}
    if not named:
        return {}
    coming = await planned.made(context, "price_books", named)
    found = await context.read(
        Sql("select id::text, currency from price_books where id = any(%s::uuid[])", ([*named],))
    )
    return {each["id"]: each["currency"] for each in coming} | dict(found)


async def _lined(context: Context, batch: Batch) -> frozenset[str]:
    """Return the ids of deals that have lines."""
    found = await context.read(
        Sql(
            "select distinct deal_id::text from deal_lines "
            "where deal_id = any(%s::uuid[]) and deleted_at is null",
            ([row["id"] for row in batch.before],),
        )
    )
    return frozenset(one for (one,) in found)
