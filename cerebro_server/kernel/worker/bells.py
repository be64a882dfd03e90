"""How a process wakes those who wait for its commits."""

from __future__ import annotations

from collections.abc import Collection

from cerebro_server.kernel.config import Settings
from cerebro_server.kernel.db import Waker


def waker(settings: Settings, url: str) -> Waker:
    """Return what wakes by NOTIFY, and over Redis where there is one."""
    if settings.redis_url is None:
        return Waker(url)
    address = settings.redis_url.get_secret_value()
    bell = None

    async def ring(schemas: Collection[str]) -> None:
        nonlocal bell
        if bell is None:
            from cerebro_server.kernel.worker.ringing import (
                Bell,
            )  # here: not before the first write

            bell = Bell(address)
        await bell.ring(schemas)

    return Waker(url, also=ring)
