"""Tables of the contacts component."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Numeric
from sqlmodel import Field

from cerebro_server.kernel.fields import CustomizedRow, LockableRow, RecordRow
from cerebro_server.kernel.fields.columns import computed, first_of, part_list, word_list

_PHONE_QUALITY = (
    "case when (phones -> 0 ->> 'is_valid')::boolean then 'ok' "
    "when phones -> 0 is not null then 'invalid' end"
)


class CompanyRow(CustomizedRow, LockableRow, table=True):
    """Companies."""

    __tablename__ = "companies"

    name: str
    domain: str | None = None
    website: str | None = None
    industry: str | None = None
    employees: int | None = None
    annual_revenue: Decimal | None = Field(default=None, sa_type=Numeric(20, 2))
    parent_id: UUID | None = None
    phones: list[dict[str, Any]] = part_list()
    phone: str | None = first_of("phones", "number")
    phone_quality: str | None = computed(_PHONE_QUALITY)
    addresses: list[dict[str, Any]] = part_list()
    street: str | None = first_of("addresses", "street")
    city: str | None = first_of("addresses", "city")
    state: str | None = first_of("addresses", "state")
    postal_code: str | None = first_of("addresses", "postal_code")
    country: str | None = first_of("addresses", "country")
    tags: list[str] = word_list()
    description: str | None = None
    owner_id: UUID | None = None
    team: str | None = None


class ContactRow(CustomizedRow, LockableRow, table=True):
    """Contacts."""

    __tablename__ = "contacts"

    first_name: str | None = None
    last_name: str
    full_name: str = computed("trim(coalesce(first_name, '') || ' ' || last_name)", nullable=False)
    emails: list[dict[str, Any]] = part_list()
    email: str | None = first_of("emails", "address")
    email_quality: str | None = computed("email_quality(emails -> 0 ->> 'address')")
    phones: list[dict[str, Any]] = part_list()
    phone: str | None = first_of("phones", "number")
    phone_quality: str | None = computed(_PHONE_QUALITY)
    addresses: list[dict[str, Any]] = part_list()
    street: str | None = first_of("addresses", "street")
    city: str | None = first_of("addresses", "city")
    state: str | None = first_of("addresses", "state")
    postal_code: str | None = first_of("addresses", "postal_code")
    country: str | None = first_of("addresses", "country")
    job_title: str | None = None
    department: str | None = None
    birthday: date | None = None
    website: str | None = None
    source: str | None = None
    consent: str = "none"
    consent_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    tags: list[str] = word_list()
    description: str | None = None
    owner_id: UUID | None = None
    team: str | None = None


class PositionRow(RecordRow, table=True):
    """Positions: contacts in companies."""

    __tablename__ = "positions"

    contact_id: UUID
    company_id: UUID
    role: str | None = None
    is_current: bool = True
    started_on: date | None = None
    ended_on: date | None = None
