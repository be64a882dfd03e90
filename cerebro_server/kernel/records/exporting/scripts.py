"""SQL that any PostgreSQL from version 14 on loads with psql: a table, what it is, and its rows.

Rows are what COPY itself writes, so that every text comes in as it went out (PostgreSQL manual,
COPY: "Text Format"). Names and comments alone are put together here, and quoted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cerebro_sdk.schemas.kinds import Kind
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.records.exporting.columns import Column

END: Final = b"\\.\n\ncommit;\n"
_BEGINNING: Final = """-- PostgreSQL 14 or newer: psql -v ON_ERROR_STOP=1 -f {noun}.sql DATABASE
begin;
set local client_encoding = 'UTF8';
set local standard_conforming_strings = on;
set local datestyle = 'ISO, YMD';
"""
_TYPES: Final = {
    Kind.INTEGER: "bigint",
    Kind.DECIMAL: "numeric",
    Kind.BOOLEAN: "boolean",
    Kind.DATE: "date",
    Kind.DATETIME: "timestamptz",
    Kind.UUID: "uuid",
    Kind.USER: "uuid",
    Kind.KEYS: "text[]",
    Kind.MAP: "jsonb",
    Kind.PARTS: "jsonb",
    Kind.OBJECT: "jsonb",
}
_CUSTOM: Final = {Kind.KEYS: "jsonb", Kind.USER: "text"}
"""What is otherwise with custom fields, whose values are JSON."""


def beginning(record_type: RecordType, columns: Sequence[Column]) -> bytes:
    """Return what comes before the rows: the table, with a comment on it and on each column."""
    noun = record_type.name
    table = _name(noun)
    listed = ",\n".join(f"    {_name(each.name)} {_type(each)}" for each in columns)
    about = [f"comment on table {table} is {quoted(f'{noun} of Cerebro')};"]
    for column in columns:
        if (field := record_type.fields.get(column.name)) is not None:
            said = quoted(f"{field.label}: {field.description}".removesuffix(": "))
            about.append(f"comment on column {table}.{_name(column.name)} is {said};")
    names = ", ".join(_name(each.name) for each in columns)
    return (
        f"{_BEGINNING.format(noun=noun)}\ncreate table {table} (\n{listed}\n);\n"
        + "\n".join(about)
        + f"\n\ncopy {table} ({names}) from stdin;\n"
    ).encode()


def _type(column: Column) -> str:
    if column.is_text:
        return "text"
    is_custom = column.decimals is None
    kind = (_CUSTOM if is_custom else {}).get(column.kind) or _TYPES.get(column.kind, "text")
    return f"{kind} primary key" if column.name == "id" else kind


def _name(text: str) -> str:
    """Quote a name; those of columns can be paths, `company.name`."""
    return '"' + text.replace('"', '""') + '"'


def quoted(text: str) -> str:
    """Quote a text, which may be a user's: with standard strings a backslash is one."""
    return "'" + text.replace("\0", "").replace("'", "''") + "'"
