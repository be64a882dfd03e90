"""Several statements in one round trip, with one wait for all of them.

psycopg's own pipeline waits for the socket once for each statement and builds a cursor for each:
0.12 ms apiece, of a read's 0.6. This sends them all, flushes once and reads until the sync
(PostgreSQL manual, 32.5: "Pipeline Mode"). Values are adapted by psycopg as everywhere.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

from psycopg import AsyncConnection, errors, pq
from psycopg.adapt import PyFormat, Transformer
from psycopg.waiting import Ready, Wait, wait_async

from cerebro_server.kernel.db.sql import Sql
from cerebro_server.kernel.telemetry import count_round_trip

Rows = list[tuple[Any, ...]]

INTERVAL = 60.0  # seconds; psycopg's default of 0 asks the socket anew in every turn of the loop
_KEPT = 500  # prepared statements of one connection
_prepared: WeakKeyDictionary[AsyncConnection[Any], _Prepared] = WeakKeyDictionary()


class _Prepared:
    """What one connection has prepared: a statement that comes a second time."""

    def __init__(self) -> None:
        self.count = 0
        self.names: dict[tuple[bytes, tuple[int, ...]], bytes] = {}
        self.seen: set[tuple[bytes, tuple[int, ...]]] = set()


async def round_trip(connection: AsyncConnection[Any], statements: Sequence[Sql]) -> list[Rows]:
    """Run statements; return the rows of each. Without `begin` among them, or open before, they are
    one transaction.

    Raises the first statement's error that has one; what follows it is not run. Whatever else
    happens in between closes the connection, since its state would not be known.
    """
    count_round_trip(len(statements))
    pgconn = connection.pgconn
    prepared = _prepared.setdefault(connection, _Prepared())
    transformer = Transformer.from_context(connection)
    try:
        pgconn.enter_pipeline_mode()
        extra = [_send(pgconn, statement, transformer, prepared) for statement in statements]
        pgconn.pipeline_sync()
        results = await wait_async(_exchange(pgconn), pgconn.socket, INTERVAL)
        pgconn.exit_pipeline_mode()
    except BaseException:
        pgconn.finish()
        raise
    rows: list[Rows] = []
    position = 0
    for prepares in extra:
        for result in results[position : position + prepares]:
            _check(result, connection)
        result = results[position + prepares]
        _check(result, connection)
        rows.append(_load(result, transformer))
        position += prepares + 1
    return rows


def _send(pgconn: pq.abc.PGconn, statement: Sql, transformer: Any, prepared: _Prepared) -> int:
    """Send a statement; return how many results come before its own."""
    text, count = _numbered(statement.text)
    if count != len(statement.params):
        raise ValueError(f"{len(statement.params)} parameters for {count} places: {statement.text}")
    values = transformer.dump_sequence(statement.params, [PyFormat.AUTO] * count)
    types, formats = tuple(transformer.types or ()), transformer.formats
    key = (text, types)
    name = prepared.names.get(key)
    before = 0
    if name is None and key in prepared.seen and prepared.count < _KEPT:
        prepared.count += 1
        name = b"cerebro_%d" % prepared.count
        pgconn.send_prepare(name, text, types)
        prepared.names[key] = name
        before = 1
    if name is not None:
        pgconn.send_query_prepared(name, values, param_formats=formats)
    else:
        if len(prepared.seen) > 4 * _KEPT:
            prepared.seen.clear()
        prepared.seen.add(key)
        pgconn.send_query_params(text, values, param_types=types, param_formats=formats)
    return before


@lru_cache(2_000)
def _numbered(text: str) -> tuple[bytes, int]:
    """Return the text with `$1, $2 …` for each `%s`, and how many there are."""
    parts = text.replace("%%", "\0").split("%s")
    numbered = "".join(f"{part}${n}" for n, part in enumerate(parts[:-1], 1)) + parts[-1]
    return numbered.replace("\0", "%").encode(), len(parts) - 1


def _exchange(pgconn: pq.abc.PGconn) -> Generator[Wait, Ready | int, list[pq.abc.PGresult]]:
    """Write all that was sent, and collect results up to the sync's."""
    while pgconn.flush():
        if (yield Wait.RW) & Ready.R:
            pgconn.consume_input()
    results: list[pq.abc.PGresult] = []
    while True:
        yield Wait.R
        pgconn.consume_input()
        ended = False  # a statement's results end with a None; a second one: no more has come
        while not pgconn.is_busy():
            result = pgconn.get_result()
            if result is None:
                if ended:
                    break
                ended = True
                continue
            ended = False
            if result.status == pq.ExecStatus.PIPELINE_SYNC:
                return results
            results.append(result)


def _check(result: pq.abc.PGresult, connection: AsyncConnection[Any]) -> None:
    if result.status == pq.ExecStatus.FATAL_ERROR:
        # what was to be prepared after the error has not been; names are not given twice
        _prepared[connection].names.clear()
        raise errors.error_from_result(result, encoding="utf-8")


def _load(result: pq.abc.PGresult, transformer: Any) -> Rows:
    if result.status != pq.ExecStatus.TUPLES_OK:
        return []
    transformer.set_pgresult(result)
    loaded: Rows = transformer.load_rows(0, result.ntuples, tuple)
    return loaded
