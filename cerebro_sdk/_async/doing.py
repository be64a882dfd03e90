"""The nouns of what is done and to be done, one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cerebro_sdk._async.nouns import AsyncFiledResource
from cerebro_sdk._async.transport import AsyncTransport

if TYPE_CHECKING:
    from cerebro_sdk._async.tasks import AsyncTasks
    from cerebro_sdk.schemas.activities.activities import (
        Activity,
        ActivityCreate,
        ActivityUpdate,
    )
    from cerebro_sdk.schemas.activities.attendees import (
        Attendee,
        AttendeeCreate,
        AttendeeUpdate,
    )
    from cerebro_sdk.schemas.activities.follows import Follow, FollowCreate, FollowUpdate
    from cerebro_sdk.schemas.activities.notes import Note, NoteCreate, NoteUpdate


class AsyncDoing:
    """Everything of activities that can be called, by noun."""

    _transport: AsyncTransport

    @property
    def tasks(self) -> AsyncTasks:
        """What somebody has to do, until when."""
        from cerebro_sdk._async.tasks import AsyncTasks

        return AsyncTasks(self._transport, "tasks", "activities.tasks:Task")

    @property
    def activities(self) -> AsyncFiledResource[Activity, ActivityCreate, ActivityUpdate]:
        """Calls, meetings, mails and messages, planned and held."""
        return AsyncFiledResource(self._transport, "activities", "activities.activities:Activity")

    @property
    def notes(self) -> AsyncFiledResource[Note, NoteCreate, NoteUpdate]:
        """What is worth knowing of records."""
        return AsyncFiledResource(self._transport, "notes", "activities.notes:Note")

    @property
    def attendees(self) -> AsyncFiledResource[Attendee, AttendeeCreate, AttendeeUpdate]:
        """Who takes part in activities, and whether they said so."""
        return AsyncFiledResource(self._transport, "attendees", "activities.attendees:Attendee")

    @property
    def follows(self) -> AsyncFiledResource[Follow, FollowCreate, FollowUpdate]:
        """Who wants to know of what happens to which records."""
        return AsyncFiledResource(self._transport, "follows", "activities.follows:Follow")
