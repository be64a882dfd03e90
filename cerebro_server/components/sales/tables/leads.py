"""Tables of leads and of their statuses."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Numeric, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from cerebro_server.kernel.fields import CustomizedRow, LockableRow, RecordRow
from cerebro_server.kernel.fields.columns import computed, first_of, part_list, word_list

_NAME = "trim(coalesce(first_name, '') || ' ' || coalesce(last_name, ''))"
FULL_NAME = f"coalesce(nullif({_NAME}, ''), company_name, emails -> 0 ->> 'address', '')"
PHONE_QUALITY = (
    "case when (phones -> 0 ->> 'is_valid')::boolean then 'ok' "
    "when phones -> 0 is not null then 'invalid' end"
)


def _mapped() -> Any:
    return Field(
        default_factory=dict, sa_type=JSONB, sa_column_kwargs={"server_default": text("'{}'")}
    )


class LeadStatusRow(RecordRow, table=True):
    """Statuses of leads."""

    __tablename__ = "lead_statuses"

    name: str
    label: str
    position: int
    type: str


class LeadFormRow(RecordRow, table=True):
    """Forms that send leads."""

    __tablename__ = "lead_forms"

    name: str
    key: str
    is_active: bool = True
    allowed_origins: list[str] = word_list()
    honeypot: str | None = None
    source: str | None = None
    thanks_url: str | None = None
    thanks: str | None = None
    owner_id: UUID | None = None
    team: str | None = None


class LeadRow(CustomizedRow, LockableRow, table=True):
    """Leads."""

    __tablename__ = "leads"

    first_name: str | None = None
    last_name: str | None = None
    full_name: str = computed(FULL_NAME, nullable=False)
    emails: list[dict[str, Any]] = part_list()
    email: str | None = first_of("emails", "address")
    email_quality: str | None = computed("email_quality(emails -> 0 ->> 'address')")
    phones: list[dict[str, Any]] = part_list()
    phone: str | None = first_of("phones", "number")
    phone_quality: str | None = computed(PHONE_QUALITY)
    addresses: list[dict[str, Any]] = part_list()
    street: str | None = first_of("addresses", "street")
    city: str | None = first_of("addresses", "city")
    state: str | None = first_of("addresses", "state")
    postal_code: str | None = first_of("addresses", "postal_code")
    country: str | None = first_of("addresses", "country")
    company_name: str | None = None
    job_title: str | None = None
    website: str | None = None
    industry: str | None = None
    source: str | None = None
    utm_source: str | None = None
    utm_medium: str | None = None
    utm_campaign: str | None = None
    referer: str | None = None
    amount: Decimal | None = Field(default=None, sa_type=Numeric(20, 2))
    currency: str | None = None
    status_id: UUID | None = None
    territory_id: UUID | None = None
    tags: list[str] = word_list()
    description: str | None = None
    owner_id: UUID | None = None
    team: str | None = None
    assigned_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    assignment_rule_id: UUID | None = None
    converted_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    converted_contact_id: UUID | None = None
    converted_company_id: UUID | None = None
    converted_deal_id: UUID | None = None


class LeadMappingRow(RecordRow, table=True):
    """The lead mapping: one row, or none."""

    __tablename__ = "lead_mapping"

    name: str = Field(default="Lead mapping", sa_column_kwargs={"server_default": "Lead mapping"})
    contacts: dict[str, str] = _mapped()
    companies: dict[str, str] = _mapped()
    deals: dict[str, str] = _mapped()
