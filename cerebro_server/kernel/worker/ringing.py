"""Redis as a bell between processes, over arq: what it loses costs a moment, nothing else.

PostgreSQL holds the jobs, and a worker looks for them by itself. arq's worker ends when Redis goes
away, so it is made anew for as long as we run.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, Final, cast

from arq.connections import ArqRedis, RedisSettings, create_pool
from arq.worker import Worker, func
from redis.exceptions import RedisError

if TYPE_CHECKING:
    from arq.typing import WorkerCoroutine

QUEUE: Final = "cerebro:wake"
_PAUSE_SECONDS = 2.0
_AWAY = (RedisError, OSError, TimeoutError)
logging.getLogger("arq").setLevel(logging.CRITICAL)  # each attempt to connect would be three lines


class Bell:
    """Rings for whoever works on a workspace's jobs; fails in silence."""

    def __init__(self, url: str) -> None:
        self._settings = _settings(url)
        self._redis: ArqRedis | None = None

    async def ring(self, schemas: Collection[str]) -> None:
        """Say in which schemas there may be work."""
        with contextlib.suppress(*_AWAY):
            if self._redis is None:
                self._redis = await create_pool(self._settings, default_queue_name=QUEUE)
            for schema in schemas:
                await self._redis.enqueue_job("wake", schema, _job_id=f"wake:{schema}")


async def answer(url: str, wake: Callable[[str], None]) -> None:
    """Call `wake` with each schema that somebody rings for; runs until cancelled."""

    async def woken(_: Any, schema: str) -> None:
        wake(schema)

    while True:
        worker = Worker(
            functions=[func(cast("WorkerCoroutine", woken), name="wake", keep_result=0)],
            queue_name=QUEUE,
            redis_settings=_settings(url),
            handle_signals=False,
            health_check_key=f"{QUEUE}:health",
        )
        try:
            await worker.async_run()
        except _AWAY:
            await asyncio.sleep(_PAUSE_SECONDS)
        finally:
            with contextlib.suppress(*_AWAY):
                await worker.close()


def _settings(url: str) -> RedisSettings:
    found = RedisSettings.from_dsn(url)
    found.conn_retries = 0
    return found
