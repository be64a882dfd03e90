"""What is checked and derived when price books and prices are written."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from cerebro_server.components.sales.rules import defaults
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.fields import Batch, Making
from cerebro_server.kernel.query import fold

FIXED: Final = ("price_book_id", "product_id")
"""What the price is of, and where."""


async def price_books(context: Context, batch: Batch) -> None:
    """Give price books a currency; take the mark from what was the default one of it where another
    gets it; refuse days that end before they begin."""
    await defaults.in_turn(context, batch, "price_books")
    [*found] = await context.read(
        Sql("select currency, id::text from price_books where is_default and deleted_at is null")
    )
    default: dict[str, str | None] = dict(found)
    for number, row in enumerate(batch.rows):
        before: dict[str, Any] = batch.before[number] if batch.before else {}
        currency = before.get("currency") or row.get("currency")
        currency = currency or context.settings.base_currency
        if not before:
            row["currency"] = currency
        elif row.get("currency") not in (None, currency):
            said = f"The currency of a price book never changes; it is {currency}."
            batch.refuse(number, "currency", "fixed", said)
        now = {**before, **row}
        own = before.get("id")
        if now.get("is_default") and now.get("deleted_at") is None:
            held = default.get(currency)
            if held not in (None, own):
                await defaults.move(context, batch, number, "price_books", str(held))
            default[currency] = own or ""
        begins, ends = now.get("valid_from"), now.get("valid_to")
        if begins and ends and str(begins) > str(ends):
            said = f"It would end on {ends}, before it begins on {begins}."
            batch.refuse(number, "valid_to", "ends_before_it_begins", said)


async def prices(context: Context, batch: Batch) -> None:
    """Let new prices hold from a quantity of 1 on, unless they say otherwise; refuse a second one
    for the same."""
    seen: set[tuple[str, str, Decimal]] = set()
    for number, row in enumerate(batch.rows):
        row["min_quantity"] = row.get("min_quantity") or Decimal(1)
        place = (str(row["price_book_id"]), str(row["product_id"]), row["min_quantity"])
        if place in seen:
            said = "An earlier row is the price of that product in that price book."
            batch.refuse(number, "product_id", "duplicate_key", said)
        seen.add(place)


async def changed_prices(context: Context, batch: Batch) -> None:
    """Refuse to make the price of one product, or in one price book, that of another."""
    for number, (row, before) in enumerate(zip(batch.rows, batch.before, strict=True)):
        for name in FIXED:
            if row.get(name) is not None and str(row[name]) != str(before[name]):
                what = name.removesuffix("_id").replace("_", " ")
                said = f"The {what} of a price never changes: delete it, and add another."
                batch.refuse(number, name, "fixed", said)


async def books_of_files(context: Context, batch: Batch, making: Making) -> None:
    """Let the default price book of a currency be the one that is: a file makes no other one."""
    rows = await context.read(
        Sql("select currency, name from price_books where is_default and deleted_at is null")
    )
    default: dict[str, str] = dict(rows)
    for row in batch.rows:
        name = default.get(row.get("currency") or context.settings.base_currency)
        if name is not None and row.get("is_default"):
            row["is_default"] = fold(str(row.get("name") or "")) == fold(name)


async def prices_of_files(context: Context, batch: Batch, making: Making) -> None:
    """Say from which quantity on prices hold, by which they are found again."""
    for row in batch.rows:
        row["min_quantity"] = row.get("min_quantity") or Decimal(1)
