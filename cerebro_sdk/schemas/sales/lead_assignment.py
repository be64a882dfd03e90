"""Leads that are there, given to people by the assignment rules."""

from __future__ import annotations

from pydantic import Field

from cerebro_sdk.schemas.base import Payload
from cerebro_sdk.schemas.kinds import RecordRef


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
