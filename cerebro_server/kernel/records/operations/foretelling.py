"""Who will get the new records of a plan that name no owner: done, read off and taken back."""

from __future__ import annotations

from typing import Any, Final

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.records.operations import applying, statements
from cerebro_server.kernel.records.operations.planning import Plan

NAME: Final = "handed"
_MOST: Final = 5_000
"""New records that one transaction can try; of more, only their number is told."""


async def handed(plan: Plan) -> dict[str, Any]:
    """Return, for the report of a plan, how many of its new records go to whom by which rule.

    Where the database refuses one of them nothing is told: what is wrong shows when it is applied.
    """
    found: list[dict[str, Any]] = []
    async with plan.look() as context:
        record_types = [each for each in context.catalog.values() if each.handover is not None]
        for record_type in record_types:
            try:
                found += await _tried(plan, context, record_type)
            except applying.DATA:
                continue
            finally:
                await (await context.write()).rollback()
    return {NAME: found} if found else {}


async def _tried(plan: Plan, context: Context, record_type: RecordType) -> list[dict[str, Any]]:
    transaction = await context.write()
    rows = await transaction.rows(
        Sql(
            "select rank, n, record_id, new_values ->> %s is null from operation_rows "
            "where operation_id = %s and record_type = %s and action = 'create' "
            "order by rank, n limit %s",
            (record_type.owner, plan.operation.id, record_type.name, _MOST + 1),
        )
    )
    waiting = [record_id for _, _, record_id, waits in rows if waits]
    if not waiting or record_type.handover is None:
        return []
    if len(rows) > _MOST:
        return [dict(record_type.handover.many)]
    where = (plan.operation.id, rows[0][0], rows[0][1] - 1, rows[-1][1])
    names = await applying.names_of(transaction, where)
    await transaction.rows(Sql(statements.insert(record_type, tuple(names)), (*where, [])))
    await record_type.handover.give(context, waiting)
    return await record_type.handover.told(context, waiting)
