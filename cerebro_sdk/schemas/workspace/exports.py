"""Exports: many nouns, or all of them, written as files in the background."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from cerebro_sdk.schemas.base import Noun, Payload
from cerebro_sdk.schemas.shape import Shape

ExportState = Literal["waiting", "running", "ready", "failed"] | str
FolderFormat = Literal["jsonl", "csv", "parquet", "sql"]


class ExportFile(Shape):
    """One file of an export."""

    model_config = ConfigDict(extra="ignore")

    path: str = Field(description="Its name: `contacts.jsonl`, `manifest.json`.")
    noun: str | None = Field(default=None, description="The noun whose records it holds, if any.")
    rows: int | None = Field(default=None, description="How many records it holds.")
    size: int = Field(description="How many bytes it has.")
    sha256: str = Field(description="SHA-256 of its bytes, in hexadecimal digits.")


class Export(Shape):
    """One export: what was asked for, how far it is, and its files."""

    model_config = ConfigDict(extra="ignore")
    noun: ClassVar[Noun] = Noun(
        name="exports",
        singular="export",
        component="workspace",
        title="id",
        columns=("id", "state", "format", "nouns", "rows", "bytes", "created_at", "expires_at"),
    )

    id: UUID = Field(title="Id", description="The export's id.")
    state: ExportState = Field(
        union_mode="left_to_right",
        title="State",
        description="`waiting`, `running`, `ready`: its files can be fetched, or `failed`.",
    )
    nouns: list[str] = Field(title="Nouns", description="Whose records it holds.")
    format: FolderFormat | str = Field(
        union_mode="left_to_right",
        title="Format",
        description="`jsonl`, `csv`, `parquet` or `sql`.",
    )
    where: dict[str, str] = Field(
        default={}, title="Where", description="The filter of each noun that has one."
    )
    since: str | None = Field(
        default=None,
        title="Since",
        description="The cursor after which something changed; null: it holds everything.",
    )
    cursor: str | None = Field(
        default=None,
        title="Cursor",
        description="The cursor of the change feed at the moment that all files show; what came "
        "after it is what `since` gives. Null until it runs.",
    )
    rows: int = Field(default=0, title="Rows", description="How many records are written so far.")
    total_rows: int | None = Field(
        default=None, title="Total", description="How many there are; null until it runs."
    )
    bytes: int = Field(default=0, title="Bytes", description="How many bytes are written so far.")
    files: list[ExportFile] = Field(
        default=[], title="Files", description="Its files; those that can be fetched once ready."
    )
    problem: dict[str, Any] | None = Field(
        default=None, title="Problem", description="Why it failed, as every error of the API."
    )
    created_at: datetime = Field(title="Created", description="When it was asked for (UTC).")
    started_at: datetime | None = Field(
        default=None, title="Started", description="When it last began."
    )
    ended_at: datetime | None = Field(
        default=None, title="Ended", description="When it was ready, or failed."
    )
    expires_at: datetime = Field(title="Expires", description="When its files are deleted.")


class ExportCreate(Payload):
    """What to export."""

    nouns: list[str] | None = Field(
        default=None,
        min_length=1,
        max_length=100,
        description="Whose records: `contacts`, `companies`, `positions`. All that you may export "
        "if left out. Links, such as positions, go with the records that they join.",
    )
    format: FolderFormat = Field(
        default="jsonl",
        description="`jsonl`: a JSON object a line, `csv`, `sql` that PostgreSQL loads, or "
        "`parquet`, where the server has the extra for it.",
    )
    where: dict[str, str] = Field(
        default_factory=dict,
        max_length=100,
        description='Only records that fit, by noun: `{"contacts": "country = DE"}`.',
    )
    since: str | None = Field(
        default=None,
        max_length=8000,
        description="Only what changed after this: `cursor` of an export before, or of a change; "
        "`start`. What is gone stands in `deleted.jsonl`.",
    )


class ExportLinkCreate(Payload):
    """What a link is for."""

    path: str | None = Field(
        default=None, max_length=200, description="One file alone; all of them if left out."
    )
    seconds: int = Field(
        default=3_600,
        ge=1,
        le=604_800,
        description="How long the links are good; never longer than the files are kept.",
    )


class ExportLink(Shape):
    """Where one file can be fetched without signing in."""

    model_config = ConfigDict(extra="ignore")

    path: str = Field(description="The file.")
    url: str = Field(description="Where it is; whoever has this may fetch it.")


class ExportLinks(Shape):
    """Links to the files of an export."""

    model_config = ConfigDict(extra="ignore")

    links: list[ExportLink] = Field(description="One for each file.")
    expires_at: datetime = Field(description="How long they are good (UTC).")
