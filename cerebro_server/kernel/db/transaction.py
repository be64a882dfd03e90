"""One transaction: opened with its scope in the same round trip as its first statement."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

from psycopg import AsyncConnection, AsyncCopy

from cerebro_server.kernel.db.copying import copied
from cerebro_server.kernel.db.roundtrip import Rows, round_trip
from cerebro_server.kernel.db.scope import OPEN, Scope
from cerebro_server.kernel.db.sql import Sql


class Transaction:
    """Statements that commit together. `Database.transaction` makes them; nothing else commits."""

    def __init__(
        self, connection: AsyncConnection[Any], scope: Scope, begin: str = "begin"
    ) -> None:
        self._connection = connection
        self._scope = scope
        self._begin = begin
        self._begun = False

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
        closing = [Sql("commit")] if then_commit else []
        self._begun = True
        rows = await round_trip(self._connection, [*opening, *statements, *closing])
        self._begun = not then_commit
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
        """Commit, if anything was begun."""
        if self._begun:
            await round_trip(self._connection, [Sql("commit")])
            self._begun = False

    async def rollback(self) -> None:
        """Take everything back."""
        if self._begun:
            self._begun = False
            if not self._connection.closed:  # or its error would hide why it was closed
                await self._connection.rollback()
