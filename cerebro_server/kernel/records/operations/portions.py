"""Applying a plan whose rows go together: some whole units at a time, each time a transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from pydantic_core import to_json

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, Transaction
from cerebro_server.kernel.records.operations import applying, binding, stored
from cerebro_server.kernel.records.operations.applying import Chunk, Left
from cerebro_server.kernel.records.operations.planning import Begin
from cerebro_server.kernel.records.operations.stored import PAST, Operation

_RANKS: Final = (
    "with recursive ranks(rank) as ((select rank from operation_rows where operation_id = %s "
    "order by rank limit 1) union all select (select o.rank from operation_rows o where "
    "o.operation_id = %s and o.rank > ranks.rank order by o.rank limit 1) from ranks "
    "where ranks.rank is not null) "
)
"""The ranks of a plan, each found by index: takes the operation twice."""


class _Apart(Exception):  # noqa: N818 - what happened
    """Rows of units could not be written, so nothing of this portion is."""

    def __init__(self, left: Mapping[int, Left]) -> None:
        self.left = left
        """By rank."""


async def run(operation_id: UUID, begin: Begin) -> None:
    """Apply what is left of a plan; returns when all of it is, or when somebody cancelled it.

    A unit of which a row cannot be written is left whole: its portion is written anew without it.
    One that the database refuses makes portions smaller until it stands alone.
    """

    async def write(size: int) -> bool:
        while True:
            try:
                async with begin() as context:
                    return await _portion(context, operation_id, size)
            except _Apart as apart:
                async with begin() as context:
                    await _leave(context, operation_id, apart.left)

    async def leave(error: Exception) -> None:
        async with begin() as context:
            await _refuse(context, operation_id, applying.said(error))

    await applying.paced(write, leave)


async def _portion(context: Context, operation_id: UUID, size: int) -> bool:
    """Apply the next units; False when there is nothing more to do."""
    transaction = await context.write()
    operation = await stored.locked(transaction, operation_id)
    if operation.state != "applying":
        return False
    last = await _end(transaction, operation, size)
    if last is None:
        await applying.finish(context, transaction, operation)
        return False
    await applying.sign(transaction, operation)
    done, left = Counter(operation.done), {}
    for chunk in await _chunks(transaction, operation, last):
        if some := await applying.write(context, transaction, operation, chunk):
            left[chunk.rank] = some
        rows = await applying.count(transaction, operation, chunk)
        done[PAST[chunk.action]] += rows
        done[f"{chunk.record_type}.{PAST[chunk.action]}"] += rows
    if left:
        raise _Apart(left)
    await stored.change(transaction, operation.id, n=last, done=dict(+done))
    return True


async def _end(transaction: Transaction, operation: Operation, size: int) -> int | None:
    """Return the last number of the next units that have so many rows, or of the next one."""
    rows = await transaction.rows(
        Sql(
            f"{_RANKS}select x.n, x.bundle from ranks, lateral (select n, bundle "
            "from operation_rows where operation_id = %s and rank = ranks.rank and n > %s "
            f"order by n limit %s) x where ranks.rank < {stored.IDLE} order by x.n limit %s",
            (*(operation.id,) * 3, operation.n, size, size),
        )
    )
    return None if not rows else int(rows[-1][1])


async def _chunks(transaction: Transaction, operation: Operation, last: int) -> list[Chunk]:
    """Return the rows up to a number, by the order in which they are written."""
    rows = await transaction.rows(
        Sql(
            f"{_RANKS}select ranks.rank, x.record_type, x.action from ranks, lateral (select "
            "record_type, action from operation_rows where operation_id = %s "
            "and rank = ranks.rank and n > %s and n <= %s order by n limit 1) x "
            f"where ranks.rank < {stored.IDLE} order by ranks.rank",
            (*(operation.id,) * 3, operation.n, last),
        )
    )
    return [Chunk(rank, operation.n, last, noun, action) for rank, noun, action in rows]


async def _leave(context: Context, operation_id: UUID, left: Mapping[int, Left]) -> None:
    """Leave the units of which rows cannot be written; each row says why."""
    transaction = await context.write()
    operation = await stored.locked(transaction, operation_id)
    if operation.state != "applying":
        return
    said = [
        {"rank": rank, "n": n, "why": why, "problem": applying.told(why, about)}
        for rank, some in left.items()
        for n, (why, about) in some.items()
    ]
    await _set_aside(transaction, operation, said)


async def _refuse(context: Context, operation_id: UUID, why: str) -> None:
    """Leave the next unit, which the database refuses."""
    transaction = await context.write()
    operation = await stored.locked(transaction, operation_id)
    last = await _end(transaction, operation, 1)
    if operation.state != "applying" or last is None:
        return
    rows = await transaction.rows(
        Sql(
            "select rank, n from operation_rows where operation_id = %s and bundle = %s "
            f"and rank < {stored.IDLE}",
            (operation.id, last),
        )
    )
    problem = applying.told("refused", {"said": why})
    said = [{"rank": rank, "n": n, "why": "refused", "problem": problem} for rank, n in rows]
    await _set_aside(transaction, operation, said)


async def _set_aside(
    transaction: Transaction, operation: Operation, said: list[dict[str, Any]]
) -> None:
    """Take units out of what is to be written: those of some rows, which say why. That a key is
    not free follows from what else is left of a unit, and is said only where nothing else is."""
    problem = applying.told(binding.TOGETHER, {})
    rows = await transaction.rows(
        Sql(
            "with s as (select j.rank, j.n, j.why, j.problem from json_to_recordset(%s::json) "
            "as j(rank smallint, n bigint, why text, problem jsonb)), "
            "u as (select o.bundle, bool_or(s.why <> 'key_taken') as is_clear "
            "from operation_rows o join s on s.rank = o.rank and s.n = o.n "
            "where o.operation_id = %s group by o.bundle), "
            "x as (select r.rank, r.n, s.why, s.problem from operation_rows r "
            "join u on u.bundle = r.bundle left join s on s.rank = r.rank and s.n = r.n "
            "and (s.why <> 'key_taken' or not u.is_clear) where r.operation_id = %s "
            f"and r.rank < {stored.IDLE}) "
            f"update operation_rows r set rank = {stored.IDLE}, outcome = coalesce(x.why, %s), "
            "problem = coalesce(x.problem, %s::jsonb) from x where r.operation_id = %s "
            "and r.rank = x.rank and r.n = x.n returning r.outcome",
            (
                *(to_json(said).decode(), operation.id, operation.id, binding.TOGETHER),
                *(to_json(problem).decode(), operation.id),
            ),
        )
    )
    done = Counter(operation.done)
    done.update(outcome for (outcome,) in rows)
    await stored.change(transaction, operation.id, done=dict(done))
