"""A worker made of what the components bring."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from cerebro_server import registry
from cerebro_server.kernel.config import Settings
from cerebro_server.kernel.db import Database, base, urls
from cerebro_server.kernel.journal.subscriber import Subscriber
from cerebro_server.kernel.worker import Handler, Site
from cerebro_server.kernel.worker.bells import waker
from cerebro_server.kernel.worker.engine import Engine
from cerebro_server.kernel.worker.relay import Relay
from cerebro_server.kernel.worker.timetable import Timetable

_BELL_SECONDS = 2.0
_WAIT_SECONDS = 30.0  # a job can wait for a connection, which a request cannot


@asynccontextmanager
async def working(
    settings: Settings,
    *,
    also: Mapping[str, Handler] | None = None,
    subscribers: Sequence[Subscriber] = (),
) -> AsyncIterator[Engine]:
    """Give an engine with the handlers and subscribers of all components, and these besides, on a
    pool of its own."""
    url = urls.app_url(settings)
    base.check(settings, url)
    database = Database(
        url,
        size=settings.pool_size,
        statement_timeout_seconds=settings.statement_timeout_seconds,
        base_currency=settings.base_currency,
        wait_seconds=_WAIT_SECONDS,
        waker=waker(settings, url),
    )
    await database.open()
    try:
        site = Site(
            database,
            settings,
            registry.catalog(),
            frozenset(registry.permissions()),
            registry.recall(),
        )
        handlers = {**registry.handlers(settings), **(also or {})}
        relay = Relay(database, [*registry.subscribers(), *subscribers])
        timetable = Timetable(database, registry.schedules())
        yield Engine(site, handlers, relay=relay, timetable=timetable, url=url)
    finally:
        await database.close()


async def run(
    settings: Settings,
    *,
    also: Mapping[str, Handler] | None = None,
    subscribers: Sequence[Subscriber] = (),
) -> None:
    """Work until SIGTERM or SIGINT."""
    async with working(settings, also=also, subscribers=subscribers) as engine:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, engine.stop)
        bell = None
        if settings.redis_url is not None:
            from cerebro_server.kernel.worker import ringing  # here: 7 MB that no Redis needs

            url = settings.redis_url.get_secret_value()
            bell = asyncio.create_task(ringing.answer(url, engine.wake))
        await engine.run()
        if bell is not None:
            bell.cancel()
            await asyncio.wait({bell}, timeout=_BELL_SECONDS)
