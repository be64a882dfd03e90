"""Tables of the workspace component."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, text
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


class FileRow(RecordRow, table=True):
    """Files that are attached to records."""

    __tablename__ = "files"

    name: str
    content_type: str
    size: int = Field(default=0, sa_type=BigInteger)
    sha256: str
    description: str | None = None
    contact_id: UUID | None = None
    company_id: UUID | None = None
    deal_id: UUID | None = None
    lead_id: UUID | None = None
    quote_id: UUID | None = None
    owner_id: UUID | None = None
    team: str | None = None


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
