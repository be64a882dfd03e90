"""Lost reasons: why deals are lost, to choose from."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from cerebro_sdk.schemas.base import EDITED, Noun, Payload, Record, Sourced, kept, required
from cerebro_sdk.schemas.kinds import Line, WholeNumber

_NAME = ("Name", "The reason in a word or two; no two living ones share a name.")
_NOTE = ("Needs note", "Whether it says too little by itself, so that a deal must have a note.")
_POSITION = ("Position", "Its place among the reasons: lower comes first.")


class LostReason(Record):
    """A lost reason as the server returns it."""

    noun: ClassVar[Noun] = Noun(
        name="lost_reasons",
        singular="lost_reason",
        component="sales",
        title="name",
        keys=("name",),
        columns=("name", "needs_note", "position", "updated_at"),
        verbs=EDITED,
    )
    name: str = required(*_NAME)
    needs_note: bool = required(*_NOTE)
    position: int = required(*_POSITION)


class LostReasonCreate(Payload, Sourced):
    """A new lost reason."""

    name: Line = required(*_NAME)
    needs_note: bool = Field(default=False, title=_NOTE[0], description=_NOTE[1])
    position: WholeNumber = Field(default=0, title=_POSITION[0], description=_POSITION[1])


class LostReasonUpdate(Payload, Sourced):
    """The fields of a lost reason to change; what is left out stays."""

    name: Line = kept(*_NAME)
    needs_note: bool = kept(*_NOTE)
    position: WholeNumber = kept(*_POSITION)
