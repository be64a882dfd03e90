"""The columns that name what something is about."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import SQLModel


class LinkedRow(SQLModel):
    """The base of every `…Row` that may be about a contact, a company, a deal and a lead."""

    contact_id: UUID | None = None
    company_id: UUID | None = None
    deal_id: UUID | None = None
    lead_id: UUID | None = None
