"""Contacts: the people you deal with."""

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
from cerebro_sdk.schemas.kinds import Email, Line, Phone, Text

_LAST_NAME = ("Last name", "Family name, or the only one.")


class ContactFields(BaseModel):
    """What a contact has besides its identity and history."""

    first_name: Line | None = field("First name", "Given name.")
    email: Email | None = field("E-mail", "Main address; no two living contacts share one.")
    phone: Phone | None = field("Phone", "Main phone number, as typed.")
    job_title: Line | None = field("Job title", "What the person does.")
    department: Line | None = field("Department", "Where in the company.")
    description: Text | None = field("Description", "Anything worth knowing, in plain text.")


class Contact(OwnedRecord, ContactFields):
    """A contact as the server returns it."""

    noun: ClassVar[Noun] = Noun(
        name="contacts",
        singular="contact",
        component="contacts",
        title="full_name",
        keys=("email",),
        columns=("full_name", "email", "phone", "job_title", "updated_at"),
    )
    full_name: str = required("Full name", "First and last name, put together by the server.")
    last_name: str = required(*_LAST_NAME)


class ContactCreate(Payload, ContactFields, Owned, Sourced):
    """A new contact."""

    last_name: Line = required(*_LAST_NAME)


class ContactUpdate(Payload, ContactFields, Owned, Sourced):
    """The fields of a contact to change; null empties a field, what is left out stays."""

    last_name: Line = kept(*_LAST_NAME)
