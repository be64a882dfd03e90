"""Reading records as they were: the ordinary statements over rows of another time.

Records whose changes since then touch nothing that a list goes by are read where they stand, in
the order of an index; the others are rebuilt first. What fills the page is then rebuilt for good.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal
from uuid import UUID

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, settings
from cerebro_server.kernel.errors import Problem
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.query import Sort, format_query
from cerebro_server.kernel.records import merged, paging, reader
from cerebro_server.kernel.records.past import rebuilding, views, walking
from cerebro_server.kernel.records.past.moments import PARAMETER, Moment, found_before, moment
from cerebro_server.kernel.records.past.rebuilding import placed
from cerebro_server.kernel.records.past.references import resolve
from cerebro_server.kernel.records.projection import WIRE_JSON, wire_row
from cerebro_server.kernel.records.references import missing
from cerebro_server.kernel.records.writer import Written, deleted

_SETTINGS: Final = {
    known: settings(max_parallel_workers_per_gather="0", work_mem="64MB", plan_cache_mode=mode)
    for known, mode in ((True, "force_generic_plan"), (False, "force_custom_plan"))
}
"""For a page: to plan it anew each time, to start other processes, or to sort changes on disk,
takes longer than all the rest. But how a text begins has to be known for an index to find it."""
_BEGINS: Final = "^@"


async def get(
    context: Context, record_type: RecordType, reference: str, *, as_of: str, deleted_too: bool
) -> Written:
    """Return one record as it was at a moment; of one that had been merged, what it became.

    Raises `Invalid`, `NotFound`, `RecordDeleted`, `AmbiguousReference`.
    """
    views.check(context, record_type)
    shown = context.seen(record_type)
    then = await moment(context, record_type, as_of)
    try:
        record_id = await resolve(
            context, record_type, reference, moment=then, deleted_too=deleted_too
        )
        rows = await _one(context, record_type, record_id, then)
        if not rows or (rows[0][1] is not None and not deleted_too):
            survivor = await merged.survivor(context, record_type, record_id, seq=then.seq)
            if survivor is not None:
                there = await _one(context, record_type, survivor, then)
                if there and there[0][1] is None:
                    record_id, rows = survivor, there
        if not rows:
            raise missing(shown, reference)
        version, deleted_at, json = rows[0]
        if deleted_at is not None and not deleted_too:
            raise deleted(record_type, reference)
    except Problem as problem:
        raise _dated(problem, then) from None
    return Written(record_id, version, json)


def _dated(problem: Problem, then: Moment) -> Problem:
    """Say of which moment a problem is."""
    problem.detail = f"{problem.detail} That is as of {then.text}."
    return problem


async def _one(
    context: Context, record_type: RecordType, record_id: UUID, then: Moment
) -> list[tuple[Any, ...]]:
    """Select a record that the caller might and may read: version, since when it was deleted,
    JSON."""
    where = Sql.both(*reader.readable(context, record_type))
    view = views.view(context, record_type, then, mentioned=where)
    row = placed(views.rebuilding_of(record_type, '"_asked" x'), then.seq)
    fits = Sql.both(where, *view.allowed)
    return await context.read(
        Sql(
            f'{view.opening.text}, "_asked" as (select %s::uuid as id) '
            f"select t.version, t.deleted_at, {WIRE_JSON} from {row.text}, "
            f"{wire_row(context.seen(record_type))} where {fits.text}",
            (*view.opening.params, record_id, *row.params, *fits.params),
        )
    )


async def page(
    context: Context,
    record_type: RecordType,
    selection: reader.Selection,
    *,
    as_of: str,
    limit: int,
    cursor: str | None,
    count: Literal["exact", "estimated"] | None,
) -> bytes:
    """Return one page of the wire's list, as it was at a moment, as JSON. All pages of a list are
    of the moment that its first one found; a count is always exact.

    Raises `Invalid`, `InvalidQuery`, `InvalidCursor`.
    """
    views.check(context, record_type)
    shown = context.seen(record_type)
    sort = reader.sorted_by(shown, selection.sort)
    where = selection.where or ""
    text = where if isinstance(where, str) else format_query(where)
    of_list = [record_type.name, text, sort.text, selection.deleted, PARAMETER, as_of]
    after: Sequence[Any] | None = None
    if cursor is None:
        then = await moment(context, record_type, as_of)
    else:
        seq, *after = reader.read_cursor(context, cursor, of_list)
        then = await found_before(context, seq)
    fits = reader.filtered(context, record_type, selection)
    asked = _page(context, record_type, fits, sort, then, after=after, limit=limit)
    how = _SETTINGS[_BEGINS not in fits.text]
    [(items, number, *values)] = await context.read(how, asked)
    following = (
        reader.write_cursor(context, [then.seq, *values], of_list) if number > limit else None
    )
    reply = reader.envelope(items, following)
    if count is not None:
        number = await _count(context, record_type, fits, then)
        reply = reply[:-1] + f',"count":{number},"count_is_exact":true}}'.encode()
    return reply


def _page(
    context: Context,
    record_type: RecordType,
    fits: Sql,
    sort: Sort,
    then: Moment,
    *,
    after: Sequence[Any] | None,
    limit: int,
) -> Sql:
    """Return the statement for a page of the list, as `paging.gathered` has it."""
    by = " ".join([fits.text, *(key.sql for key in sort.keys)])
    fields = rebuilding.sources(record_type, by)
    view = views.view(context, record_type, then, mentioned=fits)
    told = sort if fields and rebuilding.may_be_told(record_type, fields, sort) else None
    in_order = fits
    if told is not None and (field := walking.walked_by(record_type, fields, sort, then)):
        opening = views.walked(view, record_type, field, then, told=told)
        in_order = walking.by_key(record_type, field, fits)
    else:
        opening = views.touched(view, record_type, fields, then, told=told)
    # by itself for each row: a join would give up the order of the index
    since = f"select from changes c where {rebuilding.touching(record_type, fields)}"
    same = placed(f"not exists ({since} and c.record_id = t.id offset 0)", then.seq)
    here = Sql.both(
        fits, rebuilding.is_not_newer(then), same, *(view.allowed if view.related else ())
    )
    sources = [(rebuilding.NOW, here, sort), (views.THEN, fits, sort)]
    if told is not None:
        sources.append((views.IN_ORDER, in_order, told.by_keys))
    parts = [
        paging.page_statement(
            table=table,
            columns="t.id",
            projection="t.id",
            where=where,
            sort=by,
            after=after,
            limit=limit + 1,
        )
        for table, where, by in sources
    ]
    order = paging.order_of_keys(sort)
    keys = ", ".join(f"k{number}" for number in range(len(sort.keys)))
    row = placed(views.rebuilding_of(record_type, "(select p.id) x"), then.seq)
    every = " union all ".join(f"({part.text})" for part in parts)
    rows = Sql(
        f"select {WIRE_JSON} as record, {keys} from (select record as id, {keys} from ("
        f"{every}) u order by {order} limit {limit + 1}) p "
        f"cross join lateral {row.text} cross join {wire_row(context.seen(record_type))} "
        f"order by {order}",
        (*(param for part in parts for param in part.params), *row.params),
    )
    found = paging.gathered(rows, sort, limit)
    return Sql(f"{opening.text} {found.text}", (*opening.params, *found.params))


async def _count(context: Context, record_type: RecordType, fits: Sql, then: Moment) -> int:
    """Count the records that a condition fitted."""
    fields = rebuilding.sources(record_type, fits.text)
    view = views.view(context, record_type, then, mentioned=fits)
    opening = views.touched(view, record_type, fields, then)
    same = Sql('not exists (select from "_changed" x where x.id = t.id)')
    here = Sql.both(fits, same, rebuilding.is_older(then), *(view.allowed if view.related else ()))
    [(number,)] = await context.read(
        Sql(
            f"{opening.text} select (select count(*) from {rebuilding.NOW} t where {here.text}) "
            f"+ (select count(*) from {views.THEN} t where {fits.text})",
            (*opening.params, *here.params, *fits.params),
        )
    )
    return int(number)
