"""Reading the journal."""

from __future__ import annotations

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.errors import Invalid, closest
from cerebro_server.kernel.records import reader
from cerebro_server.kernel.records.references import resolve

_WIRE = """
(select row_to_json(_r) from (select c.seq, c.at, json_build_object(
    'type', split_part(c.actor, ':', 1),
    'id', nullif(split_part(c.actor, ':', 2), ''),
    'name', coalesce(u.name || ' (' || k.name || ')', c.actor)) as actor,
    c.record_type, c.record_id, c.action, c.version, c.diff, c.request_id) _r)
"""


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
    readable = [name for name in context.catalog if context.actor.may(f"{name}:read")]
    conditions = [Sql("c.record_type = any(%s)", (readable,))]
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
        found = await resolve(context, known, reference, deleted_too=True)
        conditions.append(Sql("c.record_type = %s and c.record_id = %s", (noun, found)))
    of_list = ["changes", record_type or "", record or ""]
    if cursor is not None:
        conditions.append(Sql("c.seq < %s", reader.read_cursor(context, cursor, of_list)))
    where = Sql.both(*conditions)
    rows = await context.read(
        Sql(
            f"select {_WIRE}, c.seq from changes c "
            "left join api_keys k on c.actor = 'key:' || k.id "
            "left join users u on u.id = k.user_id "
            f"where {where.text} order by c.seq desc limit %s",
            (*where.params, limit + 1),
        )
    )
    following = None
    if len(rows) > limit:
        following = reader.write_cursor(context, rows[limit - 1][1:], of_list)
    return reader.envelope(",".join(row[0].decode() for row in rows[:limit]), following)


def _known(context: Context, noun: str) -> str:
    if noun in context.catalog:
        return noun
    known = ", ".join(sorted(context.catalog))
    raise Invalid(
        f"There are no {noun!r}; there are: {known}.",
        errors=[{"parameter": "record_type", "code": "unknown_noun", "detail": f"Known: {known}."}],
        suggestion=closest(noun, context.catalog),
    )
