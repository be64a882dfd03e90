"""Where bytes are kept. In the database, so that every server and every worker has them; another
backing fills in the same three calls."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any, Final, Protocol
from uuid import UUID

from cerebro_server.kernel.config import Settings
from cerebro_server.kernel.db import Sql, Transaction
from cerebro_server.kernel.errors import NotFound
from cerebro_server.kernel.files.pieces import ranged

Ask = Callable[[Sql], Awaitable[list[tuple[Any, ...]]]]
"""Runs a reading statement: the caller's context does."""
_AT_ONCE: Final = 50
_KEEP: Final = "insert into blob_pieces (blob_id, start, content) values (%s, %s, %s)"
_READ: Final = "select content from blob_pieces where blob_id = %s and start = %s"
_DROP: Final = f"""
delete from blob_pieces where ctid = any(array(
    select p.ctid from blobs b join blob_pieces p on p.blob_id = b.id
    where b.sha256 is null and b.loose_since < now() - interval '1 day' limit {_AT_ONCE}
)) returning 1
"""


class Store(Protocol):
    """Keeps bytes by the id of a row of `blobs`, in pieces of `PIECE`."""

    async def keep(self, transaction: Transaction, blob_id: UUID, start: int, piece: bytes) -> None:
        """Keep a piece."""

    def read(self, ask: Ask, blob_id: UUID, *, first: int, end: int) -> AsyncGenerator[bytes, None]:
        """Yield bytes from one place up to another."""

    async def sweep(self, transaction: Transaction) -> bool:
        """Remove some pieces of what was given up a day ago; tell whether there may be more."""


class InDatabase:
    """Keeps bytes in the workspace's own schema: its backup, fork and erasure have them, too."""

    async def keep(self, transaction: Transaction, blob_id: UUID, start: int, piece: bytes) -> None:
        """Keep a piece."""
        await transaction.rows(Sql(_KEEP, (blob_id, start, piece)))

    def read(self, ask: Ask, blob_id: UUID, *, first: int, end: int) -> AsyncGenerator[bytes, None]:
        """Yield bytes from one place up to another. Raises `NotFound` where they are swept."""

        async def fetch(start: int) -> bytes:
            rows = await ask(Sql(_READ, (blob_id, start)))
            if not rows:
                raise NotFound("The file has been destroyed meanwhile.")
            return bytes(rows[0][0])

        return ranged(fetch, first=first, end=end)

    async def sweep(self, transaction: Transaction) -> bool:
        """Remove some pieces of what was given up a day ago; tell whether there may be more."""
        return len(await transaction.rows(Sql(_DROP))) == _AT_ONCE


def store_of(settings: Settings) -> Store:
    """Return the store that the settings choose; there is one so far."""
    return InDatabase()
