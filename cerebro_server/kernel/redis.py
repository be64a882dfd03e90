"""Redis: cache and limits only; losing all of it loses nothing."""

from __future__ import annotations

from cerebro_server.kernel.config import Settings


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
