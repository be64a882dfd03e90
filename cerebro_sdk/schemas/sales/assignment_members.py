"""Assignment members: the people among whom an assignment rule shares out leads."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from cerebro_sdk.schemas.base import EDITED, Noun, Payload, Record, Sourced, field, kept, required
from cerebro_sdk.schemas.kinds import RecordRef, UserRef, WholeNumber
from cerebro_sdk.schemas.shape import Shape

_RULE = ("Rule", "Whose member it is: an assignment rule's name or id.")
_USER = ("User", "Who gets leads.")
_CAPACITY = (
    "Capacity per month",
    "How many leads rules may give them in a calendar month (UTC); empty: any number.",
)
_ACTIVE = ("Is active", "Whether they get leads at the moment.")


class AssignmentMemberFields(Shape):
    """What a member has besides its identity and history."""

    capacity_per_month: WholeNumber | None = field(*_CAPACITY)


class AssignmentMember(Record, AssignmentMemberFields):
    """A member of an assignment rule as the server returns it."""

    noun: ClassVar[Noun] = Noun(
        name="assignment_members",
        singular="assignment_member",
        component="sales",
        title="user_id",
        columns=("user_id", "rule_id", "capacity_per_month", "is_active"),
        verbs=EDITED,
    )
    user_id: UUID = required(*_USER)
    rule_id: UUID = required(*_RULE)
    is_active: bool = required(*_ACTIVE)


class AssignmentMemberCreate(Payload, AssignmentMemberFields, Sourced):
    """A new member of an assignment rule."""

    rule_id: RecordRef = required(*_RULE)
    user_id: UserRef = required(*_USER)
    is_active: bool = Field(default=True, title=_ACTIVE[0], description=_ACTIVE[1])


class AssignmentMemberUpdate(Payload, AssignmentMemberFields, Sourced):
    """The fields of a member to change; null empties a field, what is left out stays."""

    is_active: bool = kept(*_ACTIVE)
