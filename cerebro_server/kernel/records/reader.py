"""Reading records: one statement each, whose JSON goes to the socket as it comes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

from cerebro_sdk.schemas.query import Node
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.errors import NotFound, ValidationFailed
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.query import (
    Signing,
    Sort,
    compile_sql,
    decode_cursor,
    encode_cursor,
    format_query,
    parse,
    parse_sort,
)
from cerebro_server.kernel.records import merged
from cerebro_server.kernel.records.paging import gathered, page_statement
from cerebro_server.kernel.records.projection import WIRE_JSON, columns, wire_row
from cerebro_server.kernel.records.references import missing, resolve
from cerebro_server.kernel.records.writer import Written, deleted

Deleted = Literal["exclude", "only", "include"]
_DELETED = {
    "exclude": 't."deleted_at" is null',
    "only": 't."deleted_at" is not null',
    "include": "true",
}
DEFAULT_SORT = "-id"  # newest first: ids are UUIDv7


@dataclass(frozen=True, slots=True)
class Selection:
    """Which records, in which order."""

    where: str | Node | None = None
    """A filter as text or as its tree."""
    sort: str | None = None
    deleted: Deleted = "exclude"


async def get(
    context: Context, record_type: RecordType, reference: str, *, deleted_too: bool
) -> Written:
    """Return one record; of one that was merged, what it became, unless deleted ones are meant.

    Raises `NotFound`, `RecordDeleted`, `AmbiguousReference`.
    """
    context.actor.require(f"{record_type.name}:read")
    shown = context.seen(record_type)
    record_id = await resolve(context, shown, reference, deleted_too=deleted_too)
    rows = await _one(context, record_type, record_id)
    if not rows or (rows[0][1] is not None and not deleted_too):
        survivor = await merged.survivor(context, record_type, record_id)
        if survivor is not None:
            record_id, rows = survivor, await _one(context, record_type, survivor)
    if not rows:
        raise missing(shown, reference)
    version, deleted_at, json = rows[0]
    if deleted_at is not None and not deleted_too:
        raise deleted(record_type, reference)
    return Written(record_id, version, json)


async def named(context: Context, record_type: RecordType, reference: str, field: str) -> UUID:
    """Return the id of the living record that a field of a body names. Raises `ValidationFailed`,
    `AmbiguousReference`."""
    try:
        return (await get(context, record_type, reference, deleted_too=False)).id
    except NotFound as error:
        raise ValidationFailed.at(field, "unknown_reference", error.detail) from None


async def _one(context: Context, record_type: RecordType, record_id: UUID) -> list[tuple[Any, ...]]:
    """Select a record that the caller may read: version, since when it is deleted, JSON."""
    where = Sql.both(Sql("t.id = %s", (record_id,)), *readable(context, record_type))
    return await context.read(
        Sql(
            f"select t.version, t.deleted_at, {WIRE_JSON} "
            f"from {ident(record_type.table_name)} t, {wire_row(context.seen(record_type))} "
            f"where {where.text}",
            where.params,
        )
    )


def wire_of(record_type: RecordType, record_id: UUID) -> Sql:
    """Return the query for one record's wire JSON, for use inside other statements."""
    table = ident(record_type.table_name)
    return Sql(
        f"select {WIRE_JSON} from {table} t, {wire_row(record_type)} where t.id = %s", (record_id,)
    )


def readable(context: Context, record_type: RecordType, *actions: str) -> list[Sql]:
    """Return the condition for rows that the caller may read, and do these with; of none, none."""
    limit = context.condition(record_type, "read", *actions)
    return [] if limit is None else [limit]


def filtered(context: Context, record_type: RecordType, selection: Selection, *actions: str) -> Sql:
    """Compile a selection to SQL over the table's row `t`: rows that fit and may be read, and may
    be treated by `actions`."""
    parts = [Sql(_DELETED[selection.deleted]), *readable(context, record_type, *actions)]
    if selection.where:
        where = selection.where
        node = parse(where) if isinstance(where, str) else where
        parts.append(compile_sql(node, context.subject(record_type), context.env))
    return Sql.both(*parts)


@lru_cache(1000)
def sorted_by(record_type: RecordType, sort: str | None) -> Sort:
    """Parse a sort; without one, newest first. Raises `InvalidQuery`."""
    return parse_sort(sort or DEFAULT_SORT, record_type.fields)


async def page(
    context: Context,
    record_type: RecordType,
    selection: Selection,
    *,
    limit: int,
    cursor: str | None,
) -> bytes:
    """Return one page of the wire's list as JSON."""
    context.actor.require(f"{record_type.name}:read")
    shown = context.seen(record_type)
    sort = sorted_by(shown, selection.sort)
    where = selection.where or ""
    text = where if isinstance(where, str) else format_query(where)
    of_list = [record_type.name, text, sort.text, selection.deleted]
    after = None if cursor is None else read_cursor(context, cursor, of_list)
    statement = page_statement(
        table=ident(record_type.table_name),
        columns=columns(shown, "t."),
        projection=WIRE_JSON,
        beside=wire_row(shown),
        where=filtered(context, record_type, selection),
        sort=sort,
        after=after,
        limit=limit + 1,
    )
    [(items, found, *keys)] = await context.read(gathered(statement, sort, limit))
    following = write_cursor(context, keys, of_list) if found > limit else None
    return envelope(items, following)


def read_cursor(context: Context, cursor: str, of_list: Sequence[str]) -> tuple[Any, ...]:
    """Return the key values in a cursor. `of_list` says which list, besides the workspace.

    Raises `InvalidCursor`.
    """
    bound = [context.workspace, *of_list]
    return decode_cursor(cursor, bound=bound, signing=_signing(context))


def write_cursor(context: Context, values: Sequence[Any], of_list: Sequence[str]) -> str:
    """Return the cursor for going on after the row with these key values."""
    bound = [context.workspace, *of_list]
    return encode_cursor(values, bound=bound, signing=_signing(context))


def _signing(context: Context) -> Signing:
    settings = context.settings
    return Signing(settings.signing_key, context.now, settings.cursor_max_age_seconds)


def envelope(items: str | None, cursor: str | None) -> bytes:
    """Put records, as PostgreSQL wrote them, into the wire's list."""
    following = f'"{cursor}"' if cursor else "null"
    return f'{{"items":[{items or ""}],"next_cursor":{following}}}'.encode()
