"""Notes and follows."""

from __future__ import annotations

from uuid import UUID

from cerebro_server.components.activities.tables.links import LinkedRow
from cerebro_server.kernel.fields import CustomizedRow, RecordRow


class NoteRow(CustomizedRow, LinkedRow, table=True):
    """What is worth knowing of a record."""

    __tablename__ = "notes"

    text: str
    is_pinned: bool = False
    is_internal: bool = False
    owner_id: UUID | None = None
    team: str | None = None


class FollowRow(RecordRow, LinkedRow, table=True):
    """Who wants to know of what happens to a record."""

    __tablename__ = "follows"

    user_id: UUID
    note: str | None = None
