"""Rows as they were: a row as it is, with the first old value of all that changed after a moment.

The SQL of this module names the number of the moment `:seq`; `placed` puts it in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Column

from cerebro_server.kernel.db import Sql, ident, literal
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.fields.field import sql_type
from cerebro_server.kernel.query import Sort
from cerebro_server.kernel.records.past.moments import Moment
from cerebro_server.kernel.records.statements import completed

SEQ: Final = ":seq"
NOW: Final = '"_now"'
"""What statements call the rows of a noun as they are."""
TURNS: Final = "('created', 'deleted', 'restored', 'destroyed')"
_CONSTANT: Final = frozenset({"id", "created_at", "deleted_at"})
"""What no change touches, but for the end of a life and its beginning anew, which always count."""
_OF_ALL: Final = frozenset({"version", "updated_at"})
"""What every change touches."""
STRETCH: Final = 1 << 16
"""Changes that the index of the journal by field does not tell apart by number."""
LIFE: Final = ""
"""What that index calls the end of a life, and its beginning anew."""
KEYS: Final = "changed_fields(c.record_type, c.seq, c.action, c.diff)"
_LONGEST: Final = timedelta(minutes=10)
_COLUMN: Final = re.compile(r'\bt\.(?:"([a-z_][a-z0-9_]*)"|([a-z_][a-z0-9_]*))')


def placed(text: str, seq: int) -> Sql:
    """Put the number of a moment into SQL that names it."""
    return Sql(text.replace(SEQ, "%s"), (seq,) * text.count(SEQ))


def is_known(record_type: RecordType) -> bool:
    """Whether the journal tells all that the wire shows of a record."""
    told = {*record_type.plain.journaled.fields, *_CONSTANT, *_OF_ALL}
    columns = record_type.table.columns
    return all(
        name in told or columns[name].computed is not None for name in record_type.plain.columns
    )


def sources(record_type: RecordType, text: str) -> tuple[str, ...] | None:
    """Return the journaled fields that SQL about rows `t` goes by; None where any change counts.

    Inner rows are called `t`, too: some that are named are not this record's, which does no harm.
    """
    named = {quoted or plain for quoted, plain in _COLUMN.findall(text)}
    if named & _OF_ALL:
        return None
    columns = record_type.table.columns
    found = set(named)
    for name in named & set(columns.keys()):
        computed = columns[name].computed
        if computed is not None:
            found |= set(re.findall(r"\w+", str(computed.sqltext)))
    return tuple(sorted(found & {*record_type.plain.journaled.fields}))


def touching(record_type: RecordType, fields: Iterable[str] | None) -> str:
    """Return the condition for changes `c` after the moment that touch a record of this type in one
    of these fields, or its life; with None, in any."""
    mine = f"c.record_type = {literal(record_type.name)} and c.seq > {SEQ}"
    if fields is None:
        return mine
    listed = ", ".join(map(literal, fields))
    return f"{mine} and (c.action <> 'updated' or c.diff ?| array[{listed}]::text[])"


def touched(record_type: RecordType, fields: Iterable[str] | None) -> str:
    """Select the records that changes after the moment touch: `id`, and whether they are newer."""
    return (
        "select c.record_id as id, bool_or(c.action = 'created') as is_newer from changes c "
        f"where {touching(record_type, fields)} group by c.record_id"
    )


def netted(record_type: RecordType, fields: Iterable[str]) -> str:
    """Select the same with what `rebuilt_from` needs of these fields.

    Each field is a column of its own, NULL where it did not change: nothing is put together that
    would be taken apart again.
    """
    maps = {*record_type.plain.journaled.maps}
    oldest, mapped = [], []
    for name in fields:
        value = f"c.diff -> {literal(name)}"
        is_told = f"c.action <> 'created' and c.diff ? {literal(name)}"
        if name in maps:
            is_told = f"c.action <> 'created' and jsonb_typeof({value}) = 'array'"
            is_map = f"bool_or(c.action <> 'created' and jsonb_typeof({value}) = 'object')"
            mapped.append(f"case when {is_map} then {literal(name)} end")
        first = f"(array_agg({value} -> 0 order by c.seq) filter (where {is_told}))[1]"
        oldest.append(f"{first} as {former(name)}, ")
    return (
        f"select c.record_id as id, bool_or(c.action = 'created') as is_newer, {''.join(oldest)}"
        f"array[{', '.join(mapped)}]::text[] as maps, {_LIFE} as life "
        f"from changes c where {touching(record_type, fields)} group by c.record_id"
    )


def netted_long_since(record_type: RecordType, fields: Iterable[str], moment: Moment) -> Sql:
    """Select the same, but of those that are newer not all, off the index of the journal by field
    and stretch: however much else has changed since, that is not looked at.

    Each field is looked for by itself: one sort for all of them takes twice as long, for what each
    record had first is then put into an array and taken out again.
    """
    names = [*fields]
    maps = {*record_type.plain.journaled.maps}
    parts = [_since(record_type, LIFE, _TURN, moment)]
    for name in names:
        columns = _FIRST_OF_MAP if name in maps else _FIRST
        parts.append(_since(record_type, name, columns, moment))
    joined = " full join ".join(
        f"({part.text}) p{n}{' using (id)' if n else ''}" for n, part in enumerate(parts)
    )
    values = "".join(f"p{n}.was as {former(name)}, " for n, name in enumerate(names, start=1))
    mapped = ", ".join(
        f"case when p{n}.is_map then {literal(name)} end"
        for n, name in enumerate(names, start=1)
        if name in maps
    )
    return Sql(
        f"select id, false as is_newer, {values}array[{mapped}]::text[] as maps, p0.life "
        f"from {joined}",
        tuple(param for part in parts for param in part.params),
    )


def _since(record_type: RecordType, field: str, columns: str, moment: Moment) -> Sql:
    """Select what the first changes of a field since a moment say, of each record that has some."""
    # the sum keeps the planner from reading all that has a larger number
    where = f"{KEYS} && %s and c.action <> 'created' and c.seq + 0 > %s"
    text = columns.format(field=literal(field), where=where)
    return Sql(text, (keys_since(record_type.name, [field], moment), moment.seq))


def keys_since(noun: str, fields: Iterable[str], moment: Moment) -> list[str]:
    """Return what the index of the journal by field calls these fields since a moment."""
    stretches = range(moment.seq // STRETCH, moment.last // STRETCH + 1)
    return [f"{noun}.{field}@{stretch}" for field in fields for stretch in stretches]


def netted_columns(fields: Iterable[str], row: str) -> str:
    """Return the columns of a row of `netted`, comma-separated."""
    names = ("id", "is_newer", *map(former, fields), "maps", "life")
    return ", ".join(f"{row}.{name}" for name in names)


def former(name: str) -> str:
    """Return what rows of `netted` call the old value of a field."""
    return ident(f"{name}_was")


def is_older(moment: Moment) -> Sql:
    """Return the condition for rows `t` that were there at a moment. Only of those that were made
    about then the journal is asked: a row is made by a transaction, and none lasts so long."""
    if moment.is_before_all:
        return Sql("false")
    older = Sql(
        "(t.created_at < %s or (t.created_at < %s and not exists (select from changes c "
        "where c.record_id = t.id and c.seq > %s and c.action = 'created' offset 0)))",
        (moment.at - _LONGEST, moment.at + _LONGEST, moment.seq),
    )
    # what a dump has made since may seem older than it is
    made = Sql(
        "t.id not in (select c.record_id from operations o "
        "join operation_writes w on w.operation_id = o.id "
        "join changes c on c.era = w.era and c.xid = w.xid "
        "where o.kind = 'import' and o.started_at is not null "
        "and coalesce(o.ended_at, now()) >= %s and c.seq > %s and c.action = 'created')",
        (moment.at, moment.seq),
    )
    return Sql.both(older, made)


def is_not_newer(moment: Moment) -> Sql:
    """Return a condition that rows `t` fulfil which were there at a moment, and few others."""
    return Sql("t.created_at < %s", (moment.at + _LONGEST,))


@lru_cache(200)
def whole(record_type: RecordType) -> str:
    """Select the rows of a table as they are, `_row` being all of each in one."""
    names = ", ".join(f"t.{ident(column.name)}" for column in record_type.table.columns)
    return f'select {names}, t as "_row" from {ident(record_type.table_name)} t'


@lru_cache(500)
def rebuilt(record_type: RecordType, source: str) -> str:
    """Return the FROM item `t` with the rows `n` of a FROM clause as they were at the moment; what
    was created later is left out."""
    return completed(record_type, _stored(record_type, source))


@lru_cache(500)
def rebuilt_from(record_type: RecordType, fields: tuple[str, ...], source: str) -> str:
    """Return the same from rows `n` beside rows `a` of `netted`: only these fields, and whether it
    was deleted, are as they were. Each is read by itself: a record of them all costs twice that."""
    listed = _as_they_were(record_type, (*fields, "deleted_at"))
    return completed(
        record_type,
        f"select {listed} from {source} where not a.is_newer and a.life is distinct from 'created'",
    )


@lru_cache(500)
def as_they_came(record_type: RecordType, fields: tuple[str, ...] | None, source: str) -> str:
    """Select records `n` of a FROM clause that came after the moment, what PostgreSQL computes not
    among it: these fields as they were when they came, all else, and all with None, as it is."""
    if fields is None:
        return f"select {_as_they_were(record_type, ())} from {source}"
    listed = _as_they_were(record_type, fields)
    return f'select {listed} from {source} left join "_changed" a on a.id = n.id'


def _as_they_were(record_type: RecordType, fields: tuple[str, ...]) -> str:
    """Return the columns of rows `n` with these as rows `a` of `netted` tell them."""
    columns = record_type.table.columns
    shown = _special(record_type)
    values = {name: _oldest(columns[name]) for name in fields if name in columns}
    values |= {name: shown[name] for name in fields if name in shown}
    return ", ".join(
        f"{values.get(column.name, f'n.{ident(column.name)}')} as {ident(column.name)}"
        for column in columns
        if column.computed is None
    )


def ordered(record_type: RecordType, fields: Iterable[str], sort: Sort, source: str) -> str:
    """Select the rows `a` of `netted` of these fields that a FROM clause holds and that tell all
    that a sort goes by, in its order and with its keys `k0`, …: without a look at their records."""
    columns = record_type.table.columns
    names = _sorted_by(sort) - {"id"}
    were = ", ".join(["a.id", *(f"{_oldest(columns[each])} as {ident(each)}" for each in names)])
    keys = ", ".join(f"{key.sql} as k{number}" for number, key in enumerate(sort.keys))
    # no row, but the columns whose collations the values take
    own = f"select {column_names(record_type)} from {ident(record_type.table_name)}"
    nothing = f"left join ({own} where false) n on true"
    return (
        f"select {netted_columns(fields, 'a')}, {keys} "
        f"from {source} {nothing} cross join lateral (select {were}) t "
        f"where {is_told(sort)} order by {sort.order_by} offset 0"
    )


def is_told(sort: Sort) -> str:
    """Return the condition for rows `a` of `netted` that tell all that a sort goes by."""
    return " and ".join(f"a.{former(name)} is not null" for name in _sorted_by(sort) - {"id"})


def may_be_told(record_type: RecordType, fields: Iterable[str], sort: Sort) -> bool:
    """Whether what is netted of these fields can tell all that a sort goes by."""
    named = _sorted_by(sort) - {"id"}
    plain = {*fields} - {*record_type.plain.journaled.maps}
    return bool(named) and named <= plain & {*record_type.table.columns.keys()}


def _sorted_by(sort: Sort) -> set[str]:
    return {quoted or plain for key in sort.keys for quoted, plain in _COLUMN.findall(key.sql)}


def _oldest(column: Column[Any]) -> str:
    """Return the value of a column as `netted` has it, else as it is."""
    was, kind = f"a.{former(column.name)}", sql_type(column)
    old = {
        "text": f"{was} #>> '{{}}'",
        "jsonb": f"nullif({was}, 'null')",
        "text[]": f"case jsonb_typeof({was}) when 'array' then "
        f"array(select jsonb_array_elements_text({was})) end",
    }.get(kind, f"({was} #>> '{{}}')::{kind}")
    return f"case when {was} is not null then {old} else n.{ident(column.name)} end"


@lru_cache(200)
def column_names(record_type: RecordType, row: str = "") -> str:
    """Return the columns of a table, or of a row of it, comma-separated."""
    of_row = f"{row}." if row else ""
    return ", ".join(f"{of_row}{ident(column.name)}" for column in record_type.table.columns)


def shadow(record_type: RecordType, *, with_newer: bool = False) -> str:
    """Select all rows of a table as they were at the moment; on demand with those that came later,
    as they are."""
    table, names = ident(record_type.table_name), column_names(record_type)
    of_row = f"c.record_id = n.id and {touching(record_type, None)}"
    later = (
        f"({touched(record_type, None)}) x cross join lateral "
        f"({whole(record_type)} where t.id = x.id and not x.is_newer offset 0) n"
    )
    newer = f"select x.id from ({touched(record_type, None)}) x where x.is_newer"
    more = f" union all select {names} from {table} n where n.id in ({newer})"
    return (
        f"select {names} from {table} n where not exists (select from changes c where {of_row}) "
        f"union all select {names} from {rebuilt(record_type, later)}{more if with_newer else ''}"
    )


@lru_cache(500)
def _stored(record_type: RecordType, source: str) -> str:
    later, earlier = _later(record_type), _earlier(record_type)
    values = {
        **_special(record_type),
        "version": "case when a.version is null then n.version "
        "else coalesce(b.version, a.version - 1) end",
        "updated_at": "case when a.version is null then n.updated_at "
        "else coalesce(b.at, n.created_at) end",
    }
    listed = ", ".join(
        f"{values.get(column.name, f'r.{ident(column.name)}')} as {ident(column.name)}"
        for column in record_type.table.columns
        if column.computed is None
    )
    return (
        f"select {listed} from {source} cross join lateral ("
        f"select {_OLDEST}, (array_agg(c.version order by c.seq))[1] as version "
        f"from changes c left join lateral jsonb_each(c.diff) e on true where {later}) a "
        f"left join lateral (select c.version, c.at from changes c where {earlier} "
        "order by c.seq desc limit 1) b on a.version is not null "
        "cross join lateral jsonb_populate_record(n.\"_row\", coalesce(a.fields, '{}')) r "
        "where a.life is distinct from 'created'"
    )


_FIRST: Final = (
    "select distinct on (c.record_id) c.record_id as id, c.diff -> {field} -> 0 as was "
    "from changes c where {where} order by c.record_id, c.seq"
)
_FIRST_OF_MAP: Final = (
    "select c.record_id as id, (array_agg(c.diff -> {field} -> 0 order by c.seq) "
    "filter (where jsonb_typeof(c.diff -> {field}) = 'array'))[1] as was, "
    "bool_or(jsonb_typeof(c.diff -> {field}) = 'object') as is_map "
    "from changes c where {where} group by c.record_id"
)
_TURN: Final = (
    "select distinct on (c.record_id) c.record_id as id, "
    f"case when c.action in {TURNS} then c.action end as life from changes c "
    f"where {{where}} order by c.record_id, (c.action in {TURNS}) desc, c.seq"
)
_LIFE: Final = f"(array_agg(c.action order by c.seq) filter (where c.action in {TURNS}))[1]"
_OLDEST: Final = (  # of several values of a key the last counts, which by this order is the oldest
    "jsonb_object_agg(e.key, e.value -> 0 order by c.seq desc) "
    "filter (where jsonb_typeof(e.value) = 'array') as fields, "
    "array_agg(e.key) filter (where jsonb_typeof(e.value) = 'object') as maps, "
    f"{_LIFE} as life"
)


@lru_cache(200)
def _special(record_type: RecordType) -> Mapping[str, str]:
    """Return the columns of a row `n` that take more than its oldest values `a`: maps, key by key,
    and whether it was deleted."""
    values = {
        "deleted_at": "case a.life when 'deleted' then null when 'restored' then ("
        f"select c.at from changes c where {_earlier(record_type)} and c.action = 'deleted' "
        "order by c.seq desc limit 1) else n.deleted_at end",
    }
    for name in record_type.plain.journaled.maps:
        column = f"n.{ident(name)}"
        values[name] = (
            f"case when {literal(name)} = any(a.maps) then jsonb_strip_nulls({column} || ("
            "select jsonb_object_agg(m.key, m.value -> 0 order by c.seq desc) from changes c, "
            f"jsonb_each(c.diff -> {literal(name)}) m where {_later(record_type)} "
            "and c.action <> 'created')) "
            f"else {column} end"
        )
    return values


def _later(record_type: RecordType) -> str:
    return f"{_mine(record_type)} and c.seq > {SEQ}"


def _earlier(record_type: RecordType) -> str:
    return f"{_mine(record_type)} and c.seq <= {SEQ}"


def _mine(record_type: RecordType) -> str:
    return f"c.record_id = n.id and c.record_type = {literal(record_type.name)}"
