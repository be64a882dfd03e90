"""Attendees: who takes part in a meeting or a call, and whether they said so."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field

from cerebro_sdk.schemas.activities.links import word
from cerebro_sdk.schemas.base import ALL, Noun, Payload, Record, Sourced, field, kept, required
from cerebro_sdk.schemas.kinds import Kind, Line, Of, RecordRef, UserRef
from cerebro_sdk.schemas.shape import Shape

Acceptance = Annotated[
    Literal["none", "accepted", "declined", "tentative"], BeforeValidator(word), Of(Kind.TEXT)
]
_ACTIVITY = ("Activity", "What they take part in: an id, or `source:external-id`.")
_CONTACT = ("Contact", "Who: a contact; or a lead, or a user, and only one of them.")
_LEAD = ("Lead", "Who: a lead.")
_USER = ("User", "Who: one of your own people.")
_ACCEPTANCE = ("Acceptance", "What they answered: none yet, accepted, declined or tentative.")


class AttendeeFields(Shape):
    """What an attendee has besides its identity and history."""

    role: Line | None = field("Role", "Their part in it: `organiser`, `optional`.")


class Attendee(Record, AttendeeFields):
    """An attendee as the server returns it; seen by whoever sees the activity and the person."""

    noun: ClassVar[Noun] = Noun(
        name="attendees",
        singular="attendee",
        component="activities",
        title="role",
        columns=("role", "activity_id", "contact_id", "lead_id", "user_id", "acceptance"),
        verbs=(*ALL, "destroy"),
    )
    activity_id: UUID = required(*_ACTIVITY)
    contact_id: UUID | None = field(*_CONTACT)
    lead_id: UUID | None = field(*_LEAD)
    user_id: UUID | None = field(*_USER)
    acceptance: str = required(*_ACCEPTANCE)


class AttendeeCreate(Payload, AttendeeFields, Sourced):
    """A new attendee."""

    activity_id: RecordRef = required(*_ACTIVITY)
    contact_id: RecordRef | None = field(*_CONTACT)
    lead_id: RecordRef | None = field(*_LEAD)
    user_id: UserRef | None = field(*_USER)
    acceptance: Acceptance = Field(default="none", title=_ACCEPTANCE[0], description=_ACCEPTANCE[1])


class AttendeeUpdate(Payload, AttendeeFields, Sourced):
    """The fields of an attendee to change; null empties a field, what is left out stays."""

    acceptance: Acceptance = kept(*_ACCEPTANCE)
