"""What is checked when quotas are written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.fields import Batch

OWNERS: Final = ("user_id", "team", "territory_id")
"""Whose a quota is: one of these."""
_MONTHS: Final = {"month": 1, "quarter": 3, "year": 12}
_STARTS: Final = {
    "month": "A month begins on its first day",
    "quarter": "A quarter begins on 1 January, April, July or October",
    "year": "A year begins on 1 January",
}


async def quotas(context: Context, batch: Batch) -> None:
    """Give new quotas their currency; refuse what is nobody's, or begins within a period."""
    for number, row in enumerate(batch.rows):
        row["currency"] = row.get("currency") or context.settings.base_currency
        _check(batch, number, row)


async def changed_quotas(context: Context, batch: Batch) -> None:
    """Refuse the same of quotas that are changed."""
    for number, (row, before) in enumerate(zip(batch.rows, batch.before, strict=True)):
        if not row.keys().isdisjoint((*OWNERS, "period", "period_start")):
            _check(batch, number, {**before, **row})


def _check(batch: Batch, number: int, held: Mapping[str, Any]) -> None:
    named = [name for name in OWNERS if held.get(name) is not None]
    if len(named) != 1:
        said = "A quota is that of one user, one team or one territory: send one of the three."
        where = named[1] if named else OWNERS[0]
        batch.refuse(number, where, "one_owner", said)
    begins = date.fromisoformat(str(held["period_start"]))
    period = str(held["period"])
    if begins.day != 1 or (begins.month - 1) % _MONTHS[period]:
        said = f"{_STARTS[period]}, not on {begins}."
        batch.refuse(number, "period_start", "not_a_start", said)
