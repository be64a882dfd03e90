"""Activities and who takes part in them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime
from sqlmodel import Field

from cerebro_server.components.activities.tables.links import LinkedRow
from cerebro_server.kernel.fields import CustomizedRow, RecordRow

_TIME = DateTime(timezone=True)


class ActivityRow(CustomizedRow, LinkedRow, table=True):
    """Calls, meetings, mails and messages."""

    __tablename__ = "activities"

    subject: str
    type: str
    description: str | None = None
    status: str = "held"
    direction: str | None = None
    starts_at: datetime | None = Field(default=None, sa_type=_TIME)
    ends_at: datetime | None = Field(default=None, sa_type=_TIME)
    duration_seconds: int | None = None
    outcome: str | None = None
    from_address: str | None = None
    to_address: str | None = None
    recording_url: str | None = None
    location: str | None = None
    join_url: str | None = None
    ics_uid: str | None = None
    message_id: str | None = None
    owner_id: UUID | None = None
    team: str | None = None


class AttendeeRow(RecordRow, table=True):
    """Who takes part in an activity."""

    __tablename__ = "attendees"

    activity_id: UUID
    contact_id: UUID | None = None
    lead_id: UUID | None = None
    user_id: UUID | None = None
    acceptance: str = "none"
    role: str | None = None
