"""Companies: the organisations you deal with."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel

from cerebro_sdk.schemas.base import (
    Noun,
    Owned,
    OwnedRecord,
    Payload,
    Sourced,
    field,
    kept,
    required,
)
from cerebro_sdk.schemas.kinds import Domain, Line, Phone, Text, Url, WholeNumber

_NAME = ("Name", "What the company is called.")


class CompanyFields(BaseModel):
    """What a company has besides its identity and history."""

    domain: Domain | None = field(
        "Domain", "Its main internet domain; no two living companies share one."
    )
    website: Url | None = field("Website", "Address of its web site.")
    industry: Line | None = field("Industry", "The trade it is in.")
    employees: WholeNumber | None = field("Employees", "How many people work there.")
    phone: Phone | None = field("Phone", "Its main phone number, as typed.")
    street: Text | None = field("Street", "Street and house number of its main address.")
    city: Line | None = field("City", "City of its main address.")
    state: Line | None = field("State", "State or region of its main address.")
    postal_code: Line | None = field("Postal code", "Postal code of its main address.")
    country: Line | None = field("Country", "Country of its main address.")
    description: Text | None = field("Description", "Anything worth knowing, in plain text.")


class Company(OwnedRecord, CompanyFields):
    """A company as the server returns it."""

    noun: ClassVar[Noun] = Noun(
        name="companies",
        singular="company",
        component="contacts",
        title="name",
        keys=("domain",),
        columns=("name", "domain", "industry", "employees", "city", "state", "updated_at"),
    )
    name: str = required(*_NAME)


class CompanyCreate(Payload, CompanyFields, Owned, Sourced):
    """A new company."""

    name: Line = required(*_NAME)


class CompanyUpdate(Payload, CompanyFields, Owned, Sourced):
    """The fields of a company to change; null empties a field, what is left out stays."""

    name: Line = kept(*_NAME)
