"""Turns: how many may do something at a time in one process."""

from __future__ import annotations

import asyncio
from asyncio import Semaphore
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakKeyDictionary

from cerebro_server.kernel.db import Database
from cerebro_server.kernel.errors import Unavailable

_WAIT_SECONDS = 5.0
_TURNS: WeakKeyDictionary[Database, dict[str, Semaphore]] = WeakKeyDictionary()


@asynccontextmanager
async def turn(database: Database, what: str, *, most: int) -> AsyncIterator[None]:
    """Hold one of so many turns, waiting a little for one to come free.

    `what` names them in the plural. Raises `Unavailable` where none comes free.
    """
    turns = _TURNS.setdefault(database, {}).setdefault(what, Semaphore(most))
    try:
        async with asyncio.timeout(_WAIT_SECONDS):
            await turns.acquire()
    except TimeoutError:
        raise Unavailable(
            f"{most} {what} are running, as many as may; try again later.",
            headers={"Retry-After": "10"},
        ) from None
    try:
        yield
    finally:
        turns.release()
