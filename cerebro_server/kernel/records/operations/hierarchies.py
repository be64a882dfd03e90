"""Records that name others of their own noun, once all of these have been read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final, NamedTuple, TypeVar
from uuid import UUID

from pydantic_core import from_json, to_json

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.fields import Batch, RecordType, Refusal
from cerebro_server.kernel.records.importing.deciding import admitted_births
from cerebro_server.kernel.records.importing.joining import Joining, MissingParent
from cerebro_server.kernel.records.importing.parents import said
from cerebro_server.kernel.records.importing.run import Pending, Run
from cerebro_server.kernel.records.importing.targets import parsed
from cerebro_server.kernel.records.operations import stored
from cerebro_server.kernel.records.operations.planning import Plan
from cerebro_server.kernel.records.planned import Row, admitted

T = TypeVar("T")
CYCLE: Final = "cycle"
_CHUNK = 2_500


class _At(NamedTuple):
    """One transaction of a run, and the noun that it is about."""

    plan: Plan
    context: Context
    run: Run
    record_type: RecordType


@dataclass(slots=True)
class _Edges:
    """Who names whom by one field."""

    here: str
    of: dict[UUID, str] = field(default_factory=dict)
    because: dict[UUID, Pending] = field(default_factory=dict)

    def drop(self, run: Run, record_id: UUID, *, is_circle: bool = False) -> None:
        """Let a record name nothing after all."""
        pending = self.because[record_id]
        del self.of[record_id]
        run.file = pending.file
        tally = run.tally(pending.name)
        tally.made -= 1
        tally.miss(said(pending.named), is_circle=is_circle)


async def settle(
    plan: Plan, noun: str, run: Run, policies: Mapping[int, MissingParent | None]
) -> None:
    """Complete the planned rows of a noun with what they name, in whatever file and line it stands.

    A record that the plan creates moves behind the one that it names. In a dump a circle is left
    open, and counted as missing; of a single file its rows are refused. Rows whose name fits
    nothing are refused where that was asked for, and then nothing names them. `policies` are by
    file.
    """
    waiting, run.pending = run.pending, []
    by_name: dict[str, _Edges] = {}
    for (file, name), group in groupby(sorted(waiting, key=_place), key=_place):
        run.file = file
        plan.file = file if run.is_whole else None
        for chunk in _chunks(list(group)):
            async with _begun(plan, noun, run) as at:
                here = at.record_type.import_parents[name].here
                edges = by_name.setdefault(name, _Edges(here))
                await _found(at, policies.get(file), chunk, edges)
    for edges in by_name.values():
        async with _begun(plan, noun, run) as at:
            await _open_circles(at, edges)
        for ids in _chunks([each for each in edges.of if each not in run.coming]):
            async with _begun(plan, noun, run) as at:
                await _change(at, edges, ids)
        new = _named_first([each for each in edges.of if each in run.coming], edges.of)
        last = plan.places(len(new))
        for placed in _chunks(list(enumerate(new, last + 1))):
            async with _begun(plan, noun, run) as at:
                await _create(at, edges, placed)


@asynccontextmanager
async def _begun(plan: Plan, noun: str, run: Run) -> AsyncIterator[_At]:
    async with plan.begin() as context:
        yield _At(plan, context, run, context.catalog[noun])


def _place(pending: Pending) -> tuple[int, str]:
    return pending.file, pending.name


def _chunks(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(rows), _CHUNK):
        yield rows[start : start + _CHUNK]


async def _found(
    at: _At, policy: MissingParent | None, chunk: Sequence[Pending], edges: _Edges
) -> None:
    """Find what rows name; refuse those that name nothing, where that was asked for."""
    joining = Joining(at.record_type, policy, at.run)
    rows = {number: pending.named for number, pending in enumerate(chunk)}
    made, ids, refusals = await joining.settle(at.context, chunk[0].name, rows)
    await at.plan.add(at.context, made)
    for number, record_id in ids.items():
        edges.of[chunk[number].record_id] = record_id
        edges.because[chunk[number].record_id] = chunk[number]
    problems = {}
    for refusal in refusals:
        pending = chunk[refusal.row]
        problems[pending.record_id] = _problem(at, pending, refusal.code, refusal.message)
    await _refuse(at, problems)


def _problem(at: _At, pending: Pending, code: str, message: str) -> dict[str, Any]:
    columns = at.run.columns.get(at.record_type.name, {}).items()
    return {
        "code": code,
        "message": message,
        "field": pending.name,
        "column": next((c for c, t in columns if parsed(t).field == pending.name), None),
        "value": said(pending.named)[:200],
    }


# looked up by index for each: of rows that were just written the planner knows nothing
_RECORDS = (
    "(select o.rank, o.n, s.p, s.id from json_to_recordset(%s::json) as s(id uuid, p jsonb) "
    "cross join lateral (select rank, n, action from operation_rows where operation_id = %s "
    "and record_id = s.id and record_type = %s and line is not null "
    "and action in ('create', 'update', 'unchanged') offset 0) o) o"
)
_THESE = "r.operation_id = %s and r.rank = o.rank and r.n = o.n"


def _params(at: _At, sent: Mapping[UUID, Mapping[str, Any]]) -> tuple[Any, ...]:
    """Return what `_RECORDS` and `_THESE` take for these records."""
    operation_id = at.plan.operation.id
    rows = [{"id": record_id, "p": payload} for record_id, payload in sent.items()]
    return (to_json(rows).decode(), operation_id, at.record_type.name, operation_id)


async def _refuse(at: _At, problems: Mapping[UUID, Mapping[str, Any]]) -> None:
    if not problems:
        return
    for record_id in problems:
        if record_id in at.run.coming:
            at.run.coming.forget(str(record_id))
    await (await at.context.write()).rows(
        Sql(
            f"update operation_rows r set {stored.LEFT}, problem = o.p from {_RECORDS} "
            f"where {_THESE}",
            _params(at, problems),
        )
    )


async def _open_circles(at: _At, edges: _Edges) -> None:
    """Leave out what names a row that is refused, and what would put a record above itself."""
    coming = at.run.coming
    for own in [own for own in edges.of if coming.is_gone(str(own))]:
        del edges.of[own]
    if not at.run.is_whole:
        await _refuse_circles(at, edges)
        return
    for own in [own for own, other in edges.of.items() if coming.is_gone(other)]:
        edges.drop(at.run, own)
    for own in _on_circles(edges.of):
        edges.drop(at.run, own, is_circle=True)
    for _, own in await _by_rules(at, edges):
        if own in edges.of:
            edges.drop(at.run, own, is_circle=True)


async def _refuse_circles(at: _At, edges: _Edges) -> None:
    """Refuse the rows of a single file that would put a record above itself, and those that name a
    row which is refused."""
    singular, coming = at.record_type.noun.singular, at.run.coming
    itself = f"A {singular} cannot be above itself: rows of the file name each other in a circle."
    wrong: dict[UUID, tuple[str, str]] = dict.fromkeys(_on_circles(edges.of), (CYCLE, itself))
    for refusal, own in await _by_rules(at, edges):
        wrong.setdefault(own, (refusal.code, refusal.message))
    gone = f"The row of the {singular} that it names is refused."
    more: Sequence[UUID] = list(wrong)
    while more:
        out = {str(own) for own in wrong if own in coming}
        more = [
            own
            for own, other in edges.of.items()
            if own not in wrong and (other in out or coming.is_gone(other))
        ]
        wrong |= dict.fromkeys(more, ("unknown_reference", gone))
    problems = {own: _problem(at, edges.because[own], *why) for own, why in wrong.items()}
    for own in wrong:
        edges.drop(at.run, own)
    await _refuse(at, problems)


async def _by_rules(at: _At, edges: _Edges) -> list[tuple[Refusal, UUID]]:
    """Return what the component's rules refuse: circles through records that are there."""
    ids = [own for own in edges.of if own not in at.run.coming]
    if at.record_type.update_rules is None or not ids:
        return []
    ends = _ends(ids, edges.of)
    batch = Batch(
        [{edges.here: ends[own]} for own in ids], before=[{"id": str(own)} for own in ids]
    )
    await at.record_type.update_rules(at.context, batch)
    return [(refusal, ids[refusal.row]) for refusal in batch.refusals]


def _on_circles(of: Mapping[UUID, str]) -> list[UUID]:
    """Return the records that would come to stand above themselves; each is looked at once."""
    there = {str(own): own for own in of}
    seen: dict[UUID, UUID] = {}
    found: list[UUID] = []
    for start in of:
        at: UUID | None = start
        while at is not None and at not in seen:
            seen[at] = start
            at = there.get(of[at])
        if at is not None and seen[at] == start:
            first = at
            while True:
                found.append(at)
                at = there[of[at]]
                if at == first:
                    break
    return found


def _ends(ids: Sequence[UUID], of: Mapping[UUID, str]) -> dict[UUID, str]:
    """Return where what records name leads to: past all that is new."""
    there = {str(own): own for own in of}
    ends: dict[UUID, str] = {}
    for start in ids:
        path, other = [start], of[start]
        while (own := there.get(other)) is not None and own not in ends:
            path.append(own)
            other = of[own]
        end = ends[own] if own is not None else other
        ends |= dict.fromkeys(path, end)
    return ends


def _named_first(new: Sequence[UUID], of: Mapping[UUID, str]) -> list[UUID]:
    """Return the records in an order in which each comes after the one that it names."""
    there = {str(record_id): record_id for record_id in new}
    found: dict[UUID, None] = {}
    for start in new:
        path: dict[UUID, None] = {}
        at: UUID | None = start
        while at is not None and at not in found and at not in path:
            path[at] = None
            at = there.get(of[at])
        found |= dict.fromkeys(reversed(path))
    return list(found)


async def _create(at: _At, edges: _Edges, placed: Sequence[tuple[int, UUID]]) -> None:
    """Let new records name what they name, from their new places in the plan."""
    numbers = {record_id: n for n, record_id in placed}
    transaction = await at.context.write()
    if at.context.condition(at.record_type, "create") is not None:
        rows = await transaction.rows(
            Sql(
                "select record_id, new_values from operation_rows where operation_id = %s "
                "and record_id = any(%s) and action = 'create'",
                (at.plan.operation.id, list(numbers)),
            )
        )
        whole = [
            {"id": own, **from_json(values), edges.here: edges.of[own]} for own, values in rows
        ]
        allowed = await admitted_births(at.context, at.record_type, whole, at.run.coming)
        for record_id in [each for each in numbers if allowed is not None and each not in allowed]:
            edges.drop(at.run, record_id)
            del numbers[record_id]
    sent = {own: {"n": n, "v": {edges.here: edges.of[own]}} for own, n in numbers.items()}
    await transaction.rows(
        Sql(
            "update operation_rows r set n = (o.p ->> 'n')::bigint, "
            f"new_values = r.new_values || (o.p -> 'v') from {_RECORDS} where {_THESE}",
            _params(at, sent),
        )
    )


async def _change(at: _At, edges: _Edges, ids: Sequence[UUID]) -> None:
    """Let records that are there name what they name, unless they do."""
    noun, coming = at.record_type.name, at.run.coming
    rows = [Row(noun, "update", each, values={edges.here: edges.of[each]}) for each in ids]
    for row, judged in zip(rows, await admitted(at.context, at.record_type, rows), strict=True):
        if judged.action == "error" and row.record_id is not None:
            edges.drop(at.run, row.record_id)
    order = stored.order_of(at.context, noun)
    sent = {
        own: {
            "rank": stored.rank("update", order, is_late=edges.of[own] in coming),
            "v": {edges.here: edges.of[own]},
        }
        for own in ids
        if own in edges.of
    }
    table, here = ident(at.record_type.table_name), ident(edges.here)
    await (await at.context.write()).rows(
        Sql(
            "update operation_rows r set action = 'update', rank = (o.p ->> 'rank')::smallint, "
            "new_values = coalesce(r.new_values, '{}') || (o.p -> 'v') "
            f"from {_RECORDS} join {table} t on t.id = o.id where {_THESE} "
            f"and t.{here}::text is distinct from o.p -> 'v' ->> %s",
            (*_params(at, sent), edges.here),
        )
    )
