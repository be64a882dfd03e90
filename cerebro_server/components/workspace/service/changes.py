"""Reading the journal."""

from __future__ import annotations

from typing import Any

from pydantic_core import to_json

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.errors import Invalid, closest
from cerebro_server.kernel.records import reader
from cerebro_server.kernel.records.projection import MASK
from cerebro_server.kernel.records.references import resolve

_BEFORE_DIFF = """
(select row_to_json(_r) from (select c.seq, c.at, json_build_object(
    'type', split_part(c.actor, ':', 1),
    'id', nullif(split_part(c.actor, ':', 2), ''),
    'name', coalesce(u.name || ' (' || k.name || ')', p.name, c.actor)) as actor,
    c.record_type, c.record_id, c.action, c.version,
"""
_AFTER_DIFF = " as diff, c.request_id) _r)"


async def page(
    context: Context,
    *,
    record: str | None,
    record_type: str | None,
    limit: int,
    cursor: str | None,
) -> bytes:
    """Return one page of the journal as JSON, newest first.

    `record` is `<noun>/<reference>`. Changes of nouns that the caller may not read are left out.
    Raises `Invalid`, `NotFound`, `InvalidCursor`.
    """
    context.actor.require("changes:read")
    conditions = [_readable(context)]
    if record_type is not None:
        conditions.append(Sql("c.record_type = %s", (_known(context, record_type),)))
    if record is not None:
        noun, slash, reference = record.partition("/")
        if not slash or not reference:
            raise Invalid(
                f"A record is named as noun/reference, such as companies/acme.com, not {record!r}.",
                errors=[{"parameter": "record", "code": "reference", "detail": "noun/reference"}],
            )
        known = context.catalog[_known(context, noun)]
        context.actor.require(f"{noun}:read")  # or the answer would tell who exists
        found = await resolve(context, context.seen(known), reference, deleted_too=True)
        conditions.append(Sql("c.record_type = %s and c.record_id = %s", (noun, found)))
    of_list = ["changes", record_type or "", record or ""]
    if cursor is not None:
        conditions.append(Sql("c.seq < %s", reader.read_cursor(context, cursor, of_list)))
    where = Sql.both(*conditions)
    diff = _diff(context)
    rows = await context.read(
        Sql(
            f"select {_BEFORE_DIFF} {diff.text} {_AFTER_DIFF}, c.seq from changes c "
            "left join keys k on c.actor = 'key:' || k.id "
            "left join users u on u.id = k.user_id "
            "left join users p on c.actor = 'user:' || p.id "
            f"where {where.text} order by c.seq desc limit %s",
            (*diff.params, *where.params, limit + 1),
        )
    )
    following = None
    if len(rows) > limit:
        following = reader.write_cursor(context, rows[limit - 1][1:], of_list)
    return reader.envelope(",".join(row[0].decode() for row in rows[:limit]), following)


def _readable(context: Context) -> Sql:
    """Return the condition for changes of records that the caller may read."""
    everywhere = []
    ways = []
    for name, record_type in context.catalog.items():
        if not context.actor.may(f"{name}:read"):
            continue
        limit = context.condition(record_type, "read")
        if limit is None:
            everywhere.append(name)
            continue
        table = ident(record_type.table_name)
        there = f"exists (select from {table} t where t.id = c.record_id and {limit.text})"
        ways.append(Sql(f"(c.record_type = %s and {there})", (name, *limit.params)))
    ways.insert(0, Sql("c.record_type = any(%s)", (everywhere,)))
    text = " or ".join(way.text for way in ways)
    return Sql(f"({text})", tuple(param for way in ways for param in way.params))


def _diff(context: Context) -> Sql:
    """Return the difference without fields that the caller does not see, and with masks."""
    cases = []
    params: list[Any] = []
    for name, record_type in context.catalog.items():
        shown = context.seen(record_type)
        if not (shown.hidden or shown.masked):
            continue
        masks = " ".join(
            "|| case when c.diff ? %s then %s::jsonb else '{}' end" for _ in shown.masked
        )
        cases.append(f"when %s then (c.diff - %s::text[]) {masks}")
        params += [name, sorted(shown.hidden)]
        for field in sorted(shown.masked):
            params += [field, to_json({field: [MASK, MASK]}).decode()]
    if not cases:
        return Sql("c.diff")
    return Sql(f"case c.record_type {' '.join(cases)} else c.diff end", tuple(params))


def _known(context: Context, noun: str) -> str:
    if noun in context.catalog:
        return noun
    known = ", ".join(sorted(context.catalog))
    raise Invalid(
        f"There are no {noun!r}; there are: {known}.",
        errors=[{"parameter": "record_type", "code": "unknown_noun", "detail": f"Known: {known}."}],
        suggestion=closest(noun, context.catalog),
    )
