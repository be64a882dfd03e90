"""Tasks."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import DateTime
from sqlmodel import Field

from cerebro_server.components.activities.tables.links import LinkedRow
from cerebro_server.kernel.fields import CustomizedRow

_TIME = DateTime(timezone=True)


class TaskRow(CustomizedRow, LinkedRow, table=True):
    """What somebody has to do."""

    __tablename__ = "tasks"

    subject: str
    description: str | None = None
    status: str = "open"
    priority: str = "normal"
    start_on: date | None = None
    due_at: datetime | None = Field(default=None, sa_type=_TIME)
    completed_at: datetime | None = Field(default=None, sa_type=_TIME)
    owner_id: UUID | None = None
    team: str | None = None
