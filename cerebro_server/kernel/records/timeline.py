"""What happened to one record: its journal as people read it, and the net of a stretch of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from pydantic_core import from_json, to_json

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.errors import Invalid
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.records import bounds, journal, reader, telling
from cerebro_server.kernel.records.differences import Change, in_order, readable
from cerebro_server.kernel.records.references import missing, resolve

_STATES = {None: "absent", "deleted": "deleted", "destroyed": "absent"}


class Moment(NamedTuple):
    """The record at one end of a stretch."""

    version: int
    """0: there was none yet."""
    state: str
    """`absent`, `living` or `deleted`."""


async def page(
    context: Context,
    record_type: RecordType,
    reference: str,
    *,
    actions: str | None,
    limit: int,
    cursor: str | None,
    related: bool = False,
) -> bytes:
    """Return one page of a record's timeline as JSON, newest first; a deleted record has one, too.

    With `related`, records that tell of it, such as calls, stand in it by their own moments.
    Raises `NotFound`, `AmbiguousReference`, `Invalid`, `InvalidCursor`.
    """
    of_journal, others = _kinds(context, record_type, actions) if related else (actions, None)
    of_list = [record_type.name, "timeline", reference, actions or "", *(["all"] * related)]
    after = None if cursor is None else reader.read_cursor(context, cursor, of_list)
    record = await _record(context, record_type, reference)
    is_told = not others or bool(of_journal)
    also = telling.kinds(context, record_type) if related else ()
    kinds = journal.happened(of_journal, parameter="actions", also=also) if is_told else None
    where = Sql.both(_of_record(record_type), *([kinds] if kinds else []))
    if related:
        how: dict[str, Any] = {"only": others, "after": after, "limit": limit + 1}
        told = where if is_told else None
        entries = telling.entries(context, record_type, record.params[0], told, **how)
    else:
        where = Sql.both(where, *([Sql("c.seq < %s", after)] if after is not None else []))
        entries = Sql(
            f"select {journal.columns(telling.ENTRY)}, null::uuid as told_id, null as title "
            f"from changes c where {where.text} order by c.seq desc limit %s",
            (*where.params, limit + 1),
        )
    diff = journal.shown_diff(context, [record_type])
    rows = await context.read(
        Sql(
            f"select {_columns(context, record_type, diff)}, c.action, c.version, c.request_id, "
            f"c.record_type, c.told_id, c.title from ({record.text}) t left join lateral ("
            f"{entries.text}) c on true {journal.ACTOR_JOINS} "
            f"order by {telling.ORDER if related else 'c.seq desc'}",
            (*diff.params, *record.params, *entries.params),
        )
    )
    if not rows:
        raise missing(context.seen(record_type), reference)
    found = [row for row in rows if row[0] is not None]
    following = None
    if len(found) > limit:
        seq, at = found[limit - 1][:2]
        last = [at.isoformat(), seq] if related else [seq]
        following = reader.write_cursor(context, last, of_list)
    items = [_entry(context, record_type, row) for row in found[:limit]]
    return to_json({"items": items, "next_cursor": following})


def _entry(context: Context, record_type: RecordType, row: tuple[Any, ...]) -> dict[str, Any]:
    action, version, request_id, noun, told_id, title = row[5:11]
    entry = {**_signed(row), "action": action, "version": version, "request_id": request_id}
    if told_id is None:
        return {**entry, "changes": _changes(context, record_type, row)}
    return {**entry, "record_type": noun, "record_id": told_id, "title": title, "changes": []}


def _kinds(
    context: Context, record_type: RecordType, actions: str | None
) -> tuple[str | None, list[str] | None]:
    """Take kinds apart: those of the journal, and those of records that tell of this one; None
    means all."""
    if actions is None:
        return None, None
    asked = [part.strip() for part in actions.split(",") if part.strip()]
    others = [one for one in asked if one in telling.kinds(context, record_type)]
    return ",".join(one for one in asked if one not in others), others


async def difference(
    context: Context,
    record_type: RecordType,
    reference: str,
    *,
    since: str | None,
    until: str | None,
) -> bytes:
    """Return what became of a record between two moments, as JSON: one net change for each field
    or key of a map that differs, with who changed it last.

    Raises `NotFound`, `AmbiguousReference`, and `Invalid` for moments that are none.
    """
    before = bounds.since(context, since, of_record=True)
    end = bounds.until(context, until, of_record=True)
    record = await _record(context, record_type, reference)
    of_record = _of_record(record_type)
    diff = journal.shown_diff(context, [record_type])
    net = _net(of_record, before, end)
    state = "select c.version, c.action from changes c where {} order by c.seq desc limit 1"
    was, is_ = (Sql.both(of_record, bound) for bound in (before, end))
    rows = await context.read(
        Sql(
            f"select {_columns(context, record_type, diff)}, "
            "t.id, a.version, a.action, b.version, b.action "
            f"from ({record.text}) t "
            f"left join lateral ({state.format(was.text)}) a on true "
            f"left join lateral ({state.format(is_.text)}) b on true "
            f"left join lateral ({net.text}) c on true {journal.ACTOR_JOINS}",
            (*diff.params, *record.params, *was.params, *is_.params, *net.params),
        )
    )
    if not rows:
        raise missing(context.seen(record_type), reference)
    record_id, first, last = rows[0][5], _moment(*rows[0][6:8]), _moment(*rows[0][8:10])
    if first.version > last.version:
        said = "It begins after its end: `since` must lie before `until`."
        raise Invalid(said, errors=[{"parameter": "since", "code": "order", "detail": said}])
    return _reply(context, record_type, record_id, ends=(first, last), rows=rows)


def _reply(
    context: Context,
    record_type: RecordType,
    record_id: UUID,
    *,
    ends: tuple[Moment, Moment],
    rows: Sequence[tuple[Any, ...]],
) -> bytes:
    changes = [
        {**change, **_signed(row)}
        for row in rows
        if row[0] is not None
        for change in _changes(context, record_type, row)
    ]
    first, last = ends
    return to_json(
        {
            "record_type": record_type.name,
            "record_id": record_id,
            "from_version": first.version,
            "from_state": first.state,
            "to_version": last.version,
            "to_state": last.state,
            "changes": in_order(record_type, changes),
        }
    )


def _net(of_record: Sql, before: Sql, end: Sql) -> Sql:
    """Select, for each field or key whose value differs in the end, its first old and last new
    value as a difference of its own, with the last change of it.

    The changes of one record have its lock, so their order is that of `seq`.
    """
    where = Sql.both(of_record, end)
    return Sql(
        "select l.seq, l.at, l.actor, l.record_type, "
        "jsonb_build_object(n.field, case when n.key is null "
        "then jsonb_build_array(n.old, n.new) "
        "else jsonb_build_object(n.key, jsonb_build_array(n.old, n.new)) end) as diff "
        "from (select p.field, p.key, (array_agg(p.old order by c.seq))[1] as old, "
        "(array_agg(p.new order by c.seq desc))[1] as new, max(c.seq) as seq "
        "from changes c, lateral ("
        "select e.key, null, e.value -> 0, e.value -> 1 from jsonb_each(c.diff) e "
        "where jsonb_typeof(e.value) = 'array' union all "
        "select e.key, m.key, m.value -> 0, m.value -> 1 from jsonb_each(c.diff) e, jsonb_each("
        "case when jsonb_typeof(e.value) = 'object' then e.value else '{}' end) m"
        f") as p(field, key, old, new) where {where.text} and ({before.text}) is not true "
        "group by p.field, p.key) n join changes l on l.record_id = t.id and l.seq = n.seq "
        "where n.old is distinct from n.new",
        (*where.params, *before.params),
    )


async def _record(context: Context, record_type: RecordType, reference: str) -> Sql:
    """Return the query for the record's id, empty where the caller may not read it."""
    context.actor.require(f"{record_type.name}:read")
    shown = context.seen(record_type)
    record_id = await resolve(context, shown, reference, deleted_too=True)
    where = Sql.both(Sql("t.id = %s", (record_id,)), *reader.readable(context, record_type))
    return Sql(
        f"select t.id from {ident(record_type.table_name)} t where {where.text}", where.params
    )


def _of_record(record_type: RecordType) -> Sql:
    return Sql("c.record_id = t.id and c.record_type = %s", (record_type.name,))


def _columns(context: Context, record_type: RecordType, diff: Sql) -> str:
    names = journal.names(context, record_type)
    return f"c.seq, c.at, {journal.actor(context)}, {diff.text}, {names}"


def _signed(row: tuple[Any, ...]) -> dict[str, Any]:
    """Return number, moment and author of a change."""
    return {"seq": row[0], "at": row[1], "actor": from_json(row[2])}


def _changes(context: Context, record_type: RecordType, row: tuple[Any, ...]) -> list[Change]:
    diff = json.loads(row[3], parse_float=Decimal)
    names = from_json(row[4]) if row[4] else {}
    return readable(context.seen(record_type), diff, names)


def _moment(version: int | None, action: str | None) -> Moment:
    return Moment(version or 0, _STATES.get(action, "living"))
