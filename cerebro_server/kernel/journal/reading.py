"""Reading the journal on from a cursor, and nothing of it twice or never.

`seq` alone would lose the changes of a transaction that began early and committed late. So the
order is by (era, xid, seq), up to the oldest transaction that still runs: what is below that is all
there. Eras count restores, after which transaction ids begin anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from pydantic_core import from_json

from cerebro_server.kernel.db import Sql, Transaction
from cerebro_server.kernel.journal.subscriber import Change


class Cursor(NamedTuple):
    """How far the journal was read."""

    era: int
    xid: str
    seq: int


_ERA: Final = """
(select pg_get_expr(d.adbin, d.adrelid)::integer from pg_attrdef d join pg_attribute a
    on a.attrelid = d.adrelid and a.attnum = d.adnum
    where d.adrelid = 'changes'::regclass and a.attname = 'era')
"""
_COLUMNS: Final = (
    "c.era, c.xid::text, c.seq, c.at, c.actor, c.on_behalf_of, c.request_id, c.operation_id, "
    "c.undoes, coalesce((select (o.options ->> 'silent')::boolean from operations o "
    "where o.id = c.operation_id), false), c.record_type, c.record_id, c.action, c.version, "
    "case when %s or c.record_type = any(%s) then c.diff end"
)
_AFTER: Final = "(c.era, c.xid, c.seq) > (%s, %s::xid8, %s)"
_SETTLED: Final = f"(c.era < {_ERA} or c.xid < pg_snapshot_xmin(pg_current_snapshot()))"
_ORDER: Final = "order by c.era, c.xid, c.seq"

BEHIND: Final = """
select exists (select from changes c, relay_cursor r
    where (c.era, c.xid, c.seq) > (r.era, r.xid, r.seq)) or not exists (select from relay_cursor)
"""
"""Whether there is something beyond the cursor, be it not settled yet."""
_HOLD: Final = "select era, xid::text, seq from relay_cursor for update skip locked"
_BEGIN: Final = f"""
insert into relay_cursor (era, xid, seq)
values ({_ERA}, pg_snapshot_xmin(pg_current_snapshot()), 0) on conflict do nothing
"""
_ADVANCE: Final = "update relay_cursor set era = %s, xid = %s::xid8, seq = %s"
SKIP: Final = f"""
insert into relay_cursor (era, xid, seq)
values ({_ERA}, pg_snapshot_xmin(pg_current_snapshot()), 0)
on conflict (id) do update set era = excluded.era, xid = excluded.xid, seq = 0
"""
"""Lets the cursor point to the end of what is settled: nobody wants to know what was before."""


async def hold(transaction: Transaction) -> Cursor | None:
    """Take hold of the workspace's cursor until the transaction ends; None while another has it.

    In a workspace that was never read, the journal is read from now on.
    """
    rows = (await transaction.batch(Sql(_BEGIN), Sql(_HOLD)))[-1]
    return Cursor(*rows[0]) if rows else None


async def after(
    transaction: Transaction, cursor: Cursor, *, nouns: Sequence[str] | None, most: int
) -> tuple[list[Change], Cursor]:
    """Return the changes that follow a cursor and are settled, and the cursor behind them.

    Those of other nouns come without their difference.
    """
    statement = f"select {_COLUMNS} from changes c where {_AFTER} and {_SETTLED} {_ORDER} limit %s"
    values = (nouns is None, list(nouns or ()), *cursor, most)
    rows = await transaction.rows(Sql(statement, values))
    return [_change(row) for row in rows], Cursor(*rows[-1][:3]) if rows else cursor


async def between(transaction: Transaction, first: Cursor, last: Cursor) -> list[Change]:
    """Return the changes after one cursor up to another; they were read once before."""
    statement = (
        f"select {_COLUMNS} from changes c where {_AFTER} "
        f"and (c.era, c.xid, c.seq) <= (%s, %s::xid8, %s) {_ORDER}"
    )
    rows = await transaction.rows(Sql(statement, (True, [], *first, *last)))
    return [_change(row) for row in rows]


async def advance(transaction: Transaction, cursor: Cursor) -> None:
    """Move the cursor that the transaction holds."""
    await transaction.rows(Sql(_ADVANCE, tuple(cursor)))


def _change(row: tuple[Any, ...]) -> Change:
    *facts, diff = row[2:]
    return Change(*(*facts, from_json(diff) if diff is not None else {}))
