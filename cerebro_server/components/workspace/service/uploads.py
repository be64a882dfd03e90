"""Uploads: files on their way to an operation."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

from pydantic_core import to_json

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.records.importing import uploads


async def put(
    context: Context,
    pieces: AsyncIterator[bytes],
    *,
    name: str | None,
    upload_id: UUID | None,
    offset: int,
) -> bytes:
    """Store what arrives, of a new upload or from an offset of one on. Raises `Conflict`."""
    if upload_id is None:
        upload = await uploads.begin(context, name)
    else:
        upload = await uploads.get(context, upload_id)
    return _wire(await uploads.add(context, upload, pieces, offset=offset))


async def get(context: Context, upload_id: UUID) -> bytes:
    """Return how far an upload has come. Raises `NotFound`."""
    return _wire(await uploads.get(context, upload_id))


def _wire(upload: uploads.Upload) -> bytes:
    return to_json(upload._asdict())
