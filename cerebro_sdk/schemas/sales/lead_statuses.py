"""Lead statuses: how far the work on a lead has come, in a workspace's own words."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from cerebro_sdk.schemas.base import EDITED, Noun, Payload, Record, Sourced, kept, required
from cerebro_sdk.schemas.kinds import Key, Kind, Line, Of, WholeNumber

_NAME = ("Name", "The word that leads, filters and files go by; it never changes.")
_LABEL = ("Label", "What people read.")
_POSITION = ("Position", "Its place in the order; a new lead gets the first open one.")
_TYPE = ("Type", "What it means: open, ongoing, on_hold, won or lost; only a conversion makes won.")

StatusType = Annotated[Literal["open", "ongoing", "on_hold", "won", "lost"], Of(Kind.TEXT)]


class LeadStatus(Record):
    """A status of leads as the server returns it."""

    noun: ClassVar[Noun] = Noun(
        name="lead_statuses",
        singular="lead_status",
        component="sales",
        title="label",
        keys=("name",),
        columns=("name", "label", "type", "position", "updated_at"),
        verbs=EDITED,
    )
    name: str = required(*_NAME)
    label: str = required(*_LABEL)
    position: int = required(*_POSITION)
    type: str = required(*_TYPE)


class LeadStatusCreate(Payload, Sourced):
    """A new status of leads."""

    name: Key = required(*_NAME)
    label: Line = required(*_LABEL)
    position: WholeNumber | None = Field(
        default=None, title=_POSITION[0], description=f"{_POSITION[1]} The last, unless given."
    )
    type: StatusType = required(*_TYPE)


class LeadStatusUpdate(Payload, Sourced):
    """The fields of a status to change; what is left out stays."""

    label: Line = kept(*_LABEL)
    position: WholeNumber = kept(*_POSITION)
    type: StatusType = kept(*_TYPE)
