"""Records that were merged into others: their ids lead to the record that stayed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.fields import RecordType

VERB: Final = "merge"
"""Of a kind of operation: `contacts.merge`."""
_LONGEST = 100
"""Merges in a row that are followed."""


async def survivors(
    context: Context, record_type: RecordType, ids: Iterable[UUID]
) -> dict[UUID, UUID]:
    """Return, of records that are not there, those that they were merged into, at the end of every
    chain of merges. Whether the caller may see them is for whoever asks.

    A record is merged where its last deletion is that of a merge, or of the undo of an undo of one:
    when the merge is taken back, the record lives, and leads nowhere.
    """
    asked = list(dict.fromkeys(ids))
    if not asked or not record_type.is_bulk:
        return {}
    table = ident(record_type.table_name)
    rows = await context.read(
        Sql(
            "with recursive chain(start, id, length) as (select i, i, 0 from unnest(%s::uuid[]) i "
            "union all select c.start, m.into_id, c.length + 1 from chain c, lateral ("
            "with recursive up as ("
            "select o.kind, o.undoes, o.input from operations o where o.id = ("
            "select d.operation_id from changes d where d.record_id = c.id "
            "and d.record_type = %s and d.action = 'deleted' order by d.seq desc limit 1) "
            "union all select o.kind, o.undoes, o.input from up "
            "join operations o on o.id = up.undoes) "
            "select coalesce(up.input ->> 'into', jsonb_path_query_first(up.input, "
            "'$.pairs[*] ? (@.records[*] == $id).into', jsonb_build_object('id', c.id)) "
            "#>> '{}')::uuid as into_id from up "
            "where up.undoes is null and up.kind = %s) m "
            f"where c.length < {_LONGEST} and not exists (select from {table} t "
            "where t.id = c.id and t.deleted_at is null)) "
            "select distinct on (start) start, id from chain where length > 0 "
            "order by start, length desc",
            (asked, record_type.name, f"{record_type.name}.{VERB}"),
        )
    )
    return dict(rows)


async def survivor(context: Context, record_type: RecordType, record_id: UUID) -> UUID | None:
    """Return what one record that is not there was merged into."""
    return (await survivors(context, record_type, [record_id])).get(record_id)
