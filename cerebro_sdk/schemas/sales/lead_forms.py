"""Lead forms: what a web site needs to send leads, and nothing else."""

from __future__ import annotations

from typing import ClassVar

from pydantic import ConfigDict, Field

from cerebro_sdk.schemas.base import (
    EDITED,
    Customized,
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
from cerebro_sdk.schemas.kinds import Email, Line, PhoneText, Text, Url, Words
from cerebro_sdk.schemas.shape import Shape

_NAME = ("Name", "What the form is called.")
_KEY = ("Key", "The key that the form sends leads with; made by the server.")
_ORIGINS = ("Allowed origins", "Web sites whose pages may send it: `https://acme.example`.")
_ACTIVE = ("Is active", "Whether it takes leads.")
_HONEYPOT = (
    "Honeypot",
    "Name of a field that people do not see: what has something in it is dropped in silence.",
)


class LeadFormFields(Shape):
    """What a form has besides its identity and history."""

    honeypot: Line | None = field(*_HONEYPOT)
    source: Line | None = field("Source", "The source of its leads; the form's name otherwise.")
    thanks_url: Url | None = field(
        "Thanks page", "Where browsers go that sent it without a script: https, or localhost."
    )
    thanks: Text | None = field(
        "Thanks", "What they see where there is no such page; its first line is the title."
    )


class LeadForm(OwnedRecord, LeadFormFields):
    """A form as the server returns it; its owner and team are those of its leads."""

    noun: ClassVar[Noun] = Noun(
        name="lead_forms",
        singular="lead_form",
        component="sales",
        title="name",
        keys=("key",),
        columns=("name", "key", "is_active", "source", "updated_at"),
        verbs=EDITED,
    )
    name: str = required(*_NAME)
    key: str = required(*_KEY)
    is_active: bool = required(*_ACTIVE)
    allowed_origins: list[str] = parts(*_ORIGINS)


class LeadFormCreate(Payload, LeadFormFields, Owned, Sourced):
    """A new form."""

    name: Line = required(*_NAME)
    is_active: bool = Field(default=True, title=_ACTIVE[0], description=_ACTIVE[1])
    allowed_origins: Words | None = field(*_ORIGINS)


class LeadFormUpdate(Payload, LeadFormFields, Owned, Sourced):
    """The fields of a form to change; null empties a field, what is left out stays."""

    name: Line = kept(*_NAME)
    is_active: bool = kept(*_ACTIVE)
    allowed_origins: Words | None = field(*_ORIGINS)


class LeadFormEntry(Payload, Customized):
    """What somebody filled in; one of last name, company and e-mail address is there."""

    first_name: Line | None = field("First name", "Given name.")
    last_name: Line | None = field("Last name", "Family name, or the only one.")
    email: Email | None = field("E-mail", "The address.")
    phone: PhoneText | None = field("Phone", "The phone number.")
    company_name: Line | None = field("Company", "What the company is called.")
    job_title: Line | None = field("Job title", "What the person does.")
    website: Url | None = field("Website", "Address of the company's web site.")
    description: Text | None = field("Message", "What the person wrote.")
    utm_source: Line | None = field("UTM source", "Who sent the visitor.")
    utm_medium: Line | None = field("UTM medium", "By what they came.")
    utm_campaign: Line | None = field("UTM campaign", "The campaign that they came by.")
    referer: Text | None = field("Referer", "The page; the header `Referer` unless given.")


class LeadFormSnippet(Shape):
    """A form as HTML that is pasted into a page."""

    model_config = ConfigDict(extra="ignore")

    action: str = Field(description="Where the form is sent to.")
    html: str = Field(description="The form, with its honeypot and fields for the campaign.")


class LeadFormAnswer(Shape):
    """The answer to a form, which tells nothing of what is there."""

    model_config = ConfigDict(extra="ignore")

    accepted: bool = Field(default=True, description="That it has arrived.")
