"""Statements of one round trip: results in order, errors at their place, no state left behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import psycopg
import pytest
import pytest_asyncio
from psycopg import errors as pg
from psycopg.pq import TransactionStatus

from cerebro_server.kernel.db import Database, Scope, Sql, settings
from cerebro_server.kernel.db.roundtrip import round_trip

Connection = psycopg.AsyncConnection[tuple[object, ...]]


@pytest_asyncio.fixture
async def connection(postgres: str) -> AsyncIterator[Connection]:
    async with await psycopg.AsyncConnection.connect(postgres, autocommit=True) as made:
        yield made


async def test_returns_the_rows_of_each(connection: Connection) -> None:
    rows = await round_trip(
        connection,
        [
            Sql("select n from generate_series(1, 3) n"),
            Sql("create temporary table t (x text)"),
            Sql("insert into t values (%s), (%s)", ("50%", None)),
            Sql("select x, '100%%' from t order by x"),
        ],
    )
    assert rows == [[(1,), (2,), (3,)], [], [], [("50%", "100%"), (None, "100%")]]


async def test_values_come_back_as_they_went(connection: Connection) -> None:
    values = (
        7,
        10**12,
        True,
        None,
        "é\n'\"\\",
        Decimal("1.50"),
        UUID(int=5),
        datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC),
        ["a", "b"],
        b"\x00\xff",
    )
    text = "select %s, %s, %s, %s::int, %s, %s, %s, %s, %s::text[], %s"
    for _ in range(4):  # plain, then prepared
        assert await round_trip(connection, [Sql(text, values)]) == [[values]]


async def test_one_text_takes_other_types(connection: Connection) -> None:
    for value in (1, 70_000, 2**40, 1, "x", 2**40, "x"):
        assert await round_trip(connection, [Sql("select %s", (value,))]) == [[(value,)]]


async def test_without_begin_it_is_one_transaction(connection: Connection) -> None:
    await round_trip(connection, [Sql("create temporary table t (x int)")])
    with pytest.raises(pg.DivisionByZero):
        await round_trip(connection, [Sql("insert into t values (1)"), Sql("select 1 / 0")])
    assert await round_trip(connection, [Sql("select count(*) from t")]) == [[(0,)]]
    setting = Sql("select set_config('cerebro.actor', 'x', true)")
    shown = Sql("select current_setting('cerebro.actor', true)")
    assert (await round_trip(connection, [setting, shown]))[1] == [("x",)]
    assert (await round_trip(connection, [shown]))[0][0][0] in (None, "")


async def test_settings_end_with_the_transaction(connection: Connection) -> None:
    values = {"work_mem": "65MB", "cerebro.actor": "it's 50%"}
    shown = Sql("select current_setting('work_mem'), current_setting('cerebro.actor', true)")
    rows = await round_trip(connection, [settings(**values), shown])
    assert rows == [[("65MB", "it's 50%")], [("65MB", "it's 50%")]]
    assert (await round_trip(connection, [shown]))[0][0][0] != "65MB"
    with pytest.raises(ValueError, match="not a plain name"):
        settings(**{"work_mem', '1GB', false), version('": "x"})


async def test_raises_the_first_error_and_goes_on_working(connection: Connection) -> None:
    wrong, right = Sql("select wrong"), Sql("select %s", (1,))
    for _ in range(4):
        with pytest.raises(pg.UndefinedColumn):
            await round_trip(connection, [right, wrong, right])
        assert await round_trip(connection, [right]) == [[(1,)]]
    assert connection.pgconn.transaction_status == TransactionStatus.IDLE


async def test_an_open_transaction_waits_for_its_rollback(connection: Connection) -> None:
    with pytest.raises(pg.UndefinedColumn):
        await round_trip(connection, [Sql("begin"), Sql("select wrong")])
    assert connection.pgconn.transaction_status == TransactionStatus.INERROR
    await connection.rollback()
    assert await round_trip(connection, [Sql("select 1")]) == [[(1,)]]


async def test_being_cut_off_closes_the_connection(connection: Connection) -> None:
    task = asyncio.create_task(round_trip(connection, [Sql("select pg_sleep(30)")]))
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert connection.closed


async def test_a_transaction_that_is_cut_off_says_so_and_the_pool_goes_on(postgres: str) -> None:
    database = Database(postgres, size=1, statement_timeout_seconds=60)
    nowhere = Scope("public", "none")

    async def sleep() -> None:
        async with database.transaction(nowhere) as transaction:
            await transaction.rows(Sql("select pg_sleep(30)"))

    await database.open()
    try:
        task = asyncio.create_task(sleep())
        await asyncio.sleep(0.3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await database.read(nowhere, Sql("select 1")) == [(1,)]
    finally:
        await database.close()


async def test_a_large_set_goes_and_comes(connection: Connection) -> None:
    text = "x" * 5_000_000
    [[(back,)]] = await round_trip(connection, [Sql("select %s", (text,))])
    assert back == text


async def test_places_and_values_must_agree(connection: Connection) -> None:
    with pytest.raises(ValueError, match="1 parameters for 2 places"):
        await round_trip(connection, [Sql("select %s, %s", (1,))])


async def test_a_closed_connection_is_said_so(connection: Connection) -> None:
    await connection.close()
    with pytest.raises(psycopg.OperationalError):
        await round_trip(connection, [Sql("select 1")])
