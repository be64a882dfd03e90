"""Rows of a plan that go together: a merge is written, or taken back, whole or not at all.

Each unit of rows, a merge with all that it touched, has numbers in a row, through all ranks, and
the last of them as its `bundle`.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from pydantic_core import from_json, to_json

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident, literal
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.records import merged, reader
from cerebro_server.kernel.records.operations import grouping, stored
from cerebro_server.kernel.records.operations.planning import Plan
from cerebro_server.kernel.records.operations.stored import Operation

LEFT: Final = "groups_left"
"""Where the report of a plan whose rows go together has how many groups are left."""
TOGETHER: Final = "left_together"
"""Why a row is left of which only another one of its unit cannot be written."""
_SAID: Final = "{record} of the same merge is left ({code}), and so is this: all of it, or nothing."
_TAKEN: Final = "key_taken"
_CHUNK: Final = 10_000


class Split(NamedTuple):
    """What an undo takes back of a merge."""

    target: Operation
    """The merge, or what took it back, or did it again."""
    is_split: bool
    """Whether the records come apart; else they become one again."""
    where: str | None
    """Only groups of which a record fits."""


class _Row(NamedTuple):
    rank: int
    n: int
    noun: str
    record_id: UUID | None
    action: str
    bundle: int | None
    problem: str | None

    @property
    def place(self) -> tuple[int, int]:
        return self.rank, self.n

    @property
    def code(self) -> str | None:
        return None if self.problem is None else str(from_json(self.problem)["code"])


class _Sets:
    """The groups of a merge, by number."""

    def __init__(self, record_type: RecordType, merge: Operation) -> None:
        self.record_type = record_type
        self.groups = grouping.sets_of(merge.input)
        self.ids = [record for group in self.groups for record in group]
        self.numbers = [number for number, group in enumerate(self.groups) for _ in group]
        self.of = dict(zip(map(UUID, self.ids), self.numbers, strict=True))


class _Joined:
    """What hangs together: units of anything that can be told apart."""

    def __init__(self) -> None:
        self._above: dict[Hashable, Hashable] = {}

    def top(self, one: Hashable) -> Hashable:
        """Return what stands for the unit of one."""
        while (above := self._above.get(one, one)) != one:
            self._above[one] = self._above.get(above, above)
            one = above
        return one

    def join(self, one: Hashable, other: Hashable) -> None:
        """Make one unit of two."""
        self._above[self.top(one)] = self.top(other)


async def settle(plan: Plan, merge: Operation, split: Split | None = None) -> None:
    """Make units of the rows of a plan: each merge with all that it touched. `merge` is where the
    groups are said; `split` what is taken back of it.

    Where a row of a unit is wrong, all of it is left, and its rows say so. What is as it is to be
    already is unchanged. The report tells how many groups are written, and how many are left.
    """
    async with plan.alive(), plan.look() as context:
        sets = _Sets(context.catalog[merge.noun], merge)
        rows = [_Row(*row) for row in await context.read(_rows_of(plan))]
        reached = await _reached(context, plan, sets, split)
        idle = set() if split is None else await _idle(context, sets, merge, split)
        chosen = None if split is None else await _chosen(context, sets, split.where)
    units = _units(rows, reached, sets)
    moved: list[dict[str, Any]] = []
    dropped: list[_Row] = []
    count = {True: 0, False: 0}
    last = max((row.n for row in rows), default=0)
    for groups, unit in units:
        if chosen is not None and not groups & chosen:
            dropped += unit
            continue
        is_idle = bool(groups) and groups <= idle
        wrong = None if is_idle else _wrong(unit)
        told = [_told(row, is_idle=is_idle, wrong=wrong) for row in unit]
        moved += [
            {**said, "to": last + place, "unit": last + len(unit)}
            for place, said in enumerate(told, 1)
        ]
        last += len(unit)
        if groups and any(row.action in stored.WRITING or row is wrong for row in unit):
            count[wrong is None] += 0 if is_idle else len(groups)
    await _write(plan, moved, dropped)
    plan.report |= {"groups": count[True], LEFT: count[False]}


def _rows_of(plan: Plan) -> Sql:
    return Sql(
        "select rank, n, record_type, record_id, action, bundle, problem from operation_rows "
        "where operation_id = %s order by n, rank",
        (plan.operation.id,),
    )


async def _reached(
    context: Context, plan: Plan, sets: _Sets, split: Split | None
) -> dict[tuple[int, int], set[int]]:
    """Return the groups that rows are of: by their own record, or by what it names, or named."""
    found: dict[tuple[int, int], set[int]] = {}
    numbers = dict(zip(sets.ids, sets.numbers, strict=True))
    for other in context.catalog.values():
        for column, noun in other.refers.items():
            if noun != sets.record_type.name or other.is_history:
                continue
            rows = [
                ((rank, n), numbers[named], is_sure)
                for rank, n, named, is_sure in await context.read(
                    _naming(plan, other, column, split)
                )
                if named in numbers
            ]
            sure = {place for place, _, is_sure in rows if is_sure}
            for place, number, is_sure in rows:
                if is_sure or place not in sure:
                    found.setdefault(place, set()).add(number)
    return found


def _naming(plan: Plan, other: RecordType, column: str, split: Split | None) -> Sql:
    """Select (rank, n, id, whether that is sure) of what rows name, or named: what the plan writes,
    and what was written that it takes back, say more than what is there now."""
    name = literal(column)
    ways = [Sql(f"select r.new_values ->> {name} as id, true as is_sure")]
    if split is not None:
        span = stored.changes_of(split.target)
        ways += [
            Sql(
                f"select c.diff -> {name} ->> {end}, true from changes c where c.record_id = "
                f"r.record_id and c.record_type = %s and {span.text} and c.diff ? {name}",
                (other.name, *span.params),
            )
            for end in (0, 1)
        ]
    ways.append(
        Sql(
            f"select t.{ident(column)}::text, false from {ident(other.table_name)} t "
            "where t.id = r.record_id"
        )
    )
    named = " union all ".join(way.text for way in ways)
    return Sql(
        "select distinct r.rank, r.n, v.id, v.is_sure from operation_rows r "
        f"cross join lateral ({named}) v where r.operation_id = %s and r.record_type = %s "
        "and v.id is not null",
        (*(param for way in ways for param in way.params), plan.operation.id, other.name),
    )


async def _idle(context: Context, sets: _Sets, merge: Operation, split: Split) -> set[int]:
    """Return the groups that are as they are to be already: apart, or one."""
    losers = [UUID(one) for group in sets.groups for one in group[1:]]
    found = await merged.steps(context, sets.record_type, losers)
    gone = {one for one, step in found.items() if step.operation_id == merge.id}
    return {
        number
        for number, (_, *some) in enumerate(sets.groups)
        if not (gone.isdisjoint(map(UUID, some)) ^ split.is_split)
        and (split.is_split or gone.issuperset(map(UUID, some)))
    }


async def _chosen(context: Context, sets: _Sets, where: str | None) -> set[int] | None:
    """Return the groups of which a record fits a filter; None where there is none."""
    if not where:
        return None
    selection = reader.Selection(where, deleted="include")
    fits = reader.filtered(context, sets.record_type, selection)
    rows = await context.read(
        Sql(
            f"select t.id from {ident(sets.record_type.table_name)} t "
            f"where t.id = any(%s::uuid[]) and {fits.text}",
            (sets.ids, *fits.params),
        )
    )
    return {sets.of[record_id] for (record_id,) in rows}


def _units(
    rows: Sequence[_Row], reached: Mapping[tuple[int, int], set[int]], sets: _Sets
) -> list[tuple[set[int], list[_Row]]]:
    """Return the rows of each unit, with the groups that it is of, in order."""
    joined = _Joined()
    for row in rows:
        groups = reached.get(row.place, set())
        if row.noun == sets.record_type.name and row.record_id in sets.of:
            groups = {sets.of[row.record_id]}
        for number in groups:
            joined.join(row.place, number)
        if row.bundle is not None:
            joined.join(row.place, ("bundle", row.rank, row.bundle))
    found: dict[Hashable, list[_Row]] = {}
    for row in rows:
        found.setdefault(joined.top(row.place), []).append(row)
    of: dict[Hashable, set[int]] = {}
    for number in range(len(sets.groups)):
        of.setdefault(joined.top(number), set()).add(number)
    return [(of.get(top, set()), unit) for top, unit in found.items()]


def _wrong(unit: Sequence[_Row]) -> _Row | None:
    """Return the row that a unit is left for: that a key is not free follows from the others."""
    wrong = [row for row in unit if row.action == "error"]
    return next((row for row in wrong if row.code != _TAKEN), next(iter(wrong), None))


def _told(row: _Row, *, is_idle: bool, wrong: _Row | None) -> dict[str, Any]:
    """Return what becomes of a row: as it was, or unchanged, or left with its unit."""
    said = {"rank": row.rank, "n": row.n, "now": row.rank, "action": row.action, "problem": None}
    if is_idle and row.action in (*stored.WRITING, "error"):
        return {**said, "now": stored.IDLE, "action": "unchanged"}
    follows = row.code == _TAKEN and wrong is not None and wrong.code != _TAKEN
    if wrong is None or not (row.action in stored.WRITING or follows):
        return said
    problem = {
        "code": TOGETHER,
        "message": _SAID.format(record=f"{wrong.noun}/{wrong.record_id}", code=wrong.code),
    }
    return {**said, "now": stored.IDLE, "action": "error", "problem": problem}


async def _write(plan: Plan, moved: Sequence[Mapping[str, Any]], dropped: Sequence[_Row]) -> None:
    for start in range(0, len(moved), _CHUNK):
        async with plan.begin() as context:
            await (await context.write()).rows(
                Sql(
                    'update operation_rows r set n = s."to", bundle = s.unit, rank = s.now, '
                    "action = s.action, new_values = case when s.now = %s then null "
                    "else r.new_values end, problem = case when s.action = 'unchanged' then null "
                    "else coalesce(s.problem, r.problem) end from json_to_recordset(%s::json) as "
                    's(rank smallint, n bigint, "to" bigint, unit bigint, now smallint, '
                    "action text, problem jsonb) "
                    "where r.operation_id = %s and r.rank = s.rank and r.n = s.n",
                    (
                        stored.IDLE,
                        to_json(moved[start : start + _CHUNK]).decode(),
                        plan.operation.id,
                    ),
                )
            )
    async with plan.begin() as context:
        await (await context.write()).rows(
            Sql(
                "delete from operation_rows r using unnest(%s::smallint[], %s::bigint[]) "
                "as s(rank, n) where r.operation_id = %s and r.rank = s.rank and r.n = s.n",
                ([row.rank for row in dropped], [row.n for row in dropped], plan.operation.id),
            )
        )
