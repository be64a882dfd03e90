"""Rows that name a record which was merged, by an old id: they are for what it became."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.fields import Batch, RecordType
from cerebro_server.kernel.ids import read_id
from cerebro_server.kernel.records import merged
from cerebro_server.kernel.records.importing.shape import Shape, shown

_EXTERNALS = "external_ids"
Classify = Callable[[Context, Shape, Sequence[Mapping[str, Any]]], Awaitable[list[tuple[Any, ...]]]]


async def settle(
    context: Context,
    shape: Shape,
    batch: Batch,
    staged: Sequence[dict[str, Any]],
    classify: Classify,
) -> set[int]:
    """Let rows be for what a merged record became: those with its id, and those with an external id
    that it had and nobody has now, which what it became does not get in the place of its own.

    Return their numbers. The id of a record that the caller may not read is as one that is not
    there.
    """
    old = await _by_ids(context, shape.record_type, staged)
    if _EXTERNALS not in shape.names:
        return old
    keys = {
        number: [(source, str(value)) for source, value in (row.get(_EXTERNALS) or {}).items()]
        for number, row in enumerate(batch.rows)
    }
    became = await merged.by_external(
        context, shape.record_type, (key for some in keys.values() for key in some)
    )
    if not became:
        return old
    there = await _readable(context, shape.record_type, became.values())
    became = {key: record_id for key, record_id in became.items() if record_id in there}
    target = {row[0]: row[1] for row in await classify(context, shape, staged)}
    for number, some in keys.items():
        meant = {became[key] for key in some if key in became}
        record_id = target.get(number) or (meant.pop() if len(meant) == 1 else None)
        alias = [key for key in some if record_id is not None and became.get(key) == record_id]
        if not alias:
            continue
        row = batch.rows[number]
        gone = {source for source, _ in alias}
        row[_EXTERNALS] = {k: v for k, v in row[_EXTERNALS].items() if k not in gone}
        staged[number] |= {**shown(context, shape, row), "id": str(record_id)}
        old.add(number)
    return old


async def _by_ids(
    context: Context, record_type: RecordType, staged: Sequence[dict[str, Any]]
) -> set[int]:
    """Put the ids of what merged records became in the place of theirs; return which rows."""
    given = {
        number: record_id
        for number, row in enumerate(staged)
        if row["id"] is not None and (record_id := read_id(str(row["id"]))) is not None
    }
    if not given:
        return set()
    there = await _readable(context, record_type, given.values())
    gone = {*given.values()} - there
    stays = await merged.survivors(context, record_type, gone) if gone else {}
    there |= await _readable(context, record_type, stays.values()) if stays else set()
    for number, one in given.items():
        record_id = stays.get(one, one)
        staged[number]["id"] = str(record_id) if record_id in there else None
    return {number for number, one in given.items() if stays.get(one) in there}


async def _readable(context: Context, record_type: RecordType, ids: Any) -> set[UUID]:
    """Return those of the ids that living records have which the caller may read."""
    limit = context.condition(record_type, "read") or Sql("true")
    rows = await context.read(
        Sql(
            f"select t.id from {ident(record_type.table_name)} t where t.id = any(%s) "
            f"and t.deleted_at is null and {limit.text}",
            (list({*ids}), *limit.params),
        )
    )
    return {record_id for (record_id,) in rows}
