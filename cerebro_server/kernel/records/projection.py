"""How a row becomes the JSON of the wire, inside PostgreSQL."""

from __future__ import annotations

from functools import lru_cache

from cerebro_sdk.schemas.kinds import Kind
from cerebro_server.kernel.db import ident, literal
from cerebro_server.kernel.fields import Field, RecordType
from cerebro_server.kernel.fields.custom import COLUMN, held

MASK = "•••"
"""What stands for what is masked."""
_PAIRS = 40  # a function takes at most 100 arguments
WIRE_JSON = "row_to_json(_wire)"
"""The wire's JSON object of a row, where `wire_row` stands beside the row's table."""


@lru_cache(1_000)
def wire_row(record_type: RecordType) -> str:
    """Return the FROM item that picks the wire's fields of a row `t`, for `WIRE_JSON`.

    A subquery in place of the pair costs 7 microseconds a row: its executor is started for each.
    Decimals leave as strings, so that no client reads them as floats.
    """
    columns = ", ".join(
        shown
        if (shown := column_of(record_type, name)) == f"t.{ident(name)}"
        else f"{shown} as {ident(name)}"
        for name in record_type.columns
    )
    return f"lateral (select {columns}) as _wire"


def column_of(record_type: RecordType, name: str) -> str:
    """Return a column of the row `t` as the wire has it."""
    return custom_of(record_type) if name == COLUMN else value_of(record_type.fields[name])


def custom_of(record_type: RecordType) -> str:
    """Return the workspace's own fields of the row `t` as one object: all that are active and seen,
    null where they are empty."""
    pairs = [f"{literal(key)}, {json_of(record_type, key)}" for key in record_type.defined]
    chunks = [pairs[i : i + _PAIRS] for i in range(0, len(pairs), _PAIRS)]
    objects = [f"jsonb_build_object({', '.join(chunk)})" for chunk in chunks]
    return " || ".join(objects) if objects else "'{}'::jsonb"


def json_of(record_type: RecordType, key: str) -> str:
    """Return one custom field of the row `t` as the wire has it."""
    field = record_type.fields.get(key)
    is_masked = field is not None and field.masked and field.of_custom is not None
    return f"to_jsonb({value_of(field)})" if is_masked and field else held(key)


def value_of(field: Field) -> str:
    """Return a field of the row `t` as the wire has it."""
    column = field.sql
    if field.masked:
        return f"'{MASK}' || right({column}, case when length({column}) > 8 then 3 else 0 end)"
    return f"{column}::text" if field.kind is Kind.DECIMAL else column


@lru_cache(1_000)
def columns(record_type: RecordType, prefix: str = "") -> str:
    """Return the quoted columns behind the fields of a record type, comma-separated."""
    return ", ".join(f"{prefix}{ident(name)}" for name in record_type.plain.columns)
