"""Pipelines: the ways in which deals are won, each with stages of its own."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from cerebro_sdk.schemas.base import EDITED, Noun, Payload, Record, Sourced, kept, required
from cerebro_sdk.schemas.kinds import Line, WholeNumber

_NAME = ("Name", "What the pipeline is called; no two living ones share a name.")
_DEFAULT = ("Is default", "Whether new deals go into it unless told otherwise; one does.")
_POSITION = ("Position", "Its place among the pipelines: lower comes first.")


class Pipeline(Record):
    """A pipeline as the server returns it."""

    noun: ClassVar[Noun] = Noun(
        name="pipelines",
        singular="pipeline",
        component="sales",
        title="name",
        keys=("name",),
        columns=("name", "is_default", "position", "updated_at"),
        verbs=EDITED,
    )
    name: str = required(*_NAME)
    is_default: bool = required(*_DEFAULT)
    position: int = required(*_POSITION)


class PipelineCreate(Payload, Sourced):
    """A new pipeline."""

    name: Line = required(*_NAME)
    is_default: bool = Field(default=False, title=_DEFAULT[0], description=_DEFAULT[1])
    position: WholeNumber = Field(default=0, title=_POSITION[0], description=_POSITION[1])


class PipelineUpdate(Payload, Sourced):
    """The fields of a pipeline to change; what is left out stays."""

    name: Line = kept(*_NAME)
    is_default: bool = kept(*_DEFAULT)
    position: WholeNumber = kept(*_POSITION)
