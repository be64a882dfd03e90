"""Where a deal stands among the deals of its stage, when it is put beside another."""

from __future__ import annotations

from typing import Final

from cerebro_sdk.schemas.sales.deal_verbs import DealMove
from cerebro_server.components.sales.records.deals import deals
from cerebro_server.components.sales.records.pipelines import pipelines
from cerebro_server.kernel import places
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.errors import ValidationFailed
from cerebro_server.kernel.query.folding import fold
from cerebro_server.kernel.records import reader, references

_NEXT: Final = {
    "before": "select o.id, o.position from deals o where o.stage_id = t.stage_id "
    "and o.deleted_at is null and o.position < t.position order by o.position desc, o.id limit 1",
    "after": "select o.id, o.position from deals o where o.stage_id = t.stage_id "
    "and o.deleted_at is null and o.position > t.position order by o.position, o.id limit 1",
}
"""The deal that stands on that side of another."""
_BESIDE: Final = (
    "select t.position, m.stage_id = t.stage_id, m.pipeline_id = t.pipeline_id, t.pipeline_id, "
    "s.key, s.label, n.id, n.position from deals t join stages s on s.id = t.stage_id "
    "left join deals m on m.id = %s left join lateral ({next}) n on true where t.id = %s"
)


async def beside(context: Context, reference: str, said: DealMove, side: str) -> dict[str, str]:
    """Return the columns of a deal that goes right `before` or `after` another, and with it into
    that one's stage.

    Of the deals of a stage, those that the caller may not see count, too: it goes between the same
    two for everybody. Raises `ValidationFailed`.
    """
    named = str(getattr(said, side))
    moved = await references.resolve(context, context.seen(deals), reference)
    other = await reader.named(context, deals, named, side)
    if other == moved:
        raise ValidationFailed.at(side, "itself", "A deal cannot stand beside itself.")
    [
        (place, is_there, is_within, pipeline_id, key, label, next_id, next_place)
    ] = await context.read(Sql(_BESIDE.format(next=_NEXT[side]), (moved, other)))
    if said.stage is not None and fold(said.stage) not in (fold(key), fold(label)):
        text = f"The deal {named} is in another stage than {said.stage}."
        raise ValidationFailed.at(side, "other_stage", text)
    if said.pipeline_id is not None:
        pipeline = await reader.named(context, pipelines, said.pipeline_id, "pipeline_id")
        if pipeline != pipeline_id:
            text = f"The deal {named} is in another pipeline."
            raise ValidationFailed.at(side, "other_pipeline", text)
    values = {} if is_there else {"stage": key}
    if not is_within:
        values["pipeline_id"] = str(pipeline_id)
    if next_id != moved:
        low, high = (place, next_place) if side == "after" else (next_place, place)
        values["position"] = places.between(low, high)
        if len(values["position"]) > places.LONGEST:
            text = "Too many deals were put into this very place. Put the one beside it elsewhere."
            raise ValidationFailed.at(side, "no_room", text)
    return values
