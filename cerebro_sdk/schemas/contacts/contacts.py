"""Contacts: the people you deal with."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, ClassVar, Literal

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
from cerebro_sdk.schemas.contacts.parts import (
    Addresses,
    AddressPart,
    EmailPart,
    Emails,
    PhonePart,
    Phones,
)
from cerebro_sdk.schemas.kinds import Day, Email, Kind, Line, Of, PhoneText, Text, Url, Words
from cerebro_sdk.schemas.shape import Shape

_LAST_NAME = ("Last name", "Family name, or the only one.")


_EMAILS = ("E-mails", "Every address, the main one first; no two living contacts share one.")
_PHONES = ("Phones", "Every phone number, the main one first, in E.164.")
_ADDRESSES = ("Addresses", "Every postal address, the main one first.")
_TAGS = ("Tags", "Words to find it by: `vip`.")
_BIRTHDAY = ("Birthday", "Date of birth.")
_CONSENT = ("Consent", "Whether the person agreed to be written to: none, given or withdrawn.")

Consent = Annotated[Literal["none", "given", "withdrawn"], Of(Kind.TEXT)]


class ContactFields(Shape):
    """What a contact has besides its identity and history."""

    first_name: Line | None = field("First name", "Given name.")
    email: Email | None = field("E-mail", "Main address: the first of `emails`.")
    phone: PhoneText | None = field("Phone", "Main phone number: the first of `phones`.")
    job_title: Line | None = field("Job title", "What the person does.")
    department: Line | None = field("Department", "Where in the company.")
    street: Text | None = field("Street", "Street and house number of the main address.")
    city: Line | None = field("City", "City of the main address.")
    state: Line | None = field("State", "State or region of the main address.")
    postal_code: Line | None = field("Postal code", "Postal code of the main address.")
    country: Line | None = field("Country", "Country of the main address.")
    website: Url | None = field("Website", "Address of a web site.")
    source: Line | None = field("Source", "Where the contact came from: `fair`, `web form`.")
    description: Text | None = field("Description", "Anything worth knowing, in plain text.")


class Contact(OwnedRecord, CustomizedRecord, LockableRecord, ContactFields):
    """A contact as the server returns it."""

    noun: ClassVar[Noun] = Noun(
        name="contacts",
        singular="contact",
        component="contacts",
        title="full_name",
        keys=("email",),
        columns=("full_name", "email", "phone", "job_title", "updated_at"),
        verbs=(*ALL, "destroy", "lock", "unlock"),
    )
    full_name: str = required("Full name", "First and last name, put together by the server.")
    last_name: str = required(*_LAST_NAME)
    emails: list[EmailPart] = parts(*_EMAILS)
    phones: list[PhonePart] = parts(*_PHONES)
    addresses: list[AddressPart] = parts(*_ADDRESSES)
    tags: list[str] = parts(*_TAGS)
    birthday: date | None = field(*_BIRTHDAY)
    consent: str | None = field(*_CONSENT)
    consent_at: datetime | None = field("Consent at", "When the consent last changed (UTC).")
    email_quality: str | None = field(
        "E-mail quality",
        "Of the main address: ok, free (a free-mail provider), role (info@) or invalid.",
    )
    phone_quality: str | None = field("Phone quality", "Of the main number: ok or invalid.")


class _Parts(Shape):
    emails: Emails | None = field(*_EMAILS)
    phones: Phones | None = field(*_PHONES)
    addresses: Addresses | None = field(*_ADDRESSES)
    tags: Words | None = field(*_TAGS)
    birthday: Day | None = field(*_BIRTHDAY)


class ContactCreate(Payload, ContactFields, _Parts, Customized, Owned, Sourced):
    """A new contact."""

    last_name: Line = required(*_LAST_NAME)
    consent: Consent | None = field(*_CONSENT)


class ContactUpdate(Payload, ContactFields, _Parts, Customized, Owned, Sourced):
    """The fields of a contact to change; null empties a field, what is left out stays."""

    last_name: Line = kept(*_LAST_NAME)
    consent: Consent = kept(*_CONSENT)
