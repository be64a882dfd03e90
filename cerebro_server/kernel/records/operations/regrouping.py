"""Taking back a part of an operation: what it did to one record, or one merge of many."""

from __future__ import annotations

from uuid import UUID

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.errors import NotFound
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.ids import read_id
from cerebro_server.kernel.records import merged
from cerebro_server.kernel.records.operations.grouping import PAIRS, group_with
from cerebro_server.kernel.records.operations.stored import Operation
from cerebro_server.kernel.records.references import named


async def part_of(context: Context, target: Operation, record: str | None) -> list[UUID] | None:
    """Return the ids of all that an undo of one record (`<noun>/<reference>`) is about: the record
    and the links that name it; of a merge of many, all that it wrote for the group that the record
    is in, of a component's own verb all that it wrote for one of its records. None where all of the
    operation is meant, as of a merge of one group.

    Raises `NotFound` where the record is in no group, or its group is split by now.
    """
    if record is None:
        return None
    noun, _, reference = record.partition("/")
    if noun in context.catalog and (known := read_id(reference)) is not None:
        record_type, record_id = context.catalog[noun], known  # it may be destroyed by now
    else:
        record_type, record_id = await named(context, record)
    if target.verb == merged.VERB:
        return await _group(context, target, record_type, record_id)
    own = context.catalog.verbs.get(target.kind)
    if own is not None and record_type.name == target.noun:
        return await own.part(context, target, record_id)
    ways = [Sql("select %s::uuid", (record_id,))]
    ways += [
        Sql(f"select id from {ident(link.table_name)} where {ident(column)} = %s", (record_id,))
        for link in context.catalog.values()
        for column, end in link.ends.items()
        if end.name == record_type.name
    ]
    text = " union ".join(way.text for way in ways)
    rows = await context.read(Sql(text, tuple(param for way in ways for param in way.params)))
    return [found for (found,) in rows]


async def _group(
    context: Context, target: Operation, record_type: RecordType, record_id: UUID
) -> list[UUID] | None:
    noun = target.noun
    if PAIRS not in target.input:
        return None
    ids: list[UUID] = []
    for one in await _members(context, noun, record_type, record_id):
        ids = ids or group_with(target.input, one)
    table = ident(context.catalog[noun].table_name)
    gone = await context.read(
        Sql(
            f"select 1 from {table} t where t.id = any(%s) and t.deleted_at is not null limit 1",
            (ids[1:],),
        )
    )
    if not gone:
        said = f"{record_type.name}/{record_id}"
        raise NotFound(f"{said} took part in no merge of that operation that is in force.")
    found = list(ids)
    for other in context.catalog.values():
        for column, named_noun in other.refers.items():
            if named_noun != noun:
                continue
            rows = await context.read(
                Sql(
                    f"select t.id from {ident(other.table_name)} t where t.{ident(column)} = "
                    "any(%s) and exists (select from changes c where c.record_id = t.id "
                    "and c.operation_id = %s)",
                    (ids, target.id),
                )
            )
            found += [record_id for (record_id,) in rows]
    return found


async def _members(
    context: Context, noun: str, record_type: RecordType, record_id: UUID
) -> list[UUID]:
    """Return the record itself, or what it names of the noun that was merged."""
    if record_type.name == noun:
        return [record_id]
    columns = [column for column, named_noun in record_type.refers.items() if named_noun == noun]
    if not columns:
        return []
    rows = await context.read(
        Sql(
            f"select {', '.join(map(ident, columns))} from {ident(record_type.table_name)} "
            "where id = %s",
            (record_id,),
        )
    )
    return [value for row in rows for value in row if value is not None]
