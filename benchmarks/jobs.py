"""Jobs a second, and how soon a job begins, beside arq alone."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg

from benchmarks.baselines import arq_alone
from benchmarks.measure import Figure, at_least, at_most, turns
from benchmarks.stand import SECRET, stores
from cerebro_server import registry
from cerebro_server.kernel.config import Settings
from cerebro_server.kernel.db import Database, Scope
from cerebro_server.kernel.ids import uuid7
from cerebro_server.kernel.jobs import enqueue
from cerebro_server.kernel.worker import Handler, Work
from cerebro_server.kernel.worker.engine import Engine
from cerebro_server.worker import working

COUNT = 5_000
ONE_BY_ONE = 40


def run() -> Iterator[Figure]:
    """Measure with PostgreSQL and Redis of our own, each kind of worker in this process."""
    with stores() as (database_url, redis_url):
        if redis_url is None:
            print("needs a Redis server for the baseline")
            return
        chosen: dict[str, Any] = {"database_url": database_url, "secret_key": SECRET}
        settings = Settings(**chosen)
        registry.install(settings)
        ours, baseline = turns(
            lambda: asyncio.run(_throughput(settings)),
            lambda: asyncio.run(arq_alone.throughput(redis_url, COUNT)),
        )
        yield at_least("no-op jobs", ours, baseline, unit="/s", ratio=1)
        ours, baseline = turns(
            lambda: statistics.median(asyncio.run(_pick_up(settings))) * 1e3,
            lambda: statistics.median(asyncio.run(arq_alone.pick_up(redis_url, ONE_BY_ONE))) * 1e3,
            count=3,
        )
        yield at_most("from asking to beginning", ours, baseline, unit="ms", ratio=1)


async def _throughput(settings: Settings) -> float:
    """Return how many jobs a second a worker runs that finds so many waiting."""
    assert settings.database_url is not None
    url = settings.database_url.get_secret_value()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("set search_path = ws_main")
        with connection.cursor().copy("copy jobs (id, kind, actor) from stdin") as copy:
            for _ in range(COUNT):
                copy.write_row((uuid7(), "noop", "system"))
        times: list[float] = []
        is_done = asyncio.Event()

        async def noop(work: Work) -> None:
            times.append(time.perf_counter())
            if len(times) == COUNT:
                is_done.set()

        async with _engine(settings, {"noop": noop}):
            await is_done.wait()
        # what is claimed and not settled yet is left to the end of the worker
        row = connection.execute("select count(*) from jobs where kind = 'noop'").fetchone()
        assert row == (0,)
    return (COUNT - 1) / (times[-1] - times[0])


async def _pick_up(settings: Settings) -> list[float]:
    begun: asyncio.Queue[float] = asyncio.Queue()

    async def note(work: Work) -> None:
        begun.put_nowait(time.perf_counter())

    async with _engine(settings, {"noop": note}) as engine:
        database: Database = engine.site.database
        await asyncio.sleep(1)
        [workspace] = engine.workspaces
        scope = Scope(workspace.schema, workspace.role, "system")
        found = []
        for _ in range(ONE_BY_ONE):
            asked = time.perf_counter()
            async with database.transaction(scope) as transaction:
                await enqueue(transaction, kind="noop", payload={})
            found.append(await begun.get() - asked)
            await asyncio.sleep(0.02)
    return found


@asynccontextmanager
async def _engine(settings: Settings, handlers: dict[str, Handler]) -> AsyncIterator[Engine]:
    async with working(settings, also=handlers) as engine:
        running = asyncio.create_task(engine.run())
        yield engine
        engine.stop()
        await running
