"""Rows about records that are told apart by several columns together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic_core import to_json
from sqlalchemy import Uuid

from cerebro_sdk.schemas.kinds import Kind
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.fields import Batch, RecordType
from cerebro_server.kernel.ids import read_id
from cerebro_server.kernel.records.importing.coming import Coming
from cerebro_server.kernel.records.statements import recordset


class Settled(NamedTuple):
    """What rows turned out to be about, by their number in the batch."""

    called: Mapping[int, str]
    """The ids that rows had which are about other records."""
    repeated: frozenset[int]
    """Rows that say what an earlier one said."""


async def settle(
    context: Context, record_type: RecordType, batch: Batch, coming: Coming
) -> Settled:
    """Let rows be about the living records that have the same in the columns that tell records
    apart, unless their ids are here. Of columns that may be empty, one of several says it: what an
    attendee is, a contact or a lead."""
    names = record_type.same_by
    if not names:
        return Settled({}, frozenset())
    me = None if context.actor.user_id is None else str(context.actor.user_id)
    staged, repeated = [], set()
    for number, row in enumerate(batch.rows):
        if (said := _said(record_type, row, me)) is None:
            continue
        staged.append({"n": number, "given": row["id"], **said})
        if not coming.first_of(record_type.name, tuple(str(said[name]) for name in names)):
            repeated.add(number)
    table = ident(record_type.table_name)
    source = recordset(record_type, names, "n integer", "given uuid")
    found = await context.read(
        Sql(
            f"select s.n, min(t.id::text) from {source} join {table} t on {_same(record_type)} "
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
    return Settled(called, frozenset(repeated))


def _said(record_type: RecordType, row: Mapping[str, Any], me: str | None) -> dict[str, Any] | None:
    """Return what a row says in the columns that tell records apart; None where that is too little,
    or no id of a record that should be one, which is refused when it is decided about."""
    found: dict[str, Any] = {}
    for name in record_type.same_by:
        value = row.get(name)
        if value is None and name == record_type.owner:
            value = me
        is_person = record_type.plain.fields[name].kind is Kind.USER
        if value is not None and (is_person or name in record_type.refers):
            value = read_id(str(value))
            if value is None:
                return None
        found[name] = value
    several = _one_of(record_type)
    whole = all(found[name] for name in record_type.same_by if name not in several)
    return found if whole and (not several or any(found[name] for name in several)) else None


def _one_of(record_type: RecordType) -> list[str]:
    """Return the columns of which one names the record; none where there are not several."""
    columns = record_type.table.columns
    found = [name for name in record_type.same_by if columns[name].nullable]
    return found if len(found) > 1 else []


def _same(record_type: RecordType) -> str:
    """Compare `s` with `t` as the unique index does, which is then used."""
    several = _one_of(record_type)
    plain = [ident(name) for name in record_type.same_by if name not in several]
    found = [f"t.{name} = s.{name}" for name in plain]
    if several:
        columns = record_type.table.columns
        if all(isinstance(columns[name].type, Uuid) for name in several):
            first = (f"coalesce({', '.join(f'{of}.{ident(n)}' for n in several)})" for of in "ts")
            found.append(" = ".join(first))
        found += [f"t.{ident(n)} is not distinct from s.{ident(n)}" for n in several]
    return " and ".join(found)
