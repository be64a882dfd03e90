"""What happened to one record: its journal as people read it, and the net of a stretch of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from pydantic_core import from_json, to_json

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.errors import Invalid
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.journal import reading
from cerebro_server.kernel.records import bounds, elsewhere, journal, reader, telling
from cerebro_server.kernel.records.differences import Change, in_order, readable
from cerebro_server.kernel.records.references import missing, resolve

_ENTRY = ("seq", "at", "actor", "action", "version", "request_id", "record_type", "diff")
_EXACTLY = json.JSONDecoder(parse_float=Decimal)
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

    What happened to it elsewhere and, with `related`, records that tell of it, such as calls, stand
    between what happened here, by their moments: the two are walked side by side, each by its own
    order, and a cursor says how far each has come.

    Raises `NotFound`, `AmbiguousReference`, `Invalid`, `InvalidCursor`.
    """
    also = telling.kinds(context, record_type) if related else []
    of_journal, others = _kinds(actions, also) if related else (actions, [])
    is_told = not others or bool(of_journal)
    kinds: Sql | None = Sql("false")
    if is_told:
        kinds = journal.happened(of_journal, parameter="actions", also=also)
    of_list = [record_type.name, "timeline", reference, actions or "", *(["all"] * related)]
    after = None if cursor is None else reader.read_cursor(context, cursor, of_list)
    # cursors of before had the number alone
    seq, *place = (*(after or (None,)), None, None)[:3]
    record_id, record = await _record(context, record_type, reference)
    diff = journal.shown_diff(context, [record_type])
    asked = _asked(context, record_type, (record, diff), kinds, seq=seq, limit=limit + 1)
    how: dict[str, Any] = {"after": place, "limit": limit + 1}
    told = [
        *elsewhere.entries(context, record_type, record, kinds, **how),
        *telling.entries(context, record_type, record_id, only=others, **how),
    ]
    # or all that happened to the record is sorted for its newest entries
    [(gathered,)] = await context.read(reading.IN_ORDER, _gathered([asked, *told]))
    if gathered is None:
        raise missing(context.seen(record_type), reference)
    rows = from_json(gathered)
    here = sorted((row for row in rows if row[0] is not None), key=lambda row: -row[0])
    there = [row for row in rows if row[_ID] is not None]
    found = elsewhere.merged(here, there)
    following = None
    if len(found) > limit:
        following = reader.write_cursor(context, _place(found[:limit], seq, place), of_list)
    shown = context.seen(record_type)
    items = [_entry(shown, row) for row in found[:limit]]
    return to_json({"items": items, "next_cursor": following})


def _gathered(parts: Sequence[Sql]) -> Sql:
    """Gather the rows of queries into one JSON array of arrays: fifty rows of twelve columns cost
    the driver more than all else. A difference stays a text, with numbers as they are."""
    every = " union all ".join(part.text for part in parts)
    names = [f"q{number}" for number in range(_TITLE + 1)]
    shown = ", ".join(
        f"{name}::text" if number == _DIFF else name for number, name in enumerate(names)
    )
    return Sql(
        f"select json_agg(json_build_array({shown})) from ({every}) q ({', '.join(names)})",
        tuple(param for part in parts for param in part.params),
    )


def _asked(
    context: Context,
    record_type: RecordType,
    of: tuple[Sql, Sql],
    kinds: Sql | None,
    *,
    seq: int | None,
    limit: int,
) -> Sql:
    """Return the query for the next entries of the journal; `of` gives the record, and what is
    shown of a difference. Of a record without any there is a row, too."""
    record, diff = of
    conditions = [_of_record(record_type), *([kinds] if kinds else [])]
    if seq is not None:
        conditions.append(Sql("c.seq < %s", (seq,)))
    where = Sql.both(*conditions)
    return Sql(
        f"select {_columns(context, record_type, diff)}, c.action, c.version, c.request_id, "
        "null::uuid, null::text, null::text, null::text "
        f"from ({record.text}) t left join lateral ("
        f"select {journal.columns(_ENTRY)} from changes c where {where.text} "
        f"order by c.seq desc limit %s) c on true {journal.ACTOR_JOINS}",
        (*diff.params, *record.params, *where.params, limit),
    )


def _kinds(actions: str | None, also: list[str]) -> tuple[str | None, list[str] | None]:
    """Take kinds apart: those of the journal, and those of records that tell of this one, `also`;
    None means all."""
    if actions is None:
        return None, None
    asked = [part.strip() for part in actions.split(",") if part.strip()]
    others = [one for one in asked if one in also]
    return ",".join(one for one in asked if one not in others), others


_DIFF, _ID, _SOURCE, _NOUN, _TITLE = 3, 8, 9, 10, 11
"""Of a row: the difference; the id of what is told in another place, where that is, or its noun and
title."""


def _place(rows: Sequence[Sequence[Any]], seq: int | None, place: Sequence[Any]) -> list[Any]:
    """Return how far both sides have come with these rows."""
    here = next((row[0] for row in reversed(rows) if row[0] is not None), seq)
    last = next((row for row in reversed(rows) if row[_ID] is not None), None)
    return [here, *(place if last is None else (last[1], last[_ID]))]


def _entry(shown: RecordType, row: Sequence[Any]) -> dict[str, Any]:
    at = f"{row[1].removesuffix('+00:00')}Z"  # sessions are in UTC
    signed = {"seq": row[0], "at": at, "actor": row[2]}
    entry = {**signed, "action": row[5], "version": row[6], "request_id": row[7]}
    if row[_NOUN] is not None:
        entry |= {"record_type": row[_NOUN], "record_id": row[_ID], "title": row[_TITLE]}
        entry["changes"] = []
        return entry
    entry["source"], entry["earlier_change_id"] = row[_SOURCE], row[_ID]
    if row[_ID] is None:
        entry["changes"] = _changes(shown, row[_DIFF], row[4])
    else:
        entry["changes"] = elsewhere.changes(shown, row)
    return entry


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
    _, record = await _record(context, record_type, reference)
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
    shown = context.seen(record_type)
    changes = [
        {**change, **_signed(row)}
        for row in rows
        if row[0] is not None
        for change in _changes(shown, row[3].decode(), from_json(row[4] or b"null"))
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


async def _record(context: Context, record_type: RecordType, reference: str) -> tuple[UUID, Sql]:
    """Return the record's id, and the query for it, empty where the caller may not read it."""
    context.actor.require(f"{record_type.name}:read")
    shown = context.seen(record_type)
    record_id = await resolve(context, shown, reference, deleted_too=True)
    where = Sql.both(Sql("t.id = %s", (record_id,)), *reader.readable(context, record_type))
    table = ident(record_type.table_name)
    return record_id, Sql(f"select t.id from {table} t where {where.text}", where.params)


def _of_record(record_type: RecordType) -> Sql:
    return Sql("c.record_id = t.id and c.record_type = %s", (record_type.name,))


def _columns(context: Context, record_type: RecordType, diff: Sql) -> str:
    names = journal.names(context, record_type)
    return f"c.seq, c.at, {journal.actor(context)}, {diff.text}, {names}"


def _signed(row: tuple[Any, ...]) -> dict[str, Any]:
    """Return number, moment and author of a change."""
    return {"seq": row[0], "at": row[1], "actor": from_json(row[2])}


def _changes(shown: RecordType, diff: str, names: Mapping[str, str] | None) -> list[Change]:
    found, _ = _EXACTLY.raw_decode(diff)  # PostgreSQL's, without blanks around it
    return readable(shown, found, names or {})


def _moment(version: int | None, action: str | None) -> Moment:
    return Moment(version or 0, _STATES.get(action, "living"))
