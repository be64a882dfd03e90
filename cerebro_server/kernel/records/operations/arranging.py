"""Setting in order what a plan makes since rows name it, once all rows are there: stages."""

from __future__ import annotations

from typing import Any, Final

from pydantic_core import to_json

from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.records.operations.planning import Plan

NAME: Final = "arranged"


async def settle(plan: Plan) -> dict[str, Any]:
    """Let components arrange what a plan makes; return what its report tells of that, by noun."""
    told: dict[str, Any] = {}
    async with plan.look() as context:
        nouns = [each.name for each in context.catalog.values() if each.arranged is not None]
    for noun in nouns:
        async with plan.begin() as context:
            arrange = context.catalog[noun].arranged
            if arrange is None:
                continue
            found = await arrange(context)
            if found.values:
                ids, values = zip(*found.values.items(), strict=True)
                await (await context.write()).rows(
                    Sql(
                        "update operation_rows r set new_values = r.new_values || s.v::jsonb "
                        "from unnest(%s::uuid[], %s::text[]) as s(id, v) where r.operation_id = %s "
                        "and r.record_type = %s and r.action = 'create' and r.record_id = s.id",
                        (
                            *(list(ids), [to_json(each).decode() for each in values]),
                            *(plan.operation.id, noun),
                        ),
                    )
                )
            if found.told:
                told[noun] = list(found.told)
    return {NAME: told} if told else {}
