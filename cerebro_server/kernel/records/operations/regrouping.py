"""Taking back one merge of many: the records of its group, and what named them."""

from __future__ import annotations

from uuid import UUID

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.errors import NotFound
from cerebro_server.kernel.records import merged
from cerebro_server.kernel.records.operations.grouping import PAIRS, group_with
from cerebro_server.kernel.records.operations.stored import Operation
from cerebro_server.kernel.records.references import named


async def whole_group(context: Context, target: Operation, record: str | None) -> list[UUID] | None:
    """Return the ids of all that a merge of many wrote for the group that a record is in; None
    where all of the operation is meant, as of a merge of one group.

    Raises `NotFound` where the record is in none, or its group is split by now.
    """
    if record is None:
        return None
    record_type, record_id = await named(context, record)
    noun, _, verb = target.kind.partition(".")
    if (noun, verb) == (record_type.name, merged.VERB) and PAIRS not in target.input:
        return None
    ids = group_with(target.input, record_id) if noun == record_type.name else []
    table = ident(record_type.table_name)
    gone = await context.read(
        Sql(
            f"select 1 from {table} t where t.id = any(%s) and t.deleted_at is not null limit 1",
            (ids[1:],),
        )
    )
    if not gone:
        raise NotFound(f"{record} took part in no merge of that operation that is in force.")
    found = list(ids)
    for other in context.catalog.values():
        for column, target_noun in other.refers.items():
            if target_noun != noun:
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
