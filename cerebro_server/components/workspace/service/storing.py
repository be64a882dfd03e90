"""Bytes on their way in: kept piece by piece, told by their digest, and kept once."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from typing import Final, NamedTuple
from uuid import UUID

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, Transaction
from cerebro_server.kernel.files import evenly, looks, store_of
from cerebro_server.kernel.ids import uuid7

_BEGIN: Final = "insert into blobs (id) values (%s) on conflict do nothing"
_LOCK: Final = "select pg_advisory_xact_lock(hashtextextended(%s, 0))"
_SAME: Final = """
update blobs set loose_since = case when loose_since is null then null else now() end
where sha256 = %s returning id
"""
_LONGER: Final = """
update blobs set loose_since = now() where sha256 = any(%s) and loose_since is not null
"""
_WHOLE: Final = "update blobs set sha256 = %s, size = %s, looks = %s where id = %s"
_DROP: Final = "delete from blobs where id = %s"
_SENT: Final = """
insert into blob_senders (blob_id, user_id) values (%s, %s) on conflict do nothing
"""


class Stored(NamedTuple):
    """Bytes that are there."""

    sha256: str
    size: int


async def store(context: Context, content: AsyncIterator[bytes]) -> Stored:
    """Keep bytes as they arrive, a piece a transaction; what does not arrive whole is swept.

    Bytes that the workspace has already are kept once. From now on the caller may make files of
    them.
    """
    blob_id, digest, start, head = uuid7(), hashlib.sha256(), 0, b""
    backing = store_of(context.settings)
    async with aclosing(evenly(content)) as pieces:
        async for piece in pieces:
            head = head or piece[: looks.HEAD]
            digest.update(piece)
            async with context.apart() as apart:
                transaction = await apart.write()
                await transaction.rows(Sql(_BEGIN, (blob_id,)))
                await backing.keep(transaction, blob_id, start, piece)
            start += len(piece)
    found = Stored(digest.hexdigest(), start)
    async with context.apart() as apart:
        transaction = await apart.write()
        kept = await _settle(transaction, blob_id, found, looks.detected(head))
        if context.actor.user_id is not None:
            await transaction.rows(Sql(_SENT, (kept, context.actor.user_id)))
    return found


async def keep_longer(context: Context, named: Sequence[str]) -> None:
    """Keep bytes that no file names as long as if they had been sent now."""
    if named:
        async with context.apart() as apart:
            await (await apart.write()).rows(Sql(_LONGER, (list(named),)))


async def _settle(transaction: Transaction, blob_id: UUID, found: Stored, seen: str | None) -> UUID:
    """Give bytes their name, or let go of them where they are there; return whose they are now."""
    await transaction.rows(Sql(_LOCK, (found.sha256,)))
    same = await transaction.rows(Sql(_SAME, (found.sha256,)))
    if same:
        await transaction.rows(Sql(_DROP, (blob_id,)))
        return UUID(str(same[0][0]))
    await transaction.rows(Sql(_WHOLE, (found.sha256, found.size, seen, blob_id)))
    return blob_id
