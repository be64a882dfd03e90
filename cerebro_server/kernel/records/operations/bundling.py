"""Rows of an undo that take keys from one another: into one transaction, or left."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, Transaction
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.journal import keyed
from cerebro_server.kernel.records.operations import statements, stored
from cerebro_server.kernel.records.operations.planning import CHUNK, Plan
from cerebro_server.kernel.records.operations.statements import DELETED

_MOST = 50_000
"""Rows that one transaction can be asked to write."""
_TAKEN = "Another record has its {kind} {value} by now."


async def settle(plan: Plan) -> None:
    """Look at every planned row that gives a record a key which another has now.

    Where that other one lets go of it by this plan, both get one bundle, so that they are written
    in one statement (two swapped addresses come back). Where it keeps it, the row is left.
    """
    for rank, noun in await _ranks(plan):
        edges: list[tuple[int, int]] = []
        place = 0
        while True:
            async with plan.begin() as context:
                record_type = context.catalog[noun]
                last, found = await _next(context, plan, rank, record_type, place)
                edges += found
            if last is None:
                break
            place = last
        if edges:
            async with plan.begin() as context:
                await _bundle(await context.write(), plan.operation.id, rank, edges)


async def _ranks(plan: Plan) -> list[tuple[int, str]]:
    async with plan.begin() as context:
        rows = await context.read(
            Sql(
                "select distinct rank, record_type from operation_rows where operation_id = %s "
                "and action in ('update', 'restore') order by 1",
                (plan.operation.id,),
            )
        )
    return [(rank, noun) for rank, noun in rows]


async def _next(
    context: Context, plan: Plan, rank: int, record_type: RecordType, place: int
) -> tuple[int | None, list[tuple[int, int]]]:
    """Look at the next rows that touch keys; return the last number, and who takes from whom."""
    transaction = await context.write()
    operation_id = plan.operation.id
    names = [*keyed(record_type.journaled), DELETED]
    numbers = await transaction.rows(
        Sql(
            "select n from operation_rows where operation_id = %s and rank = %s and n > %s "
            "and new_values ?| %s order by n limit %s",
            (operation_id, rank, place, names, CHUNK),
        )
    )
    if not numbers:
        return None, []
    last = numbers[-1][0]
    found = await transaction.rows(
        Sql(
            statements.taken(record_type, new=False),
            (operation_id, rank, place, last),
        )
    )
    edges, left = [], {}
    for n, kind, value, holder, _ in found:
        key = (kind, value)
        giver = await _giver(transaction, (operation_id, rank), record_type, holder, key)
        if giver is None:
            left[n] = {"kind": kind.replace("external:", ""), "value": value}
        elif giver:
            edges.append((n, giver))
    await _leave(transaction, operation_id, rank, left)
    return (last if len(numbers) == CHUNK else None), edges


async def _giver(
    transaction: Transaction,
    place: tuple[UUID, int],
    record_type: RecordType,
    holder: UUID | None,
    key: tuple[str, str],
) -> int | None:
    """Return the number of the row by which the holder lets go of a key: 0 where its turn is before
    anyway, None where it keeps it."""
    if holder is None:
        return None
    operation_id, rank = place
    row = await transaction.row(
        Sql(
            "select rank, n, action from operation_rows where operation_id = %s "
            f"and record_id = %s and rank < {stored.IDLE}",
            (operation_id, holder),
        )
    )
    if row is None or row[0] > rank:
        return None
    if row[2] == "delete":
        return 0
    kept = await transaction.rows(
        Sql(
            f"select 1 from ({statements.keys_after(record_type)}) k "
            "where k.kind = %s and k.value = %s",
            (operation_id, row[0], row[1] - 1, row[1], *key),
        )
    )
    if kept:
        return None
    return int(row[1]) if row[0] == rank else 0


async def _leave(
    transaction: Transaction, operation_id: UUID, rank: int, left: dict[int, dict[str, str]]
) -> None:
    if not left:
        return
    said = [
        {"n": n, "p": {"code": "key_taken", "message": _TAKEN.format(**about), **about}}
        for n, about in left.items()
    ]
    await transaction.rows(
        Sql(
            "update operation_rows r set action = 'error', rank = %s, new_values = null, "
            "problem = s.p from json_to_recordset(%s::json) as s(n bigint, p jsonb) "
            "where r.operation_id = %s and r.rank = %s and r.n = s.n",
            (stored.IDLE, to_json(said).decode(), operation_id, rank),
        )
    )


async def _bundle(
    transaction: Transaction, operation_id: UUID, rank: int, edges: Iterable[tuple[int, int]]
) -> None:
    """Number the rows of each bundle in a row of their own, after all others of the rank."""
    bundles = _joined(edges)
    [(last,)] = await transaction.rows(
        Sql(
            "select max(n) from operation_rows where operation_id = %s and rank = %s",
            (operation_id, rank),
        )
    )
    moved: list[dict[str, Any]] = []
    for bundle in bundles:
        if len(bundle) > _MOST:
            continue
        moved += [
            {"n": n, "to": last + place, "bundle": last + 1}
            for place, n in enumerate(sorted(bundle), 1)
        ]
        last += len(bundle)
    await transaction.rows(
        Sql(
            'update operation_rows r set n = s."to", bundle = s.bundle '
            'from json_to_recordset(%s::json) as s(n bigint, "to" bigint, bundle bigint) '
            "where r.operation_id = %s and r.rank = %s and r.n = s.n",
            (to_json(moved).decode(), operation_id, rank),
        )
    )


def _joined(edges: Iterable[tuple[int, int]]) -> list[set[int]]:
    """Return the groups of numbers that hang together."""
    of: dict[int, set[int]] = {}
    for one, other in edges:
        group = of.get(one, {one}) | of.get(other, {other})
        for member in group:
            of[member] = group
    return list({id(group): group for group in of.values()}.values())
