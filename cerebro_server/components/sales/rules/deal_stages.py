"""What is checked and derived when stays of deals come in by imports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from cerebro_server.components.sales.rules import ladders
from cerebro_server.components.sales.rules.importing import Stages, by_words
from cerebro_server.components.sales.rules.ladders import Ladders, Step
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.fields import Batch, Making
from cerebro_server.kernel.records import planned

IMPORTED: Final = "imported"
_BY_IMPORT: Final = "import"
"""Who moved a deal, where the file does not say."""


class _Deal(NamedTuple):
    """What a stay takes from its deal."""

    pipeline_id: str
    currency: str | None
    is_locked: bool = False


async def from_files(context: Context, batch: Batch, making: Making) -> None:
    """Find the stages that rows name, in the pipelines that they or their deals are in."""
    known = await _deals(context, batch)
    stages = await Stages.load(context, making)
    for row in batch.rows:
        deal = known.get(str(row.get("deal_id")))
        row["pipeline_id"] = row.get("pipeline_id") or (deal and deal.pipeline_id)
    await stages.add(
        {
            (str(row["pipeline_id"]), row[name]): by_words(row[name])
            for row in batch.rows
            for name in ("to_stage", "from_stage")
            if row["pipeline_id"] and row.get(name)
        }
    )
    for row in batch.rows:
        step = _step(row, stages.known)
        if step is not None:
            row["to_stage"], row["to_stage_id"], row["to_status"] = step.key, step.id, step.type


async def deal_stages(context: Context, batch: Batch) -> None:
    """Complete new stays; refuse those in stages that there are not, and in the future."""
    known = await _deals(context, batch)
    steps = await ladders.load(context)
    for number, row in enumerate(batch.rows):
        deal = known.get(str(row.get("deal_id")))
        step = _checked(context, batch, number, row, steps)
        if deal is not None and deal.is_locked:
            batch.refuse(number, "deal_id", "record_locked", "The deal is locked: unlock it first.")
        if step is None:
            continue
        row["origin"] = IMPORTED
        row["actor"] = row.get("actor") or _BY_IMPORT
        row["currency"] = row.get("currency") or (deal and deal.currency)
        row["currency"] = row["currency"] or context.settings.base_currency
        row["forecast_category"] = row.get("forecast_category") or step.category


async def changed_deal_stages(context: Context, batch: Batch) -> None:
    """Refuse changes of stays that were not imported; find the stages that others are in."""
    steps = await ladders.load(context)
    for number, (row, before) in enumerate(zip(batch.rows, batch.before, strict=True)):
        if "deleted_at" in row:
            continue
        if before["origin"] != IMPORTED:
            said = "The deal came into that stage here: only what was imported is imported again."
            batch.refuse(number, None, "kept_here", said)
        elif "to_stage" in row or "entered_at" in row:
            whole = {**before, **row}
            if step := _checked(context, batch, number, whole, steps):
                row["to_stage"], row["to_stage_id"] = step.key, step.id
                row["pipeline_id"], row["to_status"] = step.pipeline_id, step.type


async def began(context: Context, firsts: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the stays that come before the first of their deals, where that one says from which
    stage the deal came: since the deal was opened."""
    steps = await ladders.load(context)
    ids = {str(row["deal_id"]) for row in firsts}
    opened = {d["id"]: d["opened_at"] for d in await planned.made(context, "deals", ids)}
    there = await context.read(
        Sql("select id::text, opened_at from deals where id = any(%s::uuid[])", (list(ids),))
    )
    opened |= dict(there)
    found = []
    for row in firsts:
        step = steps.named(str(row["pipeline_id"]), str(row["from_stage"]))
        since = opened.get(str(row["deal_id"]))
        if step is None or since is None or step.id == row["to_stage_id"]:
            continue
        if _moment(since) < _moment(row["entered_at"]):
            stay = {"to_stage": step.key, "to_stage_id": step.id, "to_status": step.type}
            kept = ("deal_id", "pipeline_id", "currency")
            more = {"actor": _BY_IMPORT, "origin": IMPORTED, "entered_at": since}
            category = {"forecast_category": step.category}
            found.append({**{name: row[name] for name in kept}, **stay, **more, **category})
    return found


def _moment(said: Any) -> datetime:
    return datetime.fromisoformat(said) if isinstance(said, str) else said


def _step(row: dict[str, Any], known: Ladders) -> Step | None:
    return known.named(str(row.get("pipeline_id")), str(row.get("to_stage") or ""))


def _checked(
    context: Context, batch: Batch, number: int, row: dict[str, Any], known: Ladders
) -> Step | None:
    """Return the stage of a stay; refuse one that there is not, and a time to come."""
    entered = row.get("entered_at")
    if entered is not None and _moment(entered) > context.now:
        batch.refuse(number, "entered_at", "in_the_future", "It lies in the future.")
    home = str(row.get("pipeline_id") or "")
    step = known.named(home, str(row.get("to_stage") or ""))
    if step is None:
        there = ", ".join(each.key for each in known.of(home)) or "none"
        elsewhere = {each.pipeline_id for each in known.steps if _is_called(each, row)}
        more = " A stage of another pipeline is named beside that pipeline." if elsewhere else ""
        said = (
            f"The pipeline has no stage {row.get('to_stage')}; it has: {there}.{more} Add it, if "
            f"it is meant: {ladders.command(home, str(row.get('to_stage')))}"
        )
        batch.refuse(number, "to_stage", "unknown_stage", said)
    return step


def _is_called(step: Step, row: dict[str, Any]) -> bool:
    return str(row.get("to_stage")).lower() in (step.key, step.label.lower())


async def _deals(context: Context, batch: Batch) -> dict[str, _Deal]:
    """Return the deals that rows are about, by id, those that are planned among them."""
    rows: Sequence[dict[str, Any]] = batch.rows
    ids = {str(row["deal_id"]) for row in rows if row.get("deal_id")}
    found = {
        each["id"]: _Deal(each["pipeline_id"], each.get("currency"))
        for each in await planned.made(context, "deals", ids)
    }
    rest = [one for one in ids - found.keys() if len(one) == 36]
    there = await context.read(
        Sql(
            "select id::text, pipeline_id::text, currency, locked_at is not null from deals "
            "where id = any(%s::uuid[])",
            (rest,),
        )
    )
    return found | {deal: _Deal(*more) for deal, *more in there}
