"""Follows: who wants to know of what happens to a record."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from cerebro_sdk.schemas.activities.links import Linked, LinksSent
from cerebro_sdk.schemas.base import ALL, Noun, Payload, Record, Sourced, field, required
from cerebro_sdk.schemas.kinds import Line, UserRef
from cerebro_sdk.schemas.shape import Shape

_USER = ("User", "Who follows it; yourself, unless told otherwise.")


class FollowFields(Shape):
    """What a follow has besides its identity and history."""

    note: Line | None = field("Note", "Why: `waits for the contract`.")


class Follow(Record, FollowFields, Linked):
    """A follow as the server returns it; seen by whoever sees the record that is followed."""

    noun: ClassVar[Noun] = Noun(
        name="follows",
        singular="follow",
        component="activities",
        title="note",
        columns=("user_id", "contact_id", "company_id", "deal_id", "lead_id", "note"),
        verbs=(*ALL, "destroy"),
    )
    user_id: UUID = required(*_USER)


class FollowCreate(Payload, FollowFields, LinksSent, Sourced):
    """A new follow: of one contact, company, deal or lead."""

    user_id: UserRef | None = field(*_USER)


class FollowUpdate(Payload, FollowFields, Sourced):
    """The fields of a follow to change; null empties a field, what is left out stays."""
