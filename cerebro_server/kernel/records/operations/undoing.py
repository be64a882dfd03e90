"""Planning to take an operation back: what nobody touched since becomes what it was."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

from pydantic_core import from_json

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident, literal
from cerebro_server.kernel.errors import InvalidQuery
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.fields.columns import LOCKED
from cerebro_server.kernel.fields.custom import COLUMN
from cerebro_server.kernel.records import locking, reader
from cerebro_server.kernel.records.merged import VERB
from cerebro_server.kernel.records.operations import (
    binding,
    bundling,
    stored,
    undone,
    uniques,
    whole,
)
from cerebro_server.kernel.records.operations.binding import Split
from cerebro_server.kernel.records.operations.grouping import PAIRS
from cerebro_server.kernel.records.operations.netting import Net, net
from cerebro_server.kernel.records.operations.planning import CHUNK, Plan
from cerebro_server.kernel.records.operations.regrouping import part_of
from cerebro_server.kernel.records.operations.statements import DELETED
from cerebro_server.kernel.records.operations.stored import Operation
from cerebro_server.kernel.records.planned import Row, same

_SAID = {
    "gone": "The record is there no longer.",
    "changed": "The record has changed since; it is left as it is.",
    "has_children": "Other records name it since; it is left as it is.",
    locking.CODE: "The record is locked; it is left as it is.",
    "forbidden": "You may not write that record, or not all of these fields of it.",
    "lock": "A lock is not taken back: lock or unlock the record.",
}


class _Present(NamedTuple):
    """A record as it is now."""

    version: int
    is_living: bool
    is_locked: bool
    is_fitting: bool
    """Whether the undo is about it."""
    may: Mapping[str, bool]
    row: Mapping[str, Any] | None
    """All of its columns; None where nobody has touched it since."""


async def plan_undo(plan: Plan) -> None:
    """Plan the undo of an operation: input is `{operation_id, where, record, force_fields}`.

    Rows are left, and reported, where the record has changed since (`changed`, with both values),
    where a key that it had is another's by now (`key_taken`), where others name a record that
    would go (`has_children`), and where the caller may not write it.
    """
    target_id = UUID(plan.operation.input["operation_id"])
    async with plan.begin() as context:
        target = await stored.get(context, target_id, others=stored.UNDO_OTHERS)
        only = await part_of(context, target, plan.operation.input.get("record"))
        first, steps = await stored.first(context, target)
    where: str | None = plan.operation.input.get("where")
    is_merge = first.verb == VERB  # its groups are chosen, not their rows
    plan.report |= {undone.PLACE: undone.place(target)}
    async for chunk in _written(plan, target, only):
        async with plan.begin() as context:
            for noun, rows in groupby(chunk, key=lambda row: str(row[0])):
                places: dict[UUID, int] = {}
                for _, seq, record_id in rows:
                    places.setdefault(record_id, seq)
                only_where = None if is_merge else where
                planned = await _planned(
                    context, plan.operation, target, noun, places, where=only_where
                )
                await plan.add(context, planned)
    await _spare_parents(plan, target)
    await bundling.settle(plan)
    await uniques.settle(plan)
    if is_merge:
        await binding.settle(plan, first, Split(target, steps % 2 == 0, where))
        is_one = only is not None or PAIRS not in first.input
        plan.report |= {whole.MARK: True} if is_one else {}


async def _written(
    plan: Plan, target: Operation, only: list[UUID] | None
) -> AsyncIterator[Sequence[tuple[Any, ...]]]:
    """Yield the changes that an operation made, by chunks: (noun, number, id of the record). The
    plan that they are from may be gone; the journal stays."""
    async with plan.look() as context:
        of_target = stored.changes_of(target)
        parts = [Sql("c.record_id = any(%s)", (only,))]
        if only is None:
            writes = await stored.writes_of(context, target.id)
            parts = [Sql("c.era = %s and c.xid = %s::xid8", write) for write in writes]
    for part in parts:
        where = Sql.both(part, of_target)
        async with plan.look() as context:
            found = await context.read(
                Sql(
                    f"select c.record_type, c.seq, c.record_id from changes c where {where.text} "
                    "order by c.record_type, c.seq",
                    where.params,
                )
            )
        for start in range(0, len(found), CHUNK):
            yield found[start : start + CHUNK]


async def _planned(
    context: Context,
    operation: Operation,
    target: Operation,
    noun: str,
    places: Mapping[UUID, int],
    *,
    where: str | None,
) -> list[Row]:
    """Return rows for records, each with the number of its first change among those at hand: a
    record that was written before these is planned already."""
    record_type = context.catalog[noun]
    nets = await _nets(context, target, noun, places)
    present = await _presents(context, record_type, nets, where=where)
    closed = context.seen(record_type).closed | context.seen(record_type).hidden
    force = bool(operation.input.get("force_fields"))
    # what the triggers of a history keep follows from what there is by now
    kept = frozenset(
        name
        for other in context.catalog.values()
        for name in other.keeps.get(record_type.table_name, ())
    )
    found = []
    for record_id in places:
        if record_id not in nets or nets[record_id].is_empty:
            continue  # the operation came to nothing there
        now = present.get(record_id)
        if now is None:
            found.append(_left(noun, record_id, "gone"))
        elif now.is_fitting:
            found.append(
                _row(
                    *(record_type, record_id, nets[record_id], now),
                    closed=closed,
                    kept=kept,
                    force=force,
                )
            )
    return found


async def _nets(
    context: Context, target: Operation, noun: str, places: Mapping[UUID, int]
) -> dict[UUID, Net]:
    span = stored.changes_of(target)
    rows = await context.read(
        Sql(
            "select c.record_id, c.seq, c.action, c.version, c.diff from changes c "
            f"where c.record_id = any(%s) and {span.text} and c.record_type = %s "
            "order by c.record_id, c.seq",
            (list(places), *span.params, noun),
        )
    )
    found = {}
    for record_id, changes in groupby(rows, key=lambda row: row[0]):
        told = list(changes)
        if told[0][1] == places[record_id]:
            found[record_id] = net(
                (action, version, from_json(d)) for *_, action, version, d in told
            )
    return found


async def _presents(
    context: Context, record_type: RecordType, nets: Mapping[UUID, Net], *, where: str | None
) -> dict[UUID, _Present]:
    """Return the records as they are, with what the caller may do to each."""
    actions = ("update", "delete", "restore")
    # a link comes and goes with its ends; whether they are there is for the moment of writing
    limits = [
        None if record_type.ends else context.condition(record_type, action) for action in actions
    ]
    # what is told of a record goes with it
    held = [
        record_type.elsewhere is not None
        or context.actor.may(f"{record_type.name}:{record_type.right(action)}")
        for action in actions
    ]
    may = ", ".join(f"({limit.text if limit else 'true'}) is true" for limit in limits)
    fits = Sql("true")
    if where:
        selection = reader.Selection(where, deleted="include")
        try:
            fits = reader.filtered(context, record_type, selection)
        except InvalidQuery:  # it is about another noun of the same operation
            fits = Sql("false")
    rows = await context.read(
        Sql(
            f"select t.id, t.version, t.deleted_at is null, {locking.since(record_type)} "
            f"is not null, ({fits.text}) is true, {may}, "
            "case when t.version <> s.version then to_jsonb(t) end "
            "from unnest(%s::uuid[], %s::integer[]) as s(id, version) "
            f"join {ident(record_type.table_name)} t on t.id = s.id",
            (
                *fits.params,
                *(param for limit in limits if limit for param in limit.params),
                list(nets),
                [each.version for each in nets.values()],
            ),
        )
    )
    return {
        record_id: _Present(
            *(version, living, locked, fitting),
            {a: own and of_row for a, own, of_row in zip(actions, held, rights, strict=True)},
            None if row is None else from_json(row),
        )
        for record_id, version, living, locked, fitting, *rights, row in rows
    }


def _row(
    record_type: RecordType,
    record_id: UUID,
    done: Net,
    now: _Present,
    *,
    closed: frozenset[str],
    kept: frozenset[str],
    force: bool,
) -> Row:
    """Return the row that takes back what was done to a record."""
    noun = record_type.name
    if not done.existed:
        return _unmade(record_type, record_id, done, now)
    values, conflicts = _back(record_type, done, now)
    conflicts = {name: each for name, each in conflicts.items() if name not in kept}
    moves = done.lived_before != done.lives_after
    moves = moves and now.is_living == done.lives_after  # else it is so already
    action = "update"
    if moves:
        action = "restore" if done.lived_before else "delete"
        values[DELETED] = None if done.lived_before else _NOW
    if conflicts and not force:
        return _left(noun, record_id, "changed", version=now.version, fields=conflicts)
    if not values:
        return Row(noun, "unchanged", record_id, now.version)
    if LOCKED in values:
        return _left(noun, record_id, "lock", version=now.version)
    if closed & {*values, *(values.get(COLUMN) or ())}:
        return _left(noun, record_id, "forbidden", version=now.version)
    return _judged(noun, record_id, now, action, values)


def _unmade(record_type: RecordType, record_id: UUID, done: Net, now: _Present) -> Row:
    """Return the row that deletes a created record, unless it has changed since."""
    noun = record_type.name
    if not now.is_living:
        return Row(noun, "unchanged", record_id, now.version)
    if now.row is not None and (conflicts := _later(record_type, done, now.row)):
        return _left(noun, record_id, "changed", version=now.version, fields=conflicts)
    return _judged(noun, record_id, now, "delete", {DELETED: _NOW})


_NOW = "now"
"""PostgreSQL reads it as the moment of the transaction that applies the row."""


def _judged(noun: str, record_id: UUID, now: _Present, action: str, values: dict[str, Any]) -> Row:
    if now.is_locked and action != "restore":
        return _left(noun, record_id, locking.CODE, version=now.version)
    if not now.may[action]:
        return _left(noun, record_id, "forbidden", version=now.version)
    return Row(noun, action, record_id, now.version, values)


def _back(
    record_type: RecordType, done: Net, now: _Present
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the values from before, and the fields that are another's doing since."""
    values: dict[str, Any] = {}
    conflicts: dict[str, Any] = {}
    for name, (old, new) in done.fields.items():
        before, after = (_empty(record_type, name, value) for value in (old, new))
        held = after if now.row is None else now.row.get(name)
        if name in record_type.rederived:
            continue
        if same(record_type, name, after, held):
            values[name] = before
        elif not same(record_type, name, before, held):
            conflicts[name] = {"planned": new, "present": held}
    for name, pairs in done.maps.items():
        held = None if now.row is None else now.row.get(name) or {}
        for key, (old, new) in pairs.items():
            if held is None or held.get(key) == new:
                values.setdefault(name, {})[key] = old
            elif held.get(key) != old:
                conflicts[f"{name}.{key}"] = {"planned": new, "present": held.get(key)}
    return values, conflicts


def _empty(record_type: RecordType, name: str, value: Any) -> Any:
    """The journal says nothing of an empty list."""
    if value is not None:
        return value
    column = record_type.table.columns[name]
    return value if column.nullable else []


def _later(record_type: RecordType, done: Net, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a created record that are not as they were made."""
    found: dict[str, Any] = {}
    for name in record_type.journaled.fields:
        if name in record_type.rederived:
            continue
        held = row.get(name)
        if name in record_type.journaled.maps:
            made = {key: new for key, (_, new) in done.maps.get(name, {}).items()}
            if made != (held or {}):
                found[name] = {"planned": made, "present": held}
            continue
        if name not in done.fields and _came_later(record_type, name):
            continue
        _, new = done.fields.get(name, (None, None))
        if not same(record_type, name, _empty(record_type, name, new), held):
            found[name] = {"planned": new, "present": held}
    return found


def _came_later(record_type: RecordType, name: str) -> bool:
    """Tell whether a column of which the journal of a creation says nothing was added since: what
    is never empty would be told of, but for lists."""
    lists = (*record_type.journaled.lists, *record_type.journaled.words)
    return not record_type.table.columns[name].nullable and name not in lists


def _left(
    noun: str, record_id: UUID, code: str, *, version: int | None = None, **about: Any
) -> Row:
    problem = {"code": code, "message": _SAID[code], **about}
    return Row(noun, "error", record_id, version, problem=problem)


async def _spare_parents(plan: Plan, target: Operation) -> None:
    """Leave records that the operation created and that living ones name, unless those go too or
    name them no longer; what is left may name others in its turn."""
    made = stored.changes_of(target, "m")
    more = True
    while more:
        more = False
        async with plan.begin() as context:
            for other in context.catalog.values():
                # a history goes with what it is about
                goes = other.is_history or other.elsewhere is not None
                refers = {} if goes else other.refers
                for column, noun in refers.items():
                    spare = _sparing(other, column, made.text)
                    marks = (_SAID["has_children"], other.name)
                    params = (*marks, plan.operation.id, noun, *made.params)
                    more |= bool(await (await context.write()).rows(Sql(spare, params)))


def _sparing(other: RecordType, column: str, made: str) -> str:
    """Return the statement that leaves what living records of a type name in a column, as far as it
    was made by what the changes `m` are from."""
    return (
        f"with spared as (update operation_rows r set {stored.LEFT}, "
        "problem = jsonb_build_object('code', 'has_children', "
        "'message', %s::text, 'record_type', %s::text, 'record_id', c.id) "
        f"from {ident(other.table_name)} c where r.operation_id = %s "
        "and r.action = 'delete' and r.record_type = %s "
        f"and c.{ident(column)} = r.record_id and c.deleted_at is null "
        "and exists (select from changes m where m.record_id = r.record_id "
        f"and {made} and m.action = 'created') "
        "and not exists (select from operation_rows d where d.operation_id = "
        "r.operation_id and d.record_id = c.id and (d.action = 'delete' "
        f"or d.action = 'update' and d.new_values ? {literal(column)})) "
        "returning 1) select 1 from spared limit 1"
    )
