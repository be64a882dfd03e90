"""Activities: calls, meetings, mails and messages, planned and held."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator

from cerebro_sdk.schemas.activities.links import Linked, LinksSent, word
from cerebro_sdk.schemas.base import (
    ALL,
    Customized,
    CustomizedRecord,
    Noun,
    Owned,
    OwnedRecord,
    Payload,
    Sourced,
    field,
    kept,
    required,
)
from cerebro_sdk.schemas.kinds import Kind, Line, Of, Text, Timestamp, Url, WholeNumber
from cerebro_sdk.schemas.shape import Shape

ActivityType = Annotated[
    Literal["call", "meeting", "mail", "message", "other"], BeforeValidator(word), Of(Kind.TEXT)
]
ActivityStatus = Annotated[
    Literal["planned", "held", "not_held", "cancelled"], BeforeValidator(word), Of(Kind.TEXT)
]
Direction = Annotated[Literal["in", "out"], BeforeValidator(word), Of(Kind.TEXT)]
_KIND = ("Type", "What it is: call, meeting, mail, message or other.")
_SUBJECT = ("Subject", "What it is about, in a few words.")
_STATUS = (
    "Status",
    "Whether it took place: planned, held, not_held or cancelled; planned while its start lies "
    "ahead, else held, unless told otherwise.",
)
_DIRECTION = ("Direction", "Who began it: in (they did) or out (we did).")
_STARTS = ("Starts", "When it began, or will (UTC); of one that was held, now, unless told.")
_ENDS = ("Ends", "When it ended, or will (UTC).")


class ActivityFields(Shape):
    """What an activity has besides its identity and history."""

    description: Text | None = field("Description", "What was said, or is to be, in plain text.")
    duration_seconds: WholeNumber | None = field(
        "Duration", "How long it took, in seconds; from start to end, unless told otherwise."
    )
    outcome: Line | None = field("Outcome", "What came of it: `left voicemail`, `connected`.")
    from_address: Line | None = field("From", "The number or address that it came from.")
    to_address: Line | None = field("To", "The number or address that it went to.")
    recording_url: Url | None = field("Recording", "Where its recording is.")
    location: Line | None = field("Location", "Where people meet.")
    join_url: Url | None = field("Join", "Where to join it online.")
    ics_uid: Line | None = field("Calendar id", "Its UID in calendars (RFC 5545).")
    message_id: Line | None = field("Message id", "The Message-ID of a mail (RFC 5322).")


class Activity(OwnedRecord, CustomizedRecord, ActivityFields, Linked):
    """An activity as the server returns it."""

    noun: ClassVar[Noun] = Noun(
        name="activities",
        singular="activity",
        component="activities",
        title="subject",
        columns=("subject", "type", "status", "starts_at", "outcome", "contact_id", "deal_id"),
        verbs=(*ALL, "destroy"),
    )
    subject: str = required(*_SUBJECT)
    type: str = required(*_KIND)
    status: str = required(*_STATUS)
    direction: str | None = field(*_DIRECTION)
    starts_at: datetime | None = field(*_STARTS)
    ends_at: datetime | None = field(*_ENDS)


class _Sent(LinksSent):
    direction: Direction | None = field(*_DIRECTION)
    starts_at: Timestamp | None = field(*_STARTS)
    ends_at: Timestamp | None = field(*_ENDS)


class ActivityCreate(Payload, ActivityFields, _Sent, Customized, Owned, Sourced):
    """A new activity."""

    subject: Line = required(*_SUBJECT)
    type: ActivityType = required(*_KIND)
    status: ActivityStatus | None = field(*_STATUS)


class ActivityUpdate(Payload, ActivityFields, _Sent, Customized, Owned, Sourced):
    """The fields of an activity to change; null empties a field, what is left out stays."""

    subject: Line = kept(*_SUBJECT)
    type: ActivityType = kept(*_KIND)
    status: ActivityStatus = kept(*_STATUS)
