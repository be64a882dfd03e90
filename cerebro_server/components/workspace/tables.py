"""Tables of the workspace component."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from cerebro_server.kernel.fields import RecordRow


class FieldRow(RecordRow, table=True):
    """Definitions of custom fields."""

    __tablename__ = "fields"

    record_type: str
    key: str
    path: str
    type: str
    label: str
    description: str | None = None
    options: list[dict[str, str]] = Field(
        sa_type=JSONB, sa_column_kwargs={"server_default": text("'[]'")}
    )
    is_required: bool = False
    is_indexed: bool = False
    is_unique: bool = False
    index_state: str | None = None
    index_error: str | None = None
    default: Any = Field(default=None, sa_type=JSONB, nullable=True)
    is_active: bool = True
    position: int = 1


class MappingRow(RecordRow, table=True):
    """Saved mappings of files."""

    __tablename__ = "import_mappings"

    record_type: str
    name: str
    mapping: Any = Field(sa_type=JSONB)


class RulesRow(RecordRow, table=True):
    """Rules by which duplicates are found, where a workspace has its own."""

    __tablename__ = "duplicate_rules"

    record_type: str
    rules: Any = Field(default=None, sa_type=JSONB, nullable=True)
