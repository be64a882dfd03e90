"""Records before they were here, as histories tell that came with imports.

The journal begins when a record comes here. Of the time before, the rows of its history say in
which stage it was, and what was known of it when it came there; changes that were imported say more
of amounts and days. What neither tells is as it was when the record came.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import Column, Date, Numeric

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident, literal
from cerebro_server.kernel.fields import Elsewhere, RecordType, Stays
from cerebro_server.kernel.records.elsewhere import tellers
from cerebro_server.kernel.records.past import rebuilding
from cerebro_server.kernel.records.past.moments import Moment
from cerebro_server.kernel.records.past.rebuilding import NOW
from cerebro_server.kernel.records.statements import completed

NEWER: Final = '"_newer"'
"""The ids of those that came after the moment, and are there."""
MOMENT: Final = '"_moment"'
"""The moment that is looked at, `at`."""
_HOLDING: Final = '"_holding"'
"""Of each of them the row of its history that held at the moment."""
_KNOWN: Final = '"_known"'
"""Which columns the imported rows of its history tell at all."""
_ELSEWHERE: Final = '"_elsewhere"'
"""What imported changes say: the latest before the moment, and the next after it."""


def _of(
    context: Context, record_type: RecordType, moment: Moment
) -> tuple[RecordType, Stays] | None:
    """Return the history that tells what records of a noun were before they were here; of a moment
    that the journal alone tells of, none."""
    for other in context.catalog.values() if moment.told else ():
        stays = other.stays
        if stays is not None and stays.noun == record_type.name and stays.holds:
            return other, stays
    return None


async def reach(context: Context, record_type: RecordType, moment: Moment) -> bool:
    """Whether histories tell of a moment what a record was that was not here yet."""
    history = _of(context, record_type, moment)
    if history is None:
        return False
    newer, holding = _newer(record_type, moment), _holding(*history, moment)
    [(is_told,)] = await context.read(
        Sql(
            f"with {NOW} as not materialized ({rebuilding.whole(record_type)}), {newer.text} "
            f"select exists({holding.text})",
            (*newer.params, *holding.params),
        )
    )
    return bool(is_told)


def told(context: Context, record_type: RecordType, moment: Moment) -> list[Sql]:
    """Return the CTEs that `before` reads; none where histories tell nothing."""
    history = _of(context, record_type, moment)
    if history is None:
        return []
    holding = _holding(*history, moment)
    parts = [
        Sql(f"{MOMENT} as (select %s::timestamptz as at)", (moment.told,)),
        _newer(record_type, moment),
        Sql(f"{_HOLDING} as materialized ({holding.text})", holding.params),
        Sql(f"{_KNOWN} as materialized ({_known(*history)})"),
    ]
    if (elsewhere := next(tellers(context, record_type), None)) is not None:
        said = _changes(*elsewhere, _read(record_type, history[1]).values())
        parts.append(Sql(f"{_ELSEWHERE} as materialized ({said})"))
    return parts


def before(
    context: Context, record_type: RecordType, fields: tuple[str, ...] | None, moment: Moment
) -> Sql | None:
    """Return the FROM item `t` with records as histories tell that they were before they came, or
    None. Where these `fields` are what a statement goes by, what else it reads of them is as it was
    when they came; with None, as it is."""
    history = _of(context, record_type, moment)
    if history is None:
        return None
    stays = history[1]
    columns = record_type.table.columns
    held = {column: _value(columns[column], name) for name, column in stays.holds.items()}
    if (elsewhere := next(tellers(context, record_type), None)) is not None:
        for name, column in _read(record_type, stays).items():
            held[column.name] = _said(column, name, history, elsewhere[1])
    until = f"s.{ident(stays.until)}"
    is_last = f"{until} is null or {until} >= n.created_at"
    listed = ", ".join(f"{sql} as {ident(name)}" for name, sql in held.items())
    values = {name: f"b.{ident(name)}" for name in held} | {**stays.tells}
    names = ", ".join(
        f"{values.get(column.name, f'n.{ident(column.name)}')} as {ident(column.name)}"
        for column in columns
        if column.computed is None
    )
    came = rebuilding.as_they_came(record_type, fields, f"{NEWER} x join {NOW} n on n.id = x.id")
    said = f"left join {_ELSEWHERE} e on e.id = n.id" if elsewhere else ""
    rows = (
        f"select {names} from ({came}) n join {_HOLDING} s on s.{ident(stays.of)} = n.id "
        f"left join {_KNOWN} k on k.id = n.id {said} "
        f"cross join {MOMENT} m "
        f"cross join lateral (select {is_last} as is_last, {listed}) b "
        f"{stays.beside}"
    )
    return rebuilding.placed(completed(record_type, rows), moment.seq)


def _newer(record_type: RecordType, moment: Moment) -> Sql:
    older = rebuilding.is_older(moment)
    here = f"t.deleted_at is null and not ({older.text})"
    return Sql(f"{NEWER} as materialized (select t.id from {NOW} t where {here})", older.params)


def _holding(history: RecordType, stays: Stays, moment: Moment) -> Sql:
    """Select the rows of a history that held at a moment."""
    of_record, since, until = (ident(each) for each in (stays.of, stays.since, stays.until))
    return Sql(
        f"select {rebuilding.column_names(history, 's')} "
        f"from {ident(history.table_name)} s where s.deleted_at is null "
        f"and s.{of_record} in (select x.id from {NEWER} x) and s.{since} <= %s "
        f"and (s.{until} is null or s.{until} > %s)",
        (moment.told, moment.told),
    )


def _imported(history: RecordType, row: str) -> str:
    return "true" if history.told_where is None else history.told_where.format(row=row)


def _known(history: RecordType, stays: Stays) -> str:
    """Select which columns the imported rows of each record tell at all."""
    told = ", ".join(f"bool_or(s.{ident(n)} is not null) as {ident(n)}" for n in stays.holds)
    return (
        f"select s.{ident(stays.of)} as id, {told} from {ident(history.table_name)} s "
        f"where s.deleted_at is null and {_imported(history, 's')} "
        f"and s.{ident(stays.of)} in (select x.id from {NEWER} x) group by 1"
    )


def _read(record_type: RecordType, stays: Stays) -> dict[str, Column[Any]]:
    """Return the columns that a history holds, by what it calls them, and of which imported changes
    are read: amounts and days, which have one way to be written."""
    columns = {name: record_type.table.columns[there] for name, there in stays.holds.items()}
    return {n: column for n, column in columns.items() if isinstance(column.type, Numeric | Date)}


def _changes(noun: RecordType, how: Elsewhere, end: str, read: Iterable[Column[Any]]) -> str:
    """Select of each record what the latest change before a moment made of these columns, and what
    the next one after it found; what cannot be a value counts as nothing."""
    at = f"c.{ident(how.at)}"
    parts = []
    for column in read:
        of_field = f"c.{ident(how.field)} = {literal(column.name)}"
        for said, when, order in ((how.new, "<=", "desc"), (how.old, ">", "asc")):
            value = f"c.{ident(said)}"
            fits = f"({value} is null or {_as(column, value)} is not null)"
            counts = f"filter (where {of_field} and {at} {when} m.at and {fits})"
            for each, name in zip((value, at), _names(column, said), strict=True):
                first = f"array_agg({each} order by {at} {order}, c.id {order})"
                parts.append(f"({first} {counts})[1] as {name}")
    return (
        f"select c.{ident(end)} as id, {', '.join(parts)} from {ident(noun.table_name)} c "
        f"cross join {MOMENT} m where c.deleted_at is null "
        f"and c.{ident(end)} in (select x.id from {NEWER} x) group by 1"
    )


def _names(column: Column[Any], said: str) -> tuple[str, str]:
    """Return what is called the value of a column that a change says, and when that was."""
    return ident(f"{column.name}_{said}"), ident(f"{column.name}_{said}_at")


def _as(column: Column[Any], text: str) -> str:
    """Return a text as a value of a column; null where it cannot be one."""
    kind = column.type
    if not isinstance(kind, Numeric):
        return f"as_date({text})"
    limit = 10 ** ((kind.precision or 0) - (kind.scale or 0))
    number = f"as_number({text})"
    return f"case when abs({number}) < {limit} then round({number}, {kind.scale}) end"


def _is_silent(name: str) -> str:
    """Return the condition under which no row of a record's history tells of a column."""
    return f"s.{ident(name)} is null and k.{ident(name)} is not true"


def _value(column: Column[Any], name: str) -> str:
    """Return what a row of a history says of a column; where none of the record's tells of it, as
    it was when the record came."""
    return f"case when {_is_silent(name)} then n.{ident(column.name)} else s.{ident(name)} end"


def _said(column: Column[Any], name: str, history: tuple[RecordType, Stays], how: Elsewhere) -> str:
    """Return the same where imported changes may tell more: what was said last before the moment,
    or else what the next change found. A row that was written here says how the record came."""
    rows, stays = history
    new, since, old, until = (
        f"e.{each}" for said in (how.new, how.old) for each in _names(column, said)
    )
    is_silent = f"({_is_silent(name)} or not ({_imported(rows, 's')}))"
    return (
        f"case when {since} >= s.{ident(stays.since)} or {is_silent} and {since} is not null "
        f"then {_as(column, new)} when {is_silent} and {until} is not null "
        f"then {_as(column, old)} else {_value(column, name)} end"
    )
