"""Leads: people and companies that may become customers, before that is known."""

from __future__ import annotations

from datetime import datetime
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
    parts,
    required,
)
from cerebro_sdk.schemas.contacts.parts import (
    Addresses,
    AddressPart,
    EmailPart,
    Emails,
    PhonePart,
    Phones,
)
from cerebro_sdk.schemas.kinds import (
    Amount,
    Currency,
    Email,
    Line,
    PhoneText,
    RecordRef,
    Text,
    Url,
    Words,
)
from cerebro_sdk.schemas.shape import Shape

_EMAILS = ("E-mails", "Every address, the main one first.")
_PHONES = ("Phones", "Every phone number, the main one first, in E.164.")
_ADDRESSES = ("Addresses", "Every postal address, the main one first.")
_TERRITORY = ("Territory", "The territory that it lies in: a name or an id.")
_TAGS = ("Tags", "Words to find it by: `fair`.")
_AMOUNT = ("Amount", "What a deal with it might bring; a text, so that no cent is lost.")
_STATUS = ("Status", "How far the work on it has come: the name of a lead status, or its id.")


class LeadFields(Shape):
    """What a lead has besides its identity and history."""

    first_name: Line | None = field("First name", "Given name.")
    last_name: Line | None = field("Last name", "Family name, or the only one.")
    email: Email | None = field("E-mail", "Main address: the first of `emails`.")
    phone: PhoneText | None = field("Phone", "Main phone number: the first of `phones`.")
    company_name: Line | None = field("Company", "What the company is called.")
    job_title: Line | None = field("Job title", "What the person does.")
    website: Url | None = field("Website", "Address of the company's web site.")
    industry: Line | None = field("Industry", "The trade that the company is in.")
    street: Text | None = field("Street", "Street and house number of the main address.")
    city: Line | None = field("City", "City of the main address.")
    state: Line | None = field("State", "State or region of the main address.")
    postal_code: Line | None = field("Postal code", "Postal code of the main address.")
    country: Line | None = field("Country", "Country of the main address.")
    source: Line | None = field("Source", "Where it came from: `fair`, `web form`.")
    utm_source: Line | None = field("UTM source", "Who sent the visitor: `newsletter`.")
    utm_medium: Line | None = field("UTM medium", "By what they came: `email`, `cpc`.")
    utm_campaign: Line | None = field("UTM campaign", "The campaign that they came by.")
    referer: Text | None = field("Referer", "The page that they came from.")
    currency: Currency | None = field("Currency", "Of the amount, by ISO 4217: EUR.")
    description: Text | None = field("Description", "Anything worth knowing, in plain text.")


class Lead(OwnedRecord, CustomizedRecord, LockableRecord, LeadFields):
    """A lead as the server returns it; one that was converted can only be read."""

    noun: ClassVar[Noun] = Noun(
        name="leads",
        singular="lead",
        component="sales",
        title="full_name",
        columns=("full_name", "email", "company_name", "status_id", "source", "updated_at"),
        verbs=(*ALL, "destroy", "lock", "unlock"),
    )
    full_name: str = required(
        "Full name", "First and last name; without them the company, or the e-mail address."
    )
    emails: list[EmailPart] = parts(*_EMAILS)
    phones: list[PhonePart] = parts(*_PHONES)
    addresses: list[AddressPart] = parts(*_ADDRESSES)
    territory_id: UUID | None = field(*_TERRITORY)
    tags: list[str] = parts(*_TAGS)
    amount: Decimal | None = field(*_AMOUNT)
    status_id: UUID | None = field(*_STATUS)
    email_quality: str | None = field(
        "E-mail quality",
        "Of the main address: ok, free (a free-mail provider), role (info@) or invalid.",
    )
    phone_quality: str | None = field("Phone quality", "Of the main number: ok or invalid.")
    assigned_at: datetime | None = field(
        "Assigned", "When an assignment rule, or the same address, led to its owner (UTC)."
    )
    assignment_rule_id: UUID | None = field(
        "Assignment rule", "The rule that gave it to its owner; null once somebody else has it."
    )
    converted_at: datetime | None = field(
        "Converted", "When it was converted (UTC); null while it can be."
    )
    converted_contact_id: UUID | None = field("Converted contact", "The contact that it became.")
    converted_company_id: UUID | None = field("Converted company", "The company that it became.")
    converted_deal_id: UUID | None = field("Converted deal", "The deal that it became.")


class _Sent(Shape):
    emails: Emails | None = field(*_EMAILS)
    phones: Phones | None = field(*_PHONES)
    addresses: Addresses | None = field(*_ADDRESSES)
    territory_id: RecordRef | None = field(*_TERRITORY)
    tags: Words | None = field(*_TAGS)
    amount: Amount | None = field(*_AMOUNT)
    status_id: RecordRef | None = field(*_STATUS)


class LeadCreate(Payload, LeadFields, _Sent, Customized, Owned, Sourced):
    """A new lead: it has a name, a company or an e-mail address."""


class LeadUpdate(Payload, LeadFields, _Sent, Customized, Owned, Sourced):
    """The fields of a lead to change; null empties a field, what is left out stays."""
