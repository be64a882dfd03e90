# Generated from ../_async/doing.py by tools/sync_client.py; do not edit.
"""The nouns of what is done and to be done, one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cerebro_sdk._sync.nouns import FiledResource
from cerebro_sdk._sync.transport import Transport

if TYPE_CHECKING:
    from cerebro_sdk._sync.tasks import Tasks
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


class Doing:
    """Everything of activities that can be called, by noun."""

    _transport: Transport

    @property
    def tasks(self) -> Tasks:
        """What somebody has to do, until when."""
        from cerebro_sdk._sync.tasks import Tasks

        return Tasks(self._transport, "tasks", "activities.tasks:Task")

    @property
    def activities(self) -> FiledResource[Activity, ActivityCreate, ActivityUpdate]:
        """Calls, meetings, mails and messages, planned and held."""
        return FiledResource(self._transport, "activities", "activities.activities:Activity")

    @property
    def notes(self) -> FiledResource[Note, NoteCreate, NoteUpdate]:
        """What is worth knowing of records."""
        return FiledResource(self._transport, "notes", "activities.notes:Note")

    @property
    def attendees(self) -> FiledResource[Attendee, AttendeeCreate, AttendeeUpdate]:
        """Who takes part in activities, and whether they said so."""
        return FiledResource(self._transport, "attendees", "activities.attendees:Attendee")

    @property
    def follows(self) -> FiledResource[Follow, FollowCreate, FollowUpdate]:
        """Who wants to know of what happens to which records."""
        return FiledResource(self._transport, "follows", "activities.follows:Follow")
