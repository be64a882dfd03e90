"""The one record of several that is the default: the mark moves in one write."""

from __future__ import annotations

from typing import Final

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.fields import Batch

_LOCK: Final = (
    "select pg_advisory_xact_lock(hashtextextended(current_schema() || '.default.' || %s, 0))::text"
)


async def in_turn(context: Context, batch: Batch, table: str) -> None:
    """Let writes that give a record the mark go one after the other, until each is committed: what
    the next one reads as the default is the default. The last one has it."""
    if context.planning is not None:
        return
    for number, row in enumerate(batch.rows):
        before = batch.before[number] if batch.before else {}
        now = {**before, **row}
        had = before.get("is_default") and before.get("deleted_at") is None
        # whoever has it already does not wait: it would hold the record that the others wait for
        if now.get("is_default") and now.get("deleted_at") is None and not had:
            await (await context.write()).rows(Sql(_LOCK, (table,)))
            return


async def move(context: Context, batch: Batch, number: int, table: str, held: str) -> None:
    """Take the mark from the record that has it, since a row of the batch gets it. It is one write
    with that of the row, so that one undo takes both back.

    A plan only says what would be, so there it is refused; so are two rows of a batch.
    """
    if context.planning is not None or not held:
        said = "Another one is the default: let that one go of it first, or give it to this alone."
        batch.refuse(number, "is_default", "default_taken", said)
        return
    await (await context.write()).rows(
        Sql(
            f"update {ident(table)} set is_default = false, version = version + 1, "
            "updated_at = now() where id = %s",
            (held,),
        )
    )
