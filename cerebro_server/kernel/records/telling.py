"""What else a timeline tells of: records that name its own, such as calls and notes, each by its
own moment."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final
from uuid import UUID

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident, literal
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.records import journal, reader

ENTRY: Final = ("seq", "at", "actor", "action", "version", "request_id", "record_type", "diff")
COLUMNS: Final = f"{journal.columns(ENTRY)}, c.told_id, c.title"
ORDER: Final = "c.at desc, c.seq desc"
_TOLD: Final = "c.record_type, '{}'::jsonb as diff, r.id as told_id, r.title"
_NOT_TOLD: Final = "null::uuid as told_id, null::text as title"


def kinds(context: Context, record_type: RecordType) -> list[str]:
    """Return what such records are called in a timeline: `activity`."""
    return [other.noun.singular for other, _ in _telling(context, record_type)]


def entries(
    context: Context,
    record_type: RecordType,
    record_id: UUID,
    of_journal: Sql | None,
    *,
    only: Collection[str] | None,
    after: Sequence[object] | None,
    limit: int,
) -> Sql:
    """Return the query for the next entries, the newest first: of the journal, as far as they fit a
    condition (None: none of them), and of records that tell of this one. `after` is the moment and
    the number of the last entry; `only` names kinds."""
    parts = []
    if of_journal is not None:
        text = f"select {journal.columns(ENTRY)}, {_NOT_TOLD} from changes c where "
        parts.append(Sql(f"{text}{of_journal.text}", of_journal.params))
    for other, columns in _telling(context, record_type):
        if only is None or other.noun.singular in only:
            parts.append(_of_noun(context, other, columns, record_type, record_id))
    text = " union all ".join(part.text for part in parts)
    params = [param for part in parts for param in part.params]
    behind = "true"
    if after is not None:
        behind = "(c.at, c.seq) < (%s::timestamptz, %s::bigint)"
        params += after
    return Sql(
        f"select {COLUMNS} from ({text}) c where {behind} order by {ORDER} limit %s",
        (*params, limit),
    )


def _telling(
    context: Context, record_type: RecordType
) -> Iterator[tuple[RecordType, dict[str, str]]]:
    """Yield the nouns whose records tell of others, as the caller sees them, with the columns by
    which they name this noun's, and those of what belongs to it."""
    for other in context.catalog.values():
        if other.told_at is None or not context.actor.may(f"{other.name}:read"):
            continue
        shown = context.seen(other)
        belongs = {record_type.name, *_belonging(context, record_type)}
        columns = {
            column: noun
            for column, noun in other.refers.items()
            if noun in belongs and shown.shows(column)
        }
        if columns:
            yield other, columns


def _belonging(context: Context, record_type: RecordType) -> Iterator[str]:
    """Yield the nouns whose records belong to those of a noun: deals to their company."""
    for other in context.catalog.values():
        column = other.rolls_up
        if column is None or other.refers[column] != record_type.name:
            continue
        if context.actor.may(f"{other.name}:read") and context.seen(other).shows(column):
            yield other.name


def _of_noun(
    context: Context,
    other: RecordType,
    columns: dict[str, str],
    record_type: RecordType,
    record_id: UUID,
) -> Sql:
    shown = context.seen(other)
    ways = [
        _names(context, column, noun, record_type, record_id) for column, noun in columns.items()
    ]
    either = " or ".join(way.text for way in ways)
    names = Sql(f"({either})", tuple(param for way in ways for param in way.params))
    where = Sql.both(Sql("t.deleted_at is null"), names, *reader.readable(context, other))
    moments = [f"t.{ident(name)}" for name in other.told_at or () if shown.shows(name)]
    title = f"t.{ident(other.noun.title)}" if shown.shows(other.noun.title) else "null"
    rows = (
        f"select t.id, {title}::text as title, coalesce({', '.join([*moments, 't.created_at'])}) "
        f"as at from {ident(other.table_name)} t where {where.text}"
    )
    return Sql(
        f"select c.seq, r.at, c.actor, {literal(other.noun.singular)} as action, c.version, "
        f"c.request_id, {_TOLD} from ({rows}) r join changes c on c.record_id = r.id "
        f"and c.record_type = {literal(other.name)} and c.action = 'created'",
        where.params,
    )


def _names(
    context: Context, column: str, noun: str, record_type: RecordType, record_id: UUID
) -> Sql:
    """Return the condition that a record names this one, or what belongs to it."""
    if noun == record_type.name:
        return Sql(f"t.{ident(column)} = %s", (record_id,))
    between = context.catalog[noun]
    where = Sql.both(
        Sql(f"t.deleted_at is null and t.{ident(between.rolls_up or '')} = %s", (record_id,)),
        *reader.readable(context, between),
    )
    # the inner `t` hides the outer one
    there = f"select t.id from {ident(between.table_name)} t where {where.text}"
    return Sql(f"t.{ident(column)} in ({there})", where.params)
