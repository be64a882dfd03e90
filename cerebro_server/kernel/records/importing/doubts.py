"""Cells that could not be written now, and are right where the record has just that."""

from __future__ import annotations

from typing import Any

from pydantic_core import from_json

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.fields import Batch, RecordType, Refusal
from cerebro_server.kernel.records.customizing import is_stored


def set_aside(batch: Batch) -> list[tuple[Refusal, Any]]:
    """Take out of the rows what is refused, as if its cells were blank, and return it."""
    doubts: list[tuple[Refusal, Any]] = []
    for refusal in batch.refusals:
        row = batch.rows[refusal.row]
        name, _, key = (refusal.field or "").partition("/")
        doubts.append((refusal, row[name][key] if key else row[name]))
        row[name] = {k: v for k, v in row[name].items() if k != key} if key else None
    batch.refusals.clear()
    return doubts


async def put_back(
    context: Context,
    record_type: RecordType,
    batch: Batch,
    doubts: list[tuple[Refusal, Any]],
    ids: dict[int, Any],
) -> None:
    """Refuse again what was set aside, but for what the records have: nothing changes there."""
    if not doubts:
        return
    found = await context.read(
        Sql(
            f"select t.id, to_jsonb(t) from {ident(record_type.table_name)} t where t.id = any(%s)",
            ([ids[doubt.row] for doubt, _ in doubts if ids.get(doubt.row)],),
        )
    )
    held = {record_id: from_json(before) for record_id, before in found}
    for doubt, value in doubts:
        name, _, key = (doubt.field or "").partition("/")
        before = held.get(ids.get(doubt.row), {}).get(name)
        if not is_stored(value, (before or {}).get(key) if key else before):
            batch.refusals.append(doubt)
