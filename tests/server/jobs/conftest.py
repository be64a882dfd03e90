"""An engine inside the test's own loop, with handlers of the test's own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest

from cerebro_server.kernel.db import Database, Scope, urls
from cerebro_server.kernel.jobs import enqueue
from cerebro_server.kernel.journal.subscriber import Subscriber
from cerebro_server.kernel.worker import Handler
from cerebro_server.kernel.worker.engine import Engine
from cerebro_server.worker import working
from tests.fixtures.stores import Installation


class Desk:
    """One installation: jobs are asked for here, and looked at."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.url = urls.app_url(installation.settings)
        self.database = Database(self.url, size=4, statement_timeout_seconds=15)
        self.owner = psycopg.connect(installation.url, autocommit=True)

    def scope(self, slug: str = "main", actor: str = "system") -> Scope:
        found = self.owner.execute(
            "select schema_name, role_name from public.workspaces where slug = %s", (slug,)
        ).fetchone()
        assert found is not None
        return Scope(*found, actor)

    async def ask(
        self, kind: str, *, slug: str = "main", actor: str = "system", count: int = 1, **more: Any
    ) -> list[Any]:
        """Ask for jobs in one transaction; return their ids."""
        payload = more.pop("payload", {})
        async with self.database.transaction(self.scope(slug, actor)) as transaction:
            return [
                await enqueue(transaction, kind=kind, payload={"n": n, **payload}, **more)
                for n in range(count)
            ]

    def rows(self, statement: str, *params: object, slug: str = "main") -> list[tuple[Any, ...]]:
        self.owner.execute(f"set search_path = ws_{slug}")
        return self.owner.execute(statement, params or None).fetchall()

    def states(self, slug: str = "main") -> dict[str, int]:
        return dict(self.rows("select state, count(*) from jobs group by 1", slug=slug))

    @asynccontextmanager
    async def working(
        self,
        handlers: Mapping[str, Handler],
        subscribers: Sequence[Subscriber] = (),
        **settings: Any,
    ) -> AsyncIterator[Engine]:
        """Let a worker run as long as the block."""
        chosen = self.installation.settings.model_copy(update=settings)
        async with working(chosen, also=handlers, subscribers=subscribers) as engine:
            running = asyncio.create_task(engine.run())
            try:
                yield engine
            finally:
                engine.stop()
                await running


async def until(condition: Callable[[], Any], what: str, seconds: float = 30) -> Any:
    """Wait for a condition, and return what it came to."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = condition()
        if isinstance(found, Awaitable):
            found = await found
        if found:
            return found
        await asyncio.sleep(0.02)
    raise AssertionError(f"in {seconds} s it did not happen that {what}")


@pytest.fixture
async def desk(installation: Installation) -> AsyncIterator[Desk]:
    made = Desk(installation)
    await made.database.open()
    yield made
    await made.database.close()
    made.owner.close()
