"""Rows of a file that a later one for the same record takes the place of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from pydantic_core import from_json, to_json

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.ids import read_id
from cerebro_server.kernel.records.importing.run import Run
from cerebro_server.kernel.records.operations import stored
from cerebro_server.kernel.records.operations.planning import CHUNK, Plan

_LINES: Final = """
select s.id, r.line from unnest(%s::uuid[]) s(id) cross join lateral (
    select o.line from operation_rows o where o.operation_id = %s and o.record_id = s.id
    and o.record_type = %s and o.action in ('update', 'unchanged')
    and o.file is not distinct from %s offset 0) r
"""
"""Each is looked up: nothing is known yet of a plan that was just written, and joined with itself
it would be a loop in a loop. So are rows told by their numbers below."""
_OF_LINES: Final = """
select r.rank, r.n, r.line, r.record_type, r.new_values from operation_rows r
where r.operation_id = %s and r.line = any(%s) and r.file is not distinct from %s
"""
_LEAVE: Final = """
update operation_rows r set rank = %s, new_values = null, action = s.action, problem = s.problem
from json_to_recordset(%s::json) as s(rank smallint, n bigint, action text, problem jsonb)
where r.operation_id = %s and r.rank = s.rank and r.n = s.n
"""
_MADE: Final = """
select m.rank, m.n, m.record_id::text from unnest(%s::uuid[]) u(id) cross join lateral (
    select r.rank, r.n, r.record_id, r.record_type from operation_rows r where r.operation_id = %s
    and r.record_id = u.id and r.action = 'create' and r.line is null offset 0) m
where m.record_type <> all(%s)
"""
"""Of records that rows named, those that the plan makes for nothing else."""
_NAMED: Final = """
select distinct v.value from operation_rows r cross join lateral jsonb_each_text(r.new_values) v
where r.operation_id = %s and r.new_values is not null and v.value = any(%s)
"""
_SKIPPED: Final = {"action": "skip"}
_DROP: Final = """
delete from operation_rows r using unnest(%s::smallint[], %s::bigint[]) as s(rank, n)
where r.operation_id = %s and r.rank = s.rank and r.n = s.n
"""


async def settle(plan: Plan, noun: str, superseded: Sequence[UUID], run: Run) -> None:
    """Leave out rows of a file that lack what a new record must have, and what they link, where a
    row further down is for the same record and lacks nothing.

    That row makes the record where it is not there yet; so the same file, twice, does the same.
    What the rows that are left out name is neither made for them nor looked for.
    """
    lines: dict[int, int] = {}
    named: dict[UUID, None] = {}
    for start in range(0, len(superseded), CHUNK):
        async with plan.begin() as context:
            found = await _lines(context, plan, noun, superseded[start : start + CHUNK])
            named |= dict.fromkeys(await _leave(context, plan, noun, found))
        lines |= found
    run.pending = [each for each in run.pending if each.file != run.file or each.line not in lines]
    if named:
        await _unmake(plan, list(named), run)


async def _lines(context: Context, plan: Plan, noun: str, ids: Sequence[UUID]) -> dict[int, int]:
    """Return the lines that are left out, each with the one that takes its place."""
    rows = await context.read(Sql(_LINES, (list(ids), plan.operation.id, noun, plan.file)))
    last: dict[UUID, int] = {}
    for record_id, line in rows:
        last[record_id] = max(line, last.get(record_id, 0))
    return {line: last[record_id] for record_id, line in rows if line < last[record_id]}


async def _leave(context: Context, plan: Plan, noun: str, lines: Mapping[int, int]) -> list[UUID]:
    """Leave out all rows of these lines; return what they named."""
    operation_id, singular = plan.operation.id, context.catalog[noun].noun.singular
    rows = await context.read(Sql(_OF_LINES, (operation_id, list(lines), plan.file)))
    said: list[dict[str, Any]] = []
    for rank, n, line, record_type, _ in rows:
        instead = f"Line {lines[line]} is for the same {singular}, and lacks nothing."
        problem = {"code": "duplicate_key", "message": instead}
        left = {"action": "error", "problem": problem} if record_type == noun else _SKIPPED
        said.append({"rank": rank, "n": n, **left})
    sent = (stored.IDLE, to_json(said).decode(), operation_id)
    await (await context.write()).rows(Sql(_LEAVE, sent))
    return [each for *_, values in rows for each in _ids_in(values)]


async def _unmake(plan: Plan, ids: Sequence[UUID], run: Run) -> None:
    """Take out of the plan what it would make of these, and no row names any more."""
    operation_id = plan.operation.id
    async with plan.begin() as context:
        transaction = await context.write()
        settings = [each.name for each in context.catalog.values() if each.goes_along]
        made = await transaction.rows(Sql(_MADE, (list(ids), operation_id, settings)))
        if not made:
            return
        stay = await transaction.rows(Sql(_NAMED, (operation_id, [own for *_, own in made])))
        kept = {own for (own,) in stay}
        gone = [each for each in made if each[2] not in kept]
        ranks, numbers = [rank for rank, *_ in gone], [n for _, n, _ in gone]
        await transaction.rows(Sql(_DROP, (ranks, numbers, operation_id)))
    for *_, own in gone:
        run.coming.forget(own)


def _ids_in(values: bytes | None) -> Iterator[UUID]:
    for value in from_json(values).values() if values else ():
        if isinstance(value, str) and (record_id := read_id(value)) is not None:
            yield record_id
