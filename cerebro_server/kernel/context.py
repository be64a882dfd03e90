"""What a service gets first: who asks, in which workspace, and the way to the data."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from cerebro_server.kernel import clock
from cerebro_server.kernel.access import Actor, condition, condition_ever, is_open, seen, subject_of
from cerebro_server.kernel.config import Settings
from cerebro_server.kernel.db import Database, Scope, Sql, Transaction
from cerebro_server.kernel.fields import Catalog, RecordType
from cerebro_server.kernel.query import Env, Subject

Rows = list[tuple[Any, ...]]


@dataclass(slots=True)
class Context:
    """One request, or one job. Reads take one round trip each; the first write opens the request's
    transaction, which whoever made the context commits. A service never commits."""

    database: Database
    settings: Settings
    actor: Actor
    workspace: str
    scope: Scope
    catalog: Catalog
    """Every record type by name: for what works on any of them."""
    known_permissions: frozenset[str] = frozenset()
    """Every permission there is."""
    now: datetime = field(default_factory=clock.now)
    planning: UUID | None = None
    """The operation that is being planned: what it will make can be named."""
    is_dry: bool = False
    """Whether all that it writes is taken back at its end: a dry run."""
    _ahead: tuple[Sql, Rows] | None = None
    """A statement that was read already, with its rows."""
    _transaction: Transaction | None = None
    _whole: Context | None = None
    """Of a part of a dry run, all of it."""
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def env(self) -> Env:
        """What special values in filters mean for the caller."""
        return Env(
            now=self.now,
            me=self.actor.user_id,
            teams=self.actor.teams,
            region=self.settings.default_region,
        )

    def seen(self, record_type: RecordType) -> RecordType:
        """Return the record type with the fields that the caller sees."""
        return seen(self.actor, record_type)

    def subject(self, record_type: RecordType) -> Subject:
        """Return what a filter of the caller's can be about."""
        return subject_of(self.actor, record_type, self.env, self.catalog)

    def everything(self, record_type: RecordType) -> Subject:
        """Return what a rule can be about, whatever the caller sees."""
        return subject_of(self.actor, record_type, self.env, self.catalog, everything=True)

    def whole(self, record_type: RecordType) -> RecordType:
        """Return the record type with all of the workspace's own fields, whatever rules say."""
        return self.actor.definitions.whole(record_type)

    def condition(self, record_type: RecordType, *actions: str) -> Sql | None:
        """Return what a row `t` must fulfil for all of these; None where every row will do."""
        env = self.env
        found = [
            condition(self.actor, record_type, action, env, self.catalog) for action in actions
        ]
        limits = [limit for limit in found if limit is not None]
        return Sql.both(*limits) if limits else None

    def condition_ever(self, record_type: RecordType) -> Sql | None:
        """Return what a row `t` must fulfil today for the caller to read it as it once was."""
        return condition_ever(self.actor, record_type, self.env, self.catalog)

    def is_open(self, record_type: RecordType, *actions: str) -> bool:
        """Whether the caller may do these with every record, and read every one that it hangs on:
        what is destroyed has a journal still, though no row that a condition could look at."""
        return is_open(self.actor, record_type, self.catalog, *actions)

    async def read(self, *statements: Sql) -> Rows:
        """Run a reading statement, behind the settings for it: inside the open transaction if there
        is one. What was read ahead is not read again."""
        if self._ahead is not None and statements[-1] is self._ahead[0]:
            return [*self._ahead[1]]
        if self._transaction is not None:
            return (await self._transaction.batch(*statements))[-1]
        return await self.database.read(self.scope, *statements)

    def ahead(self, statement: Sql, rows: Rows) -> Context:
        """Return a context of the same caller and transaction that has read this already."""
        return replace(self, _ahead=(statement, rows))

    async def write(self) -> Transaction:
        """Return this request's transaction, opening it at the first call."""
        if self._transaction is None:
            self._transaction = await self._stack.enter_async_context(
                self.database.transaction(self.scope, is_dry=self.is_dry)
            )
        return self._transaction

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[tuple[Context, Transaction]]:
        """Give a context of the same caller whose reads all see one moment, and its transaction;
        neither can write."""
        async with self.database.snapshot(self.scope) as transaction:
            seen = replace(self, _transaction=transaction, _stack=AsyncExitStack())
            yield seen, transaction

    def apart(self) -> Context:
        """Return a context of the same caller with a transaction of its own: for work in chunks.
        Of a dry run it is a part of the one that there is, or later parts would not see it."""
        whole = self if self.is_dry else None
        return replace(self, _transaction=None, _stack=AsyncExitStack(), _whole=whole)

    async def __aenter__(self) -> Context:
        if self._whole is not None:
            self._transaction = await self._whole.write()
            await self._stack.enter_async_context(self._transaction.part())
        return self

    async def __aexit__(self, kind: Any, error: Any, traceback: Any) -> None:
        """Commit what was written, or take it back if the block raised."""
        self._transaction = None
        await self._stack.__aexit__(kind, error, traceback)
