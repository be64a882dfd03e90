"""The columns that every record's table has."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Computed, DateTime, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

LOCKED = "locked_at"
"""The column that says since when a record is locked."""


class RecordRow(SQLModel):
    """Identity, version, times and external ids; the base of every `…Row` that is a record."""

    id: UUID = Field(primary_key=True)
    version: int = Field(default=1, sa_column_kwargs={"server_default": text("1")})
    created_at: datetime = Field(
        sa_type=DateTime(timezone=True),
        sa_column_kwargs={"server_default": text("now()")},
    )
    updated_at: datetime = Field(
        sa_type=DateTime(timezone=True),
        sa_column_kwargs={"server_default": text("now()")},
    )
    deleted_at: datetime | None = Field(
        default=None,
        sa_type=DateTime(timezone=True),
    )
    external_ids: dict[str, str] = Field(
        default_factory=dict,
        sa_type=JSONB,
        sa_column_kwargs={"server_default": text("'{}'")},
    )
    source_created_at: datetime | None = Field(
        default=None,
        sa_type=DateTime(timezone=True),
    )


class LockableRow(RecordRow):
    """The base of every `…Row` whose records can be locked."""

    locked_at: datetime | None = Field(
        default=None,
        sa_type=DateTime(timezone=True),
    )


class CustomizedRow(RecordRow):
    """The base of every `…Row` whose records can have fields of the workspace's own."""

    custom: dict[str, Any] = Field(
        default_factory=dict,
        sa_type=JSONB,
        sa_column_kwargs={"server_default": text("'{}'")},
    )


def computed(how: str, *, nullable: bool = True) -> Any:
    """Declare a column that PostgreSQL computes from others of its row."""
    return Field(
        default=None, sa_column=Column(Text, Computed(how, persisted=True), nullable=nullable)
    )


def first_of(listed: str, name: str) -> Any:
    """Declare a column with one sub-field of the first part of a list."""
    return computed(f"{listed} -> 0 ->> '{name}'")


def part_list() -> Any:
    """Declare a column with a list of parts."""
    return Field(default_factory=list, sa_column=Column(JSONB, nullable=False))


def word_list() -> Any:
    """Declare a column with several short texts, such as tags."""
    return Field(default_factory=list, sa_column=Column(ARRAY(Text), nullable=False))
