"""Stages: the steps of a pipeline, of which some are open, some won, some lost."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from cerebro_sdk.schemas.base import EDITED, Noun, Payload, Record, Sourced, field, kept, required
from cerebro_sdk.schemas.kinds import Key, Kind, Line, Of, Percent, RecordRef, WholeNumber

StageType = Annotated[Literal["open", "won", "lost"], Of(Kind.TEXT)]
ForecastCategory = Annotated[
    Literal["pipeline", "best_case", "commit", "omitted", "closed"], Of(Kind.TEXT)
]

_PIPELINE = ("Pipeline", "Whose step it is: an id or the pipeline's name.")
_KEY = ("Key", "The word that deals and programs name it by: `proposal`; it never changes.")
_LABEL = ("Label", "What people read.")
_POSITION = ("Position", "Its place in the pipeline: lower comes first.")
_TYPE = ("Type", "What being in it means: open, won or lost; it never changes.")
_PROBABILITY = (
    "Default probability",
    "Per cent, of deals that have none of their own; null: unset. Won is 100, lost 0.",
)
_CATEGORY = (
    "Default forecast category",
    "Where deals that come into it are counted: pipeline, best_case, commit, omitted or closed.",
)


class Stage(Record):
    """A stage as the server returns it."""

    noun: ClassVar[Noun] = Noun(
        name="stages",
        singular="stage",
        component="sales",
        title="label",
        columns=("label", "key", "pipeline_id", "type", "default_probability", "position"),
        verbs=EDITED,
    )
    pipeline_id: UUID = required(*_PIPELINE)
    key: str = required(*_KEY)
    label: str = required(*_LABEL)
    position: int = required(*_POSITION)
    type: str = required(*_TYPE)
    default_probability: int | None = field(*_PROBABILITY)
    default_forecast_category: str = required(*_CATEGORY)


class StageCreate(Payload, Sourced):
    """A new stage."""

    pipeline_id: RecordRef = required(*_PIPELINE)
    key: Key = required(*_KEY)
    label: Line = required(*_LABEL)
    position: WholeNumber = Field(default=0, title=_POSITION[0], description=_POSITION[1])
    type: StageType = Field(default="open", title=_TYPE[0], description=_TYPE[1])
    default_probability: Percent | None = field(*_PROBABILITY)
    default_forecast_category: ForecastCategory | None = field(*_CATEGORY)


class StageUpdate(Payload, Sourced):
    """The fields of a stage to change; null empties a field, what is left out stays."""

    label: Line = kept(*_LABEL)
    position: WholeNumber = kept(*_POSITION)
    default_probability: Percent | None = field(*_PROBABILITY)
    default_forecast_category: ForecastCategory = kept(*_CATEGORY)
