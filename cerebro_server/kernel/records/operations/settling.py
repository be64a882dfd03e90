"""What the records that stay in a merge come to: what all had, after all rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.fields import Batch, RecordType
from cerebro_server.kernel.fields.custom import COLUMN
from cerebro_server.kernel.query import fold
from cerebro_server.kernel.records import parts
from cerebro_server.kernel.records.operations.relinking import Linked
from cerebro_server.kernel.records.planned import different, same
from cerebro_server.kernel.records.refusals import refused
from cerebro_server.kernel.records.writer import needs_before

Held = Mapping[str, Any]
"""A record as it is: all of its columns."""
Stays = Mapping[str, str]
"""`{id of one that goes: id of the one that stays}`, of all groups of an operation."""


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


async def settled(
    context: Context,
    record_type: RecordType,
    merges: Sequence[Merge],
    moved: Sequence[Linked],
    stays: Stays,
) -> list[dict[str, Any]]:
    """Return the columns of the records that stay, after all rules. Raises `ValidationFailed`."""
    found = [_united(record_type, merge, stays) for merge in merges]
    sent = []
    for merge in merges:
        values = dict(merge.values)
        for name, row in merge.take.items():
            if name in record_type.primaries:
                values.setdefault(name, row[name])
        sent.append(values)
    before = [{**merge.into, **after} for merge, after in zip(merges, found, strict=True)]
    batch = Batch(sent, before=before)
    parts.settle(record_type, batch, region=context.settings.default_region)
    if batch.refusals:
        raise refused(batch)
    for after, values in zip(found, batch.rows, strict=True):
        for name, value in values.items():
            is_map = name in record_type.journaled.maps
            after[name] = {**after[name], **(value or {})} if is_map else value
    found = await _by_rules(context, record_type, merges, found, moved)
    for settle in record_type.merges.values():
        for merge, after in zip(merges, found, strict=True):
            after.update(settle(merge.held))
    return found


def _united(record_type: RecordType, merge: Merge, stays: Stays) -> dict[str, Any]:
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
            own = values
            if record_type.refers.get(name) == record_type.name:
                own = [None if v in ids else stays.get(v, v) for v in values]
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
    merges: Sequence[Merge],
    found: list[dict[str, Any]],
    moved: Sequence[Linked],
) -> list[dict[str, Any]]:
    """Let rules see what changes. A record that would come to be above itself loses what is above
    it."""
    beside: dict[str, list[Linked]] = {}
    for each in moved:
        if each.after is not None and needs_before(each.record_type, each.changes):
            beside.setdefault(each.record_type.name, []).append(each)
    for noun, others in beside.items():
        rules = context.catalog[noun].update_rules
        if noun != record_type.name and rules is not None:
            held = [dict(e.before) for e in others]
            batch = Batch([e.changes for e in others], before=held, relinks=True)
            await rules(context, batch)
            if batch.refusals:
                raise refused(batch)
    if record_type.update_rules is None:
        return found
    others = beside.get(record_type.name, [])
    before = [*(dict(merge.into) for merge in merges), *(dict(each.before) for each in others)]
    for _ in range(2):
        own = [
            different(record_type, merge.into, after)
            | {name: after[name] for name in record_type.refers if name in after}
            for merge, after in zip(merges, found, strict=True)
        ]
        batch = Batch([*own, *(each.changes for each in others)], before=before)
        await record_type.update_rules(context, batch)
        circles = [
            (each.row, each.field)
            for each in batch.refusals
            if each.row < len(merges) and each.field in record_type.refers
        ]
        if not circles:
            break
        for row, field in circles:
            found[row] = {**found[row], str(field): None}
    if batch.refusals:
        raise refused(batch)
    maps = record_type.journaled.maps
    return [
        {**after, **{k: v for k, v in row.items() if k not in maps}}
        for after, row in zip(found, batch.rows, strict=False)
    ]


def lost(
    context: Context, record_type: RecordType, merge: Merge, after: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """Yield values that the caller sees and that the record which stays does not get."""
    shown = context.seen(record_type)
    settled_ = {*record_type.merges, *record_type.filled, *record_type.parts}
    for row in merge.held[1:]:
        for name in record_type.stored:
            value = row[name]
            if name in settled_ or name in record_type.refers or value in (None, "", []):
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
