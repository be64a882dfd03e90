"""Tables of the contacts component."""

from __future__ import annotations

from uuid import UUID

from cerebro_server.kernel.fields import RecordRow


class CompanyRow(RecordRow, table=True):
    """Companies."""

    __tablename__ = "companies"

    name: str
    domain: str | None = None
    website: str | None = None
    industry: str | None = None
    employees: int | None = None
    phone: str | None = None
    street: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None
    description: str | None = None
    owner_id: UUID | None = None
    team: str | None = None


class ContactRow(RecordRow, table=True):
    """Contacts."""

    __tablename__ = "contacts"

    first_name: str | None = None
    last_name: str
    full_name: str
    email: str | None = None
    phone: str | None = None
    job_title: str | None = None
    department: str | None = None
    description: str | None = None
    owner_id: UUID | None = None
    team: str | None = None
