"""One transaction: opened with its scope in the same round trip as its first statement."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

from psycopg import AsyncConnection, AsyncCopy

from cerebro_server.kernel.db.copying import copied
from cerebro_server.kernel.db.roundtrip import Rows, round_trip
from cerebro_server.kernel.db.scope import OPEN, Scope
from cerebro_server.kernel.db.sql import Sql, settings

_TRIED = settings(**{"cerebro.dry_run": "on"})
_CHECK = Sql("set constraints all immediate")
"""What a commit would find."""


class Transaction:
    """Statements that commit together. `Database.transaction` makes them; nothing else commits.

    That of a dry run never does: where it would commit, it checks what a commit would check, and at
    its end everything is taken back.
    """

    def __init__(
        self,
        connection: AsyncConnection[Any],
        scope: Scope,
        begin: str = "begin",
        *,
        is_dry: bool = False,
    ) -> None:
        self._connection = connection
        self._scope = scope
        self._begin = begin
        self._begun = False
        self._parts = 0
        self.is_dry = is_dry
        """Whether all of it is taken back in any case."""

    async def rows(self, statement: Sql) -> Rows:
        """Run one statement and return its rows."""
        return (await self.batch(statement))[-1]

    async def row(self, statement: Sql) -> tuple[Any, ...] | None:
        """Run one statement and return its first row, if any."""
        rows = await self.rows(statement)
        return rows[0] if rows else None

    async def batch(self, *statements: Sql, then_commit: bool = False) -> list[Rows]:
        """Run statements in one round trip, and with them the commit if so asked; return the rows
        of each."""
        opening = [] if self._begun else [Sql(self._begin), Sql(OPEN, self._scope.params)]
        if opening and self.is_dry:
            opening.append(_TRIED)
        closing = [_CHECK if self.is_dry else Sql("commit")] if then_commit else []
        self._begun = True
        rows = await round_trip(self._connection, [*opening, *statements, *closing])
        self._begun = self.is_dry or not then_commit
        return rows[len(opening) : len(opening) + len(statements)]

    @asynccontextmanager
    async def copy(self, statement: Sql) -> AsyncIterator[AsyncCopy]:
        """Run a `copy … from stdin`."""
        await self.batch()
        cursor = self._connection.cursor()
        async with cursor.copy(statement.text, statement.params) as stream:
            yield stream

    async def copied(self, statement: Sql, size: int) -> AsyncGenerator[bytes, None]:
        """Run a `copy … to stdout`; yield whole rows, in pieces of about so many bytes."""
        await self.batch()
        async with aclosing(copied(self._connection, statement, size)) as pieces:
            async for piece in pieces:
                yield piece

    async def commit(self) -> None:
        """Commit, if anything was begun; of a dry run, find out whether it could."""
        if self._begun:
            ending = [_CHECK, Sql("rollback")] if self.is_dry else [Sql("commit")]
            await round_trip(self._connection, ending)
            self._begun = False

    @asynccontextmanager
    async def part(self) -> AsyncIterator[None]:
        """Do what would be a transaction of its own, were this no dry run: kept up to the end of
        all, or taken back if the block raises."""
        await self.batch(Sql("savepoint part"))
        self._parts += 1
        try:
            yield
            await self.batch(_CHECK, Sql("set constraints all deferred"))
        except BaseException:
            await self.rollback()
            raise
        finally:
            self._parts -= 1
            if not self._connection.closed:
                await self.batch(Sql("release savepoint part"))

    async def rollback(self) -> None:
        """Take everything back, of a part all of that."""
        if not self._begun:
            return
        self._begun = bool(self._parts)
        if self._connection.closed:  # or its error would hide why it was closed
            return
        if self._parts:
            await round_trip(self._connection, [Sql("rollback to savepoint part")])
        else:
            await self._connection.rollback()
