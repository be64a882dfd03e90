"""What else a timeline tells of: records that name its own, such as calls and notes, each by its
own moment."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any
from uuid import UUID

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident, literal
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.records import journal, reader


def kinds(context: Context, record_type: RecordType) -> list[str]:
    """Return what such records are called in a timeline: `activity`."""
    return [other.noun.singular for other, _ in _telling(context, record_type)]


def entries(
    context: Context,
    record_type: RecordType,
    record_id: UUID,
    *,
    only: Collection[str] | None,
    after: Sequence[Any],
    limit: int,
) -> list[Sql]:
    """Return the statements for the records that tell of one, in columns as the journal's entries
    have them, newest first. `only` names kinds, None means all; `after` is moment and id of the
    last one that was shown."""
    return [
        _of_noun(context, (other, columns), record_type, record_id, after=after, limit=limit)
        for other, columns in _telling(context, record_type)
        if only is None or other.noun.singular in only
    ]


def _telling(
    context: Context, record_type: RecordType
) -> Iterator[tuple[RecordType, dict[str, str]]]:
    """Yield the nouns whose records tell of others, as the caller sees them, with the columns by
    which they name this noun's, and those of what belongs to it."""
    belongs = {record_type.name, *_belonging(context, record_type)}
    for other in context.catalog.values():
        if other.told_at is None or not context.actor.may(f"{other.name}:read"):
            continue
        shown = context.seen(other)
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
    of: tuple[RecordType, dict[str, str]],
    record_type: RecordType,
    record_id: UUID,
    *,
    after: Sequence[Any],
    limit: int,
) -> Sql:
    other, columns = of
    shown = context.seen(other)
    ways = [
        _names(context, column, noun, record_type, record_id) for column, noun in columns.items()
    ]
    either = " or ".join(way.text for way in ways)
    names = Sql(f"({either})", tuple(param for way in ways for param in way.params))
    where = Sql.both(Sql("t.deleted_at is null"), names, *reader.readable(context, other))
    moments = [f"t.{ident(name)}" for name in other.told_at or () if shown.shows(name)]
    title = f"t.{ident(other.noun.title)}" if shown.shows(other.noun.title) else "null"
    behind = Sql("true")
    if after[0] is not None:
        behind = Sql("(r.at, r.id) < (%s::timestamptz, %s::uuid)", tuple(after))
    rows = (
        f"select t.id, {title}::text as title, coalesce({', '.join([*moments, 't.created_at'])}) "
        f"as at from {ident(other.table_name)} t where {where.text}"
    )
    noun, singular = literal(other.name), literal(other.noun.singular)
    return Sql(
        f"(select null::bigint, c.told_at, {journal.actor(context)}, '{{}}'::jsonb, null::json, "
        f"{singular}, c.version, c.request_id, c.told_id, null::text, {noun}, c.title "
        f"from (select c.actor, c.version, c.request_id, r.at as told_at, r.id as told_id, r.title "
        f"from ({rows}) r join changes c on c.record_id = r.id and c.record_type = {noun} "
        f"and c.action = 'created' where {behind.text}) c {journal.ACTOR_JOINS} "
        "order by c.told_at desc, c.told_id desc limit %s)",
        (*where.params, *behind.params, limit),
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
