"""Hearing of commits: LISTEN on a connection of its own, which comes back by itself."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg import AsyncConnection

from cerebro_server.kernel.db.waking import CHANNEL

_PAUSE_SECONDS = 1.0
_SILENCE_SECONDS = 30.0  # after so long it is asked whether the connection lives


async def listen(
    url: str, *, on_commit: Callable[[str], None], on_change: Callable[[bool], None]
) -> None:
    """Call `on_commit` with each schema in which something was committed; runs until cancelled.

    `on_change` is told when it begins to hear, before which something may have been missed, and
    when it hears nothing any more.
    """
    while True:
        with contextlib.suppress(psycopg.Error, OSError):
            connection = await AsyncConnection.connect(url, autocommit=True, connect_timeout=5)
            try:
                await connection.execute(f"listen {CHANNEL}")
                on_change(True)
                await _hear(connection, on_commit)
            finally:
                on_change(False)
                await connection.close()
        await asyncio.sleep(_PAUSE_SECONDS)


async def _hear(connection: AsyncConnection[Any], on_commit: Callable[[str], None]) -> None:
    while True:
        async for notice in connection.notifies(timeout=_SILENCE_SECONDS):
            on_commit(notice.payload)
        async with asyncio.timeout(_SILENCE_SECONDS):
            await connection.execute("select 1")
