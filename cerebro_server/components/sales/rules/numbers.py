"""Short numbers that files give to deals and quotes."""

from __future__ import annotations

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.fields import Batch


async def free(context: Context, batch: Batch, table: str) -> None:
    """Leave out numbers that other records have, or had: the record gets another one."""
    given = [row["number"] for row in batch.rows if row.get("number")]
    if not given:
        return
    rows = await context.read(
        Sql(f"select number from {ident(table)} where number = any(%s)", (given,))
    )
    taken = {number for (number,) in rows}
    for row in batch.rows:
        if row.get("number") in taken:
            row["number"] = None
