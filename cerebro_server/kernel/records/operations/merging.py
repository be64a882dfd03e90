"""Planning to make one record of several: it keeps what it has, and gets what it lacks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple
from uuid import UUID

from pydantic_core import from_json

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.errors import Forbidden, ValidationFailed
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.fields.columns import LOCKED
from cerebro_server.kernel.fields.custom import COLUMN
from cerebro_server.kernel.records import locking
from cerebro_server.kernel.records.operations import (
    binding,
    bulk,
    grouping,
    relinking,
    settling,
    stored,
    whole,
)
from cerebro_server.kernel.records.operations.grouping import Group, wrong
from cerebro_server.kernel.records.operations.inputs import MergeGroup, MergeInput, read_merge
from cerebro_server.kernel.records.operations.planning import Plan
from cerebro_server.kernel.records.operations.settling import Held, Merge, Stays
from cerebro_server.kernel.records.operations.statements import DELETED
from cerebro_server.kernel.records.planned import (
    FORBIDDEN,
    Row,
    admitted,
    different,
    whole_row,
)
from cerebro_server.kernel.records.references import missing, resolve
from cerebro_server.kernel.records.writer import outside

_ANY = Sql("true")
_LOST_SHOWN: Final = 100
_FEW: Final = 100
"""Groups of which a request looks at all."""
_GROUPS: Final = 500
"""Groups that are planned at a time."""
_ROWS: Final = 3
"""About how many rows one that goes comes to: its own, that of the one that stays, a link."""
_NEEDS: Final = ("read", "update", "delete")


class Planned(NamedTuple):
    """What some merges come to."""

    rows: list[Row]
    lost: list[dict[str, Any]]
    """Values of records that go which the one that stays does not get."""
    takes: list[dict[str, str]]
    """Of each, whose value a field gets, by ids."""


async def check_merge(context: Context, noun: str, asked: Mapping[str, Any]) -> int:
    """Refuse a merge that cannot be; return about how many rows it has.

    Of many at once, only what is asked is looked at; the rest is for whoever plans it. Raises
    `ValidationFailed`, `NotFound`, `Forbidden`, `RecordLocked`.
    """
    record_type, said = context.catalog[noun], read_merge(asked)
    _check_rights(context, record_type)
    if isinstance(said, MergeInput) and not said.is_small and said.duplicates is None:
        return _ROWS * sum(len(pair.records) for pair in said.pairs or ())
    groups, _ = await grouping.groups_of(context, record_type, said)
    if len(groups) > _FEW:
        return _ROWS * sum(len(group.ids) - 1 for group in groups)
    return len((await _planned(context, record_type, groups, _stays(groups))).rows)


async def plan_merge(plan: Plan, noun: str) -> None:
    """Plan merges: input is `{into, records, take, values}`, or `{pairs: [of such]}`, or
    `{duplicates: {above, pairs}}`; the plan keeps it with full ids."""
    asked = plan.operation.input
    async with plan.begin() as context:
        record_type, said = context.catalog[noun], read_merge(asked)
        _check_rights(context, record_type)
        groups, left_out = await grouping.groups_of(context, record_type, said)
    stays, lost, kept = _stays(groups), [], []
    # what is above what is to be seen as a whole
    is_tree = noun in record_type.refers.values()
    size = len(groups) if is_tree else _GROUPS
    for start in range(0, len(groups), size):
        async with plan.begin() as context:
            some = groups[start : start + size]
            planned = await _planned(context, record_type, some, stays)
            await plan.add(context, planned.rows)
        lost += planned.lost
        kept += [
            group._replace(take=take).said for group, take in zip(some, planned.takes, strict=True)
        ]
    is_one = isinstance(said, MergeGroup)
    said_now = {**asked, **({"take": {}} | kept[0] if is_one else {grouping.PAIRS: kept})}
    async with plan.begin() as context:
        await stored.change(await context.write(), plan.operation.id, input=said_now)
    plan.report |= {"lost": lost[:_LOST_SHOWN], "lost_count": len(lost)}
    if is_one or len(groups) == 1 or plan.count <= whole.MOST:
        plan.report |= {whole.MARK: True}
    else:
        await binding.settle(plan, replace(plan.operation, input=said_now))
    if not is_one:
        plan.report |= {"groups": len(groups), "left_out": left_out}


def _check_rights(context: Context, record_type: RecordType) -> None:
    for action in _NEEDS:
        context.actor.require(f"{record_type.name}:{action}")


def _stays(groups: Sequence[Group]) -> Stays:
    return {str(record): str(group.ids[0]) for group in groups for record in group.ids[1:]}


async def _planned(
    context: Context, record_type: RecordType, groups: Sequence[Group], stays: Stays
) -> Planned:
    merges = await _merges(context, record_type, groups)
    moved = await relinking.linked(
        context, record_type, [(merge.into["id"], merge.losers) for merge in merges], stays
    )
    found = await settling.settled(context, record_type, merges, moved, stays)
    noun, gone = record_type.name, {DELETED: context.now.isoformat()}
    rows: list[Row] = []
    lost: list[dict[str, Any]] = []
    for merge, after in zip(merges, found, strict=True):
        changes = different(record_type, merge.into, after)
        _check_fields(context, record_type, changes)
        action, record_id = "update" if changes else "unchanged", UUID(merge.into["id"])
        rows.append(Row(noun, action, record_id, merge.into["version"], changes or None))
        rows += [
            Row(noun, "delete", UUID(row["id"]), row["version"], gone) for row in merge.held[1:]
        ]
        lost += settling.lost(context, record_type, merge, after)
    rows += [each.row(context) for each in moved]
    await _check_admitted(context, rows)
    takes = [{name: row["id"] for name, row in merge.take.items()} for merge in merges]
    return Planned(rows, lost, takes)


async def _merges(
    context: Context, record_type: RecordType, groups: Sequence[Group]
) -> list[Merge]:
    """Read the records, and what is to be taken from which."""
    ids = [record_id for group in groups for record_id in group.ids]
    rows = await _held(context, record_type, ids)
    found = []
    for group in groups:
        named = zip(group.ids, group.names, strict=True)
        held = [
            _found(context, record_type, rows, record_id, name, stays=number == 0)
            for number, (record_id, name) in enumerate(named)
        ]
        take = await _taken(context, record_type, group, held)
        for field in group.values:
            if field in record_type.merges:
                raise _by_rule(f"{group.place}values/{field}", field)
        values = dict(group.values)
        values = await bulk.values_of(context, record_type, values) if values else values
        found.append(Merge(held, take, values))
    return found


async def _held(
    context: Context, record_type: RecordType, ids: Sequence[UUID]
) -> dict[UUID, tuple[Held, bool, bool]]:
    """Return living records that the caller may read, with whether they may be changed, and
    deleted."""
    visible, change, delete = (context.condition(record_type, each) or _ANY for each in _NEEDS)
    rows = await context.read(
        Sql(
            f"select t.id, {whole_row(record_type)}, ({change.text}) is true, "
            f"({delete.text}) is true from {ident(record_type.table_name)} t "
            f"where t.id = any(%s) and t.deleted_at is null and {visible.text}",
            (*change.params, *delete.params, list(ids), *visible.params),
        )
    )
    return {record_id: (from_json(row), *may) for record_id, row, *may in rows}


def _found(
    context: Context,
    record_type: RecordType,
    rows: Mapping[UUID, tuple[Held, bool, bool]],
    record_id: UUID,
    name: str,
    *,
    stays: bool,
) -> Held:
    if record_id not in rows:
        raise missing(context.seen(record_type), name)
    row, may_change, may_delete = rows[record_id]
    if not (may_change if stays else may_delete):
        raise outside(context, record_type, "update" if stays else "delete")
    if row.get(LOCKED) is not None:
        since = context.now.fromisoformat(row[LOCKED])
        raise locking.refusal(context, record_type, name, since)
    unmerged = record_type.unmerged
    if unmerged is not None and row[unmerged.column] is not None:
        raise unmerged.refusal(name)
    return row


async def _taken(
    context: Context, record_type: RecordType, group: Group, held: Sequence[Held]
) -> dict[str, Held]:
    """Return whose value each field gets that is named."""
    shown = context.seen(record_type)
    of_id = {row["id"]: row for row in held}
    of_name = dict(zip(group.names, held, strict=True))
    found: dict[str, Held] = {}
    for field, reference in group.take.items():
        name = _field(shown, group.place, field)
        row = of_name.get(reference)
        if row is None:
            row = of_id.get(str(await resolve(context, shown, reference)))
        if row is None:
            said = f"{reference} is none of the records that are merged."
            raise wrong(f"{group.place}take/{field}", "not_merged", said)
        found[name] = row
    return found


def _field(shown: RecordType, place: str, field: str) -> str:
    """Return the field that is to be taken: `job_title`, `external_ids.crm`, `custom.tier`."""
    root, _, key = field.partition(".")
    if not key and root not in shown.columns and root in shown.defined:
        root, key = COLUMN, root
    if root in shown.merges:
        raise _by_rule(f"{place}take/{field}", root)
    is_there = root in shown.writable
    if key:
        is_map = root in shown.plain.journaled.maps
        is_own = root != COLUMN or (key in shown.defined and shown.is_writable(key))
        is_there = is_there and is_map and is_own
    if not is_there:
        said = "There is no such field, or none to change."
        raise wrong(f"{place}take/{field}", "unknown_field", said)
    return f"{root}.{key}" if key else root


def _by_rule(place: str, field: str) -> ValidationFailed:
    said = f"What becomes of {field} is settled by a rule; change it after the merge."
    return wrong(place, "settled_by_rule", said)


def _check_fields(context: Context, record_type: RecordType, changes: Mapping[str, Any]) -> None:
    """Refuse to change fields that the caller may not change: they could not take it back."""
    shown = context.seen(record_type)
    touched = {*changes, *(changes.get(COLUMN) or ())}
    if closed := touched & (shown.closed | shown.hidden):
        raise Forbidden(
            f"{len(closed)} field{'' if len(closed) == 1 else 's'} would change that you may not "
            "change.",
            permission=f"{record_type.name}:update",
        )


async def _check_admitted(context: Context, rows: Sequence[Row]) -> None:
    """Refuse to leave a record as the caller may not have it."""
    for noun in dict.fromkeys(row.record_type for row in rows):
        record_type = context.catalog[noun]
        if record_type.ends:
            continue
        own = [row for row in rows if row.record_type == noun]
        if any(row.action == "error" for row in await admitted(context, record_type, own)):
            raise Forbidden(FORBIDDEN, permission=f"{noun}:update")
