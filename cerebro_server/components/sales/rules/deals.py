"""What is checked and derived when deals are written, by whatever door."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cerebro_server.components.sales.rules import (
    amounts,
    closing,
    ladders,
    moments,
    numbers,
    recurring,
)
from cerebro_server.components.sales.rules.closing import Reasons
from cerebro_server.components.sales.rules.ladders import Ladders, Step
from cerebro_server.components.sales.rules.pipelines import FIXED
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.fields import Batch

OF_THE_STAGE: Final = frozenset(
    {
        *("pipeline_id", "stage_id", "stage", "probability", "probability_is_manual"),
        *("forecast_category", "closed_at", "lost_reason_id", "lost_note", "status"),
    }
)
"""The fields that depend on the stage, and on each other."""
WATCHED: Final = OF_THE_STAGE | {"opened_at", "owner_id", *recurring.PAIR} | amounts.WATCHED
"""The fields whose change these rules look at."""
KEPT_BY_MERGE: Final = (
    *("probability", "probability_is_manual", "closed_at", "lost_reason_id", "lost_note"),
)
_UNKNOWN: Final = "unknown_stage"


def of_the_first(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what goes with the stage of the deal that stays: it is not made of several."""
    return {name: rows[0][name] for name in KEPT_BY_MERGE}


async def deals(context: Context, batch: Batch) -> None:
    """Put new deals into a stage, with everything that follows from it."""
    now = context.now.isoformat()
    known = await ladders.load(context)
    reasons = await closing.reasons(context, batch)
    recurring.check_pairs(batch)
    await amounts.new(context, batch)
    await numbers.free(context, batch, "deals")
    await numbers.free(context, batch, "deals", "position")
    for number, row in enumerate(batch.rows):
        row["opened_at"] = moments.opened(row, context.now)
        _assign(row, {}, now)
        _settle(_Change(batch, number, {}), known, reasons, now=now)
        moments.check(context, batch, number, {})
    await closing.check_rights(context, batch)


async def changed_deals(context: Context, batch: Batch) -> None:
    """Keep what depends on the stage in step with it."""
    now = context.now.isoformat()
    recurring.check_pairs(batch)
    await amounts.changed(context, batch)
    for row, before in zip(batch.rows, batch.before, strict=True):
        _assign(row, before, now)
    if not any((OF_THE_STAGE | {"opened_at"}) & row.keys() for row in batch.rows):
        return
    known = await ladders.load(context)
    reasons = await closing.reasons(context, batch)
    for number, before in enumerate(batch.before):
        _settle(_Change(batch, number, before), known, reasons, now=now)
        moments.check(context, batch, number, before)
    await closing.check_rights(context, batch)


@dataclass(frozen=True, slots=True)
class _Change:
    """One row of a batch beside the deal as it was; nothing was, where it is new."""

    batch: Batch
    number: int
    before: Mapping[str, Any]

    @property
    def row(self) -> dict[str, Any]:
        return self.batch.rows[self.number]

    def given(self, name: str) -> Any:
        """Return a value that was sent and is another than before, or None."""
        value = self.row.get(name)
        is_old = self.before and value is not None and str(value) == str(self.before.get(name))
        return None if is_old else value

    def refuse(self, name: str, code: str, message: str) -> None:
        self.batch.refuse(self.number, name, code, message)


def _assign(row: dict[str, Any], before: Mapping[str, Any], now: str) -> None:
    """Keep since when a deal is its owner's, unless a file or an undo says it."""
    owner = row.get("owner_id", before.get("owner_id"))
    if row.get("assigned_at") is None and str(owner) != str(before.get("owner_id")):
        row["assigned_at"] = None if owner is None else now


def _settle(change: _Change, known: Ladders, reasons: Reasons, *, now: str) -> None:
    step = _place(change, known)
    if step is None:
        return
    row, before = change.row, change.before
    moved = step.id != before.get("stage_id")
    if moved:
        row["pipeline_id"], row["stage_id"] = step.pipeline_id, step.id
        row["status"], row["last_stage_change_at"] = step.type, now
        row["forecast_category"] = change.given("forecast_category") or step.category
        last = _last_open(before) if before else row.get("last_open_stage_id")  # of a file
        row["last_open_stage_id"] = None if step.is_open else last
    row["stage"] = step.key
    _likely(change, step, moved=moved)
    closing.settle(change.batch, change.number, before, reasons, status=step.type, now=now)


def _place(change: _Change, known: Ladders) -> Step | None:
    """Return the stage that a deal is in after the change; refuse one that there is not."""
    pipeline, by_id, name = (change.given(n) for n in ("pipeline_id", "stage_id", "stage"))
    if (status := change.row.get("status")) and change.before:  # a verb says so, and nobody else
        return _by_status(change, known, status)
    if by_id is not None:
        return _by_id(change, known, str(by_id), name)
    home = str(pipeline or change.before.get("pipeline_id") or known.default or "")
    if name is not None or pipeline is not None or not change.before:
        asked = name or change.before.get("stage")
        found = known.named(home, str(asked)) if asked else None
        if found is None and name is not None:
            there = ", ".join(step.key for step in known.of(home)) or "none"
            said = (
                f"The pipeline has no stage {name}; it has: {there}. Add it, if it is meant: "
                f"{ladders.command(home, str(name))}"
            )
            change.refuse("stage", _UNKNOWN, said)
            return None
        found = found or known.first(home)
        if found is None:
            change.refuse("stage", "no_open_stage", known.lacks(home, "open"))
        return found
    return known.step(change.before["stage_id"]) or _kept(change.before)


def _by_status(change: _Change, known: Ladders, status: str) -> Step | None:
    """Return the stage that a deal is won, lost or goes on in."""
    before = change.before
    home, now = before["pipeline_id"], known.step(before["stage_id"]) or _kept(before)
    if (name := change.row.get("stage")) is not None:
        found = known.named(home, str(name))
        if found is None or found.type != status:
            there = ", ".join(s.key for s in known.of(home) if s.type == status) or "none"
            said = f"{name} is no stage for deals that are {status}; there are: {there}."
            change.refuse("stage", _UNKNOWN, said)
            return None
        return found
    if now.type == status:
        return now
    last = known.step(before["last_open_stage_id"]) if status == "open" else None
    found = last or known.first(home, status)
    if found is None:
        change.refuse("stage", f"no_{status}_stage", known.lacks(home, status))
    return found


def _by_id(change: _Change, known: Ladders, stage_id: str, name: Any) -> Step | None:
    found = known.step(stage_id)
    pipeline = change.row.get("pipeline_id")
    if found is None:
        change.refuse("stage_id", _UNKNOWN, f"There is no stage {stage_id}.")
    elif change.given("pipeline_id") and str(pipeline) != found.pipeline_id:
        said = f"The stage {found.key} belongs to another pipeline."
        change.refuse("stage_id", "stage_not_in_pipeline", said)
        return None
    elif name is not None and known.named(found.pipeline_id, str(name)) != found:
        said = f"stage says {name}, and stage_id is the stage {found.key}: send one of them."
        change.refuse("stage", "stage_differs", said)
        return None
    return found


def _kept(before: Mapping[str, Any]) -> Step:
    """Return the stage of a deal that stays where it is, though the stage is deleted."""
    return Step(
        id=before["stage_id"],
        pipeline_id=before["pipeline_id"],
        key=before["stage"],
        label=before["stage"],
        type=before["status"],
        probability=FIXED.get(before["status"], before["probability"]),
        category=before["forecast_category"],
    )


def _last_open(before: Mapping[str, Any]) -> str | None:
    """Return the stage that a deal was closed in."""
    is_open = before.get("status") == "open"
    return before.get("stage_id" if is_open else "last_open_stage_id")


def _likely(change: _Change, step: Step, *, moved: bool) -> None:
    """Keep apart what was set by hand and what the stage says; closed deals have the stage's."""
    row, before = change.row, change.before
    said = change.given("probability")
    if not step.is_open:
        if said is not None and said != step.probability:
            text = f"A deal that is {step.type} has the probability {step.probability}."
            change.refuse("probability", "fixed_probability", text)
        row["probability"], row["probability_is_manual"] = step.probability, False
        return
    by_hand = change.given("probability_is_manual")
    held = bool(before.get("probability_is_manual")) and before.get("status") == "open"
    if by_hand is False or ("probability" in row and row["probability"] is None and before):
        row["probability"], row["probability_is_manual"] = step.probability, False
    elif said is not None:
        row["probability_is_manual"] = True
    elif by_hand:
        held_value = row.get("probability", before.get("probability"))
        if held_value is None:
            text = "Send the probability, too: there is none that could stay."
            change.refuse("probability", "missing", text)
        row["probability"] = held_value
    elif moved and not held:
        row["probability"], row["probability_is_manual"] = step.probability, False
