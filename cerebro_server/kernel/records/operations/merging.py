"""Planning to make one record of several: it keeps what it has, and gets what it lacks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Final, NamedTuple
from uuid import UUID

from pydantic_core import from_json

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.errors import Forbidden, ValidationFailed
from cerebro_server.kernel.fields import Batch, RecordType
from cerebro_server.kernel.fields.columns import LOCKED
from cerebro_server.kernel.fields.custom import COLUMN
from cerebro_server.kernel.query import fold
from cerebro_server.kernel.records import locking, merged, parts
from cerebro_server.kernel.records.operations import bulk, relinking, stored
from cerebro_server.kernel.records.operations.inputs import MergeInput, read
from cerebro_server.kernel.records.operations.planning import Plan
from cerebro_server.kernel.records.operations.relinking import Linked
from cerebro_server.kernel.records.operations.statements import DELETED
from cerebro_server.kernel.records.planned import (
    FORBIDDEN,
    Row,
    admitted,
    different,
    same,
    whole_row,
)
from cerebro_server.kernel.records.references import missing, resolve
from cerebro_server.kernel.records.writer import needs_before, outside, refused

_ANY = Sql("true")
_LOST_SHOWN: Final = 100
_NEEDS: Final = ("read", "update", "delete")
Held = Mapping[str, Any]
"""A record as it is: all of its columns."""


class Merge(NamedTuple):
    """What is merged, and how."""

    held: Sequence[Held]
    """The record that stays, then those that go."""
    take: Mapping[str, Held]
    values: Mapping[str, Any]

    @property
    def into(self) -> Held:
        """The record that stays."""
        return self.held[0]

    @property
    def losers(self) -> list[str]:
        """The ids of those that go."""
        return [row["id"] for row in self.held[1:]]


class Planned(NamedTuple):
    """What a merge comes to."""

    merge: Merge
    rows: list[Row]
    lost: list[dict[str, Any]]
    """Values of records that go which the one that stays does not get."""


async def check_merge(context: Context, noun: str, asked: Mapping[str, Any]) -> int:
    """Refuse a merge that cannot be; return how many rows it has.

    Raises `ValidationFailed`, `NotFound`, `Forbidden`, `RecordLocked`.
    """
    return len((await _planned(context, context.catalog[noun], asked)).rows)


async def plan_merge(plan: Plan, noun: str) -> None:
    """Plan a merge: input is `{into, records, take, values}`; the plan keeps it with full ids."""
    asked = plan.operation.input
    async with plan.begin() as context:
        planned = await _planned(context, context.catalog[noun], asked)
        merge = planned.merge
        said = {**asked, "into": merge.into["id"], "records": merge.losers}
        said["take"] = {name: row["id"] for name, row in merge.take.items()}
        await stored.change(await context.write(), plan.operation.id, input=said)
        lost = planned.lost
        plan.report |= {"lost": lost[:_LOST_SHOWN], "lost_count": len(lost)}
        await plan.add(context, planned.rows)


async def _planned(context: Context, record_type: RecordType, asked: Mapping[str, Any]) -> Planned:
    merge = await _merge_of(context, record_type, read(MergeInput, asked))
    moved = await relinking.linked(context, record_type, merge.into["id"], merge.losers)
    after = await _settled(context, record_type, merge, moved)
    changes = different(record_type, merge.into, after)
    _check_fields(context, record_type, changes)
    noun, version = record_type.name, merge.into["version"]
    survivor = Row(
        noun, "update" if changes else "unchanged", UUID(merge.into["id"]), version, changes or None
    )
    gone = {DELETED: context.now.isoformat()}
    rows = [survivor] + [
        Row(noun, "delete", UUID(row["id"]), row["version"], gone) for row in merge.held[1:]
    ]
    rows += [each.row(context) for each in moved]
    await _check_admitted(context, rows)
    return Planned(merge, rows, list(_lost(context, record_type, merge, after)))


async def _merge_of(context: Context, record_type: RecordType, said: MergeInput) -> Merge:
    """Find the records that are named, and read what is to be taken from which."""
    for action in _NEEDS:
        context.actor.require(f"{record_type.name}:{action}")
    shown = context.seen(record_type)
    names = [said.into, *said.records]
    held = await _found(context, record_type, names)
    places: dict[str, int] = {}
    for number, row in enumerate(held):
        if row["id"] in places:
            first = places[row["id"]]
            what = "the one that stays" if first == 0 else f"records/{first - 1} as well"
            raise _wrong(f"records/{number - 1}", "same_record", f"{names[number]} is {what}.")
        places[row["id"]] = number
    take: dict[str, Held] = {}
    for field, reference in said.take.items():
        name = _field(shown, field)
        [row] = await _found(context, record_type, [reference], to_write=False)
        if row["id"] not in places:
            said_ = f"{reference} is none of the records that are merged."
            raise _wrong(f"take/{field}", "not_merged", said_)
        take[name] = held[places[row["id"]]]
    for field in said.values:
        if field in record_type.merges:
            raise _by_rule(f"values/{field}", field)
    values = await bulk.values_of(context, record_type, said.values) if said.values else {}
    return Merge(held, take, values)


async def _found(
    context: Context, record_type: RecordType, names: Sequence[str], *, to_write: bool = True
) -> list[Held]:
    """Return the records that are named; one that was merged is the one that it became."""
    shown = context.seen(record_type)
    ids = [await resolve(context, shown, name) for name in names]
    rows = await _held(context, record_type, ids)
    if gone := [each for each in ids if each not in rows]:
        known = await merged.survivors(context, record_type, gone)
        ids = [known.get(each, each) for each in ids]
        rows = await _held(context, record_type, ids)
    found = []
    for number, (name, record_id) in enumerate(zip(names, ids, strict=True)):
        if record_id not in rows:
            raise missing(shown, name)
        row, may_change, may_delete = rows[record_id]
        if to_write and not (may_change if number == 0 else may_delete):
            raise outside(context, record_type, "update" if number == 0 else "delete")
        if to_write and row.get(LOCKED) is not None:
            since = context.now.fromisoformat(row[LOCKED])
            raise locking.refusal(context, record_type, name, since)
        found.append(row)
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


def _field(shown: RecordType, field: str) -> str:
    """Return the field that is to be taken: `job_title`, `external_ids.crm`, `custom.tier`."""
    root, _, key = field.partition(".")
    if not key and root not in shown.columns and root in shown.defined:
        root, key = COLUMN, root
    if root in shown.merges:
        raise _by_rule(f"take/{field}", root)
    is_there = root in shown.writable
    if key:
        is_map = root in shown.plain.journaled.maps
        is_own = root != COLUMN or (key in shown.defined and shown.is_writable(key))
        is_there = is_there and is_map and is_own
    if not is_there:
        raise _wrong(f"take/{field}", "unknown_field", "There is no such field, or none to change.")
    return f"{root}.{key}" if key else root


def _wrong(place: str, code: str, detail: str) -> ValidationFailed:
    error = {"pointer": f"/input/{place}", "code": code, "detail": detail}
    return ValidationFailed(detail, errors=[error])


def _by_rule(place: str, field: str) -> ValidationFailed:
    said = f"What becomes of {field} is settled by a rule; change it after the merge."
    return _wrong(place, "settled_by_rule", said)


async def _settled(
    context: Context, record_type: RecordType, merge: Merge, moved: Sequence[Linked]
) -> dict[str, Any]:
    """Return the columns of the record that stays, after all rules."""
    after = _united(record_type, merge)
    sent = dict(merge.values)
    for name, row in merge.take.items():
        if name in record_type.primaries:
            sent.setdefault(name, row[name])
    batch = Batch([sent], before=[{**merge.into, **after}])
    parts.settle(record_type, batch, region=context.settings.default_region)
    if batch.refusals:
        raise refused(batch)
    for name, value in batch.rows[0].items():
        is_map = name in record_type.journaled.maps
        after[name] = {**after[name], **(value or {})} if is_map else value
    after = await _by_rules(context, record_type, merge, after, moved)
    for settle in record_type.merges.values():
        after |= settle(merge.held)
    return after


def _united(record_type: RecordType, merge: Merge) -> dict[str, Any]:
    """Return what the records have together: the one that stays first, then in their order."""
    ids = {row["id"] for row in merge.held}
    found: dict[str, Any] = {}
    for name in record_type.stored:
        if name in record_type.merges or name in record_type.filled:
            continue
        taken = merge.take.get(name)
        rows = merge.held if taken is None else [taken, *merge.held]
        values = [row[name] for row in rows]
        if name in record_type.parts:
            found[name] = parts.united(record_type, name, values)
        elif parts.holds_words(record_type, name):
            found[name] = _words(values)
        elif name in record_type.journaled.maps:
            found[name] = {key: v for value in reversed(values) for key, v in value.items()}
        else:
            own = [None if name in record_type.refers and v in ids else v for v in values]
            full = [value for value in own if value not in (None, "")]
            found[name] = own[0] if taken is not None else next(iter(full), own[0])
    for name, row in merge.take.items():
        root, _, key = name.partition(".")
        if key:
            found[root][key] = row[root].get(key)
    return found


def _words(lists: Sequence[Sequence[str]]) -> list[str]:
    found: dict[str, str] = {}
    for word in chain.from_iterable(lists):
        found.setdefault(fold(word), word)
    return list(found.values())


async def _by_rules(
    context: Context,
    record_type: RecordType,
    merge: Merge,
    after: dict[str, Any],
    moved: Sequence[Linked],
) -> dict[str, Any]:
    """Let rules see what changes. A record that would come to be above itself loses what is above
    it."""
    beside: dict[str, list[Linked]] = {}
    for each in moved:
        if each.after is not None and needs_before(each.record_type, each.changes):
            beside.setdefault(each.record_type.name, []).append(each)
    for noun, others in beside.items():
        rules = context.catalog[noun].update_rules
        if noun != record_type.name and rules is not None:
            batch = Batch([e.changes for e in others], before=[dict(e.before) for e in others])
            await rules(context, batch)
            if batch.refusals:
                raise refused(batch)
    if record_type.update_rules is None:
        return after
    others = beside.get(record_type.name, [])
    before = [dict(merge.into), *(dict(each.before) for each in others)]
    for _ in range(2):
        own = different(record_type, merge.into, after)
        own |= {name: after[name] for name in record_type.refers}
        batch = Batch([own, *(each.changes for each in others)], before=before)
        await record_type.update_rules(context, batch)
        circles = {each.field for each in batch.refusals if each.row == 0 and each.field}
        circles &= record_type.refers.keys()
        if not circles:
            break
        after = {**after, **dict.fromkeys(circles)}
    if batch.refusals:
        raise refused(batch)
    maps = record_type.journaled.maps
    return {**after, **{k: v for k, v in batch.rows[0].items() if k not in maps}}


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


def _lost(
    context: Context, record_type: RecordType, merge: Merge, after: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """Yield values that the caller sees and that the record which stays does not get."""
    shown = context.seen(record_type)
    settled = {*record_type.merges, *record_type.filled, *record_type.parts}
    for row in merge.held[1:]:
        for name in record_type.stored:
            value = row[name]
            if name in settled or name in record_type.refers or value in (None, "", []):
                continue
            if not shown.shows(name) or parts.holds_words(record_type, name):
                continue
            if name not in record_type.journaled.maps:
                if not same(record_type, name, after[name], value):
                    yield {"record_id": row["id"], "field": name, "value": value}
                continue
            for key, held in value.items():
                is_seen = name != COLUMN or (key in shown.defined and key not in shown.masked)
                if is_seen and after[name].get(key) != held:
                    yield {"record_id": row["id"], "field": f"{name}.{key}", "value": held}
