"""Rows of a plan: what would be done to one record."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple
from uuid import UUID

from pydantic_core import from_json, to_json

from cerebro_sdk.schemas.kinds import Kind
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident, literal
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.records.statements import completed, merged_row, stored_columns

FORBIDDEN: Final = "You may not change that record, or not into this."


class Row(NamedTuple):
    """A row of a plan on its way in."""

    record_type: str
    action: str
    record_id: UUID | None = None
    version: int | None = None
    values: Mapping[str, Any] | None = None
    """Columns by name. Of maps only the keys that change; null takes one away."""
    line: int | None = None
    problem: Mapping[str, Any] | None = None
    is_late: bool = False
    """Whether a change names a record that the same plan creates, and so waits for that."""


async def made(
    context: Context, noun: str, ids: Collection[str] | None = None
) -> list[dict[str, Any]]:
    """Return the records of a noun that the plan under way will make so far, each with its id:
    all, or those with these ids."""
    if context.planning is None or (ids is not None and not ids):
        return []
    where = ""
    params: tuple[Any, ...] = ()
    if ids is not None:
        where, params = " and record_id = any(%s::uuid[])", (list(ids),)
    rows = await context.read(
        Sql(
            "select record_id::text, new_values from operation_rows where operation_id = %s "
            f"and record_type = %s and action = 'create'{where}",
            (context.planning, noun, *params),
        )
    )
    return [{**from_json(values), "id": record_id} for record_id, values in rows]


async def highest(
    context: Context, noun: str, of: tuple[str, Collection[str]], name: str
) -> dict[str, int]:
    """Return the highest number in a column of the records of a noun that the plan under way will
    make so far, by the values of another column that are asked for."""
    by, values = of
    if context.planning is None or not values:
        return {}
    rows = await context.read(
        Sql(
            "select new_values ->> %s, max((new_values ->> %s)::integer) from operation_rows "
            "where operation_id = %s and record_type = %s and action = 'create' "
            "and new_values ->> %s = any(%s) group by 1",
            (by, name, context.planning, noun, by, list(values)),
        )
    )
    return dict(rows)


def whole_row(record_type: RecordType) -> str:
    """Return the SQL of all columns of the row `t` as JSON, no cent of which is lost in Python."""
    exact = "".join(
        f" || jsonb_build_object({literal(name)}, t.{ident(name)}::text)"
        for name in record_type.journaled.decimals
    )
    return f"to_jsonb(t){exact}"


def different(
    record_type: RecordType, before: Mapping[str, Any], values: Mapping[str, Any]
) -> dict[str, Any]:
    """Return those of the values that the record has not; of maps, those of their keys."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        held = before.get(name)
        if name in record_type.journaled.maps:
            given = {k: v for k, v in (value or {}).items() if (held or {}).get(k) != v}
            if given:
                found[name] = given
        elif not same(record_type, name, value, held):
            found[name] = value
    return found


def same(record_type: RecordType, name: str, value: Any, held: Any) -> bool:
    """Tell whether a column's value is what PostgreSQL says in JSON that the record has."""
    if value is None or held is None:
        return value is held
    plain = from_json(to_json(value))
    if plain == held:
        return True
    kind = record_type.plain.fields[name].kind if name in record_type.plain.fields else None
    if kind is Kind.DECIMAL:
        return Decimal(str(plain)) == Decimal(str(held))
    if kind is Kind.DATETIME:
        return datetime.fromisoformat(str(plain)) == datetime.fromisoformat(str(held))
    return False


async def admitted(context: Context, record_type: RecordType, rows: Sequence[Row]) -> list[Row]:
    """Return the rows, those as errors that would leave a record as the caller may not have it."""
    limit = context.condition(record_type, "update")
    changed = [row for row in rows if row.action == "update"]
    if limit is None or not changed:
        return list(rows)
    table = ident(record_type.table_name)
    merged = merged_row(record_type, "s.v")
    after = completed(
        record_type,
        f"select {stored_columns(record_type, 'm')} "
        "from json_to_recordset(%s::json) as s(id uuid, v jsonb) "
        f"join {table} b on b.id = s.id, jsonb_populate_record(b, {merged}) m",
    )
    sent = to_json([{"id": row.record_id, "v": row.values} for row in changed]).decode()
    found = await context.read(
        Sql(f"select t.id from {after} where {limit.text}", (sent, *limit.params))
    )
    ids = {record_id for (record_id,) in found}
    problem = {"code": "forbidden", "message": FORBIDDEN}
    return [
        row._replace(action="error", values=None, problem=problem)
        if row.action == "update" and row.record_id not in ids
        else row
        for row in rows
    ]
