"""The lead mapping: which custom fields of leads become which of what leads are converted to."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field

from cerebro_sdk.schemas.base import Noun, Payload, Record, required
from cerebro_sdk.schemas.kinds import Key, Kind, Of
from cerebro_sdk.schemas.shape import Shape

_Fields = Annotated[dict[Key, Key], Field(max_length=500)]
_OF = "By key of a custom field of {0}, the key of the one of leads whose values it gets."


class LeadMappingFields(Shape):
    """What is mapped, by noun."""

    contacts: _Fields = Field(default_factory=dict, description=_OF.format("contacts"))
    companies: _Fields = Field(default_factory=dict, description=_OF.format("companies"))
    deals: _Fields = Field(default_factory=dict, description=_OF.format("deals"))


class LeadMapping(LeadMappingFields):
    """The mapping of a workspace."""

    model_config = ConfigDict(extra="ignore")


class LeadMappingSet(Payload, LeadMappingFields):
    """The mapping that a workspace is to have; what is left out is mapped no longer."""


_Mapped = Annotated[dict[str, str], Of(Kind.MAP)]


class KeptLeadMapping(Record):
    """The mapping as the journal tells of it; `cerebro leads mapping` shows it."""

    noun: ClassVar[Noun] = Noun(
        name="lead_mappings",
        singular="lead_mapping",
        component="sales",
        title="name",
        verbs=(),
    )
    name: str = required("Name", "What it is called; there is one.")
    contacts: _Mapped = required("Contacts", _OF.format("contacts"))
    companies: _Mapped = required("Companies", _OF.format("companies"))
    deals: _Mapped = required("Deals", _OF.format("deals"))
