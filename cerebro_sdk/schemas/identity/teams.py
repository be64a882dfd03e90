"""Teams: users who share their records."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel

from cerebro_sdk.schemas.base import EDITED, Noun, Payload, Record, Sourced, field, kept, required
from cerebro_sdk.schemas.kinds import Key, Line, Text

_KEY = ("Key", "The word that users, records and filters go by; it never changes.")
_NAME = ("Name", "What the team is called.")


class TeamFields(BaseModel):
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
        columns=("key", "name", "description", "updated_at"),
        verbs=EDITED,
    )
    key: str = required(*_KEY)
    name: str = required(*_NAME)


class TeamCreate(Payload, TeamFields, Sourced):
    """A new team."""

    key: Key = required(*_KEY)
    name: Line = required(*_NAME)


class TeamUpdate(Payload, TeamFields, Sourced):
    """The fields of a team to change; what is left out stays."""

    name: Line = kept(*_NAME)
