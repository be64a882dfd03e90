"""Rows of a file that a later one for the same record takes the place of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.records.operations import stored
from cerebro_server.kernel.records.operations.planning import CHUNK, Plan

_LEAVE: Final = """
with whole as materialized (
    select r.record_id, max(r.line) as line from operation_rows r
    where r.operation_id = %s and r.record_type = %s and r.record_id = any(%s)
    and r.action in ('update', 'unchanged') and r.file is not distinct from %s
    group by r.record_id),
partial as materialized (
    select r.line, w.line as by from operation_rows r join whole w
    on w.record_id = r.record_id and r.line < w.line
    where r.operation_id = %s and r.record_type = %s
    and r.action in ('update', 'unchanged') and r.file is not distinct from %s)
update operation_rows r set rank = %s, new_values = null,
    action = case when r.record_type = %s then 'error' else 'skip' end,
    problem = case when r.record_type = %s then jsonb_build_object('code', 'duplicate_key',
        'message', 'Line ' || p.by || ' is for the same ' || %s || ', and lacks nothing.') end
from partial p where r.operation_id = %s and r.line = p.line and r.file is not distinct from %s
"""
"""Few rows are found first, each time: nothing is known yet of a plan that was just written, and
joined with itself it would be a loop in a loop."""


async def settle(plan: Plan, noun: str, superseded: Sequence[UUID]) -> None:
    """Leave out rows of a file that lack what a new record must have, and what they link, where a
    row further down is for the same record and lacks nothing.

    That row makes the record where it is not there yet; so the same file, twice, does the same.
    """
    for start in range(0, len(superseded), CHUNK):
        ids = list(superseded[start : start + CHUNK])
        async with plan.begin() as context:
            operation_id, singular = plan.operation.id, context.catalog[noun].noun.singular
            of_file = (operation_id, noun, plan.file)
            await (await context.write()).rows(
                Sql(
                    _LEAVE,
                    (
                        *(operation_id, noun, ids, plan.file, *of_file),
                        *(stored.IDLE, noun, noun, singular, operation_id, plan.file),
                    ),
                )
            )
