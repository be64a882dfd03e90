"""How a statement sees the past of a noun: under which names, and what it may take as it stands.

The CTEs that a statement begins with hide the tables of their names, so that what filters and rules
say of related records is about the past, too. Each of them reads the tables themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.errors import Invalid
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.query import Sort
from cerebro_server.kernel.records.past import histories, rebuilding, stays, walking
from cerebro_server.kernel.records.past.moments import PARAMETER, Moment
from cerebro_server.kernel.records.past.rebuilding import NOW, placed

THEN: Final = '"_then"'
"""The rows, as they were, of records that were touched since."""
IN_ORDER: Final = '"_in_order"'
"""The same in the order that is asked for, of those whose changes tell what that goes by."""
_ALLOWED: Final = Sql('exists (select from "_allowed" a where a.id = t.id offset 0)')
"""By itself for each row: a join might read all that the caller may see."""


@dataclass(frozen=True, slots=True)
class View:
    """A noun at a moment, for one statement."""

    opening: Sql
    """The CTEs that it begins with, `with` among them."""
    allowed: list[Sql]
    """What a row `t` must fulfil for the caller to read its record today."""
    related: bool
    """Whether tables of the condition are hidden by their past."""


def check(context: Context, record_type: RecordType) -> None:
    """Refuse to look back at what the journal does not tell. Raises `Invalid`, `Forbidden`."""
    context.actor.require(f"{record_type.name}:read")
    if rebuilding.is_known(record_type):
        return
    said = f"The journal does not keep all of {record_type.name}, so they have no past to read."
    raise Invalid(said, errors=[{"parameter": PARAMETER, "code": "no_past", "detail": said}])


def view(context: Context, record_type: RecordType, moment: Moment, mentioned: Sql) -> View:
    """Return the view of a noun for a condition on its rows."""
    parts: list[Sql] = []
    limit = context.condition_ever(record_type)
    if limit is not None:
        table = ident(record_type.table_name)
        text = f'"_allowed" as not materialized (select t.id from {table} t where {limit.text})'
        parts.append(Sql(text, limit.params))
    parts.append(Sql(f"{NOW} as not materialized ({rebuilding.whole(record_type)})"))
    hidden = [
        other
        for other in context.catalog.values()
        if ident(other.table_name) in mentioned.text
        and (rebuilding.is_known(other) or other.stays is not None)
    ]
    parts += histories.told(context, record_type, moment)
    parts += [_hiding(each, moment) for each in hidden]
    text = ", ".join(part.text for part in parts)
    opening = Sql(f"with {text}", tuple(param for part in parts for param in part.params))
    return View(opening, [_ALLOWED] if limit is not None else [], related=bool(hidden))


def _hiding(record_type: RecordType, moment: Moment) -> Sql:
    """Return the CTE that bears a table's name and has its rows as they were; where histories tell
    of a time, with those that came later, as they are."""
    if record_type.stays is not None:
        then = stays.shadow(record_type, record_type.stays, moment)
    elif moment.is_before_all:
        names = rebuilding.column_names(record_type)
        then = Sql(f"select {names} from {ident(record_type.table_name)}")
    else:
        shadow = rebuilding.shadow(record_type, with_newer=moment.told is not None)
        then = placed(shadow, moment.seq)
    return Sql(f"{ident(record_type.table_name)} as not materialized ({then.text})", then.params)


def rebuilding_of(record_type: RecordType, ids: str) -> str:
    """Return the FROM item `t` with the rows as they were of the records `x` of a FROM clause, of
    which `x.id` is the id."""
    return rebuilding.rebuilt(record_type, f"{ids} {_beside(record_type, 'x')}")


def _beside(record_type: RecordType, ids: str) -> str:
    """Join the rows `n` as they are, each looked up by its id."""
    names = rebuilding.column_names(record_type)
    each = f'select {names}, "_row" from {NOW} n where n.id = {ids}.id offset 0'
    return f"cross join lateral ({each}) n"


def touched(
    view: View,
    record_type: RecordType,
    fields: tuple[str, ...] | None,
    moment: Moment,
    *,
    told: Sort | None = None,
) -> Sql:
    """Return the opening with `_changed`, the records that were touched since in these fields, and
    `_then`, those of them that were there as they were.

    With `told`, `_then` has but those whose changes do not tell all that this sort goes by; the
    others are in `_in_order`, in its order and with its keys, each looked up when it is its turn.
    """
    where = Sql.both(*view.allowed)
    if fields is None:  # whatever changed counts, and all of the row is asked for
        changed = placed(rebuilding.touched(record_type, fields), moment.seq)
        older = rebuilding_of(record_type, '(select c.id from "_changed" c where not c.is_newer) x')
    else:
        if moment.is_near:
            changed = placed(rebuilding.netted(record_type, fields), moment.seq)
        else:
            changed = rebuilding.netted_long_since(record_type, fields, moment)
            where = Sql.both(rebuilding.is_older(moment), *view.allowed)
        some = f"where ({rebuilding.is_told(told)}) is not true" if told else ""
        listed = rebuilding.netted_columns(fields, "a")
        older = _rebuilt(record_type, fields, f'(select {listed} from "_changed" a {some}) a')
    names = rebuilding.column_names(record_type)
    parts = [
        Sql(f'"_changed" as materialized ({changed.text})', changed.params),
        _named(THEN, "as", placed(f"select {names} from {older}", moment.seq), where),
    ]
    if told is not None and fields is not None:
        ordered = rebuilding.ordered(record_type, fields, told, '"_changed" a')
        rows = _in_order(record_type, fields, told, ordered)
        parts.append(_named(IN_ORDER, "as not materialized", placed(rows, moment.seq), where))
    return _after(view, parts)


def walked(view: View, record_type: RecordType, field: str, moment: Moment, *, told: Sort) -> Sql:
    """Return the same opening for a list by name alone, with all in `_in_order` that were renamed:
    those are found along their former names."""
    where = Sql.both(rebuilding.is_older(moment), *view.allowed)
    changed = rebuilding.netted_long_since(record_type, (), moment)
    some = f"where {walking.is_not_renamed(field)}"
    listed = rebuilding.netted_columns((), "a")
    older = _rebuilt(record_type, (), f'(select {listed} from "_changed" a {some}) a')
    names = rebuilding.column_names(record_type)
    rows = _in_order(record_type, (field,), told, walking.renamed(record_type, field))
    return _after(
        view,
        [
            Sql(f'"_changed" as materialized ({changed.text})', changed.params),
            _named(THEN, "as", placed(f"select {names} from {older}", moment.seq), where),
            _named(IN_ORDER, "as not materialized", placed(rows, moment.seq), where),
        ],
    )


def _in_order(record_type: RecordType, fields: tuple[str, ...], told: Sort, ordered: str) -> str:
    """Select the rows of `_in_order` from such of `netted` as have its keys: each is rebuilt when
    it is its turn. Never all of it at once, however many parts of a page it is asked for."""
    keys = ", ".join(f"o.k{number}" for number in range(len(told.keys)))
    row = _rebuilt(record_type, fields, f"(select {rebuilding.netted_columns(fields, 'o')}) a")
    names = rebuilding.column_names(record_type, "t")
    return f"select {names}, {keys} from ({ordered}) o cross join lateral {row}"


def _after(view: View, parts: list[Sql]) -> Sql:
    return Sql(
        ", ".join([view.opening.text, *(part.text for part in parts)]),
        (*view.opening.params, *(param for part in parts for param in part.params)),
    )


def _rebuilt(record_type: RecordType, fields: tuple[str, ...], changed: str) -> str:
    """Return the FROM item `t` with these fields as they were of the records that a FROM item `a`
    has of `_changed`."""
    return rebuilding.rebuilt_from(record_type, fields, f"{changed} {_beside(record_type, 'a')}")


def _named(name: str, how: str, rows: Sql, where: Sql) -> Sql:
    text = f"{name} {how} ({rows.text} where {where.text})"
    return Sql(text, (*rows.params, *where.params))
