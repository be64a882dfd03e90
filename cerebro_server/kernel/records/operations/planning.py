"""Writing a plan: rows in by chunks, then what they come to."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, Transaction
from cerebro_server.kernel.db.failures import Collision
from cerebro_server.kernel.errors import Problem
from cerebro_server.kernel.ids import uuid7
from cerebro_server.kernel.records.operations import stored
from cerebro_server.kernel.records.operations.stored import Operation
from cerebro_server.kernel.records.planned import Row

Begin = Callable[[], AbstractAsyncContextManager[Context]]
"""Opens one transaction of whoever made the operation; it commits at the end of the block."""
Planner = Callable[["Plan"], Awaitable[None]]
Start = Callable[[Context, Operation], Awaitable[None]]
"""Lets an operation begin to write what is planned."""
CHUNK = 5_000
_BEAT_SECONDS = 20.0  # after a minute without a move, an operation is taken over
_COPY = (
    "copy operation_rows (operation_id, rank, n, record_type, action, record_id, version, "
    "new_values, line, problem, file) from stdin"
)


class Stopped(Exception):  # noqa: N818 - what happened
    """The operation was cancelled while it was being planned."""


class Plan:
    """A plan while it is being made."""

    def __init__(
        self,
        operation: Operation,
        begin: Begin,
        *,
        attempt: UUID | None = None,
        beat_seconds: float = _BEAT_SECONDS,
    ) -> None:
        self.operation = operation
        self._begin = begin
        self._beat_seconds = beat_seconds
        self.attempt = attempt or uuid7()
        """Who plans it: others who do so give themselves another."""
        self.report: dict[str, Any] = dict(operation.report)
        self.file: int | None = None
        """Of several files, the one whose rows are being planned."""
        self._n = 0

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Context]:
        """Open one transaction of whoever made the operation, as the only one who plans it.

        Raises `Collision` where somebody else does so by now, and `Stopped`.
        """
        async with self._begin() as context:
            transaction = await context.write()
            row = await transaction.row(
                Sql(
                    "update operations set updated_at = now() where id = %s "
                    "returning attempt, state",
                    (self.operation.id,),
                )
            )
            if row is None or row[0] != self.attempt:
                raise Collision("Another worker plans the operation.")
            if row[1] != "planning":
                raise Stopped
            context.planning = self.operation.id
            yield context

    def look(self) -> AbstractAsyncContextManager[Context]:
        """Open a context of whoever made the operation, to read what takes long: `begin` keeps
        others from the operation until its end."""
        return self._begin()

    @asynccontextmanager
    async def alive(self) -> AsyncIterator[None]:
        """Say now and then that somebody is at it, as long as the block works without `begin`."""
        ended = asyncio.Event()

        async def beat() -> None:
            while True:
                with suppress(TimeoutError):
                    await asyncio.wait_for(ended.wait(), self._beat_seconds)
                    return
                with suppress(Problem):  # the next `begin` meets the same, unless it has passed
                    async with self.begin():
                        pass

        beats = asyncio.create_task(beat())
        try:
            yield
        finally:
            ended.set()
            await asyncio.wait([beats])
            error = beats.exception()
        if error is not None:
            raise error

    async def restart(self) -> None:
        """Begin anew: what an attempt before left is removed, and that one finds out."""
        operation_id = self.operation.id
        async with self._begin() as context:
            transaction = await context.write()
            await transaction.rows(
                Sql(
                    "update operations set snapshot = pg_current_snapshot()::text, rights = %s, "
                    "attempt = %s, plan_removed_at = null, is_tidy = false, updated_at = now() "
                    "where id = %s",
                    (stored.rights_of(context.actor), self.attempt, operation_id),
                )
            )
        has_more = True
        while has_more:
            async with self.begin() as context:
                transaction = await context.write()
                gone = await transaction.rows(
                    Sql(
                        "delete from operation_rows where ctid = any(array(select ctid "
                        "from operation_rows where operation_id = %s limit 50000)) returning 1",
                        (operation_id,),
                    )
                )
                has_more = bool(gone)

    async def add(self, context: Context, rows: Iterable[Row]) -> None:
        """Add rows, in the transaction of the context."""
        transaction = await context.write()
        lines = [self._line(context, row) for row in rows]
        if not lines:
            return
        async with transaction.copy(Sql(_COPY)) as copy:
            await copy.write("".join(lines).encode())

    @property
    def count(self) -> int:
        """How many rows it has so far."""
        return self._n

    def places(self, count: int) -> int:
        """Take numbers for rows that move behind all others; return the last one before them."""
        last = self._n
        self._n += count
        return last

    async def leave(
        self, context: Context, rank: int, problems: Mapping[int, Mapping[str, Any]]
    ) -> None:
        """Leave rows of one rank after all, each for its reason."""
        if not problems:
            return
        said = [{"n": n, "p": problem} for n, problem in problems.items()]
        await (await context.write()).rows(
            Sql(
                f"update operation_rows r set {stored.LEFT}, problem = s.p "
                "from json_to_recordset(%s::json) as s(n bigint, p jsonb) "
                "where r.operation_id = %s and r.rank = %s and r.n = s.n",
                (to_json(said).decode(), self.operation.id, rank),
            )
        )

    async def add_from(self, context: Context, query: Sql) -> int:
        """Add rows that PostgreSQL selects itself: action, rank, record type, id, version, values
        and problem, in order; return how many."""
        transaction = await context.write()
        inserted = await transaction.rows(
            Sql(
                "with q(action, rank, record_type, record_id, version, new_values, problem) as "
                "materialized (" + query.text + "), i as (insert into operation_rows "
                "(operation_id, n, action, rank, record_type, record_id, version, new_values, "
                "problem) select %s, %s + row_number() over (), action, rank, record_type, "
                "record_id, version, new_values, problem from q) select count(*) from q",
                (*query.params, self.operation.id, self._n),
            )
        )
        count: int = inserted[0][0]
        self._n += count
        return count

    def _line(self, context: Context, row: Row) -> str:
        self._n += 1
        order = stored.order_of(context, row.record_type)
        is_link = bool(context.catalog[row.record_type].ends)
        rank = stored.rank(row.action, order, is_link=is_link, is_late=row.is_late)
        cells = (
            *(str(self.operation.id), str(rank), str(self._n), row.record_type, row.action),
            _text(row.record_id),
            _text(row.version),
            _json(row.values),
            _text(row.line),
            _json(row.problem),
            _text(self.file),
        )
        return "\t".join(cells) + "\n"


async def make(plan: Plan, planner: Planner, start: Start | None = None) -> None:
    """Make a plan from the beginning, and start to apply it in the same transaction: whoever waits
    for it to be applied never sees it planned only.

    Raises `Stopped` where it was cancelled meanwhile, and what `start` raises.
    """
    operation_id = plan.operation.id
    await plan.restart()
    await planner(plan)
    async with plan.begin() as context:
        transaction = await context.write()
        by_noun = await _counts(transaction, operation_id)
        await stored.change(
            transaction,
            operation_id,
            state="planned",
            planned=total(by_noun),
            report={
                **plan.report,
                "nouns": by_noun,
                "fields": await _fields(transaction, operation_id),
            },
            problem=None,
            moments=("planned_at",),
        )
        if start is not None:
            await start(context, await stored.locked(transaction, operation_id))


async def _counts(transaction: Transaction, operation_id: Any) -> dict[str, dict[str, int]]:
    """Return how many rows do what, by noun."""
    rows = await transaction.rows(
        Sql(
            "select record_type, action, count(*) from operation_rows where operation_id = %s "
            "group by record_type, action order by record_type, action",
            (operation_id,),
        )
    )
    found: dict[str, dict[str, int]] = {}
    for noun, action, count in rows:
        found.setdefault(noun, {})[action] = count
    return found


def total(by_noun: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """Return counts of all nouns together."""
    found: Counter[str] = Counter()
    for counts in by_noun.values():
        found.update(counts)
    return dict(found)


async def _fields(transaction: Transaction, operation_id: Any) -> Mapping[str, int]:
    """Return how many planned updates touch which columns."""
    rows = await transaction.rows(
        Sql(
            "select r.record_type || '.' || k, count(*) from operation_rows r, "
            "jsonb_object_keys(r.new_values) k where r.operation_id = %s and r.action = 'update' "
            "group by 1 order by 2 desc, 1",
            (operation_id,),
        )
    )
    return dict(rows)


def _text(value: object) -> str:
    return "\\N" if value is None else str(value)


def _json(value: Mapping[str, Any] | None) -> str:
    """Return JSON as COPY takes it: what JSON itself escapes stays so."""
    return "\\N" if value is None else to_json(value).decode().replace("\\", "\\\\")
