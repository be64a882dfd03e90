"""Rows about records that are told apart by several columns together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic_core import to_json

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.fields import Batch, RecordType
from cerebro_server.kernel.ids import read_id
from cerebro_server.kernel.records.statements import recordset


async def settle(context: Context, record_type: RecordType, batch: Batch) -> dict[int, str]:
    """Let rows be about the living records that have the same in the columns that tell records
    apart, unless their ids are here; return the ids that rows had, by number."""
    names = record_type.same_by
    if not names:
        return {}
    staged = [
        {"n": number, "given": row["id"], **said}
        for number, row in enumerate(batch.rows)
        if all((said := _said(record_type, row)).values())
    ]
    table = ident(record_type.table_name)
    source = recordset(record_type, names, extra="n integer, given uuid, ")
    same = " and ".join(f"t.{ident(name)} = s.{ident(name)}" for name in names)
    found = await context.read(
        Sql(
            f"select s.n, min(t.id::text) from {source} join {table} t on {same} "
            f"and t.deleted_at is null where not exists (select from {table} g "
            "where g.id = s.given and g.deleted_at is null) group by s.n",
            (to_json(staged).decode(),),
        )
    )
    called = {}
    for number, record_id in found:
        if (given := batch.rows[number]["id"]) is not None:
            called[number] = given
        batch.rows[number]["id"] = record_id
    return called


def _said(record_type: RecordType, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a row says in the columns that tell records apart; nothing for what is no id of a
    record and should be, which is refused when it is decided about."""
    return {
        name: read_id(str(row.get(name))) if name in record_type.refers else row.get(name)
        for name in record_type.same_by
    }
