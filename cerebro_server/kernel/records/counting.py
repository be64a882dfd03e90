"""How many records a filter fits: counted, or told from a sample where counting takes long."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from pydantic_core import from_json

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.records.reader import Selection, filtered

How = Literal["exact", "estimated"]
CHEAP: Final = 1_000
"""What counting may cost, as the planner sees it, for an estimate to be one; 1 is a page read."""
SAMPLE: Final = 3_000
"""Records that are looked at otherwise; of twice as few, all are counted."""
_SIZE = "select reltuples from pg_class where oid = to_regclass(%s)"


class Count(NamedTuple):
    """A number of records."""

    number: int
    is_exact: bool


async def count(
    context: Context, record_type: RecordType, selection: Selection, *, how: How
) -> Count:
    """Return how many records the caller may read and the selection fits, on all pages together.

    An estimate is a count where an index makes that cheap, or where there are few. Otherwise some
    pages of the table are read: what fits there, of what the caller may read, stands for the rest.
    What is rarer than one in a thousand may be missed.
    """
    context.actor.require(f"{record_type.name}:read")
    where = filtered(context, record_type, selection)
    table = ident(record_type.table_name)
    rows = Sql(f"from {table} t where {where.text}", where.params)
    if how == "exact" or await _is_cheap(context, rows):
        return await _counted(context, rows)
    [(size,)] = await context.read(Sql(_SIZE, (record_type.table_name,)))
    if size <= 2 * SAMPLE:
        return await _counted(context, rows)
    sample = (
        f"select count(*) filter (where {where.text}), count(*) "
        f"from {table} t tablesample system ({100 * SAMPLE / size}) repeatable (0)"
    )
    [(found, seen)] = await context.read(Sql(sample, where.params))
    return Count(round(found * size / seen), False) if seen else await _counted(context, rows)


async def _counted(context: Context, rows: Sql) -> Count:
    [(found,)] = await context.read(Sql(f"select count(*) {rows.text}", rows.params))
    return Count(found, True)


async def _is_cheap(context: Context, rows: Sql) -> bool:
    """Ask the planner, who runs nothing. How many rows it expects stays here: that would tell of
    rows that the caller may not read."""
    [(plan,)] = await context.read(Sql(f"explain (format json) select {rows.text}", rows.params))
    return float(from_json(plan)[0]["Plan"]["Total Cost"]) <= CHEAP


async def counted(
    page: bytes, context: Context, record_type: RecordType, selection: Selection, *, how: How
) -> bytes:
    """Add to a page how many records there are on all pages together."""
    found = await count(context, record_type, selection, how=how)
    exact = "true" if found.is_exact else "false"
    return page[:-1] + f',"count":{found.number},"count_is_exact":{exact}}}'.encode()
