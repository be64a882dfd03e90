"""Rows of an undo that take keys from one another: into one transaction, or left."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple
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
_Held = tuple[UUID, str, str]
"""A record, and the kind and value of a key that it has."""
_TAKEN = "Another record has its {kind} {value} by now."


class _Take(NamedTuple):
    """A row that gets a key from another row of its rank."""

    n: int
    giver: int
    kind: str
    value: str


async def settle(plan: Plan) -> None:
    """Look at every planned row that gives a record a key which another has now.

    Where that other one lets go of it by this plan, both get one bundle, so that they are written
    in one statement (two swapped addresses come back). Where it keeps it, the row is left, and so
    are those that were to get something from that row.
    """
    for rank, noun in await _ranks(plan):
        takes: list[_Take] = []
        left: set[int] = set()
        place: int | None = 0
        while place is not None:
            async with plan.begin() as context:
                record_type = context.catalog[noun]
                place, found, out = await _next(context, plan, rank, record_type, place)
                takes += found
                left |= out
        if takes:
            async with plan.begin() as context:
                more = _following(takes, left)
                await plan.leave(context, rank, more)
                edges = [(each.n, each.giver) for each in takes if each.n not in left]
                await _bundle(await context.write(), plan.operation.id, rank, edges)


def _following(takes: Iterable[_Take], left: set[int]) -> dict[int, dict[str, str]]:
    """Return the rows that are left since those are which they were to get keys from; add them to
    what is left."""
    takers: dict[int, list[_Take]] = {}
    for each in takes:
        takers.setdefault(each.giver, []).append(each)
    found: dict[int, dict[str, str]] = {}
    ahead = list(left)
    while ahead:
        for each in takers.get(ahead.pop(), ()):
            if each.n not in left:
                found[each.n] = _taken(each.kind, each.value)
                left.add(each.n)
                ahead.append(each.n)
    return found


def _taken(kind: str, value: str) -> dict[str, str]:
    about = {"kind": kind.replace("external:", ""), "value": value}
    return {"code": "key_taken", "message": _TAKEN.format(**about), **about}


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
) -> tuple[int | None, list[_Take], set[int]]:
    """Look at the next rows that touch keys; return the last number, None where there are no more,
    who takes from whom, and who is left."""
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
        return None, [], set()
    last = numbers[-1][0]
    found = await transaction.rows(
        Sql(
            statements.taken(record_type, new=False),
            (operation_id, rank, place, last),
        )
    )
    givers = await _givers(transaction, (operation_id, rank), record_type, found)
    takes, left = [], {}
    for n, kind, value, holder, _ in found:
        giver = givers.get((holder, kind, value))
        if giver is None:
            left[n] = _taken(kind, value)
        elif giver:
            takes.append(_Take(n, giver, kind, value))
    await plan.leave(context, rank, left)
    return (last if len(numbers) == CHUNK else None), takes, {*left}


async def _givers(
    transaction: Transaction,
    place: tuple[UUID, int],
    record_type: RecordType,
    taken: Iterable[tuple[Any, ...]],
) -> dict[_Held, int]:
    """Return the numbers of the rows by which holders let go of keys: 0 where the turn of one is
    before anyway. Keys that a holder keeps are not there."""
    operation_id, rank = place
    wanted = list(dict.fromkeys((row[3], row[1], row[2]) for row in taken if row[3] is not None))
    if not wanted:  # as mostly
        return {}
    rows = await transaction.rows(
        Sql(
            "select h.id, r.rank, r.n, r.action from unnest(%s::uuid[]) h(id) cross join lateral ("
            "select r.rank, r.n, r.action from operation_rows r where r.operation_id = %s "
            f"and r.record_id = h.id and r.rank < {stored.IDLE} limit 1) r",
            (list({holder for holder, _, _ in wanted}), operation_id),
        )
    )
    of = {holder: row for holder, *row in rows if row[0] <= rank}
    found = {each: 0 for each in wanted if each[0] in of and of[each[0]][2] == "delete"}
    others = [each for each in wanted if each[0] in of and each not in found]
    if not others:
        return found
    places = [of[holder][:2] for holder, _, _ in others]
    ranks, numbers = (list(column) for column in zip(*places, strict=True))
    kinds, values = [kind for _, kind, _ in others], [value for _, _, value in others]
    asked = Sql(statements.kept(record_type), (ranks, numbers, kinds, values, operation_id))
    kept = {*await transaction.rows(asked)}
    for (holder, kind, value), (at, n) in zip(others, places, strict=True):
        if (at, n, kind, value) not in kept:
            found[holder, kind, value] = n if at == rank else 0
    return found


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
