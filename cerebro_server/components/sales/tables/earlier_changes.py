"""What happened to records elsewhere."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, Computed, DateTime, Text, Uuid
from sqlmodel import Field

from cerebro_server.kernel.fields import RecordRow

_NOUN = (
    "case when contact_id is not null then 'contacts' when company_id is not null "
    "then 'companies' when deal_id is not null then 'deals' else 'leads' end"
)
_RECORD = "coalesce(contact_id, company_id, deal_id, lead_id)"


class EarlierChangeRow(RecordRow, table=True):
    """Changes of one field of one record, written by imports."""

    __tablename__ = "earlier_changes"

    contact_id: UUID | None = None
    company_id: UUID | None = None
    deal_id: UUID | None = None
    lead_id: UUID | None = None
    record_type: str = Field(
        default=None, sa_column=Column(Text, Computed(_NOUN, persisted=True), nullable=False)
    )
    record_id: UUID = Field(
        default=None, sa_column=Column(Uuid, Computed(_RECORD, persisted=True), nullable=False)
    )
    field: str
    old_value: str | None = None
    new_value: str | None = None
    changed_at: datetime = Field(sa_type=DateTime(timezone=True))
    changed_by: str | None = None
    source: str
