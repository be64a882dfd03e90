"""Tables of the contacts component."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Computed, DateTime, Numeric, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from cerebro_server.kernel.fields import CustomizedRow, LockableRow, RecordRow

_PHONE_QUALITY = (
    "case when (phones -> 0 ->> 'is_valid')::boolean then 'ok' "
    "when phones -> 0 is not null then 'invalid' end"
)


def _computed(how: str, *, nullable: bool = True) -> Any:
    """Declare a column that PostgreSQL computes from others of its row."""
    return Field(
        default=None, sa_column=Column(Text, Computed(how, persisted=True), nullable=nullable)
    )


def _first(listed: str, name: str) -> Any:
    return _computed(f"{listed} -> 0 ->> '{name}'")


def _parts() -> Any:
    return Field(default_factory=list, sa_column=Column(JSONB, nullable=False))


def _tags() -> Any:
    return Field(default_factory=list, sa_column=Column(ARRAY(Text), nullable=False))


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
    phones: list[dict[str, Any]] = _parts()
    phone: str | None = _first("phones", "number")
    phone_quality: str | None = _computed(_PHONE_QUALITY)
    addresses: list[dict[str, Any]] = _parts()
    street: str | None = _first("addresses", "street")
    city: str | None = _first("addresses", "city")
    state: str | None = _first("addresses", "state")
    postal_code: str | None = _first("addresses", "postal_code")
    country: str | None = _first("addresses", "country")
    tags: list[str] = _tags()
    description: str | None = None
    owner_id: UUID | None = None
    team: str | None = None


class ContactRow(CustomizedRow, LockableRow, table=True):
    """Contacts."""

    __tablename__ = "contacts"

    first_name: str | None = None
    last_name: str
    full_name: str = _computed("trim(coalesce(first_name, '') || ' ' || last_name)", nullable=False)
    emails: list[dict[str, Any]] = _parts()
    email: str | None = _first("emails", "address")
    email_quality: str | None = _computed("email_quality(emails -> 0 ->> 'address')")
    phones: list[dict[str, Any]] = _parts()
    phone: str | None = _first("phones", "number")
    phone_quality: str | None = _computed(_PHONE_QUALITY)
    addresses: list[dict[str, Any]] = _parts()
    street: str | None = _first("addresses", "street")
    city: str | None = _first("addresses", "city")
    state: str | None = _first("addresses", "state")
    postal_code: str | None = _first("addresses", "postal_code")
    country: str | None = _first("addresses", "country")
    job_title: str | None = None
    department: str | None = None
    birthday: date | None = None
    website: str | None = None
    source: str | None = None
    consent: str = "none"
    consent_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    tags: list[str] = _tags()
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
