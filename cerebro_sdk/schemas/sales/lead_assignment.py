"""Leads that are there, given to people by the assignment rules."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from cerebro_sdk.schemas.base import Payload
from cerebro_sdk.schemas.kinds import RecordRef, Text
from cerebro_sdk.schemas.shape import Shape


class LeadAssign(Payload):
    """Which leads are to be assigned: those that are named, or those that fit a filter."""

    leads: list[RecordRef] = Field(
        default_factory=list, max_length=100, description="Which leads, at most 100."
    )
    where: Text | None = Field(
        default=None,
        description="A filter on leads; of those that have no owner, the first 10 000 are taken.",
    )
    rule: RecordRef | None = Field(
        default=None,
        description="Only by this assignment rule, also where it is not active; else by the first "
        "that fits and has room.",
    )
    dry_run: bool = Field(default=False, description="Say who would get what, and write nothing.")


class LeadsAssign(Payload):
    """Which leads are assigned by a plan: the input of an operation of kind `leads.assign`."""

    where: str | None = Field(
        default=None,
        max_length=10_000,
        title="Where",
        description="A filter on leads that have no owner; all of them, if nothing is said. The "
        "first 10 000 are taken.",
    )
    leads: list[RecordRef] | None = Field(
        default=None,
        min_length=1,
        max_length=10_000,
        title="Leads",
        description="These leads instead; of one that there is not, a row of the plan says so.",
    )
    rule: RecordRef | None = Field(
        default=None,
        title="Rule",
        description="Only by this assignment rule, also where it is not active.",
    )


class LeadAssigned(Shape):
    """What became of one lead."""

    model_config = ConfigDict(extra="ignore")

    lead_id: UUID = Field(description="The lead.")
    full_name: str | None = Field(description="What it is called; null where that is hidden.")
    outcome: (
        Literal["by_rule", "same_person", "has_owner", "no_rule", "converted", "locked"] | str
    ) = Field(
        union_mode="left_to_right",
        description="`by_rule`; `same_person`: to the owner of a lead with the same e-mail "
        "address; else why it stays as it was.",
    )
    owner_id: UUID | None = Field(description="Who has it now.")
    owner: str | None = Field(description="What they are called; null where that is hidden.")
    rule_id: UUID | None = Field(description="The rule that gave it to them.")


class LeadAssignments(Shape):
    """What became of leads that were to be assigned."""

    model_config = ConfigDict(extra="ignore")

    items: list[LeadAssigned] = Field(description="One for each lead.")
    assigned: int = Field(description="How many have an owner that had none.")
    more: bool = Field(
        default=False, description="Whether more leads fit the filter than were looked at."
    )
    dry_run: bool = Field(default=False, description="Whether nothing of this was written.")
