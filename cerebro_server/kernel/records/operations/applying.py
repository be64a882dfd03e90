"""Applying a plan: chunk by chunk, each a transaction with how far it has come."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import errors as pg
from pydantic_core import from_json, to_json

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, Transaction, ident, settings
from cerebro_server.kernel.db.failures import Collision
from cerebro_server.kernel.errors import Timeout
from cerebro_server.kernel.fields import Batch, RecordType
from cerebro_server.kernel.records import uniqueness
from cerebro_server.kernel.records.operations import reconciling, statements, stored, undone
from cerebro_server.kernel.records.operations.planning import Begin
from cerebro_server.kernel.records.operations.stored import PAST, Operation

_FIRST, _MOST = 2_000, 10_000
DATA = (pg.IntegrityError, pg.DataError, Collision, Timeout)
"""What one row can do to a whole chunk."""
_TRIES = 8
_VERB = {"restore": "restore", "delete": "delete"}

SAID: Mapping[str, str] = {
    "gone": "The record is there no longer.",
    "changed": "The record has changed since it was planned; it is left as it is.",
    "record_locked": "The record is locked; it is left as it is.",
    "forbidden": "You may not write that record.",
    "key_taken": "Another record has its {kind} {value} by now.",
    "against_rules": "{said}",
    "refused": "The database refused the row: {said}",
    "left_together": "Another record of the same merge is left, and so is this: all of it, or "
    "nothing.",
}


class Chunk(NamedTuple):
    """Rows of one rank, so of one noun and action."""

    rank: int
    first: int
    """Rows after this number."""
    last: int
    record_type: str
    action: str

    def params(self, operation_id: UUID) -> tuple[Any, ...]:
        """Return what `CHUNK_ROWS` takes."""
        return (operation_id, self.rank, self.first, self.last)


async def run(operation_id: UUID, begin: Begin) -> None:
    """Apply what is left of a plan; returns when all of it is, or when somebody cancelled it.

    Chunks are as large as a second allows. A row that the database refuses makes its chunk smaller
    until it stands alone, and is then left and reported.
    """

    async def write(size: int) -> bool:
        async with begin() as context:
            return await step(context, operation_id, size)

    async def leave(error: Exception) -> None:
        async with begin() as context:
            await _pass_over(context, operation_id, error)

    await paced(write, leave)


async def paced(
    write: Callable[[int], Awaitable[bool]], leave: Callable[[Exception], Awaitable[None]]
) -> None:
    """Write so much at a time as a second allows, until `write` says that there is no more. What
    the database refuses is written in smaller pieces, until `leave` is told of what stands alone.
    """
    size, tries = _FIRST, 0
    while True:
        began = time.monotonic()
        try:
            if not await write(size):
                return
            took = max(time.monotonic() - began, 0.01)
            size, tries = max(1, min(_MOST, int(size * min(3.0, 1.0 / took)))), 0
        except DATA as error:
            if size > 1:
                size = max(1, size // 10)
                continue
            tries += 1
            if isinstance(error, Collision | Timeout):
                if tries < _TRIES:
                    continue
                raise
            await leave(error)
            tries = 0


async def step(context: Context, operation_id: UUID, size: int) -> bool:
    """Apply the next rows; False when there is nothing more to do."""
    transaction = await context.write()
    operation = await stored.locked(transaction, operation_id)
    if operation.state != "applying":
        return False
    chunk = await _chunk(transaction, operation, size)
    if chunk is None:
        await finish(context, transaction, operation)
        return False
    await sign(transaction, operation)
    left = await write(context, transaction, operation, chunk)
    rows = await count(transaction, operation, chunk)
    done = Counter(operation.done)
    done[PAST[chunk.action]] += rows - len(left)
    done[f"{chunk.record_type}.{PAST[chunk.action]}"] += rows - len(left)
    done.update(why for why, _ in left.values())
    await _report(transaction, operation.id, chunk.rank, left)
    await stored.change(transaction, operation.id, rank=chunk.rank, n=chunk.last, done=dict(+done))
    return True


async def sign(transaction: Transaction, operation: Operation) -> None:
    """Let the journal say of what a transaction writes that it is the operation's."""
    whose = {"cerebro.operation": str(operation.id), "cerebro.undoes": str(operation.undoes or "")}
    await transaction.batch(settings(**whose), stored.writing(operation.id))


async def _chunk(transaction: Transaction, operation: Operation, size: int) -> Chunk | None:
    """Find the next rows: of one rank, so of one noun and action. Rows of one bundle exchange keys,
    and stay together."""
    row = await transaction.row(
        Sql(
            "select rank, n, record_type, action from operation_rows where operation_id = %s "
            f"and (rank, n) > (%s, %s) and rank < {stored.IDLE} order by rank, n limit 1",
            (operation.id, operation.rank, operation.n),
        )
    )
    if row is None:
        return None
    rank, first, record_type, action = row
    [(last, bundle)] = await transaction.rows(
        Sql(
            "select n, bundle from (select n, bundle from operation_rows where operation_id = %s "
            "and rank = %s and n >= %s order by n limit %s) r order by n desc limit 1",
            (operation.id, rank, first, size),
        )
    )
    if bundle is not None:
        [(last,)] = await transaction.rows(
            Sql(
                "select max(n) from operation_rows where operation_id = %s and rank = %s "
                "and bundle = %s",
                (operation.id, rank, bundle),
            )
        )
    return Chunk(rank, first - 1, last, record_type, action)


async def count(transaction: Transaction, operation: Operation, chunk: Chunk) -> int:
    """Return how many rows a chunk has."""
    [(rows,)] = await transaction.rows(
        Sql(
            f"select count(*) from ({statements.CHUNK_ROWS}) p",
            chunk.params(operation.id),
        )
    )
    return int(rows)


Left = dict[int, tuple[str, Mapping[str, str]]]
"""Rows that were left, by number: why, and what there is to say about it."""


async def write(
    context: Context, transaction: Transaction, operation: Operation, chunk: Chunk
) -> Left:
    """Write the rows of a chunk; return those that are left."""
    record_type = context.catalog[chunk.record_type]
    where = chunk.params(operation.id)
    new = chunk.action == "create"
    left: Left = {}
    if not new:
        limit = None
        if not record_type.is_personal:  # what is merged, or goes back, takes these along
            limit = context.condition(record_type, _VERB.get(chunk.action, "update"))
        params = (*where, *(limit.params if limit else ()))
        held = await transaction.rows(
            Sql(statements.hold(record_type, limit and limit.text), params)
        )
        left |= {n: (why, {}) for n, why in held}
    names = await names_of(transaction, where)
    if not new and record_type.asked_again & {*names}:
        left |= await _against_rules(context, record_type, where, left)
    if _takes_keys(record_type, chunk.action, names):
        found = await transaction.rows(Sql(statements.taken(record_type, new=new), where))
        left |= await _without_keys(transaction, where, found, left)
    make = statements.insert if new else statements.update
    await transaction.rows(Sql(make(record_type, tuple(names)), (*where, list(left))))
    if new and record_type.handover is not None:
        await _hand_over(context, record_type, (*where, list(left)))
    return left


async def _hand_over(context: Context, record_type: RecordType, where: Sequence[Any]) -> None:
    """Give the new records of a chunk that name no owner one by the rules of their noun."""
    transaction = await context.write()
    rows = await transaction.rows(
        Sql(
            f"select p.record_id from ({statements.CHUNK_ROWS}) p where p.n <> all(%s) "
            "and p.new_values ->> %s is null order by p.n",
            (*where, record_type.owner),
        )
    )
    if rows and record_type.handover is not None:
        await record_type.handover.give(context, [record_id for (record_id,) in rows])


async def _against_rules(
    context: Context, record_type: RecordType, where: Sequence[Any], left: Left
) -> Left:
    """Return the rows that rules about other records refuse by now, or since another row of the
    same plan was written: two that are right by themselves can close a circle."""
    transaction = await context.write()
    rows = await transaction.rows(
        Sql(
            f"select p.n, to_jsonb(t), p.new_values from ({statements.CHUNK_ROWS}) p "
            f"join {ident(record_type.table_name)} t on t.id = p.record_id "
            "where p.new_values ?| %s and p.n <> all(%s) order by p.n",
            (*where, list(record_type.asked_again), list(left)),
        )
    )
    batch = Batch(
        [from_json(new) for _, _, new in rows],
        before=[from_json(before) for _, before, _ in rows],
        allow_invalid=True,
    )
    assert record_type.update_rules is not None  # noqa: S101 - they are who asks again
    await record_type.update_rules(context, batch)
    return {
        rows[each.row][0]: ("against_rules", {"said": each.message, "code": each.code})
        for each in batch.refusals
    }


def _takes_keys(record_type: RecordType, action: str, names: Sequence[str]) -> bool:
    if action in ("create", "delete"):
        return action == "create"
    return statements.touches_keys(record_type, frozenset(names))


async def names_of(transaction: Transaction, where: Sequence[Any]) -> list[str]:
    """Return the columns that any row of a chunk writes."""
    rows = await transaction.rows(
        Sql(
            f"select distinct k from ({statements.CHUNK_ROWS}) p, "
            "jsonb_object_keys(p.new_values) k order by 1",
            tuple(where),
        )
    )
    return [name for (name,) in rows]


async def _without_keys(
    transaction: Transaction, where: Sequence[Any], found: Iterable[tuple[Any, ...]], left: Left
) -> Left:
    """Return the rows whose keys stay with others: also those that counted on a row that is left
    itself."""
    conflicts = list(found)
    if not conflicts:
        return {}
    holders = [holder for *_, holder, _ in conflicts if holder is not None]
    numbers: dict[Any, int] = dict(
        await transaction.rows(
            Sql(
                f"select record_id, n from ({statements.CHUNK_ROWS}) p where record_id = any(%s)",
                (*where, holders),
            )
        )
    )
    out: Left = {}
    grown = True
    while grown:
        grown = False
        for n, kind, value, holder, lets_go in conflicts:
            there = numbers.get(holder)
            if n in out or n in left or (lets_go and there not in out and there not in left):
                continue
            out[n] = ("key_taken", {"kind": kind.replace("external:", ""), "value": value})
            grown = True
    return out


async def _report(transaction: Transaction, operation_id: UUID, rank: int, left: Left) -> None:
    """Write why rows were left beside them."""
    if not left:
        return
    said = [{"n": n, "why": why, "problem": told(why, about)} for n, (why, about) in left.items()]
    await transaction.rows(
        Sql(
            "update operation_rows r set outcome = s.why, problem = s.problem "
            "from json_to_recordset(%s::json) as s(n bigint, why text, problem jsonb) "
            "where r.operation_id = %s and r.rank = %s and r.n = s.n",
            (to_json(said).decode(), operation_id, rank),
        )
    )


def told(why: str, about: Mapping[str, str]) -> dict[str, str]:
    """Return why a row was left, as a problem."""
    return {"code": why, "message": about.get("message") or SAID[why].format(**about), **about}


def said(error: Exception) -> str:
    """Return what the database says is wrong."""
    return str(getattr(getattr(error, "diag", None), "message_primary", None) or error)


async def _pass_over(context: Context, operation_id: UUID, error: Exception) -> None:
    """Leave the next row, which the database refuses."""
    transaction = await context.write()
    operation = await stored.locked(transaction, operation_id)
    chunk = await _chunk(transaction, operation, 1)
    if operation.state != "applying" or chunk is None:
        return
    rows = await transaction.rows(
        Sql(f"select n from ({statements.CHUNK_ROWS}) p", chunk.params(operation.id))
    )
    why, about = "refused", {"said": said(error)}
    if isinstance(error, pg.UniqueViolation):
        record_type = context.catalog[chunk.record_type]
        held = await uniqueness.behind_index(context, transaction, record_type, error)
        if held is not None:
            why, about = "key_taken", uniqueness.by_now(context, record_type, *held)
    left: Left = {n: (why, about) for (n,) in rows}  # a bundle stays together
    done = Counter(operation.done)
    done[why] += len(left)
    await _report(transaction, operation.id, chunk.rank, left)
    await stored.change(transaction, operation.id, rank=chunk.rank, n=chunk.last, done=dict(done))


async def finish(context: Context, transaction: Transaction, operation: Operation) -> None:
    """Say that all of it is applied, and what that makes of what it took back."""
    await stored.change(transaction, operation.id, state="applied", moments=("ended_at",))
    if (found := await reconciling.settled(context, transaction, operation)) is not None:
        report = {**operation.report, reconciling.NAME: found}
        await stored.change(transaction, operation.id, report=report)
    await undone.settle(transaction, operation, is_whole=undone.took_all(operation))
