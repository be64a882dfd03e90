"""What an import answers."""

from __future__ import annotations

from uuid import UUID

from pydantic import ConfigDict, Field

from cerebro_sdk.schemas.shape import Shape


class RowError(Shape):
    """One value, or one row, that was refused."""

    model_config = ConfigDict(extra="ignore")

    line: int = Field(description="Line of the file where the row begins; the header is line 1.")
    column: str | None = Field(default=None, description="The file's column, as in its header.")
    field: str | None = Field(default=None, description="The field it is mapped to.")
    value: str | None = Field(default=None, description="The value as it stands in the file.")
    code: str = Field(description="What is wrong, as a word that never changes.")
    message: str = Field(description="What is wrong, for people.")


class FieldProposal(Shape):
    """A column that maps to no field, as a custom field that could hold it."""

    model_config = ConfigDict(extra="ignore")

    column: str = Field(description="The file's column, as in its header.")
    key: str = Field(description="The key that the field could have: `favourite_color`.")
    label: str = Field(description="What people would call it.")
    type: str = Field(description="What its first 1 000 values are: `text`, `integer`, `select`.")
    options: list[str] = Field(default=[], description="What can be chosen, of a select.")
    command: str = Field(description="The command that adds it; the import then finds it.")


class ColumnCandidate(Shape):
    """A field that a column may be."""

    model_config = ConfigDict(extra="ignore")

    field: str = Field(description="The field, as `map` takes it: `city`, `emails[2].address`.")
    score: float = Field(
        description="How sure that is, from 0 to 1; 0 where another column has the field."
    )
    reason: str = Field(description="Why, for people: `German for last_name`.")


class MappedColumn(Shape):
    """What a column of a file is taken for, how surely, and why."""

    model_config = ConfigDict(extra="ignore")

    column: str = Field(description="The file's column, as in its header.")
    field: str | None = Field(
        default=None, description="The field that it becomes; null if it is left out."
    )
    score: float | None = Field(
        default=None,
        description="How sure that is, from 0 to 1; from 0.9 on a column is taken for a field.",
    )
    reason: str | None = Field(default=None, description="Why, for people.")
    candidates: list[ColumnCandidate] = Field(
        default=[], description="What it may be, if it is left out, the likeliest first."
    )
    option: str | None = Field(
        default=None, description="The option of the command line that takes it for the likeliest."
    )
    samples: list[str] = Field(
        default=[], description="Its first values; only where a mapping is suggested."
    )


class SavedMapping(Shape):
    """How the columns of a file were mapped, to be used for the next one."""

    model_config = ConfigDict(extra="forbid")

    preset: str | None = Field(default=None, description="Whose export it is: `salesforce`.")
    columns: dict[str, str | None] = Field(
        default={}, description="`{column: field}`; null where a column is not imported."
    )
    key: str | None = Field(default=None, description="The field that finds a record: `email`.")


class ImportReport(Shape):
    """Counts and errors of an import; of what it would do, if `dry_run`."""

    model_config = ConfigDict(extra="ignore")

    operation_id: UUID | None = Field(
        default=None, description="The operation that it was: what takes it back."
    )
    record_type: str = Field(description="The noun: `companies`.")
    dry_run: bool = Field(description="True: nothing was written.")
    rows: int = Field(default=0, description="Rows in the file, without the header.")
    created: int = Field(description="Records made.")
    updated: int = Field(description="Records changed.")
    unchanged: int = Field(description="Rows equal to what was there.")
    skipped: int = Field(description="Rows left out: marked as deleted, or a repeated key.")
    deleted_at_source: int = Field(
        default=0, description="Of those skipped, rows that were deleted where the file is from."
    )
    of_another_noun: int = Field(
        default=0,
        description="Of those skipped, rows about records of another kind: companies in a file of "
        "contacts.",
    )
    refused: int = Field(description="Rows with errors; nothing of them was written.")
    parents_created: int = Field(
        default=0, description="Other records that rows name and that were made for them."
    )
    linked: int = Field(default=0, description="Links to such records that were added.")
    errors: list[RowError] = Field(description="The first 1 000 errors.")
    format: str = Field(
        default="csv", description="What the file is: `csv`, `jsonl`, `xlsx` or `vcard`."
    )
    sheet: str | None = Field(default=None, description="The sheet that was read, of a workbook.")
    encoding: str = Field(description="Encoding the file was read with.")
    encoding_source: str = Field(
        description="How it was found: `bom`, `option`, `pattern` (of zero bytes), `utf-8` or "
        "`guess`."
    )
    delimiter: str = Field(
        description="What separates the columns; empty where the format says it."
    )
    preset: str | None = Field(
        default=None, description="The preset that it was read by, said or recognised."
    )
    mapping: dict[str, str] = Field(description="`{column of the file: field}`.")
    columns: list[MappedColumn] = Field(
        default=[],
        description="The same with how sure it is and why, and the columns that may be a field but "
        "are left out; the first 500.",
    )
    ignored: list[str] = Field(description="Columns that hold values but map to no field.")
    key: str | None = Field(
        default=None, description="The field that says which record a row is, beside its id."
    )
    unknown: list[FieldProposal] = Field(
        default=[],
        description="Those columns as custom fields that could hold them; the first 100.",
    )
