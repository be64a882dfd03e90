"""Reading the journal on from a cursor, and nothing of it twice or never.

`seq` alone would lose the changes of a transaction that began early and committed late. So the
order is by (era, xid, seq), up to the oldest transaction that still runs: what is below that is all
there. Eras count restores, after which transaction ids begin anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from pydantic_core import from_json

from cerebro_server.kernel.db import Sql, Transaction, settings
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
WRITE: Final = f"{_ERA}, pg_current_xact_id()"
"""What tells the transaction from others, as the journal has it: era and xid."""
_COLUMNS: Final = (
    "c.era, c.xid::text, c.seq, c.at, c.actor, c.on_behalf_of, c.request_id, c.operation_id, "
    "c.undoes, coalesce((select (o.options ->> 'silent')::boolean from operations o "
    "where o.id = c.operation_id), false), c.record_type, c.record_id, c.action, c.version, "
    "case when %s or c.record_type = any(%s) then c.diff end"
)
AFTER: Final = "(c.era, c.xid, c.seq) > (%s, %s::xid8, %s)"
"""The condition for changes `c` behind a cursor."""
_SETTLED: Final = f"(c.era < {_ERA} or c.xid < pg_snapshot_xmin(pg_current_snapshot()))"
_ORDER: Final = "order by c.era, c.xid, c.seq"

BEHIND: Final = """
select coalesce((
    select (c.era, c.xid, c.seq) > (r.era, r.xid, r.seq) from relay_cursor r left join lateral (
        select c.era, c.xid, c.seq from changes c
        order by c.era desc, c.xid desc, c.seq desc limit 1
    ) c on true
), not exists (select from relay_cursor))
"""
"""Whether there is something beyond the cursor, be it not settled yet: the last change is looked up
and compared. Asked whether any is beyond, the planner reads all of the journal, half a second at a
million changes, whenever the cursor is at its end."""
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


HERE: Final = f"(select {_ERA} as era, pg_snapshot_xmin(pg_current_snapshot()) as xid) n"
"""The place `n` up to which all is settled, as a FROM item."""
_ROW: Final = (
    "c.era, c.xid, c.seq, c.at, c.actor, c.on_behalf_of, c.request_id, c.operation_id, "
    "c.record_type, c.record_id, c.action, c.version, c.diff"
)
IN_ORDER: Final = settings(enable_sort="off", plan_cache_mode="force_generic_plan")
"""The settings for whatever reads in order. Of `(era, xid, seq) > …` the planner looks at the era
alone, which is almost always the same; so it expects next to nothing, and would sort all that
follows, be it millions, rather than read the first of them off the index. The plan is the same for
any cursor, and making it anew takes longer (2 ms) than to find that nothing follows."""
_LOOK: Final = 10_000  # changes that one statement looks at, where few of them fit

START: Final = Cursor(0, "0", 0)
"""Where the journal begins."""
END: Final = Sql(f"select n.era, n.xid::text, 0 from {HERE}")
"""Asks for the cursor at the end of what is settled."""


class Stretch(NamedTuple):
    """What follows a cursor, as far as one statement looked."""

    items: list[tuple[bytes, Cursor]]
    """Changes as JSON, each with the cursor behind it."""
    cursor: Cursor
    """Where to go on: behind all that was looked at, whether it fit or not."""
    is_end: bool
    """Whether that is all that is settled."""
    is_unsettled: bool
    """Whether something was committed behind it that has to wait for an older transaction."""


def stretch_statement(cursor: Cursor, *, row: Sql, joins: str, where: Sql, most: int) -> Sql:
    """Return the statement for `read_stretch`: the settled changes that follow a cursor and fit.

    `row` is the JSON of a change `c`, which may need `joins`; `where` is about `c` alone. It is all
    one statement, since it takes one snapshot to know the end of what was looked at.
    """
    place = (cursor.era, cursor.xid, cursor.seq)
    settled = f"from changes c where {AFTER} and {_SETTLED} {_ORDER}"
    text = (
        f"with page as materialized (select {row.text} as record, c.era, c.xid, c.seq from ("
        f"select {_ROW} from (select {_ROW} {settled} limit {_LOOK}) c "
        f"where {where.text} {_ORDER} limit %s) c {joins}), "
        f"edge as (select c.era, c.xid, c.seq {settled} offset {_LOOK - 1} "
        "limit case when (select count(*) from page) < %s then 1 else 0 end) "
        "select p.record, p.era, p.xid::text, p.seq, e.era, e.xid::text, e.seq, "
        # not `exists`, for which it would go through all of the table rather than the index
        "n.era, n.xid::text, coalesce((select true from changes c "
        f"where (c.era, c.xid, c.seq) > (n.era, n.xid, 0) {_ORDER} limit 1), false) "
        f"from {HERE} left join edge e on true left join page p on true "
        "order by p.era, p.xid, p.seq"
    )
    return Sql(text, (*row.params, *place, *where.params, most, *place, most))


def read_stretch(rows: Sequence[tuple[Any, ...]], cursor: Cursor, *, most: int) -> Stretch:
    """Read the rows of `stretch_statement`, of which there is at least one."""
    items = [(row[0], Cursor(*row[1:4])) for row in rows if row[0] is not None]
    edge, (era, xid, is_unsettled) = rows[0][4:7], rows[0][7:10]
    if len(items) == most:
        return Stretch(items, items[-1][1], is_end=False, is_unsettled=False)
    if edge[0] is not None:
        return Stretch(items, Cursor(*edge), is_end=False, is_unsettled=False)
    end = max(cursor, Cursor(era, xid, 0), key=_in_order)
    return Stretch(items, end, is_end=True, is_unsettled=is_unsettled)


def _in_order(cursor: Cursor) -> tuple[int, int, int]:
    return (cursor.era, int(cursor.xid), cursor.seq)


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
    statement = f"select {_COLUMNS} from changes c where {AFTER} and {_SETTLED} {_ORDER} limit %s"
    values = (nouns is None, list(nouns or ()), *cursor, most)
    rows = (await transaction.batch(IN_ORDER, Sql(statement, values)))[-1]
    return [_change(row) for row in rows], Cursor(*rows[-1][:3]) if rows else cursor


async def between(transaction: Transaction, first: Cursor, last: Cursor) -> list[Change]:
    """Return the changes after one cursor up to another; they were read once before."""
    statement = (
        f"select {_COLUMNS} from changes c where {AFTER} "
        f"and (c.era, c.xid, c.seq) <= (%s, %s::xid8, %s) {_ORDER}"
    )
    asked = Sql(statement, (True, [], *first, *last))
    rows = (await transaction.batch(IN_ORDER, asked))[-1]
    return [_change(row) for row in rows]


async def advance(transaction: Transaction, cursor: Cursor) -> None:
    """Move the cursor that the transaction holds."""
    await transaction.rows(Sql(_ADVANCE, tuple(cursor)))


def _change(row: tuple[Any, ...]) -> Change:
    *facts, diff = row[2:]
    return Change(*(*facts, from_json(diff) if diff is not None else {}))
