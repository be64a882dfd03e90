"""Rows that take a key of a record which another row of the batch is for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.fields import Batch, RecordType
from cerebro_server.kernel.query import fold
from cerebro_server.kernel.records import uniqueness
from cerebro_server.kernel.records.importing.claims import Claims
from cerebro_server.kernel.records.importing.shape import Shape
from cerebro_server.kernel.records.planned import Row
from cerebro_server.kernel.records.statements import held_by

_EXTERNAL = "external:"


class Taken(NamedTuple):
    """A key that a row takes from a record."""

    field: str
    """By which the row clashes."""
    kind: str
    value: str
    holder: UUID


Exchanged = dict[int, list[Taken]]
"""By the number of a row, what it takes from others that may let go of it."""


async def freed(
    context: Context,
    shape: Shape,
    batch: Batch,
    found: Sequence[tuple[Any, ...]],
    claims: Claims,
) -> tuple[list[tuple[Any, ...]], Exchanged]:
    """Let rows have keys of records that other rows of the batch are for: whether those let go of
    them is looked at by `settle`, when it is known what becomes of them."""
    targets = {row[1] for row in found} - {None}
    clashing = {row[0]: row[4] for row in found if row[4]}
    wanted = [(n, *key) for n in clashing for key in claims.keys_of(batch.rows[n])]
    if not wanted or not targets or not claims.frees:
        return list(found), {}
    numbers, kinds, values = (list(column) for column in zip(*wanted, strict=True))
    held = await context.read(
        Sql(
            "select s.n, s.kind, s.value, o.record_id "
            "from unnest(%s::integer[], %s::text[], %s::text[]) "
            f"as s(n, kind, value) cross join {held_by('%s', 's.kind', 's.value')} o "
            "where o.is_unique",
            (numbers, kinds, values, shape.record_type.name),
        )
    )
    strangers = {n for n, *_, holder in held if holder not in targets}
    free: Exchanged = {n: [] for n in clashing if n not in strangers}
    own = {row[0]: row[1] for row in found}
    for n, kind, value, holder in held:
        if n in free and holder != own[n]:
            free[n].append(Taken(clashing[n], kind, value, holder))
    claims.exchanges = claims.exchanges or bool(free)
    return [(*row[:4], None, *row[5:]) if row[0] in free else row for row in found], free


async def settle(
    context: Context,
    record_type: RecordType,
    batch: Batch,
    exchanged: Exchanged,
    decided: dict[int, Row],
) -> set[int]:
    """Refuse rows that take what a record keeps after all, since its row is refused or says nothing
    of it, and those that counted on these in their turn; return their numbers."""
    rows = {row.record_id: row.values or {} for row in decided.values() if row.action == "update"}
    out = {refusal.row for refusal in batch.refusals}
    waiting = {n: taken for n, taken in exchanged.items() if n not in out}
    kept: dict[int, Taken] = {}
    grown = True
    while grown:
        grown = False
        for n, taken in waiting.items():
            stays = [e for e in taken if not _lets_go(record_type, rows.get(e.holder, {}), e)]
            if n not in kept and stays:
                kept[n] = stays[0]
                grown = True
                if n in decided:
                    rows.pop(decided.pop(n).record_id, None)
    wanted = [(n, each.kind, each.value) for n, each in kept.items()]
    holders = await uniqueness.holders(context, record_type, wanted)
    for n, each in kept.items():
        said = uniqueness.told(record_type, ", ".join(holders.get(n, ())))
        batch.refuse(n, each.field, "duplicate_key", said)
    return set(kept)


def _lets_go(record_type: RecordType, values: Mapping[str, Any], taken: Taken) -> bool:
    """Whether a record loses a key by what a row writes."""
    if taken.kind.startswith(_EXTERNAL):
        given = values.get("external_ids") or {}
        source = taken.kind.removeprefix(_EXTERNAL)
        return source in given and given[source] != taken.value
    for name, key in record_type.part_keys.items():
        if key.kind == taken.kind:
            parts = values.get(name)
            return parts is not None and all(_folded(p.get(key.of)) != taken.value for p in parts)
    if taken.kind in record_type.composed:
        return any(name in values for name in record_type.composed[taken.kind])
    return taken.kind in values and _folded(values[taken.kind]) != taken.value


def _folded(value: Any) -> str | None:
    return None if value is None else fold(str(value))
