"""What changed since a cursor: records that are there, and those that are gone."""

from __future__ import annotations

from typing import Final

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.journal.reading import AFTER, Cursor

_CHANGED: Final = f"select c.record_id from changes c where c.record_type = %s and {AFTER}"


def changed(record_type: RecordType, since: Cursor) -> Sql:
    """Return the condition for rows `t` that changed after a cursor; of links, also those of which
    an end did: it comes back with its links, though nothing happened to them."""
    parts = [Sql(_CHANGED, (record_type.name, *since))]
    for column, target in record_type.ends.items():
        name = ident(column)
        text = f"select l.id from {ident(record_type.table_name)} l where l.{name} in ({_CHANGED})"
        parts.append(Sql(text, (target.name, *since)))
    text = " union ".join(part.text for part in parts)
    # an array: joined to the journal, whose statistics say nothing of a cursor, the plan may
    # be one that looks into it for each row
    return Sql(f"t.id = any(array({text}))", tuple(p for part in parts for p in part.params))


def actions(record_type: RecordType) -> tuple[str, ...]:
    """Return what else than reading an export of a noun takes; links have no permission of their
    own for it, and go with the records that they join."""
    return ("export",) if "export" in record_type.noun.verbs else ()


def ends(context: Context, record_type: RecordType) -> list[Sql]:
    """Return the conditions for links `t` both of whose ends the caller may export; what is told
    of one of them is exported by a right of its own."""
    found: list[Sql] = []
    if record_type.elsewhere is not None:
        return found
    for column, target in record_type.ends.items():
        limit = context.condition(target, "read", "export")
        if limit is not None:
            there = f"select t.id from {ident(target.table_name)} t where {limit.text}"
            lacks = f"t.{ident(column)} is null or " if record_type.may_lack(column) else ""
            found.append(Sql(f"({lacks}t.{ident(column)} in ({there}))", limit.params))
    return found


def needed(record_type: RecordType) -> list[str]:
    """Return the permissions that an export of a noun takes; of links, those of both ends."""
    if actions(record_type):
        return [f"{record_type.name}:export"]
    ends = [each for end in record_type.ends.values() for each in needed(end)]
    return [*ends, f"{record_type.name}:read"]


def gone(context: Context, record_type: RecordType, since: Cursor) -> Sql:
    """Return the statement for records that changed after a cursor and are there no more: a JSON
    object each with noun, id and when. Of those that are destroyed, whoever may not see
    every record learns nothing, since no rule can be held against them."""
    table = ident(record_type.table_name)
    there = Sql("(t.id is null or t.deleted_at is not null)")
    if not _is_open(context, record_type):
        limit = context.condition(record_type, "read", *actions(record_type))
        parts = [*([limit] if limit else []), *ends(context, record_type)]
        there = Sql.both(Sql("t.deleted_at is not null"), *parts)
    rows = (
        "select %s::text as noun, d.id, d.at from ("
        "select c.record_id as id, coalesce(max(c.at) filter (where c.action in ('deleted', "
        f"'destroyed')), max(c.at)) as at from changes c where c.record_type = %s and {AFTER} "
        f"group by c.record_id) d left join {table} t on t.id = d.id "
        f"where {there.text} order by d.id"
    )
    name = record_type.name
    return Sql(f"select row_to_json(r)::text from ({rows}) r", (name, name, *since, *there.params))


def _is_open(context: Context, record_type: RecordType) -> bool:
    if not record_type.ends:
        return context.is_open(record_type, "read", "export")
    ends = record_type.ends.values()
    return context.is_open(record_type, "read") and all(_is_open(context, end) for end in ends)
