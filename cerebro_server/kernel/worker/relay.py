"""The relay: reads the journal and asks for the jobs that changes lead to, each exactly once."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import psycopg
import structlog

from cerebro_server.kernel.db import Database, Scope, Sql, Transaction, Workspace
from cerebro_server.kernel.errors import Problem
from cerebro_server.kernel.jobs import enqueue
from cerebro_server.kernel.journal import reading
from cerebro_server.kernel.journal.reading import Cursor
from cerebro_server.kernel.journal.subscriber import Change, Subscriber
from cerebro_server.kernel.worker.work import Dead, Handler, Work

AGAIN: Final = "subscriber"
"""The kind of the job that shows changes once more to a subscriber that failed."""
_POLL_SECONDS = 0.2
_AT_ONCE = 10  # workspaces that are looked into in one poll, besides those that somebody woke
_CHUNK = 1_000
_log = structlog.get_logger("cerebro.relay")


class Relay:
    """Reads the journals of all workspaces for their subscribers.

    Any number may run: a workspace's cursor is held by one at a time.
    """

    def __init__(self, database: Database, subscribers: Sequence[Subscriber]) -> None:
        self._database = database
        self._subscribers = subscribers
        wanted = [subscriber.nouns for subscriber in subscribers]
        self._nouns = (
            None if None in wanted else sorted({n for nouns in wanted for n in nouns or ()})
        )
        self._workspaces: dict[str, Workspace] = {}
        self._turn: deque[str] = deque()
        self._woken: set[str] = set()
        self._wakes = asyncio.Event()

    def know(self, workspaces: Iterable[Workspace]) -> None:
        """Take over the list of workspaces."""
        self._workspaces = {workspace.schema: workspace for workspace in workspaces}
        self._turn = deque(self._workspaces)

    def wake(self, schema: str) -> None:
        """Look into a workspace at once."""
        self._woken.add(schema)
        self._wakes.set()

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """What runs the jobs that it asks for on its own behalf."""
        return {AGAIN: self._show_again} if self._subscribers else {}

    async def run(self) -> None:
        """Read until cancelled; the database being away is no end."""
        if not self._subscribers:
            return
        while True:
            with contextlib.suppress(TimeoutError):
                # not `wait_for`: until Python 3.12 it loses a cancellation that comes with a wake
                async with asyncio.timeout(_POLL_SECONDS):
                    await self._wakes.wait()
            self._wakes.clear()
            woken, self._woken = self._woken, set()
            for schema in {*woken, *self._next()} & self._workspaces.keys():
                try:
                    await self.read(self._workspaces[schema])
                except (Problem, psycopg.Error) as error:
                    _log.warning("database_in_the_way", error=str(error))
                    await asyncio.sleep(_POLL_SECONDS)

    async def skip(self) -> None:
        """Where nobody subscribes, forget what was; so that who begins to later begins there."""
        if not self._subscribers:
            for workspace in self._workspaces.values():
                async with self._database.transaction(workspace.scope) as transaction:
                    await transaction.rows(Sql(reading.SKIP))

    async def read(self, workspace: Workspace) -> None:
        """Read a workspace's journal as far as it is settled."""
        [(is_behind,)] = await self._database.read(workspace.scope, Sql(reading.BEHIND))
        while is_behind:
            scope = Scope(workspace.schema, workspace.role, "system")
            async with self._database.transaction(scope) as transaction:
                is_behind = await self._step(transaction)

    async def _step(self, transaction: Transaction) -> bool:
        """Read one chunk and ask for its jobs, in one transaction; tell whether to go on."""
        cursor = await reading.hold(transaction)
        if cursor is None:
            return False
        changes, following = await reading.after(
            transaction, cursor, nouns=self._nouns, most=_CHUNK
        )
        if not changes:
            return False
        for subscriber in self._subscribers:
            try:
                await _ask(transaction, subscriber, changes)
            except psycopg.Error:
                raise
            except Exception as error:
                _log.error("subscriber_failed", subscriber=subscriber.name, exc_info=error)
                payload = {"name": subscriber.name, "after": cursor, "up_to": following}
                await enqueue(transaction, kind=AGAIN, payload=payload)
        await reading.advance(transaction, following)
        return len(changes) == _CHUNK

    async def _show_again(self, work: Work) -> None:
        """Show a subscriber the changes that it failed on."""
        named = work.payload["name"]
        subscriber = next((each for each in self._subscribers if each.name == named), None)
        if subscriber is None:
            raise Dead(f"There is no subscriber {named} any more.")
        after, up_to = Cursor(*work.payload["after"]), Cursor(*work.payload["up_to"])
        async with work.finishing() as context:
            transaction = await context.write()
            await _ask(transaction, subscriber, await reading.between(transaction, after, up_to))

    def _next(self) -> list[str]:
        chosen = [self._turn[n] for n in range(min(_AT_ONCE, len(self._turn)))]
        self._turn.rotate(-len(chosen))
        return chosen


async def _ask(transaction: Transaction, subscriber: Subscriber, changes: Sequence[Change]) -> None:
    wanted = [change for change in changes if subscriber.wants(change)]
    for kind, key, payload in subscriber.jobs(wanted) if wanted else ():
        await enqueue(transaction, kind=kind, key=key, payload=payload)
