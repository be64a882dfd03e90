"""What files say that one deal or quote alone has: its short number, its place in its stage."""

from __future__ import annotations

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.fields import Batch


async def free(context: Context, batch: Batch, table: str, name: str = "number") -> None:
    """Leave out what other records have, or had, in a column: the record gets another one."""
    given = [row[name] for row in batch.rows if row.get(name)]
    if not given:
        return
    rows = await context.read(
        Sql(f"select {ident(name)} from {ident(table)} where {ident(name)} = any(%s)", (given,))
    )
    taken = {value for (value,) in rows}
    for row in batch.rows:
        if row.get(name) in taken:
            row[name] = None
