"""Conversion of leads: what is asked for, and what came of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator, ConfigDict, Field

from cerebro_sdk.schemas.base import Payload, field
from cerebro_sdk.schemas.contacts.companies import Company
from cerebro_sdk.schemas.contacts.contacts import Contact
from cerebro_sdk.schemas.kinds import RecordRef, TeamKey, UserRef
from cerebro_sdk.schemas.sales.deals import Deal
from cerebro_sdk.schemas.sales.leads import Lead
from cerebro_sdk.schemas.shape import Shape

Values = Annotated[dict[str, Any], Field(max_length=500)]


def _into(value: Any) -> Any:
    if isinstance(value, (bool, str, dict)):
        return value
    raise ValueError('Send true, false, a reference as text ("133"), or an object with values.')


Into = Annotated[bool | RecordRef | Values, BeforeValidator(_into)]
"""What a lead is converted to: true makes one, false makes none, a reference takes one that is
there, and an object makes one with these values besides those of the lead."""

_HOW = "true: make one; false: make none; a reference: take that one; an object: make one with it."


class LeadConvert(Payload):
    """How a lead is converted. Left out, each is made as far as the lead says who it would be."""

    contact: Into | None = field("Contact", f"The contact. {_HOW}")
    company: Into | None = field("Company", f"The company. {_HOW}")
    deal: Into | None = field("Deal", f"The deal; one is made unless told otherwise. {_HOW}")
    owner_id: UserRef | None = field("Owner", "Whose they become; the lead's owner otherwise.")
    team: TeamKey | None = field("Team", "The team that shares them; the lead's otherwise.")
    status_id: RecordRef | None = field(
        "Status", "The status that the lead gets: one of type won, the first unless given."
    )
    overwrite_source: bool = Field(
        default=False,
        title="Overwrite source",
        description="Whether the lead's source replaces that of an existing contact.",
    )
    allow_duplicates: bool = Field(
        default=False,
        title="Allow duplicates",
        description="Make contact and company even where there probably are such ones.",
    )
    dry_run: bool = Field(
        default=False,
        title="Dry run",
        description="Say what would become of it, and write nothing.",
    )


class LeadsConvert(Payload):
    """Which leads are converted, and how: the input of an operation of kind `leads.convert`."""

    where: str | None = Field(
        default=None,
        max_length=10_000,
        title="Where",
        description="A filter; all leads that may be converted, if nothing is said.",
    )
    leads: list[RecordRef] | None = Field(
        default=None,
        min_length=1,
        max_length=10_000,
        title="Leads",
        description="These leads instead; of one that there is not, a row of the plan says so.",
    )
    contact: bool | Values | None = field(
        "Contact", "Whether contacts are made; an object makes them with these values besides."
    )
    company: bool | Values | None = field("Company", "The same for companies.")
    deal: bool | Values | None = field("Deal", "The same for deals; made unless told otherwise.")
    owner_id: UserRef | None = field("Owner", "Whose they become; each lead's owner otherwise.")
    team: TeamKey | None = field("Team", "The team that shares them; each lead's otherwise.")
    status_id: RecordRef | None = field(
        "Status", "The status that leads get: one of type won, the first unless given."
    )
    duplicates: Literal["refuse", "choose", "make"] = Field(
        default="refuse",
        title="Duplicates",
        description="What becomes of leads whose contact or company is probably there: refused; "
        "completed where only one such is there; or made once more.",
    )


class LeadConversion(Shape):
    """What became of a lead."""

    model_config = ConfigDict(extra="ignore")

    lead: Lead = Field(description="The lead, which can only be read from now on.")
    contact: Contact | None = Field(default=None, description="The contact that it became.")
    company: Company | None = Field(default=None, description="The company that it became.")
    deal: Deal | None = Field(default=None, description="The deal that it became.")
    position_id: UUID | None = Field(
        default=None, description="The position of the contact in the company."
    )
    made: list[Literal["contact", "company", "position", "deal", "deal_contact"] | str] = Field(
        default_factory=list, description="What of it was not there before."
    )
    dry_run: bool = Field(default=False, description="Whether nothing of this was written.")
