"""Mappings: what the columns of files are, suggested and saved."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from pydantic import ConfigDict, Field

from cerebro_sdk.schemas.base import Noun, Payload
from cerebro_sdk.schemas.shape import Shape
from cerebro_sdk.schemas.workspace.imports import MappedColumn


class MappingSuggest(Payload):
    """Which noun a file is for, and what is known of it; an import takes the same."""

    noun: str = Field(max_length=60, description="The noun: `contacts`.")
    preset: str | None = Field(
        default=None,
        max_length=100,
        description="Whose export it is: `salesforce`; `none` where none is to be recognised.",
    )
    map: dict[str, str | None] | None = Field(
        default=None, description="`{column: field}`, which counts more than what is found."
    )
    mapping: str | None = Field(
        default=None, max_length=100, description="The name of a mapping that was saved."
    )
    key: str | None = Field(
        default=None, max_length=100, description="The field that finds a record: `email`."
    )
    format: str | None = Field(
        default=None,
        pattern="^(csv|jsonl|xlsx|vcard)$",
        description="What the file is, if not found: `csv`, `jsonl`, `xlsx`, `vcard`.",
    )
    sheet: str | None = Field(
        default=None, max_length=100, description="Of a workbook, if not the first."
    )
    encoding: str | None = Field(
        default=None, max_length=40, description="For files that are neither marked nor UTF-8."
    )
    delimiter: str | None = Field(
        default=None, max_length=1, description="What separates columns, if not found."
    )
    save_mapping: str | None = Field(
        default=None,
        min_length=1,
        max_length=100,
        description="The name to save the mapping under, for an import to use as `mapping`.",
    )


class SuggestedMapping(Shape):
    """What an import would take the columns of a file for."""

    model_config = ConfigDict(extra="ignore")

    record_type: str = Field(description="The noun: `contacts`.")
    format: str = Field(description="What the file is: `csv`, `jsonl`, `xlsx` or `vcard`.")
    sheet: str | None = Field(default=None, description="The sheet that was read, of a workbook.")
    encoding: str = Field(description="Encoding the file was read with.")
    encoding_source: str = Field(description="How it was found, as an import says it.")
    delimiter: str = Field(description="What separates the columns; empty where none does.")
    preset: str | None = Field(
        default=None, description="The preset that it is read by, said or recognised."
    )
    key: str | None = Field(
        default=None, description="The field that says which record a row is, beside its id."
    )
    columns: list[MappedColumn] = Field(
        description="Every column that has a name: what it becomes, or may become."
    )


class ImportMapping(Shape):
    """A mapping that was saved, for files of the same kind."""

    model_config = ConfigDict(extra="ignore")
    noun: ClassVar[Noun] = Noun(
        name="mappings",
        singular="mapping",
        component="workspace",
        title="name",
        columns=("record_type", "name", "preset", "key", "updated_at"),
    )

    record_type: str = Field(title="Noun", description="The noun: `contacts`.")
    name: str = Field(title="Name", description="What it was saved as.")
    preset: str | None = Field(
        default=None, title="Preset", description="Whose export it is: `salesforce`."
    )
    key: str | None = Field(
        default=None, title="Key", description="The field that finds a record: `email`."
    )
    columns: dict[str, str | None] = Field(
        default={},
        title="Columns",
        description="`{column: field}`; null where a column is not imported.",
    )
    updated_at: datetime = Field(title="Updated", description="When it was last saved (UTC).")


class ImportMappings(Shape):
    """Every saved mapping that the caller may use."""

    items: list[ImportMapping] = Field(description="The mappings, by noun and name.")
