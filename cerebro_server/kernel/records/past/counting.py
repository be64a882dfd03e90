"""Statements of a component's own, such as reports, about records as they were.

They name the noun's table, and every other, in quotes: those names then lead to the past.
"""

from __future__ import annotations

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.records.past import histories, rebuilding, views
from cerebro_server.kernel.records.past.moments import (
    PARAMETER,
    Moment,
    before_journal,
    place,
)

_WITH = "with "


async def seen_at(
    context: Context, record_type: RecordType, as_of: str | None, *, parameter: str = PARAMETER
) -> Moment | None:
    """Return the moment that is asked for; of none, none. Where histories tell of a time what
    records were that came later, that counts, before the journal begins, too.

    Raises `Invalid`, `Forbidden`.
    """
    if as_of is None:
        return None
    views.check(context, record_type)
    found = await place(context, as_of, parameter)
    if await histories.reach(context, record_type, found):
        return found
    if found.is_before_all:
        more = " No imported history reaches back so far." if found.told else ""
        raise await before_journal(context, as_of, parameter, more)
    return found._replace(told=None)


def told_at(context: Context, record_type: RecordType, then: Moment | None, asked: Sql) -> Sql:
    """Return a statement as it reads the past of a noun, whose rows it calls `t`; as it is, where
    no moment is given. What the caller may not read today is not there."""
    if then is None:
        return asked
    table = ident(record_type.table_name)
    # where it is a relation, too, there is no telling which of its fields matter
    is_once = asked.text.count(table) == asked.text.count(f"{table} t")
    fields = rebuilding.sources(record_type, asked.text) if is_once else None
    others = Sql(asked.text.replace(table, ""))
    view = views.view(context, record_type, then, mentioned=others)
    opening = views.touched(view, record_type, fields, then)
    names = rebuilding.column_names(record_type)
    same = Sql('not exists (select from "_changed" x where x.id = t.id)')
    here = Sql.both(same, rebuilding.is_older(then), *view.allowed)
    name, whole = f"{table} as not materialized", f"select {names} from {rebuilding.NOW} t where"
    parts = [Sql(f"{whole} {here.text}", here.params), Sql(f"select {names} from {views.THEN} t")]
    if (before := histories.before(context, record_type, fields, then)) is not None:
        where = Sql.both(*view.allowed)
        text = f"select {names} from {before.text} where {where.text}"
        parts.append(Sql(text, (*before.params, *where.params)))
    text = f"{opening.text}, {name} ({' union all '.join(part.text for part in parts)})"
    params = (*opening.params, *(p for part in parts for p in part.params), *asked.params)
    begins = asked.text.startswith(_WITH)
    rest = f", {asked.text.removeprefix(_WITH)}" if begins else f" {asked.text}"
    return Sql(text + rest, params)
