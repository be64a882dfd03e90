"""COPY to the client, in large pieces: psycopg waits, and makes an object, for every row.

PostgreSQL manual, 32.10: "Functions Associated with the COPY Command".
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from typing import Any

from psycopg import AsyncClientCursor, AsyncConnection, errors, pq
from psycopg.waiting import Ready, Wait, wait_async

from cerebro_server.kernel.db.roundtrip import INTERVAL
from cerebro_server.kernel.db.sql import Sql

Steps = Generator[Wait, Ready | int, Any]


async def copied(
    connection: AsyncConnection[Any], statement: Sql, size: int
) -> AsyncGenerator[bytes, None]:
    """Run a `copy … to stdout`; yield what it writes, in pieces of whole rows of about so many
    bytes.

    Whoever stops before the end, and whatever goes wrong, closes the connection: PostgreSQL would
    go on writing to it.
    """
    pgconn = connection.pgconn
    text = AsyncClientCursor(connection).mogrify(statement.text, statement.params or None)
    try:
        pgconn.send_query(text.encode())
        await wait_async(_begin(pgconn), pgconn.socket, INTERVAL)
        while True:
            steps = _piece(pgconn, size)
            piece, is_last = await wait_async(steps, pgconn.socket, INTERVAL)
            if piece:
                yield piece
            if is_last:
                break
        await wait_async(_end(pgconn), pgconn.socket, INTERVAL)
    except BaseException:
        pgconn.finish()
        raise


def _begin(pgconn: pq.abc.PGconn) -> Steps:
    while pgconn.flush():
        yield Wait.W
    result = yield from _result(pgconn)
    if result is None or result.status != pq.ExecStatus.COPY_OUT:
        raise errors.error_from_result(result, encoding="utf-8")


def _piece(pgconn: pq.abc.PGconn, size: int) -> Steps:
    """Return rows, and whether they are the last."""
    buffer = bytearray()
    while len(buffer) < size:
        count, row = pgconn.get_copy_data(1)
        if count > 0:
            buffer += row
        elif count < 0:
            return bytes(buffer), True
        else:
            yield Wait.R
            pgconn.consume_input()
    return bytes(buffer), False


def _end(pgconn: pq.abc.PGconn) -> Steps:
    while (result := (yield from _result(pgconn))) is not None:
        if result.status != pq.ExecStatus.COMMAND_OK:
            raise errors.error_from_result(result, encoding="utf-8")


def _result(pgconn: pq.abc.PGconn) -> Steps:
    while pgconn.is_busy():
        yield Wait.R
        pgconn.consume_input()
    return pgconn.get_result()
