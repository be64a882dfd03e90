"""What is checked and derived when pipelines and stages are written."""

from __future__ import annotations

from typing import Any, Final

from cerebro_server.components.sales.rules import defaults
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.fields import Batch

FIXED: Final = {"won": 100, "lost": 0}
"""The probability of stages that close a deal."""
_CATEGORIES: Final = {"won": "closed", "lost": "omitted"}


async def pipelines(context: Context, batch: Batch) -> None:
    """Take the mark from the pipeline that was the default one where another gets it; refuse to
    delete the default one or one with living deals."""
    await defaults.in_turn(context, batch, "pipelines")
    rows = await context.read(
        Sql(
            "select p.id::text, p.is_default, exists (select from deals d where "
            "d.pipeline_id = p.id and d.deleted_at is null) from pipelines p "
            "where p.deleted_at is null",
            (),
        )
    )
    default = next((record_id for record_id, is_default, _ in rows if is_default), None)
    used = {record_id for record_id, _, is_used in rows if is_used}
    for number, row in enumerate(batch.rows):
        own = batch.before[number]["id"] if batch.before else None
        if row.get("is_default") and default not in (None, own):
            await defaults.move(context, batch, number, "pipelines", str(default or ""))
            default = own or ""
        if row.get("deleted_at") and own == default:
            said = "This is the default pipeline: make another one the default first."
            batch.refuse(number, None, "default_pipeline", said)
        elif row.get("deleted_at") and own in used:
            said = "Deals are in this pipeline: move or delete them first."
            batch.refuse(number, None, "in_use", said)


async def stages(context: Context, batch: Batch) -> None:
    """Give new stages the probability and the category that follow from their type, and refuse a
    key that the pipeline has already."""
    rows = await context.read(
        Sql(
            "select pipeline_id::text, key from stages "
            "where pipeline_id = any(%s::uuid[]) and deleted_at is null",
            ([str(row["pipeline_id"]) for row in batch.rows],),
        )
    )
    taken = {(pipeline, key) for pipeline, key in rows}
    for number, row in enumerate(batch.rows):
        place = (str(row["pipeline_id"]), row["key"])
        if place in taken:
            said = f"The pipeline has a stage {row['key']} already."
            batch.refuse(number, "key", "duplicate_key", said)
        taken.add(place)
        row["type"] = row.get("type") or "open"
        row["position"] = row.get("position") or 0
        row["default_forecast_category"] = row.get("default_forecast_category") or (
            _CATEGORIES.get(row["type"], "pipeline")
        )
        if row["type"] in FIXED and row.get("default_probability") is None:
            row["default_probability"] = FIXED[row["type"]]
        _check_probability(batch, number, row["type"], row)


async def changed_stages(context: Context, batch: Batch) -> None:
    """Keep won stages at 100 and lost ones at 0, and refuse to delete what living deals are in."""
    both = list(zip(batch.rows, batch.before, strict=True))
    gone = [before["id"] for row, before in both if row.get("deleted_at")]
    used: set[str] = set()
    if gone:
        rows = await context.read(
            Sql(
                "select distinct stage_id::text from deals "
                "where stage_id = any(%s::uuid[]) and deleted_at is null",
                (gone,),
            )
        )
        used = {stage for (stage,) in rows}
    for number, (row, before) in enumerate(both):
        if row.get("deleted_at") and before["id"] in used:
            said = "Deals are in this stage: move or delete them first."
            batch.refuse(number, None, "in_use", said)
        for name in ("pipeline_id", "key", "type"):  # only a file can say another
            if row.get(name) is not None and str(row[name]) != str(before[name]):
                said = f"The {name} of a stage never changes; it is {before[name]}."
                batch.refuse(number, name, "fixed", said)
        if "default_probability" in row:
            _check_probability(batch, number, before["type"], row)


def _check_probability(batch: Batch, number: int, kind: str, row: dict[str, Any]) -> None:
    if kind in FIXED and row["default_probability"] != FIXED[kind]:
        said = f"A stage of type {kind} has the probability {FIXED[kind]}."
        batch.refuse(number, "default_probability", "fixed_probability", said)
