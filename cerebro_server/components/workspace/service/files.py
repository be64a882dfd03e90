"""Files that are attached to records: made of bytes that come along, and handed out again."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from pydantic_core import to_json

from cerebro_sdk.schemas.workspace.files import EMPTY
from cerebro_server.components.workspace.rules.files import theirs
from cerebro_server.components.workspace.service import storing
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.errors import PayloadTooLarge
from cerebro_server.kernel.fields import Batch
from cerebro_server.kernel.files import store_of
from cerebro_server.kernel.records import reader, writer
from cerebro_server.kernel.records.importing import uploads
from cerebro_server.kernel.records.refusals import refused
from cerebro_server.kernel.records.relating import resolve_relations
from cerebro_server.kernel.records.validation import create_values
from cerebro_server.kernel.records.writer import Written

NOUN: Final = "files"
_HELD: Final = """
select f.id, b.id, f.name, f.content_type, b.size, b.sha256
from files f join blobs b on b.sha256 = f.sha256 where f.id = %s
"""


class Held(NamedTuple):
    """A file that is to be handed out."""

    id: UUID
    blob_id: UUID
    name: str
    content_type: str
    size: int
    sha256: str


async def add(context: Context, said: Mapping[str, Any], content: AsyncIterator[bytes]) -> Written:
    """Make a file of bytes that come along. What is wrong with the rest is found before they do.

    Needs `files:create`. Raises `ValidationFailed`, `Forbidden`, and what `content` raises.
    """
    record_type = context.catalog[NOUN]
    shown = context.seen(record_type)
    batch = Batch([create_values(shown, to_json({**said, "sha256": EMPTY}))])
    await resolve_relations(context, record_type, batch)
    if batch.refusals:
        raise refused(batch)
    stored = await storing.store(context, content)
    values = create_values(shown, to_json({**said, "sha256": stored.sha256}))
    return await writer.create(context, record_type, values)


async def store(context: Context, content: AsyncIterator[bytes]) -> bytes:
    """Keep bytes for files that will name them; return their digest as JSON."""
    return to_json((await storing.store(context, content))._asdict())


async def missing(context: Context, named: Sequence[str]) -> bytes:
    """Return as JSON which of these bytes the caller has to send before files can name them; the
    others are kept as if they had been sent now.

    What is there and not the caller's to read is missing, too: nobody learns that it is there.
    """
    there = await theirs(context, named)
    await storing.keep_longer(context, list(there))
    return to_json({"sha256": [sha256 for sha256 in dict.fromkeys(named) if sha256 not in there]})


async def uploaded(context: Context, upload_id: UUID) -> AsyncGenerator[bytes, None]:
    """Return the bytes of an upload of the caller's. Raises `NotFound`, `PayloadTooLarge`."""
    upload, most = await uploads.get(context, upload_id), context.settings.max_file_bytes
    if upload.size > most:
        raise PayloadTooLarge(
            f"The upload has {upload.size:,} bytes; a file has {most:,} at most.", limit=most
        )
    return uploads.read(context, upload)


async def find(context: Context, reference: str, *, deleted_too: bool = False) -> Held:
    """Return a file that the caller may read. Raises as `get` of every noun does."""
    context.actor.require(f"{NOUN}:read")
    record_type = context.catalog[NOUN]
    found = await reader.get(context, record_type, reference, deleted_too=deleted_too)
    return Held(*(await context.read(Sql(_HELD, (found.id,))))[0])


def content(context: Context, held: Held, *, first: int, end: int) -> AsyncGenerator[bytes, None]:
    """Yield the bytes of a file from one place up to another, a piece at a time."""
    store = store_of(context.settings)
    return store.read(context.read, held.blob_id, first=first, end=end)
