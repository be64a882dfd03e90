"""What the routes of every noun take."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from cerebro_server.kernel.http.parameters import Parameters

Limit = Field(default=50, ge=1, le=500, description="Most records on a page.")
Cursor = Field(default=None, max_length=8000, description="`next_cursor` of the page before.")
AsOf = Field(
    default=None,
    max_length=100,
    description="As it was at a moment: a day (to its end), a time with its zone, `now - 30d`, or "
    "`seq:812`.",
)


class SelectionQuery(Parameters):
    """Which records, in which order."""

    where: str | None = Field(
        default=None,
        description="Filter, in the query language: `industry = finance and employees > 10`.",
    )
    sort: str | None = Field(
        default=None,
        description="Fields to sort by, `-` for descending: `-employees,name`. Newest first if "
        "left out.",
    )
    deleted: Literal["exclude", "only", "include"] = Field(
        default="exclude", description="What to do with deleted records."
    )


class ListQuery(SelectionQuery):
    """A page of a list."""

    limit: int = Limit
    cursor: str | None = Cursor
    count: Literal["exact", "estimated"] | None = Field(
        default=None,
        description="Say how many there are on all pages together: `exact`, or `estimated` "
        "from a sample where counting takes long.",
    )
    as_of: str | None = AsOf


class GetQuery(Parameters):
    """One record."""

    deleted: Literal["exclude", "include"] = Field(
        default="exclude", description="Whether a deleted record is found."
    )
    as_of: str | None = AsOf


class WriteQuery(Parameters):
    """A record that is written."""

    allow_invalid: bool = Field(
        default=False,
        description="Keep phone numbers that cannot be read, flagged, instead of refusing them.",
    )


class CreateQuery(WriteQuery):
    """A new record."""

    allow_duplicates: bool = Field(
        default=False,
        description="Create it even if it is probably there already (409 `possible_duplicate`).",
    )


class ExportQuery(SelectionQuery):
    """A file."""

    format: Literal["csv", "jsonl", "xlsx", "vcard", "parquet", "sql"] = Field(
        default="csv",
        description="`csv`, `jsonl`: one JSON object a line, `xlsx`, `parquet` where the server "
        "has the extra for it, `sql` for PostgreSQL, or, of contacts, `vcard`.",
    )
    columns: str | None = Field(
        default=None,
        description="Fields, comma-separated; all of them if left out. Those of related records, "
        "too: `company.name`, `owner.email`.",
    )
    since: str | None = Field(
        default=None,
        max_length=8000,
        description="Only what changed after this, whole and as it is now: `Cerebro-Cursor` of an "
        "export before, the cursor of a change, or `start`.",
    )
    part: Literal["records", "gone"] = Field(
        default="records",
        description="With `since`, `gone`: in place of records those that are there no more, as "
        "JSON lines with `noun`, `id` and `at`. Ask for them first, and keep their cursor: what "
        "happens between the two requests comes again with the next.",
    )


class ImportQuery(Parameters):
    """How to read a file."""

    preset: str | None = Field(
        default=None, max_length=100, description="Whose export it is: `salesforce`."
    )
    map: str | None = Field(
        default=None,
        max_length=100_000,
        description='JSON `{"column": "field"}`, which counts more than what is found by name or '
        "preset; null leaves a column out. Fields: `city`, `external_ids.crm`, a custom field's "
        "key, `phones[2:mobile]`, `addresses[1:work].city`, `first_name+` to put it behind.",
    )
    key: str | None = Field(
        default=None,
        max_length=100,
        description="The field that finds a record: `email`, `domain`, `external_ids.crm`. An "
        "external id if left out, else a natural key that the file has.",
    )
    missing_parent: Literal["refuse", "create", "skip"] | None = Field(
        default=None,
        description="What to do where a row names another record that is not there, such as a "
        "company: refuse the row, create it, or import the row without. If left out it is created "
        "where you may, else refused.",
    )
    lists: Literal["replace", "append"] | None = Field(
        default=None,
        description="What to do with lists that a record has, such as tags, multi-selects, e-mails "
        "and phones: replace them, as if left out, or append what is new.",
    )
    dry_run: bool = Field(default=False, description="Say what would happen, write nothing.")
    encoding: str | None = Field(
        default=None, max_length=40, description="For files that are neither marked nor UTF-8."
    )
    delimiter: str | None = Field(
        default=None, max_length=1, description="Guessed from the header if left out."
    )
    format: Literal["csv", "jsonl", "xlsx", "vcard"] | None = Field(
        default=None, description="What the file is; found by its content if left out."
    )
    sheet: str | None = Field(
        default=None, max_length=100, description="Of a workbook, which sheet; else the first."
    )


REFERENCE: dict[str, Any] = {
    "name": "reference",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "minLength": 1},
    "description": "Full id, natural key, `source:external-id`, or the last 6 or more characters "
    "of the id.",
}
IF_MATCH: dict[str, Any] = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": 'The ETag you read, such as `"3"`: refuse with 412 if it has changed since.',
}
IDEMPOTENCY_KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "pattern": '^"[ !#-\\[\\]-~]{1,255}"$'},
    "description": "A quoted string of your choice: the same request sent again with it is done "
    "once and answered as before. Kept for a day; 409 while the first is running, 422 with another "
    "body.",
}
