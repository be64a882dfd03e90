"""Waiting for commits: one connection listens for all that wait in this process."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from cerebro_server.kernel.journal.listening import listen

_LOOK_SECONDS: Final = 5.0
"""How often whoever waits looks by themselves: a word may get lost."""
_DEAF_SECONDS: Final = 1.0
"""The same while nothing is heard."""


class Bell:
    """Rings for one who waits."""

    def __init__(self, commits: Commits) -> None:
        self._commits = commits
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake them."""
        self._rung.set()

    def still(self) -> None:
        """Forget that it rang; to be done before looking, or what happens meanwhile is missed."""
        self._rung.clear()

    async def wait(self, seconds: float) -> None:
        """Wait until it rings, or for so long; not for long in any case."""
        usual = _LOOK_SECONDS if self._commits.hears else _DEAF_SECONDS
        with contextlib.suppress(TimeoutError):
            # not `wait_for`: until Python 3.12 it loses a cancellation that comes with a ring
            async with asyncio.timeout(min(seconds, usual)):
                await self._rung.wait()


class Commits:
    """Rings the bells of those who wait for commits; listens from the first of them on."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._bells: defaultdict[str, set[Bell]] = defaultdict(set)
        self._listening: asyncio.Task[None] | None = None
        self.hears = False
        """Whether it is told of commits; if not, whoever waits has to look more often."""
        self.is_stopping = False
        """Whether nobody should wait any more, since the server stops."""

    @contextlib.contextmanager
    def bell(self, schema: str) -> Iterator[Bell]:
        """Return a bell that rings when something was committed in a schema."""
        if self._listening is None and not self.is_stopping:
            self._listening = asyncio.get_running_loop().create_task(
                listen(self._url, on_commit=self._ring, on_change=self._hear)
            )
        bell = Bell(self)
        self._bells[schema].add(bell)
        try:
            yield bell
        finally:
            self._bells[schema].discard(bell)
            if not self._bells[schema]:
                del self._bells[schema]

    def stop(self) -> None:
        """Wake everybody, so that they end before the server does."""
        self.is_stopping = True
        self._ring_all()

    async def close(self) -> None:
        """Stop, and close the connection."""
        self.stop()
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.wait({self._listening}, timeout=1)

    def _ring(self, schema: str) -> None:
        for bell in self._bells.get(schema, ()):
            bell.ring()

    def _hear(self, hears: bool) -> None:
        self.hears = hears
        self._ring_all()  # before it begins to hear, something may have been missed

    def _ring_all(self) -> None:
        for schema in self._bells:
            self._ring(schema)
