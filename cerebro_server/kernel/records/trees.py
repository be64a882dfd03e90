"""Trees: records that stand below others of their own noun, by their `parent_id`."""

from __future__ import annotations

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.fields import Batch


async def refuse_circles(context: Context, batch: Batch, table: str, *, said: str) -> None:
    """Refuse parents that would close a circle, whatever others write at the same time."""
    edges = {
        str(before["id"]): str(row["parent_id"]) if row["parent_id"] else None
        for row, before in zip(batch.rows, batch.before, strict=True)
        if "parent_id" in row
    }
    if not any(edges.values()):
        return
    transaction = await context.write()
    # one at a time: two that are right by themselves can close a circle together
    await transaction.rows(
        Sql(
            "select pg_advisory_xact_lock(hashtextextended(current_schema() || %s, 0))",
            (f".{table}.parents",),
        )
    )
    rows = await transaction.rows(
        Sql(
            "with recursive edges as (select e.id, e.up "
            "from unnest(%s::uuid[], %s::uuid[]) as e(id, up)), "
            "above as (select id as start, up from edges where up is not null union "
            "select a.start, case when e.id is null then c.parent_id else e.up end from above a "
            f"join {ident(table)} c on c.id = a.up left join edges e on e.id = a.up "
            "where a.up <> a.start) "
            "select start::text from above where start = up",
            (list(edges), list(edges.values())),
        )
    )
    closed = {start for (start,) in rows}
    for number, before in enumerate(batch.before):
        if str(before["id"]) in closed:
            batch.refuse(number, "parent_id", "cycle", said)


async def keep_what_is_below(context: Context, batch: Batch, table: str, *, said: str) -> None:
    """Refuse to delete what living records stand below."""
    both = list(zip(batch.rows, batch.before, strict=True))
    gone = [str(before["id"]) for row, before in both if row.get("deleted_at")]
    if not gone:
        return
    rows = await context.read(
        Sql(
            f"select distinct parent_id::text from {ident(table)} "
            "where parent_id = any(%s::uuid[]) and not id = any(%s::uuid[]) "
            "and deleted_at is null",
            (gone, gone),
        )
    )
    used = {parent for (parent,) in rows}
    for number, (row, before) in enumerate(both):
        if row.get("deleted_at") and str(before["id"]) in used:
            batch.refuse(number, None, "in_use", said)
