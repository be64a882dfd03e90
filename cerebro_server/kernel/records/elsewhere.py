"""What happened to a record elsewhere, as entries of its timeline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import merge
from operator import itemgetter
from typing import Any

from pydantic_core import from_json

from cerebro_server.kernel.access import elsewhere as access
from cerebro_server.kernel.access.seeing import untold
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident, literal
from cerebro_server.kernel.fields import Elsewhere, RecordType
from cerebro_server.kernel.records import journal
from cerebro_server.kernel.records.differences import Change, told

Row = Sequence[Any]
_MADE = "created"
"""What products call the field of a change that is none: the record was made."""


def entries(
    context: Context,
    record_type: RecordType,
    record: Sql,
    kinds: Sql | None,
    *,
    after: Sequence[Any],
    limit: int,
) -> list[Sql]:
    """Return the statements for what happened elsewhere to the record that a query gives, in
    columns as the journal's entries have them, newest first; none where nothing tells of such.

    Whoever sees the record sees those that are about fields which they see. `after` is moment and
    id of the last one that was shown.
    """
    return [
        _entries(context, record_type, of, record, kinds, after=after, limit=limit)
        for of in tellers(context, record_type)
    ]


def tellers(
    context: Context, record_type: RecordType
) -> Iterator[tuple[RecordType, Elsewhere, str]]:
    """Yield the nouns that tell what happened to records of another elsewhere: how, and in which
    column they name them."""
    for other in context.catalog.values():
        if (how := other.elsewhere) is not None:
            for column, end in other.ends.items():
                if end.name == record_type.name:
                    yield other, how, column


def _entries(
    context: Context,
    record_type: RecordType,
    of: tuple[RecordType, Elsewhere, str],
    record: Sql,
    kinds: Sql | None,
    *,
    after: Sequence[Any],
    limit: int,
) -> Sql:
    other, named, column = of
    at = ident(named.at)
    closed = access.of_field(other, column, untold(context.seen(record_type)))
    conditions = [Sql(f"t.{ident(column)} = about.id and t.deleted_at is null")]
    conditions += [closed] if closed else []
    if after[0] is not None:
        conditions.append(Sql(f"(t.{at}, t.id) < (%s::timestamptz, %s::uuid)", tuple(after)))
    where = Sql.both(*conditions)
    said = ", ".join(
        f"t.{ident(column)} as {ident(name)}"
        for column, name in ((named.at, "at"), (named.by, "by"), (named.source, "source"))
    )
    pair = f"jsonb_build_array(t.{ident(named.old)}, t.{ident(named.new)})"
    only = Sql(f" where {kinds.text}", kinds.params) if kinds else Sql("")
    most = limit if kinds is None else None
    return Sql(
        f"(select null::bigint, c.at, {_actor(context)}, c.diff, null::json, "
        "c.action, null::integer, null::text, c.id, c.source, null::text, null::text "
        f"from ({record.text}) about, lateral ("
        f"select t.id, {said}, {_action(named)} as action, "
        f"jsonb_build_object(t.{ident(named.field)}, {pair}) as diff "
        f"from {ident(other.table_name)} t where {where.text} order by t.{at} desc, t.id desc "
        f"limit %s) c left join users u on fold(u.email) = fold(c.by) "
        f"and u.deleted_at is null{only.text} "
        "order by c.at desc, c.id desc limit %s)",
        (*record.params, *where.params, most, *only.params, limit),
    )


def _action(named: Elsewhere) -> str:
    is_made = f"t.{ident(named.field)} = {literal(_MADE)} and t.{ident(named.new)} is null"
    return f"case when {is_made} then 'created' else 'updated' end"


def _actor(context: Context) -> str:
    """Return who did it there as JSON, with where that was; a user here by name and id."""
    name = "coalesce(u.name, c.by)" if journal.tells_name(context, "users") else "c.by"
    return (
        "json_build_object('type', 'elsewhere', 'id', u.id, 'name', "
        f"coalesce({name} || ' (' || c.source || ')', c.source))"
    )


def merged(here: Sequence[Row], there: Sequence[Row]) -> list[Row]:
    """Return the entries of both sides, newest first. Each keeps its own order: that of the journal
    is of numbers, which times follow but for microseconds."""
    earlier = sorted(there, key=itemgetter(1, 8), reverse=True)
    latest: Any = None
    timed = []
    for row in here:  # no entry of the journal stands behind one that is older
        latest = row[1] if latest is None else min(latest, row[1])
        timed.append((latest, row))
    both = merge(timed, ((row[1], row) for row in earlier), key=itemgetter(0), reverse=True)
    return [row for _, row in both]


def changes(shown: RecordType, row: Row) -> list[Change]:
    """Return what a row says that changed, as people read it; of one that was made, nothing."""
    if row[5] == "created":
        return []
    return [told(shown, name, *pair) for name, pair in from_json(row[3]).items()]
