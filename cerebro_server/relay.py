"""The relay apart from a worker: reads journals, and runs no jobs."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence

from cerebro_server import registry
from cerebro_server.kernel.config import Settings
from cerebro_server.kernel.db import Database, urls
from cerebro_server.kernel.errors import Problem
from cerebro_server.kernel.journal.listening import listen
from cerebro_server.kernel.journal.subscriber import Subscriber
from cerebro_server.kernel.worker import presence
from cerebro_server.kernel.worker.relay import Relay

_LOOK_SECONDS = 30.0
_PAUSE_SECONDS = 1.0


async def run(settings: Settings, *, subscribers: Sequence[Subscriber] = ()) -> None:
    """Read until SIGTERM or SIGINT."""
    url = urls.app_url(settings)
    seconds = settings.statement_timeout_seconds
    database = Database(url, size=2, statement_timeout_seconds=seconds)
    await database.open()
    relay = Relay(database, [*registry.subscribers(), *subscribers])
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(relay.run()),
                group.create_task(listen(url, on_commit=relay.wake, on_change=lambda _: None)),
                group.create_task(_look_around(database, relay)),
            ]
            await stopping.wait()
            for task in tasks:
                task.cancel()
    finally:
        await database.close()


async def _look_around(database: Database, relay: Relay) -> None:
    while True:
        try:
            relay.know(await presence.workspaces(database))
            await relay.skip()
        except Problem:
            await asyncio.sleep(_PAUSE_SECONDS)
            continue
        await asyncio.sleep(_LOOK_SECONDS)
