"""Teams: users who share their records; in a tree, whose managers see what is below."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from cerebro_sdk.schemas.base import EDITED, Noun, Payload, Record, Sourced, field, kept, required
from cerebro_sdk.schemas.kinds import Key, Line, RecordRef, Text, UserRef
from cerebro_sdk.schemas.shape import Shape

_KEY = ("Key", "The word that users, records and filters go by; it never changes.")
_NAME = ("Name", "What the team is called.")
_PARENT = ("Parent", "The team that it is a part of: a key or an id.")
_MANAGER = (
    "Manager",
    "The user for whom records of the team, of its members and of all teams below count as their "
    "team's.",
)


class TeamFields(Shape):
    """What a team has besides its identity and history."""

    description: Text | None = field("Description", "What it is for.")


class Team(Record, TeamFields):
    """A team as the server returns it."""

    noun: ClassVar[Noun] = Noun(
        name="teams",
        singular="team",
        component="identity",
        title="name",
        keys=("key",),
        columns=("key", "name", "parent_id", "manager_id", "updated_at"),
        verbs=EDITED,
    )
    key: str = required(*_KEY)
    name: str = required(*_NAME)
    parent_id: UUID | None = field(*_PARENT)
    manager_id: UUID | None = field(*_MANAGER)


class _Sent(Shape):
    parent_id: RecordRef | None = field(*_PARENT)
    manager_id: UserRef | None = field(*_MANAGER)


class TeamCreate(Payload, TeamFields, _Sent, Sourced):
    """A new team."""

    key: Key = required(*_KEY)
    name: Line = required(*_NAME)


class TeamUpdate(Payload, TeamFields, _Sent, Sourced):
    """The fields of a team to change; null empties a field, what is left out stays."""

    name: Line = kept(*_NAME)
