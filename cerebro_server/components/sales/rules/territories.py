"""What is checked when territories are written."""

from __future__ import annotations

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.fields import Batch
from cerebro_server.kernel.records import trees

_USED = (
    "select distinct territory_id::text from (select territory_id, deleted_at from deals union all "
    "select territory_id, deleted_at from leads) r "
    "where territory_id = any(%s::uuid[]) and deleted_at is null"
)


async def changed_territories(context: Context, batch: Batch) -> None:
    """Keep territories a tree, and those that deals, leads or other territories lie in."""
    said = "A territory cannot lie in itself."
    await trees.refuse_circles(context, batch, "territories", said=said)
    said = "Territories lie in this one: move or delete them first."
    await trees.keep_what_is_below(context, batch, "territories", said=said)
    both = list(zip(batch.rows, batch.before, strict=True))
    gone = [str(before["id"]) for row, before in both if row.get("deleted_at")]
    used = {one for (one,) in await context.read(Sql(_USED, (gone,)))} if gone else set()
    for number, (row, before) in enumerate(both):
        if row.get("deleted_at") and str(before["id"]) in used:
            said = "Deals or leads lie in this territory: move them first."
            batch.refuse(number, None, "in_use", said)
