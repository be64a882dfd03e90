"""The pool, and the two ways to use it: a read in one round trip, and a transaction."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from psycopg import AsyncConnection
from psycopg.adapt import Buffer, Loader
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from cerebro_server.kernel.db import base
from cerebro_server.kernel.db.failures import translated
from cerebro_server.kernel.db.roundtrip import Rows, round_trip
from cerebro_server.kernel.db.scope import OPEN_READ, Scope
from cerebro_server.kernel.db.sql import Sql
from cerebro_server.kernel.db.transaction import Transaction
from cerebro_server.kernel.db.waking import Waker
from cerebro_server.kernel.errors import Unavailable

_SNAPSHOT = "begin isolation level repeatable read read only"


class _JsonBytes(Loader):
    """Leaves JSON as PostgreSQL wrote it: most of it goes to the socket unread."""

    def load(self, data: Buffer) -> bytes:
        return bytes(data)


async def _configure(connection: AsyncConnection[Any]) -> None:
    connection.adapters.register_loader("json", _JsonBytes)
    connection.adapters.register_loader("jsonb", _JsonBytes)


class Database:
    """All access to PostgreSQL as the application login."""

    def __init__(
        self,
        url: str,
        *,
        size: int,
        statement_timeout_seconds: int,
        wait_seconds: float = 5.0,
        base_currency: str | None = None,
        waker: Waker | None = None,
    ) -> None:
        options = (
            f"-c statement_timeout={statement_timeout_seconds * 1000} "
            "-c idle_in_transaction_session_timeout=10000 -c timezone=UTC "
            "-c lock_timeout=5000 -c application_name=cerebro"
        )
        if base_currency is not None:  # a fact of the installation that triggers go by
            options += f" -c cerebro.base_currency={base_currency}"
        self._base_currency = base_currency
        self._control: Scope | None = None
        self._waker = waker or Waker(url)
        self._pool: AsyncConnectionPool[AsyncConnection[Any]] = AsyncConnectionPool(
            url,
            min_size=1,
            max_size=size,
            timeout=wait_seconds,
            max_lifetime=900,
            # it backs off up to 300 s otherwise: 32 s to heal after 35 s without a database
            reconnect_timeout=1,
            open=False,
            configure=_configure,
            kwargs={"autocommit": True, "options": options, "connect_timeout": 5},
            check=None,
        )

    async def open(self) -> None:
        """Start connecting; does not wait, so that a server comes up before its database."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """Close every connection."""
        await self._waker.close()
        await self._pool.close(timeout=2)

    def stats(self) -> dict[str, int]:
        """Return the pool's counters."""
        return self._pool.get_stats()

    async def control(self) -> Scope:
        """Return the scope that may read `public`, found out once.

        Raises `Unavailable` where amounts are kept in another base currency than ours.
        """
        if self._control is None:
            found = await self.read(Scope("public", "none"), Sql(base.AS_CONTROL))
            role = found[0][0] if found and found[0][0].endswith("_control") else "none"
            control = Scope("public", role)
            await self._check_base(control)
            self._control = control
        return self._control

    async def _check_base(self, control: Scope) -> None:
        """Refuse all work with amounts of another currency: a database that was away when the
        server started was not asked then."""
        if self._base_currency is None:
            return
        for (held,) in await self.read(control, Sql(base.HELD)):
            if said := base.refusal(self._base_currency, held):
                raise Unavailable(said)

    async def read(self, scope: Scope, *statements: Sql) -> Rows:
        """Run a reading statement in a transaction of its own, in one round trip; with several of
        them, those before the last are settings for it.

        There is no `begin` and no `commit`: a pipeline is one transaction up to its end by itself
        (PostgreSQL's manual, 54.2.4).
        """
        async with self._connection() as connection:
            opening = Sql(OPEN_READ, scope.params)
            return (await round_trip(connection, (opening, *statements)))[-1]

    @asynccontextmanager
    async def transaction(
        self, scope: Scope, *, is_dry: bool = False
    ) -> AsyncIterator[Transaction]:
        """Open a transaction; commit at the end of the block, roll back if it raises, and that of
        a dry run in any case.

        Whoever waits for changes is woken after the commit of one that has an actor.
        """
        async with self._connection() as connection:
            transaction = Transaction(connection, scope, is_dry=is_dry)
            try:
                yield transaction
                await transaction.commit()
            except BaseException:
                await transaction.rollback()
                raise
        if scope.actor and not is_dry:
            self._waker.wake(scope.schema)

    @asynccontextmanager
    async def snapshot(self, scope: Scope) -> AsyncIterator[Transaction]:
        """Open a transaction whose statements all see one moment, and which cannot write.

        Nobody waits for it: it has no number among those that write.
        """
        async with self._connection() as connection:
            transaction = Transaction(connection, scope, _SNAPSHOT)
            try:
                yield transaction
            finally:
                await transaction.rollback()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[AsyncConnection[Any]]:
        with translated():
            try:
                async with self._pool.connection() as connection:
                    try:
                        yield connection
                    except psycopg.Error:
                        # in autocommit mode the pool would not end our literal `begin`
                        if not connection.closed:
                            await connection.rollback()
                        raise
            except PoolTimeout as error:
                raise psycopg.OperationalError(str(error)) from error
