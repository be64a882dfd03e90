"""Assignment rules: who gets new leads that nobody owns."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from cerebro_sdk.schemas.base import EDITED, Noun, Payload, Record, Sourced, field, kept, required
from cerebro_sdk.schemas.kinds import Kind, Line, Of, TeamKey, Text, WholeNumber
from cerebro_sdk.schemas.shape import Shape

Method = Annotated[Literal["round_robin", "least_loaded"], Of(Kind.TEXT)]

_NAME = ("Name", "What the rule is called; no two living ones share a name.")
_POSITION = ("Position", "Its place among the rules: lower is asked first.")
_ACTIVE = ("Is active", "Whether it assigns leads.")
_WHERE = (
    "Where",
    "Which leads, as a filter on leads: `source = web and amount > 1000`; all of them, if empty.",
)
_METHOD = (
    "Method",
    "Which member is next: `round_robin`, whoever got none for longest; `least_loaded`, whoever "
    "has the fewest leads that are neither converted nor dead.",
)


class AssignmentRuleFields(Shape):
    """What a rule has besides its identity and history."""

    where: Text | None = field(*_WHERE)


class AssignmentRule(Record, AssignmentRuleFields):
    """An assignment rule as the server returns it."""

    noun: ClassVar[Noun] = Noun(
        name="assignment_rules",
        singular="assignment_rule",
        component="sales",
        title="name",
        keys=("name",),
        columns=("name", "position", "is_active", "where", "method", "team"),
        verbs=EDITED,
    )
    name: str = required(*_NAME)
    position: int = required(*_POSITION)
    is_active: bool = required(*_ACTIVE)
    method: str = required(*_METHOD)
    team: str | None = field("Team", "The team that a lead gets with it, if it has none.")


class _Sent(Shape):
    team: TeamKey | None = field("Team", "The team that a lead gets with it, if it has none.")


class AssignmentRuleCreate(Payload, AssignmentRuleFields, _Sent, Sourced):
    """A new assignment rule."""

    name: Line = required(*_NAME)
    position: WholeNumber | None = Field(
        default=None, title=_POSITION[0], description=f"{_POSITION[1]} The last, unless given."
    )
    is_active: bool = Field(default=True, title=_ACTIVE[0], description=_ACTIVE[1])
    method: Method = Field(default="round_robin", title=_METHOD[0], description=_METHOD[1])


class AssignmentRuleUpdate(Payload, AssignmentRuleFields, _Sent, Sourced):
    """The fields of a rule to change; null empties a field, what is left out stays."""

    name: Line = kept(*_NAME)
    position: WholeNumber = kept(*_POSITION)
    is_active: bool = kept(*_ACTIVE)
    method: Method = kept(*_METHOD)
