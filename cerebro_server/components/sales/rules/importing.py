"""What is made of rows of files about deals and their stages before it is known which records they
are: words of other products become stages, and stages that there are not are made."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, NamedTuple

from cerebro_server.components.sales.rules import ladders
from cerebro_server.components.sales.rules.ladders import Ladders, Step
from cerebro_server.components.sales.rules.pipelines import FIXED
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.fields import Batch, Making
from cerebro_server.kernel.query import fold
from cerebro_server.kernel.records import planned

OF_STAGE: Final = "stage:"
"""Before a word that tells what a row's stage means, rather than what became of the deal."""
_NO_REASON: Final = "Unknown"
_CLOSING: Final = {"won": "Won", "lost": "Lost"}


class Meant(NamedTuple):
    """What a row says of how a deal ended."""

    type: str | None
    is_of_stage: bool
    """Whether the stage that it names means that by itself."""


def meant(text: str | None) -> Meant:
    """Read `won`, or the words that presets make of two columns: `stage:won stage:closed`."""
    words = (text or "").lower().split()
    bare = {word.removeprefix(OF_STAGE) for word in words}
    kinds = [kind for kind in ("won", "lost", "open") if kind in bare]
    kind = kinds[0] if kinds else "lost" if "closed" in bare else None
    return Meant(kind, any(word.startswith(OF_STAGE) for word in words))


def by_words(label: str) -> str:
    """Return what a stage that is called so probably means."""
    words = set(fold(label).replace("-", " ").replace("_", " ").split())
    if "won" in words:
        return "won"
    return "lost" if "lost" in words else "open"


class Stages:
    """The stages that rows of a file name, those among them that are made for them."""

    def __init__(self, context: Context, making: Making, known: Ladders) -> None:
        self._context = context
        self._making = making
        self.known = known

    @classmethod
    async def load(cls, context: Context, making: Making) -> Stages:
        """Read those there are, and those that are planned."""
        return cls(context, making, await ladders.load(context))

    async def add(self, wanted: Mapping[tuple[str, str], str]) -> None:
        """Make the stages (pipeline, label) that are missing, of these types, if they are to be."""
        missing = {
            place: kind for place, kind in wanted.items() if self.known.named(*place) is None
        }
        if not missing or not self._making.may("stages"):
            return
        rows: list[dict[str, Any]] = []
        for (pipeline, label), kind in missing.items():
            of = self.known.of(pipeline)
            others = [row for row in rows if row["pipeline_id"] == pipeline]
            if any(fold(row["label"]) == fold(label) for row in others):
                continue
            taken = {step.key for step in of} | {row["key"] for row in others}
            rows.append(
                {
                    "pipeline_id": pipeline,
                    "key": ladders.key_for(label, taken),
                    "label": label,
                    "type": kind,
                    "position": len(of) + len(others) + 1,
                }
            )
        await self._making.make("stages", rows)
        self.known = await ladders.load(self._context)


async def pipelines(context: Context, batch: Batch, making: Making) -> None:
    """Let the default pipeline be the one that is: a file does not make another one that."""
    rows = await context.read(
        Sql("select name from pipelines where is_default and deleted_at is null")
    )
    for row in batch.rows if rows else ():
        row["is_default"] = fold(str(row.get("name") or "")) == fold(rows[0][0])


async def deals(context: Context, batch: Batch, making: Making) -> None:
    """Put rows into stages of their pipelines, by what they say of stage and status."""
    stages = await Stages.load(context, making)
    told = [meant(row.pop("status", None)) for row in batch.rows]
    homes = [str(row.get("pipeline_id") or stages.known.default or "") for row in batch.rows]
    wanted: dict[tuple[str, str], str] = {}
    for row, home, said in zip(batch.rows, homes, told, strict=True):
        if row.get("stage") and not row.get("stage_id"):
            kind = said.type if said.is_of_stage else None
            wanted.setdefault((home, row["stage"]), kind or by_words(row["stage"]))
    await stages.add(wanted)
    ended = {
        (home, _CLOSING[said.type]): said.type
        for home, said in zip(homes, told, strict=True)
        if said.type in _CLOSING and home and stages.known.first(home, said.type) is None
    }
    await stages.add(ended)
    reasons = _Reasons(context, making)
    for number, (row, home, said) in enumerate(zip(batch.rows, homes, told, strict=True)):
        step = _settled(batch, number, home, said, stages.known)
        if step is not None and not step.is_open:
            await _close(batch, number, step, reasons, today=context.now.date())
        else:
            row["last_open_stage_id"] = None


def _settled(batch: Batch, number: int, home: str, said: Meant, known: Ladders) -> Step | None:
    """Return the stage that a row's deal is in: one that was won in an open stage is in the stage
    for what was won, and was in that one before."""
    row = batch.rows[number]
    by_id = row.get("stage_id")
    name = row.get("stage")
    step = known.step(by_id) if by_id else known.named(home, name) if name else None
    if said.type in FIXED and (step is None or step.is_open) and (step or not name):
        closed = known.first(home, said.type)
        if closed is not None:
            row["last_open_stage_id"] = row.get("last_open_stage_id") or (step and step.id)
            row["stage"], row["stage_id"] = closed.key, None
            batch.also[number] = batch.also.get(number, frozenset()) | {"stage"}
            return closed
    if step is not None and name:
        row["stage"] = step.key
    return step


class _Reasons:
    """The reason of what was lost where the file has none."""

    def __init__(self, context: Context, making: Making) -> None:
        self._context = context
        self._making = making
        self._found: str | None = None

    async def unknown(self) -> str | None:
        """Return it; it is made where there is none and it is to be."""
        if self._found is None and self._making.may("lost_reasons"):
            rows = await self._context.read(
                Sql(
                    "select id::text from lost_reasons where fold(name) = fold(%s) "
                    "and deleted_at is null",
                    (_NO_REASON,),
                )
            )
            there = [row[0] for row in rows]
            there += [
                each["id"]
                for each in await planned.made(self._context, "lost_reasons")
                if each["name"] == _NO_REASON
            ]
            made = there or await self._making.make("lost_reasons", [{"name": _NO_REASON}])
            self._found = made[0]
        return self._found


async def _close(batch: Batch, number: int, step: Step, reasons: _Reasons, *, today: date) -> None:
    """Complete what a closed deal must have, where the file says nothing of it."""
    row = batch.rows[number]
    row["probability"] = None
    also = {"closed_at", "lost_reason_id"} if step.type == "lost" else {"closed_at"}
    day = row.get("expected_close")
    if row.get("closed_at") is None and day is not None and date.fromisoformat(str(day)) < today:
        row["closed_at"] = f"{day}T00:00:00Z"
    if step.type == "lost" and not row.get("lost_reason_id"):
        row["lost_reason_id"] = await reasons.unknown()
    batch.also[number] = batch.also.get(number, frozenset()) | {n for n in also if row.get(n)}
