"""Parts of contacts and companies: what comes in lists whose first item is the primary one."""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field

from cerebro_sdk.schemas.base import field
from cerebro_sdk.schemas.kinds import Email, Kind, Line, Of, PhoneText, Text
from cerebro_sdk.schemas.shape import Shape

_TYPE = ("Type", "What it is for, in your own words: `work`, `home`.")


class EmailPart(Shape):
    """One e-mail address."""

    address: Email = Field(title="Address", description="The address.")
    type: Line | None = field(*_TYPE)


class PhonePart(Shape):
    """One phone number."""

    number: PhoneText = Field(
        title="Number", description="In E.164, `+493012345678`; as typed where it is none."
    )
    extension: Line | None = field("Extension", "What to dial after the call is answered.")
    type: Line | None = field(*_TYPE)
    is_valid: bool | None = field("Is valid", "Whether it is a phone number; kept by the server.")


class AddressPart(Shape):
    """One postal address."""

    type: Line | None = field(*_TYPE)
    street: Text | None = field("Street", "Street and house number.")
    city: Line | None = field("City", "City.")
    state: Line | None = field("State", "State or region.")
    postal_code: Line | None = field("Postal code", "Postal code.")
    country: Line | None = field("Country", "Country.")


class EmailInput(EmailPart):
    """One e-mail address, as it is sent; a plain text is one without a type."""

    model_config = ConfigDict(extra="forbid")


class PhoneInput(PhonePart):
    """One phone number, as it is sent; a plain text is one without a type."""

    model_config = ConfigDict(extra="forbid")


class AddressInput(AddressPart):
    """One postal address, as it is sent."""

    model_config = ConfigDict(extra="forbid")


def _listed(key: str) -> BeforeValidator:
    """Take texts for parts, and the text of a list (a cell of a file) for the list."""

    def read(value: Any) -> Any:
        if isinstance(value, str) and value.lstrip().startswith("["):
            try:
                value = json.loads(value)
            except (ValueError, RecursionError):
                return value
        if isinstance(value, list):
            return [{key: item} if isinstance(item, str) else item for item in value]
        return value

    return BeforeValidator(read)


_MOST = Field(max_length=50)
Emails = Annotated[list[EmailInput], _MOST, _listed("address"), Of(Kind.PARTS)]
Phones = Annotated[list[PhoneInput], _MOST, _listed("number"), Of(Kind.PARTS)]
Addresses = Annotated[list[AddressInput], _MOST, _listed("street"), Of(Kind.PARTS)]
