"""The statements that write records: sets of rows in as one JSON parameter."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, Numeric

from cerebro_server.kernel.db import ident, literal
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.fields.custom import COLUMN
from cerebro_server.kernel.fields.field import sql_type
from cerebro_server.kernel.records.projection import WIRE_JSON, columns, wire_row

_AT_BIRTH = {"version": "1", "created_at": "now()", "updated_at": "now()", "external_ids": "'{}'"}


def recordset(record_type: RecordType, names: Sequence[str], *extra: str) -> str:
    """Return the SQL that reads a JSON array parameter as rows `s` with these columns; `extra` ones
    come first, each with its type."""
    typed = ", ".join((*extra, *(f"{ident(n)} {_type(record_type, n)}" for n in names)))
    return f"json_to_recordset(%s::json) as s({typed})"


def _type(record_type: RecordType, name: str) -> str:
    return sql_type(record_type.table.columns[name])


@lru_cache(1_000)
def insert(record_type: RecordType, limit: str | None) -> str:
    """Return the statement that creates one record and answers with it; with `limit`, only if the
    new row fulfils it. Numbers are left to triggers: a default would use one up in a dry run."""
    names = ("id", *record_type.stored)
    listed = ", ".join(ident(n) for n in names)
    counted = numbered(record_type, names)
    into = ", ".join((listed, *(ident(n) for n in counted)))
    given = ", ".join((listed, *("null" for _ in counted)))
    rows = recordset(record_type, names)
    if limit is not None:
        rows = f"{candidates(record_type, names)} where {limit}"
    return (
        f"with t as (insert into {ident(record_type.table_name)} ({into}) "
        f"select {given} from {rows} returning {columns(record_type)}) "
        f"select t.version, {WIRE_JSON} from t, {wire_row(record_type)}"
    )


def numbered(record_type: RecordType, names: Sequence[str]) -> list[str]:
    """Return the columns besides these that a trigger numbers where they are null."""
    return [
        column.name
        for column in record_type.table.columns
        if column.identity is not None and column.name not in names
    ]


def candidates(record_type: RecordType, names: Sequence[str]) -> str:
    """Return the SQL that reads a JSON array parameter as rows `t` that look as they would in the
    table, so that conditions can be put to them before they are written."""
    given = [f"s.{ident(name)}" for name in names]
    other = [
        f"{_AT_BIRTH.get(column.name, 'null')}::{sql_type(column)} as {ident(column.name)}"
        for column in record_type.table.columns
        if column.name not in names and column.computed is None
    ]
    listed = ", ".join([*given, *other])
    return completed(record_type, f"select {listed} from {recordset(record_type, names)}")


def completed(record_type: RecordType, rows: str) -> str:
    """Return the rows of a query as a FROM item `t`, with what PostgreSQL would compute of them."""
    columns = ", ".join(
        ident(column.name)
        if column.computed is None
        else f"({column.computed.sqltext}){_places(column)} as {ident(column.name)}"
        for column in record_type.table.columns
    )
    return f"(select {columns} from ({rows}) as b) as t"


def _places(column: Column[Any]) -> str:
    """Return the cast that rounds a computed number as its column does."""
    kind = column.type
    if isinstance(kind, Numeric) and kind.scale is not None:
        return f"::numeric({kind.precision}, {kind.scale})"
    return ""


def stored_columns(record_type: RecordType, row: str) -> str:
    """Return the columns of a row that PostgreSQL does not compute, comma-separated."""
    return ", ".join(
        f"{row}.{ident(column.name)}"
        for column in record_type.table.columns
        if column.computed is None
    )


def _new(name: str) -> str:
    return merged_custom() if name == COLUMN else f"s.{ident(name)}"


def held_by(noun: str, kind: str, value: str) -> str:
    """Return what to join for whoever holds a key: `record_id` and `is_unique`, of SQL expressions.

    It is looked up by index for each row. Left to itself, PostgreSQL takes `(record_type, kind)`
    for one row where a table has no statistics yet, and goes through all keys for each (100 s for
    2 500 rows of 20 000). The index has the database's collation, and serves no value of another:
    that of a company's domain, and so of all of its keys, is "C" (50 s for 20 000 rows).
    """
    return (
        "lateral (select o.record_id, o.is_unique from record_keys o "
        f"where o.record_type = {noun} and o.kind = {kind} "
        f'and o.value = ({value}) collate "default" offset 0)'
    )


def merged_row(record_type: RecordType, values: str) -> str:
    """Return JSON values of a change with its maps as they will be in the row `b`: keys that are
    null go, others that are not there stay."""
    pairs = ", ".join(
        f"{literal(name)}, jsonb_strip_nulls(b.{ident(name)} || "
        f"coalesce({values} -> {literal(name)}, '{{}}'))"
        for name in record_type.journaled.maps
    )
    return f"{values} || jsonb_build_object({pairs})" if pairs else values


def merged_custom() -> str:
    """Return what is kept of a row `t` after a change `s`: keys that are null there go, others that
    are not there stay. Values hold no nulls themselves."""
    return f"jsonb_strip_nulls(t.{COLUMN} || coalesce(s.{COLUMN}, '{{}}'))"


@lru_cache(1_000)
def update(record_type: RecordType, names: tuple[str, ...], *, living_only: bool) -> str:
    """Return the statement that changes one record where a field differs; conditions may follow."""
    table = ident(record_type.table_name)
    typed = ", ".join(f"{ident(n)} {_type(record_type, n)}" for n in names)
    settings = "".join(f"{ident(n)} = {_new(n)}, " for n in names)
    before = ", ".join(f"t.{ident(n)}" for n in names)
    after = ", ".join(map(_new, names))
    changed = f"({before}) is distinct from ({after})" if names else "false"
    living = "and t.deleted_at is null" if living_only else ""
    return (
        f"update {table} t set {settings}version = t.version + 1, updated_at = now() "
        f"from (select %s::json as j) p, json_to_record(p.j) as s({typed or 'none int'}) "
        f"where t.id = %s {living} and (%s::integer is null or t.version = %s) "
        f"and {changed}"
    )
