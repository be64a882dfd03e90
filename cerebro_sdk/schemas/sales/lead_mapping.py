"""The lead mapping: which custom fields of leads become which of what leads are converted to."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from cerebro_sdk.schemas.base import Payload
from cerebro_sdk.schemas.kinds import Key

_Fields = Annotated[dict[Key, Key], Field(max_length=500)]
_OF = "By key of a custom field of {0}, the key of the one of leads whose values it gets."


class LeadMappingFields(BaseModel):
    """What is mapped, by noun."""

    contacts: _Fields = Field(default_factory=dict, description=_OF.format("contacts"))
    companies: _Fields = Field(default_factory=dict, description=_OF.format("companies"))
    deals: _Fields = Field(default_factory=dict, description=_OF.format("deals"))


class LeadMapping(LeadMappingFields):
    """The mapping of a workspace."""

    model_config = ConfigDict(extra="ignore")


class LeadMappingSet(Payload, LeadMappingFields):
    """The mapping that a workspace is to have; what is left out is mapped no longer."""
