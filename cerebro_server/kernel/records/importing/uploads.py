"""Files on their way in: kept in pieces in the database until an operation reads them.

They lie there so that any server and any worker can go on with one; they are gone after a week.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import IO, Any, NamedTuple
from uuid import UUID

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.errors import Conflict, NotFound
from cerebro_server.kernel.ids import uuid7

PIECE = 1 << 20


class Upload(NamedTuple):
    """A file, as far as it has arrived."""

    id: UUID
    name: str | None
    size: int


async def begin(context: Context, name: str | None) -> Upload:
    """Store an empty upload of the caller's."""
    upload_id = uuid7()
    async with context.apart() as apart:
        await (await apart.write()).rows(
            Sql(
                "insert into uploads (id, user_id, name) values (%s, %s, %s)",
                (upload_id, context.actor.user_id, name),
            )
        )
    return Upload(upload_id, name, 0)


async def get(context: Context, upload_id: UUID) -> Upload:
    """Return an upload of the caller's. Raises `NotFound`."""
    rows = await context.read(
        Sql(
            "select id, name, size from uploads where id = %s and user_id = %s",
            (upload_id, context.actor.user_id),
        )
    )
    if not rows:
        raise NotFound(f"There is no upload {upload_id} of yours; uploads are kept for 7 days.")
    return Upload(*rows[0])


async def add(
    context: Context, upload: Upload, pieces: AsyncIterator[bytes], *, offset: int
) -> Upload:
    """Store what arrives, from an offset on; what has arrived stays if the rest does not come.

    Raises `Conflict` where the offset is not the number of bytes that are there.
    """
    if offset != upload.size:
        raise Conflict(
            f"{upload.size:,} bytes have arrived, so go on from offset {upload.size}, "
            f"not {offset}.",
            size=upload.size,
        )
    buffer = bytearray()
    try:
        async for piece in pieces:
            buffer += piece
            while len(buffer) >= PIECE:
                upload = await _store(context, upload, bytes(buffer[:PIECE]))
                del buffer[:PIECE]
    finally:
        if buffer:
            upload = await _store(context, upload, bytes(buffer))
    return upload


async def _store(context: Context, upload: Upload, piece: bytes) -> Upload:
    async with context.apart() as apart:
        transaction = await apart.write()
        moved = await transaction.rows(
            Sql(
                "update uploads set size = size + %s where id = %s and size = %s returning size",
                (len(piece), upload.id, upload.size),
            )
        )
        if not moved:
            raise Conflict("Another request sends the same upload.")
        await transaction.rows(
            Sql(
                "insert into upload_pieces (upload_id, start, content) values (%s, %s, %s)",
                (upload.id, upload.size, piece),
            )
        )
    return upload._replace(size=moved[0][0])


async def read(context: Context, upload: Upload) -> AsyncGenerator[bytes, None]:
    """Yield the bytes of an upload, piece by piece."""
    start = 0
    while start < upload.size:
        rows: list[tuple[Any, ...]] = await context.read(
            Sql(
                "select content from upload_pieces where upload_id = %s and start = %s",
                (upload.id, start),
            )
        )
        content = bytes(rows[0][0])
        yield content
        start += len(content)


async def fetch(context: Context, upload: Upload, into: IO[bytes]) -> None:
    """Write an upload into a file, piece by piece."""
    async with aclosing(read(context, upload)) as pieces:
        async for content in pieces:
            into.write(content)
    into.seek(0)
