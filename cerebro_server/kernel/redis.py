"""Redis: cache and limits only; losing all of it loses nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cerebro_server.kernel.config import Settings

_BATCH = 200  # counters in one round trip: 2 ms in which this process answers nobody


async def ping(settings: Settings) -> bool | None:
    """Tell whether Redis answers; None where none is configured."""
    if settings.redis_url is None:
        return None
    from redis.asyncio import Redis  # here: 60 ms that a server without Redis need not spend
    from redis.exceptions import RedisError

    client = Redis.from_url(
        settings.redis_url.get_secret_value(), socket_timeout=1, socket_connect_timeout=1
    )
    try:
        return bool(await client.ping())
    except (RedisError, OSError):
        return False
    finally:
        await client.aclose()


class Counters:
    """Counters that every server of an installation adds to."""

    def __init__(self, url: str) -> None:
        from redis.asyncio import Redis
        from redis.exceptions import RedisError

        # no retries: whoever adds keeps what was not added, and comes again
        self._client: Any = Redis.from_url(
            url, socket_timeout=1, socket_connect_timeout=1, retry=None, retry_on_error=[]
        )
        self._away = (RedisError, OSError)

    async def add(
        self, amounts: Mapping[str, int], *, kept_ms: int
    ) -> tuple[float, dict[str, int]] | None:
        """Add to counters, which end after `kept_ms`; return Redis' clock in seconds, and what each
        counter came to. None when Redis does not answer."""
        totals: dict[str, int] = {}
        clock = 0.0
        try:
            every = list(amounts)
            for start in range(0, len(every), _BATCH):
                names = every[start : start + _BATCH]
                pipeline = self._client.pipeline(transaction=False)
                pipeline.time()
                for name in names:
                    pipeline.incrby(name, amounts[name])
                    pipeline.pexpire(name, kept_ms)
                (seconds, micros), *replies = await pipeline.execute()
                clock = seconds + micros / 1e6
                totals.update(zip(names, replies[::2], strict=True))
        except self._away:
            return None
        return clock, totals

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()
