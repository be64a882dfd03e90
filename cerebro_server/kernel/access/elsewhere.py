"""Which rows of what is told of records elsewhere: whoever may read the record and the field that a
row is about may read the row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cerebro_server.kernel.access.actor import Actor
from cerebro_server.kernel.access.seeing import seen, untold
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.fields import RecordType

LIVES = Sql("t.deleted_at is null")


def of_one(record_type: RecordType, limits: Mapping[str, Sql | None]) -> Sql | None:
    """Return the condition that the one end which a row `t` has fulfils its limit: one for each
    column, None for any record there; None where there are no ends."""
    parts = [_there(column, record_type.ends[column], limit) for column, limit in limits.items()]
    if not parts:
        return None
    text = " or ".join(part.text for part in parts)
    return Sql(f"({text})", tuple(param for part in parts for param in part.params))


def _there(column: str, target: RecordType, limit: Sql | None) -> Sql:
    # row by row: of all ends of a million records no list is to be made. The inner `t` hides the
    # outer one, which the rules of the target know nothing of
    where = f" and {limit.text}" if limit else ""
    return Sql(
        f"exists (select from (values (t.{ident(column)})) o(about), lateral (select from "
        f"{ident(target.table_name)} t where t.id = o.about{where}) e)",
        limit.params if limit else (),
    )


def of_fields(actor: Actor, record_type: RecordType) -> Sql | None:
    """Return the condition that rows `t` are about fields that somebody sees."""
    parts = [
        of_field(record_type, column, untold(seen(actor, target)))
        for column, target in record_type.ends.items()
    ]
    return Sql.both(*found) if (found := [part for part in parts if part is not None]) else None


def of_field(record_type: RecordType, column: str, closed: Iterable[str]) -> Sql | None:
    """Return the condition that rows `t` of one end are not about certain fields."""
    names = list(closed)
    if record_type.elsewhere is None or not names:
        return None
    field = ident(record_type.elsewhere.field)
    return Sql(f"(t.{ident(column)} is not null and t.{field} = any(%s)) is not true", (names,))
