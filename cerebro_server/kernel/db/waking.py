"""Waking whoever waits for commits: workers and the relay.

A NOTIFY inside every transaction costs 28 % of commits at 16 writers, which queue for one lock. So
it is sent after the commit, on a connection of its own, at most once in 5 ms and process. It may
get lost: whoever listens looks by themselves, too.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection
from typing import Any, Final

import psycopg
from psycopg import AsyncConnection

CHANNEL: Final = "cerebro_commits"
_PAUSE_SECONDS = 0.005
_NOTIFY = f"select pg_notify('{CHANNEL}', schema) from unnest(%s::text[]) as t(schema)"


class Waker:
    """Says in which schemas something was committed."""

    def __init__(
        self, url: str, *, also: Callable[[Collection[str]], Awaitable[None]] | None = None
    ) -> None:
        self._url = url
        self._also = also
        """Another way to say it; a failure of it is its own matter."""
        self._schemas: set[str] = set()
        self._task: asyncio.Task[None] | None = None
        self._connection: AsyncConnection[Any] | None = None

    def wake(self, schema: str) -> None:
        """Say shortly that something was committed there; never waits, never fails."""
        self._schemas.add(schema)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._flush())

    async def close(self) -> None:
        """Say what is left to say, and close the connection."""
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=1)
            self._task.cancel()
        await self._disconnect()

    async def _flush(self) -> None:
        while self._schemas:
            schemas, self._schemas = self._schemas, set()
            for _ in range(2):  # the database may have been started anew meanwhile
                if await self._notify(schemas):
                    break
            if self._also is not None:
                await self._also(schemas)
            # the next ones wait, not this one: somebody may be waiting for it
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _notify(self, schemas: Collection[str]) -> bool:
        try:
            if self._connection is None:
                self._connection = await AsyncConnection.connect(
                    self._url, autocommit=True, connect_timeout=2
                )
            await self._connection.execute(_NOTIFY, (sorted(schemas),))
        except psycopg.Error:
            await self._disconnect()
            return False
        return True

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(psycopg.Error):
                await connection.close()
