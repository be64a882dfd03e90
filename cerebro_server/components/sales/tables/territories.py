"""Territories."""

from __future__ import annotations

from uuid import UUID

from cerebro_server.kernel.fields import RecordRow


class TerritoryRow(RecordRow, table=True):
    """Territories."""

    __tablename__ = "territories"

    name: str
    parent_id: UUID | None = None
    manager_id: UUID | None = None
    description: str | None = None
