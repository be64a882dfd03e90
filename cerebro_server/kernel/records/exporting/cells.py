"""One column of an export as SQL: what CSV, JSON lines and workbooks have of a field."""

from __future__ import annotations

import re
from typing import Literal

from cerebro_sdk.schemas.kinds import Kind
from cerebro_server.kernel.db import ident, literal
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.fields.custom import COLUMN
from cerebro_server.kernel.records.importing.delimited import DEFUSE
from cerebro_server.kernel.records.projection import custom_of, json_of, value_of

Format = Literal["csv", "jsonl", "xlsx", "vcard", "parquet", "sql"]
SOURCE = re.compile(r"external_ids\.([a-z][a-z0-9_]{0,39})")
_SUSPECT = ", ".join(str(ord(character)) for character in "'=+-@\t\r")
_PLAIN = (Kind.INTEGER, Kind.DECIMAL, Kind.BOOLEAN, Kind.DATE, Kind.UUID, Kind.USER, Kind.PARTS)


def cell(record_type: RecordType, name: str, form: Format) -> str:
    """Return a column of the row `t` as the file has it.

    CSV has its times in ISO 8601, as JSON does by itself, and a quote before what a spreadsheet
    would run; an import takes it off again.
    """
    if source := SOURCE.fullmatch(name):
        return _safe(f't."external_ids" ->> {literal(source[1])}', form)
    if name == COLUMN:
        return custom_of(record_type)
    if (key := key_of_custom(record_type, name)) is not None:
        value = json_of(record_type, key)
        return _safe(f"({value}) #>> '{{}}'", form) if form in ("csv", "sql") else value
    return _own(record_type, name, form)


def key_of_custom(record_type: RecordType, name: str) -> str | None:
    """Return the key of the custom field that a column is: `tier`, or `custom.tier`."""
    key = name.removeprefix(f"{COLUMN}.")
    is_own = name == key and name in record_type.columns  # a built-in field has its name first
    return key if key in record_type.defined and not is_own else None


def _own(record_type: RecordType, name: str, form: Format) -> str:
    column, field = f"t.{ident(name)}", record_type.fields[name]
    if form == "sql" and field.kind is not Kind.DATETIME:
        return value_of(field) if field.masked else field.sql
    if form not in ("csv", "sql"):
        return value_of(field)
    if name == "external_ids":  # nobody has any
        return "null"
    if field.kind is Kind.KEYS:
        # as JSON where a word holds what stands between words, or what JSON begins with
        has_marks = f"array_to_string({column}, ' ') ~ '[[,;]'"
        words = f"array_to_string({column}, ',')"
        return _safe(f"case when {has_marks} then to_json({column})::text else {words} end", form)
    if field.kind is Kind.DATETIME:
        utc = f"{column} at time zone 'UTC'"
        return f'to_char({utc}, \'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\')'
    value = value_of(field)
    is_text = field.kind not in _PLAIN and field.sql_type == "text"
    return _safe(value, form) if is_text or field.masked else value


def _safe(text: str, form: Format) -> str:
    if form != "csv":
        return text
    # most texts are done with after their first character; the pattern takes ten times as long
    defused = f"regexp_replace({text}, {literal(DEFUSE)}, '''')"
    return f"case when ascii({text}) in ({_SUSPECT}) then {defused} else {text} end"
