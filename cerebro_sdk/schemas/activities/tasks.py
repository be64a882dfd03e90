"""Tasks: what somebody has to do, until when."""

from __future__ import annotations

from datetime import date, datetime
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
from cerebro_sdk.schemas.kinds import Day, Kind, Line, Of, Text, Timestamp
from cerebro_sdk.schemas.shape import Shape

TaskStatus = Annotated[
    Literal["open", "in_progress", "waiting", "completed", "cancelled"],
    BeforeValidator(word),
    Of(Kind.TEXT),
]
TaskPriority = Annotated[
    Literal["low", "normal", "high", "urgent"], BeforeValidator(word), Of(Kind.TEXT)
]
_SUBJECT = ("Subject", "What is to be done, in a few words.")
_STATUS = (
    "Status",
    "How far it has come: open, in_progress, waiting, completed or cancelled; open, unless told "
    "otherwise.",
)
_PRIORITY = (
    "Priority",
    "How much it matters: low, normal, high or urgent; normal, unless told otherwise.",
)
_START = ("Start on", "The day on which work on it is to begin.")
_DUE = ("Due", "Until when it is to be done (UTC).")


class TaskFields(Shape):
    """What a task has besides its identity and history."""

    description: Text | None = field("Description", "More about it, in plain text.")


class Task(OwnedRecord, CustomizedRecord, TaskFields, Linked):
    """A task as the server returns it."""

    noun: ClassVar[Noun] = Noun(
        name="tasks",
        singular="task",
        component="activities",
        title="subject",
        columns=("subject", "status", "priority", "due_at", "owner_id", "deal_id", "contact_id"),
        verbs=(*ALL, "destroy"),
    )
    subject: str = required(*_SUBJECT)
    status: str = required(*_STATUS)
    priority: str = required(*_PRIORITY)
    start_on: date | None = field(*_START)
    due_at: datetime | None = field(*_DUE)
    completed_at: datetime | None = field(
        "Completed", "When it was completed (UTC); comes and goes with its status."
    )


class _Sent(LinksSent):
    start_on: Day | None = field(*_START)
    due_at: Timestamp | None = field(*_DUE)


class TaskCreate(Payload, TaskFields, _Sent, Customized, Owned, Sourced):
    """A new task."""

    subject: Line = required(*_SUBJECT)
    status: TaskStatus | None = field(*_STATUS)
    priority: TaskPriority | None = field(*_PRIORITY)


class TaskUpdate(Payload, TaskFields, _Sent, Customized, Owned, Sourced):
    """The fields of a task to change; null empties a field, what is left out stays."""

    subject: Line = kept(*_SUBJECT)
    status: TaskStatus = kept(*_STATUS)
    priority: TaskPriority = kept(*_PRIORITY)
