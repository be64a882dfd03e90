"""Exported files as they are kept: in pieces in the database, as uploads are.

So any worker can write them and any server can hand them out; every piece but a file's last has
the same size, so that a range is found without reading what lies before it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Final
from uuid import UUID

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, Transaction
from cerebro_server.kernel.errors import NotFound
from cerebro_server.kernel.files import ranged

_AT_ONCE = 50
_DROP: Final = f"""
delete from export_pieces where ctid = any(array(
    select ctid from export_pieces where export_id = %s limit {_AT_ONCE})) returning 1
"""


async def store(
    transaction: Transaction, export_id: UUID, path: str, start: int, content: bytes
) -> None:
    """Keep a piece of a file."""
    await transaction.rows(
        Sql(
            "insert into export_pieces (export_id, path, start, content) values (%s, %s, %s, %s)",
            (export_id, path, start, content),
        )
    )


async def drop(transaction: Transaction, export_id: UUID) -> bool:
    """Delete some pieces of an export; tell whether there may be more."""
    return len(await transaction.rows(Sql(_DROP, (export_id,)))) == _AT_ONCE


def read(
    context: Context, export_id: UUID, path: str, *, first: int, end: int
) -> AsyncGenerator[bytes, None]:
    """Yield the bytes of a file from one place up to another, a piece at a time."""
    asked = "select content from export_pieces where export_id = %s and path = %s and start = %s"

    async def fetch(start: int) -> bytes:
        rows = await context.read(Sql(asked, (export_id, path, start)))
        if not rows:
            raise NotFound("The export has been deleted meanwhile.")
        return bytes(rows[0][0])

    return ranged(fetch, first=first, end=end)
