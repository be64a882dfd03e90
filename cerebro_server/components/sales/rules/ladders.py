"""Pipelines with their stages as rules need them: read once for a whole batch."""

from __future__ import annotations

import re
import shlex
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.query import fold
from cerebro_server.kernel.records import planned

READ: Final = Sql(
    "select p.id::text, s.id::text, s.key, s.label, s.type, s.default_probability, "
    "s.default_forecast_category, p.name from pipelines p left join stages s "
    "on s.pipeline_id = p.id and s.deleted_at is null where p.deleted_at is null "
    "order by p.is_default desc, p.position, p.id, s.position, s.id"
)
"""The living pipelines and stages."""


@dataclass(frozen=True, slots=True)
class Step:
    """One stage."""

    id: str
    pipeline_id: str
    key: str
    label: str
    type: str
    probability: int | None
    category: str

    @property
    def is_open(self) -> bool:
        """Whether deals in it are still worked on."""
        return self.type == "open"


@dataclass(frozen=True, slots=True)
class Ladders:
    """Every living pipeline with its living stages, in order."""

    default: str | None
    """The pipeline of deals that name none."""
    steps: Sequence[Step]
    names: Mapping[str, str] = field(default_factory=dict)
    """What pipelines are called, by id."""
    _by_id: dict[str, Step] = field(default_factory=dict)

    def step(self, stage_id: object) -> Step | None:
        """Return a stage by its id."""
        if not self._by_id:
            self._by_id.update({step.id: step for step in self.steps})
        return self._by_id.get(str(stage_id))

    def of(self, pipeline_id: str) -> list[Step]:
        """Return the stages of a pipeline, in order."""
        return [step for step in self.steps if step.pipeline_id == pipeline_id]

    def named(self, pipeline_id: str, name: str) -> Step | None:
        """Return the stage of a pipeline that is called so, by its key before its label."""
        steps = self.of(pipeline_id)
        meant = fold(name)
        by_key = (step for step in steps if step.key == meant)
        by_label = (step for step in steps if fold(step.label) == meant)
        return next(by_key, None) or next(by_label, None)

    def first(self, pipeline_id: str, kind: str = "open") -> Step | None:
        """Return the first stage of a type in a pipeline."""
        return next((step for step in self.of(pipeline_id) if step.type == kind), None)

    def lacks(self, pipeline_id: str, kind: str) -> str:
        """Say that a pipeline has no stage of a type, and how to add one."""
        if not pipeline_id:
            return "There is no default pipeline: name the pipeline, too."
        called = self.names.get(pipeline_id)
        added = command(called or pipeline_id, kind.capitalize(), kind)
        return (
            f"The pipeline {called or pipeline_id} has no stage for deals that are {kind}. "
            f"Add one: {added}"
        )


def command(pipeline_id: str, label: str, kind: str = "open") -> str:
    """Return the command that adds a stage."""
    words = ("cerebro", "stages", "create", f"pipeline_id={pipeline_id}")
    more = () if kind == "open" else (f"type={kind}",)
    return shlex.join([*words, f"key={key_for(label, ())}", f"label={label}", *more])


def key_for(label: str, taken: Collection[str]) -> str:
    """Return a key for a stage or a status that is called so, which none of these has."""
    bare = unicodedata.normalize("NFKD", label.lower()).encode("ascii", "ignore").decode()
    word = re.sub(r"[^a-z0-9]+", "_", bare).strip("_")[:36]
    word = word if word[:1].isalpha() else f"s_{word}".rstrip("_")
    found, number = word, 2
    while found in taken:
        found, number = f"{word}_{number}", number + 1
    return found


async def load(context: Context) -> Ladders:
    """Read the living pipelines and stages."""
    rows = await context.read(READ)
    rows += await _planned(context, rows)
    steps = [
        Step(
            id=stage_id,
            pipeline_id=pipeline_id,
            key=key,
            label=label,
            type=kind,
            probability=probability,
            category=category,
        )
        for pipeline_id, stage_id, key, label, kind, probability, category, _ in rows
        if stage_id is not None
    ]
    names = {row[0]: row[-1] for row in reversed(rows) if row[-1] is not None}
    return Ladders(rows[0][0] if rows else None, steps, names)


async def _planned(context: Context, rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return what the import that is being planned will make, as rows of the same kind."""
    pipelines = await planned.made(context, "pipelines")
    stages = await planned.made(context, "stages")
    found: list[tuple[Any, ...]] = [(p["id"], *[None] * 6, p["name"]) for p in pipelines]
    there = {row[1] for row in rows}
    stages.sort(key=lambda each: each.get("position") or 0)
    found += [
        (
            *(each["pipeline_id"], each["id"], each["key"], each["label"], each["type"]),
            *(each.get("default_probability"), each["default_forecast_category"], None),
        )
        for each in stages
        if each["id"] not in there
    ]
    return found
