"""Users: the people who sign in."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from pydantic import Field

from cerebro_sdk.schemas.base import EDITED, Noun, Payload, Record, Sourced, kept, required
from cerebro_sdk.schemas.kinds import Email, Keys, Line
from cerebro_sdk.schemas.shape import Shape

_NAME = ("Name", "What the person is called.")
_EMAIL = ("E-mail", "The address to sign in with; no two living users share one.")
_ROLES = ("Roles", "Keys of the roles; what they allow adds up.")
_TEAMS = ("Teams", "Keys of the teams; the first one is given to records that the user creates.")


class User(Record):
    """A user as the server returns it."""

    noun: ClassVar[Noun] = Noun(
        name="users",
        singular="user",
        component="identity",
        title="name",
        keys=("email",),
        columns=("name", "email", "roles", "teams", "disabled_at", "updated_at"),
        verbs=EDITED,
    )
    name: str = required(*_NAME)
    email: str = required(*_EMAIL)
    roles: list[str] = required(*_ROLES)
    teams: list[str] = required(*_TEAMS)
    disabled_at: datetime | None = Field(
        default=None, title="Disabled", description="Since when the user may not sign in."
    )
    password_changed_at: datetime | None = Field(
        default=None,
        title="Password changed",
        description="When the password was set last; empty while the user has none.",
    )


class UserCreate(Payload, Sourced):
    """A new user; an invitation lets the person choose a password."""

    name: Line = required(*_NAME)
    email: Email = required(*_EMAIL)
    roles: Keys = Field(default_factory=lambda: ["agent"], title=_ROLES[0], description=_ROLES[1])
    teams: Keys = Field(default_factory=list, title=_TEAMS[0], description=_TEAMS[1])


class UserUpdate(Payload, Sourced):
    """The fields of a user to change; what is left out stays."""

    name: Line = kept(*_NAME)
    email: Email = kept(*_EMAIL)
    roles: Keys = kept(*_ROLES)
    teams: Keys = kept(*_TEAMS)


class Invitation(Shape):
    """What became of an invitation."""

    email: str = Field(description="The address that it went to.")
    expires_at: datetime = Field(description="Until when its link is good (UTC).")
