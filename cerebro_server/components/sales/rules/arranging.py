"""The order of stages that an import makes: open ones as deals went through them, then won ones,
then lost ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.fields import Arrangement

_MADE: Final = (
    "select r.record_id::text, r.new_values ->> 'pipeline_id', r.new_values ->> 'label', "
    "r.new_values ->> 'type', (r.new_values ->> 'position')::integer, "
    "coalesce(p.name, o.new_values ->> 'name'), coalesce((select max(s.position) from stages s "
    "where s.pipeline_id = p.id and s.deleted_at is null), 0) from operation_rows r "
    "left join pipelines p on p.id = (r.new_values ->> 'pipeline_id')::uuid "
    "left join operation_rows o on o.operation_id = r.operation_id "
    "and o.record_type = 'pipelines' and o.action = 'create' "
    "and o.record_id = (r.new_values ->> 'pipeline_id')::uuid "
    "where r.operation_id = %s and r.record_type = 'stages' and r.action = 'create' "
    "and r.line is null order by 2, 5, r.n"
)
"""Stages that no file lists, in the order in which rows named them; their pipelines' names and last
places."""
_WAYS: Final = (
    "with stays as (select new_values ->> 'deal_id' as deal, new_values ->> 'to_stage_id' as "
    "stage, min((new_values ->> 'entered_at')::timestamptz) as at from operation_rows "
    "where operation_id = %s and record_type = 'deal_stages' and action = 'create' "
    "and new_values ->> 'to_stage_id' = any(%s) group by 1, 2) "
    "select a.stage, b.stage, count(*) from stays a join stays b "
    "on b.deal = a.deal and b.at > a.at group by 1, 2"
)
"""How many deals were in one stage before they were in another."""
_TYPES: Final = ("open", "won", "lost")


class _Stage(NamedTuple):
    id: str
    pipeline_id: str
    label: str
    type: str
    position: int
    pipeline: str
    last: int
    """The place of the last stage that the pipeline has."""


async def stages(context: Context) -> Arrangement:
    """Give the stages that the plan under way makes, and no file lists, their places."""
    if context.planning is None:
        return Arrangement({}, ())
    made = [_Stage(*row) for row in await context.read(Sql(_MADE, (context.planning,)))]
    opens = [stage.id for stage in made if stage.type == "open"]
    rows = await context.read(Sql(_WAYS, (context.planning, opens))) if len(opens) > 1 else []
    before = {(first, second): count for first, second, count in rows}
    values: dict[str, dict[str, int]] = {}
    told = []
    for pipeline in dict.fromkeys(stage.pipeline_id for stage in made):
        here = [stage for stage in made if stage.pipeline_id == pipeline]
        there = {stage.id: stage for stage in here}
        listed = in_order([stage.id for stage in here if stage.type == "open"], before)
        listed += [stage.id for kind in _TYPES[1:] for stage in here if stage.type == kind]
        for place, stage_id in enumerate(listed, here[0].last + 1):
            values[stage_id] = {"position": place}
        named: list[dict[str, Any]] = [
            {"label": there[one].label, "type": there[one].type, **values[one]} for one in listed
        ]
        told.append({"pipeline": here[0].pipeline, "stages": named})
    return Arrangement(values, told)


def in_order(items: Sequence[str], before: Mapping[tuple[str, str], int]) -> list[str]:
    """Return things so that what mostly comes before another stands before it, as far as that is
    possible; else as they stand. `before` says how often the first of two came before the second.
    """
    left, found = list(items), []

    def is_late(one: str, other: str) -> bool:
        return before.get((other, one), 0) > before.get((one, other), 0)

    while left:
        # where they go in circles, the one that fewest come before
        chosen = min(left, key=lambda one: sum(is_late(one, other) for other in left))
        left.remove(chosen)
        found.append(chosen)
    return found
