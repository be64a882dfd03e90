"""What a verb may do with records that are written by another door, for a whole set at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic_core import to_json

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.fields import Batch, RecordType
from cerebro_server.kernel.ids import uuid7
from cerebro_server.kernel.records.statements import candidates


async def outside(
    context: Context, record_type: RecordType, batch: Batch, asked: Mapping[int, str]
) -> list[int]:
    """Return the rows with which the caller may not do what they come to: `asked` has the action of
    a verb by the number of a row.

    Records that there are, are judged as they are, as the verb would judge them; new ones as they
    would be. One statement for each action of which some records are left out.
    """
    found: set[int] = set()
    for action in sorted(set(asked.values())):
        numbers = [number for number, each in asked.items() if each == action]
        if not context.actor.may(f"{record_type.name}:{action}"):
            found.update(numbers)
            continue
        limit = context.condition(record_type, action)
        if limit is not None:
            inside = await _inside(context, record_type, batch, numbers, limit)
            found.update(number for number in numbers if number not in inside)
    return sorted(found)


async def _inside(
    context: Context, record_type: RecordType, batch: Batch, numbers: Iterable[int], limit: Sql
) -> set[int]:
    """Return the rows that fulfil a condition."""
    params: tuple[Any, ...] = ()
    if batch.before:
        ids = {number: str(batch.before[number]["id"]) for number in numbers}
        text = f"{ident(record_type.table_name)} t"
    else:
        ids = {number: str(uuid7()) for number in numbers}
        rows = [{**batch.rows[number], "id": record_id} for number, record_id in ids.items()]
        text = candidates(record_type, ("id", *record_type.stored))
        params = (to_json(rows).decode(),)
    there = await context.read(
        Sql(
            f"select t.id::text from {text} where t.id = any(%s::uuid[]) and {limit.text}",
            (*params, list(ids.values()), *limit.params),
        )
    )
    fit = {record_id for (record_id,) in there}
    return {number for number, record_id in ids.items() if record_id in fit}
