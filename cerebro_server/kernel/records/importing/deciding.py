"""What each row of a chunk would do: made, changed, unchanged, or wrong. Nothing is written."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from types import MappingProxyType
from typing import Any
from uuid import UUID

from pydantic_core import from_json, to_json

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.fields import Batch, RecordType
from cerebro_server.kernel.fields.custom import COLUMN
from cerebro_server.kernel.ids import uuid7
from cerebro_server.kernel.records import locking, parts, uniqueness
from cerebro_server.kernel.records.customizing import Wrong, complete, resolve_references
from cerebro_server.kernel.records.importing import appending, exchanging, renaming
from cerebro_server.kernel.records.importing.claims import Claims
from cerebro_server.kernel.records.importing.doubts import put_back, set_aside
from cerebro_server.kernel.records.importing.shape import Shape, classify, found_by, key_of, shown
from cerebro_server.kernel.records.people import fill_owner, resolve_people
from cerebro_server.kernel.records.planned import Row, admitted, different
from cerebro_server.kernel.records.relating import resolve_relations
from cerebro_server.kernel.records.statements import candidates

_MERGED = {
    "code": "merged",
    "message": "It was merged into a record that another row is for.",
}
Decided = dict[int, Row]
"""Rows by their number in the batch; those that are refused in the batch are not there."""


async def decide(
    context: Context,
    shape: Shape,
    batch: Batch,
    claims: Claims,
    *,
    planned: Container[str] = (),
    incomplete: Mapping[int, Sequence[Wrong]] = MappingProxyType({}),
) -> Decided:
    """Return what the rows of a batch would do that nothing is wrong with.

    Refused in the batch are rows that rules refuse, whose key belongs to another record, whose
    record is locked and would change, or that the caller may not write. What is refused in it
    already stays so, unless the record has just that. `planned` are ids of records that rows may
    name though they are only planned yet; `incomplete` is what rows lack that a new record needs.
    """
    record_type = shape.record_type
    batch.allow_invalid = True
    await resolve_people(context, record_type, batch)
    await resolve_relations(context, record_type, batch, planned=planned)
    await resolve_references(context, record_type, batch)
    doubts = set_aside(batch)
    staged = [
        {"n": number, "id": row["id"], **shown(context, shape, row), "_key": key_of(shape, row)}
        for number, row in enumerate(batch.rows)
    ]
    old = await renaming.settle(context, shape, batch, staged, _classified)
    found = await _classified(context, shape, staged)
    found.sort(key=lambda row: row[0] in old)  # rows by today's names come first
    found, twice = _once(found, claims, old)
    found, exchanged = await exchanging.freed(context, shape, batch, found, claims)
    targets = await _refuse(context, shape, batch, found, claims, incomplete=incomplete)
    for number in (number for number, record_id, *_ in found if record_id is None):
        for path, code, said in incomplete.get(number, ()):
            batch.refuse(number, path, code, said)
    await _refuse_taken(context, shape, batch, found, targets)
    await put_back(context, record_type, batch, doubts, {n: t[0] for n, t in targets.items()})
    out = {refusal.row for refusal in batch.refusals}
    decided: Decided = {}
    changed, fresh = [], []
    for number, record_id, version, action, *_ in found:
        if number in out:
            continue
        if action == "updated":
            changed.append(number)
        elif action == "created":
            fresh.append(number)
        else:
            decided[number] = Row(record_type.name, "unchanged", record_id, version)
    decided |= await _changes(context, shape, batch, {n: targets[n] for n in changed})
    kept = await exchanging.settle(context, record_type, batch, exchanged, decided)
    new = await _born(context, shape, batch, [n for n in fresh if n not in kept], claims)
    decided |= await _births(context, shape, batch, new, planned)
    return decided | {
        number: Row(record_type.name, "skip", record_id, version, problem=_MERGED)
        for number, record_id, version, *_ in twice
    }


async def _classified(
    context: Context, shape: Shape, staged: Sequence[Mapping[str, Any]]
) -> list[tuple[Any, ...]]:
    """Return what each row would do, as `classify` has it."""
    limit = context.condition(shape.record_type, "read", "update")
    by = found_by(context, shape)
    return await context.read(
        Sql(
            classify(shape, limit and limit.text, by.text),
            (*(limit.params if limit else ()), to_json(staged).decode(), *by.params),
        )
    )


def _once(
    found: Sequence[tuple[Any, ...]], claims: Claims, old: Container[int]
) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Return the rows, and apart from them those that name what was merged by an `old` name, and
    whose record another row is for by its own."""
    own = {row[1] for row in found if row[0] not in old}
    twice = {
        row[0]
        for row in found
        if row[0] in old and row[1] is not None and (row[1] in own or claims.has(row[1]))
    }
    return [row for row in found if row[0] not in twice], [row for row in found if row[0] in twice]


Target = tuple[UUID | None, int | None]
"""Id and version of the record that a row is for."""


async def _refuse(
    context: Context,
    shape: Shape,
    batch: Batch,
    found: Sequence[tuple[Any, ...]],
    claims: Claims,
    *,
    incomplete: Container[int],
) -> dict[int, Target]:
    """Refuse what may not be written, as `classify` found it; return the targets of the others."""
    clashing = [row[0] for row in found if row[4]]
    wanted = [(n, *key) for n in clashing for key in claims.keys_of(batch.rows[n])]
    holders = await uniqueness.holders(context, shape.record_type, wanted)
    singular = shape.record_type.noun.singular
    targets: dict[int, Target] = {}
    for number, record_id, version, action, clash, may, locked_at in found:
        if clash:
            others = [each for each in holders.get(number, ()) if each != str(record_id)]
            said = uniqueness.told(shape.record_type, ", ".join(others))
            batch.refuse(number, clash, "duplicate_key", said)
        elif not may:
            batch.refuse(number, shape.key, "forbidden", f"You may not change that {singular}.")
        elif locked_at is not None and action != "unchanged":
            _refuse_locked(context, shape, batch, number, locked_at)
        elif record_id and not claims.take(record_id, is_whole=number not in incomplete):
            batch.refuse(number, None, "duplicate_key", f"An earlier row is for that {singular}.")
        else:
            targets[number] = (record_id, version)
    return targets


def _refuse_locked(
    context: Context, shape: Shape, batch: Batch, number: int, locked_at: datetime
) -> None:
    what = f"That {shape.record_type.noun.singular}"
    said = locking.said(context, shape.record_type, what, locked_at)
    batch.refuse(number, shape.key, locking.CODE, said)


async def _refuse_taken(
    context: Context,
    shape: Shape,
    batch: Batch,
    found: Sequence[tuple[Any, ...]],
    targets: Mapping[int, Target],
) -> None:
    """Refuse rows with a value of a unique custom field that another record or row has."""
    if COLUMN not in shape.names:
        return
    written = {n for n, _, _, action, *_ in found if action != "unchanged"} & targets.keys()
    rows = {n: (targets[n][0], batch.rows[n].get(COLUMN)) for n in written}
    for clash in await uniqueness.clashes(context, shape.record_type, rows):
        said = uniqueness.told(shape.record_type, clash.holder)
        said = "An earlier row has it." if clash.is_earlier_row else said
        batch.refuse(clash.row, f"{COLUMN}/{clash.definition.key}", "duplicate_key", said)


async def _changes(
    context: Context, shape: Shape, batch: Batch, targets: Mapping[int, Target]
) -> Decided:
    """Return the changes as they are written: with lists for their short forms, as rules leave
    them, beside the records as they are. Blank cells change nothing."""
    if not targets:
        return {}
    record_type = shape.record_type
    rows = await context.read(
        Sql(
            f"select t.id, to_jsonb(t) from {ident(record_type.table_name)} t where t.id = any(%s)",
            ([record_id for record_id, _ in targets.values()],),
        )
    )
    held = {record_id: from_json(row) for record_id, row in rows}
    numbers = [number for number, (record_id, _) in targets.items() if record_id in held]
    given = [
        {k: batch.rows[n].get(k) for k in (*shape.names, *batch.also.get(n, ()))} for n in numbers
    ]
    changes = Batch(
        [{k: v for k, v in row.items() if v is not None} for row in given],
        before=[held[targets[n][0]] for n in numbers],
        allow_invalid=True,
    )
    if shape.appends:
        appending.append(record_type, changes)
    parts.settle(record_type, changes, region=context.settings.default_region)
    if shape.appends:
        appending.refuse_long(record_type, changes)
    if record_type.update_rules is not None:
        await record_type.update_rules(context, changes)
    _pass_on(changes, numbers, batch)
    refused = {refusal.row for refusal in changes.refusals}
    found: Decided = {}
    for position, number in enumerate(numbers):
        if position in refused:
            continue
        new = different(record_type, changes.before[position], changes.rows[position])
        record_id, version = targets[number]
        action = "update" if new else "unchanged"
        found[number] = Row(record_type.name, action, record_id, version, new or None)
    allowed = await admitted(context, record_type, list(found.values()))
    for number, row in zip(list(found), allowed, strict=True):
        if row.action == "error":
            _forbid(batch, number)
            del found[number]
    return found


async def _born(
    context: Context, shape: Shape, batch: Batch, numbers: Sequence[int], claims: Claims
) -> dict[int, dict[str, Any]]:
    """Return the new rows as owners and the component's rules leave them, without those that rules
    refuse."""
    if not numbers:
        return {}
    record_type = shape.record_type
    new = Batch([batch.rows[number] for number in numbers], allow_invalid=True)
    await fill_owner(context, record_type, new)
    parts.settle(record_type, new, region=context.settings.default_region)
    complete(context, record_type, new)
    given = [frozenset(key for key in claims.plain if row.get(key)) for row in new.rows]
    if record_type.rules is not None:
        await record_type.rules(context, new)
    claims.keep_free(new.rows, given)
    _pass_on(new, numbers, batch)
    refused = {refusal.row for refusal in new.refusals}
    return {
        numbers[position]: {"id": uuid7(), "external_ids": {}, **_filled(record_type, row)}
        for position, row in enumerate(new.rows)
        if position not in refused
    }


def _filled(record_type: RecordType, row: Mapping[str, Any]) -> dict[str, Any]:
    names = (*record_type.stored, *record_type.file_columns)
    return {name: row[name] for name in dict.fromkeys(names) if row.get(name) is not None}


async def _births(
    context: Context,
    shape: Shape,
    batch: Batch,
    rows: Mapping[int, dict[str, Any]],
    planned: Container[str],
) -> Decided:
    """Return the new records, without those that the caller may not make."""
    record_type = shape.record_type
    allowed = await admitted_births(context, record_type, list(rows.values()), planned)
    found: Decided = {}
    for number, row in rows.items():
        record_id = row.pop("id")
        if allowed is not None and record_id not in allowed:
            _forbid(batch, number)
        else:
            found[number] = Row(record_type.name, "create", record_id, None, row)
    return found


async def admitted_births(
    context: Context,
    record_type: RecordType,
    rows: Sequence[Mapping[str, Any]],
    planned: Container[str] = (),
) -> set[UUID] | None:
    """Return the ids of the records that the caller may make; None where all of them are.

    Of a link, an end that is only planned yet is the caller's own, and no rule can look at it.
    """
    ahead = [row for row in rows if any(row.get(end) in planned for end in record_type.ends)]
    if ahead and len(ahead) < len(rows):
        rest = [row for row in rows if row not in ahead]
        allowed = await admitted_births(context, record_type, rest)
        others = await admitted_births(context, record_type, ahead, planned)
        both = ((allowed, rest), (others, ahead))
        return {i for found, of in both for i in (_ids(of) if found is None else found)}
    limit = context.condition(_apart(record_type) if ahead else record_type, "create")
    if limit is None or not rows:
        return None
    as_written = candidates(record_type, ("id", *record_type.stored))
    found = await context.read(
        Sql(
            f"select t.id from {as_written} where {limit.text}",
            (to_json(list(rows)).decode(), *limit.params),
        )
    )
    return {record_id for (record_id,) in found}


def _ids(rows: Sequence[Mapping[str, Any]]) -> set[UUID]:
    return {row["id"] for row in rows}


@cache
def _apart(record_type: RecordType) -> RecordType:
    """Return a link's record type as if it joined nothing."""
    return replace(record_type, ends={}, part_of=None)


def _pass_on(inner: Batch, numbers: Sequence[int], to: Batch) -> None:
    for refusal in inner.refusals:
        to.refuse(numbers[refusal.row], refusal.field, refusal.code, refusal.message)


def _forbid(batch: Batch, number: int) -> None:
    batch.refuse(number, None, "forbidden", "You may not write a record like this one.")
