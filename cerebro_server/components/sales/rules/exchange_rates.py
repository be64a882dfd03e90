"""What is checked and derived when exchange rates are written."""

from __future__ import annotations

from typing import Final

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.fields import Batch

FIXED: Final = ("currency", "day")
"""What tells one rate from another."""


async def rates(context: Context, batch: Batch) -> None:
    """Give new rates their key, and refuse one of the base currency."""
    base = context.settings.base_currency
    for number, row in enumerate(batch.rows):
        row["key"] = "@".join(str(row[name]) for name in FIXED)
        if row["currency"] == base:
            said = f"{base} is the base currency: its rate is always 1. Leave this one out."
            batch.refuse(number, "currency", "base_currency", said)


async def changed_rates(context: Context, batch: Batch) -> None:
    """Refuse to make one rate another."""
    for number, (row, before) in enumerate(zip(batch.rows, batch.before, strict=True)):
        for name in FIXED:
            if name in row and str(row[name]) != str(before[name]):
                said = f"The {name} of a rate never changes: delete this one, and add another."
                batch.refuse(number, name, "fixed", said)
