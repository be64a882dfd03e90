"""arq as anybody would use it by hand: jobs in Redis, one worker in this process."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

from arq.connections import ArqRedis, RedisSettings, create_pool
from arq.worker import Worker, func

QUEUE = "bench"
PLACES = 100
logging.getLogger("arq").setLevel(logging.ERROR)


async def noop(_: Any) -> None:
    """Do nothing."""


async def throughput(url: str, count: int) -> float:
    """Return how many jobs a second a worker runs that finds so many waiting."""
    redis = await _redis(url)
    for _ in range(count):
        await redis.enqueue_job("noop")
    worker = _worker(redis, noop, burst=True)
    began = time.perf_counter()
    await worker.async_run()
    took = time.perf_counter() - began
    assert worker.jobs_complete == count
    await redis.aclose(close_connection_pool=True)
    return count / took


async def pick_up(url: str, count: int) -> list[float]:
    """Return how many seconds pass from asking for a job to its beginning, for jobs one by one."""
    redis = await _redis(url)
    begun: asyncio.Queue[float] = asyncio.Queue()

    async def note(_: Any) -> None:
        begun.put_nowait(time.perf_counter())

    worker = _worker(redis, note, burst=False)
    running = asyncio.create_task(worker.async_run())
    await asyncio.sleep(1)
    found = []
    for _ in range(count):
        asked = time.perf_counter()
        await redis.enqueue_job("noop")
        found.append(await begun.get() - asked)
        await asyncio.sleep(0.02)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await redis.aclose(close_connection_pool=True)
    return found


async def _redis(url: str) -> ArqRedis:
    redis = await create_pool(RedisSettings.from_dsn(url), default_queue_name=QUEUE)
    await redis.flushall()
    return redis


def _worker(redis: ArqRedis, function: Any, *, burst: bool) -> Worker:
    return Worker(
        functions=[func(function, name="noop", keep_result=0)],
        redis_pool=redis,
        queue_name=QUEUE,
        burst=burst,
        max_jobs=PLACES,
        handle_signals=False,
        log_results=False,
    )
