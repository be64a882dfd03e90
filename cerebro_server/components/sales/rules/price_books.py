"""What is checked and derived when price books and prices are written."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.fields import Batch


async def price_books(context: Context, batch: Batch) -> None:
    """Give price books a currency; refuse a second default one for it, and days that end before
    they begin."""
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
        now = {**before, **row}
        own = before.get("id")
        if now.get("is_default") and now.get("deleted_at") is None:
            if default.get(currency) not in (None, own):
                said = (
                    f"Another price book is the default one of {currency}: set its is_default to "
                    "false first."
                )
                batch.refuse(number, "is_default", "default_taken", said)
            default[currency] = own or ""
        begins, ends = now.get("valid_from"), now.get("valid_to")
        if begins and ends and str(begins) > str(ends):
            said = f"It would end on {ends}, before it begins on {begins}."
            batch.refuse(number, "valid_to", "ends_before_it_begins", said)


async def prices(context: Context, batch: Batch) -> None:
    """Let new prices hold from a quantity of 1 on, unless they say otherwise."""
    for row in batch.rows:
        row["min_quantity"] = row.get("min_quantity") or Decimal(1)
