"""Companies: the organisations you deal with."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from cerebro_sdk.schemas.base import (
    ALL,
    Customized,
    CustomizedRecord,
    LockableRecord,
    Noun,
    Owned,
    OwnedRecord,
    Payload,
    Sourced,
    field,
    kept,
    parts,
    required,
)
from cerebro_sdk.schemas.contacts.parts import Addresses, AddressPart, PhonePart, Phones
from cerebro_sdk.schemas.kinds import (
    Amount,
    Domain,
    Line,
    PhoneText,
    RecordRef,
    Text,
    Url,
    WholeNumber,
    Words,
)
from cerebro_sdk.schemas.shape import Shape

_NAME = ("Name", "What the company is called.")
_PHONES = ("Phones", "Every phone number, the main one first, in E.164.")
_ADDRESSES = ("Addresses", "Every postal address, the main one first.")
_TAGS = ("Tags", "Words to find it by: `partner`.")
_PARENT = ("Parent", "The company that it belongs to.")
_REVENUE = ("Annual revenue", "What it takes in a year; a text, so that no cent is lost.")


class CompanyFields(Shape):
    """What a company has besides its identity and history."""

    domain: Domain | None = field(
        "Domain", "Its main internet domain; no two living companies share one."
    )
    website: Url | None = field("Website", "Address of its web site.")
    industry: Line | None = field("Industry", "The trade it is in.")
    employees: WholeNumber | None = field("Employees", "How many people work there.")
    phone: PhoneText | None = field("Phone", "Its main phone number: the first of `phones`.")
    street: Text | None = field("Street", "Street and house number of its main address.")
    city: Line | None = field("City", "City of its main address.")
    state: Line | None = field("State", "State or region of its main address.")
    postal_code: Line | None = field("Postal code", "Postal code of its main address.")
    country: Line | None = field("Country", "Country of its main address.")
    description: Text | None = field("Description", "Anything worth knowing, in plain text.")


class Company(OwnedRecord, CustomizedRecord, LockableRecord, CompanyFields):
    """A company as the server returns it."""

    noun: ClassVar[Noun] = Noun(
        name="companies",
        singular="company",
        component="contacts",
        title="name",
        keys=("domain",),
        columns=("name", "domain", "industry", "employees", "city", "state", "updated_at"),
        verbs=(*ALL, "destroy", "lock", "unlock"),
    )
    name: str = required(*_NAME)
    annual_revenue: Decimal | None = field(*_REVENUE)
    parent_id: UUID | None = field(*_PARENT)
    phones: list[PhonePart] = parts(*_PHONES)
    addresses: list[AddressPart] = parts(*_ADDRESSES)
    tags: list[str] = parts(*_TAGS)
    phone_quality: str | None = field("Phone quality", "Of the main number: ok or invalid.")


class _Sent(Shape):
    annual_revenue: Amount | None = field(*_REVENUE)
    parent_id: RecordRef | None = field(*_PARENT)
    phones: Phones | None = field(*_PHONES)
    addresses: Addresses | None = field(*_ADDRESSES)
    tags: Words | None = field(*_TAGS)


class CompanyCreate(Payload, CompanyFields, _Sent, Customized, Owned, Sourced):
    """A new company."""

    name: Line = required(*_NAME)


class CompanyUpdate(Payload, CompanyFields, _Sent, Customized, Owned, Sourced):
    """The fields of a company to change; null empties a field, what is left out stays."""

    name: Line = kept(*_NAME)
