"""How many records a filter fits: counted, or guessed by the planner where counting takes long."""

from __future__ import annotations

from typing import Literal, NamedTuple

from pydantic_core import from_json

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.records.reader import Selection, filtered

How = Literal["exact", "estimated"]
THRESHOLD = 10_000
"""Up to here an estimate is counted all the same."""


class Count(NamedTuple):
    """A number of records."""

    number: int
    is_exact: bool


async def count(
    context: Context, record_type: RecordType, selection: Selection, *, how: How
) -> Count:
    """Return how many records the caller may read and the selection fits, on all pages together.

    An estimate comes from the planner, which knows the filter and the caller's rows and runs
    nothing; where it expects few, they are counted, and no further than `THRESHOLD`.
    """
    context.actor.require(f"{record_type.name}:read")
    where = filtered(context, record_type, selection)
    rows = f"from {ident(record_type.table_name)} t where {where.text}"
    if how == "exact":
        [(found,)] = await context.read(Sql(f"select count(*) {rows}", where.params))
        return Count(found, True)
    few = f"select count(*) from (select {rows} limit {THRESHOLD + 1}) as few"
    if context.condition(record_type, "read") is not None:
        # what the planner expects tells of rows that the caller may not read
        [(found,)] = await context.read(Sql(few, where.params))
        if found <= THRESHOLD:
            return Count(found, True)
    [(plan,)] = await context.read(Sql(f"explain (format json) select {rows}", where.params))
    expected = _rows(plan)
    if expected > THRESHOLD:
        return Count(expected, False)
    [(found,)] = await context.read(Sql(few, where.params))
    return Count(found, found <= THRESHOLD)


async def counted(
    page: bytes, context: Context, record_type: RecordType, selection: Selection, *, how: How
) -> bytes:
    """Add to a page how many records there are on all pages together."""
    found = await count(context, record_type, selection, how=how)
    exact = "true" if found.is_exact else "false"
    return page[:-1] + f',"count":{found.number},"count_is_exact":{exact}}}'.encode()


def _rows(plan: bytes) -> int:
    return int(from_json(plan)[0]["Plan"]["Plan Rows"])
