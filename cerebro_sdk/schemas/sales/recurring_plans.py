"""Recurring plans: how often a deal's recurring amount comes in."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field

from cerebro_sdk.schemas.base import EDITED, Noun, Payload, Record, Sourced, kept, required
from cerebro_sdk.schemas.kinds import Kind, Line, Of, WholeNumber, whole

Months = Annotated[int, BeforeValidator(whole), Field(ge=1, le=120), Of(Kind.INTEGER)]
_NAME = ("Name", "What the plan is called, `Yearly`; no two living ones share a name.")
_MONTHS = ("Months", "How many months one period has, 1 to 120; it never changes.")
_POSITION = ("Position", "Its place among the plans: lower comes first.")


class RecurringPlan(Record):
    """A recurring plan as the server returns it."""

    noun: ClassVar[Noun] = Noun(
        name="recurring_plans",
        singular="recurring_plan",
        component="sales",
        title="name",
        keys=("name",),
        columns=("name", "months", "position", "updated_at"),
        verbs=EDITED,
    )
    name: str = required(*_NAME)
    months: int = required(*_MONTHS)
    position: int = required(*_POSITION)


class RecurringPlanCreate(Payload, Sourced):
    """A new recurring plan."""

    name: Line = required(*_NAME)
    months: Months = required(*_MONTHS)
    position: WholeNumber = Field(default=0, title=_POSITION[0], description=_POSITION[1])


class RecurringPlanUpdate(Payload, Sourced):
    """The fields of a recurring plan to change; what is left out stays."""

    name: Line = kept(*_NAME)
    position: WholeNumber = kept(*_POSITION)
