"""Carrying along what names a record that becomes others: a lead's tasks and followers, when it is
converted.

They name the contact that it became, and the deal, or the company where there is no deal; what is
copied (`Carried`) is made once more for the deal, else for the company, else for the contact.
Whoever may do the one has the other done, whosever the tasks are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import UUID

from pydantic_core import from_json, to_json

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.fields import Carried, RecordType
from cerebro_server.kernel.ids import uuid7
from cerebro_server.kernel.records.planned import Row, whole_row

Became = Mapping[str, UUID]
"""What a record became, by noun."""
_PLACES: Final = ("deals", "companies", "contacts")
"""Where it goes on, the first that there is."""
_NEVER: Final = frozenset({"external_ids", "source_created_at"})
"""What a copy does not take over."""


async def rows(context: Context, noun: str, became: Mapping[UUID, Became]) -> list[Row]:
    """Return the rows of a plan for all that names these records of a noun and goes along."""
    found: list[Row] = []
    for record_type in _types(context, noun):
        column = _columns(record_type)[noun]
        held = await context.read(
            Sql(
                f"select {whole_row(record_type)} from {ident(record_type.table_name)} t "
                f"where t.{ident(column)} = any(%s) and t.deleted_at is null order by t.id",
                (list(became),),
            )
        )
        named = [from_json(row) for (row,) in held]
        if record_type.carried is Carried.IS_COPIED:
            found += await _copies(context, record_type, column, named, became)
        else:
            found += _more(record_type, column, named, became)
    return found


async def carry(context: Context, noun: str, record_id: UUID, became: Became) -> None:
    """Let all that names a record of a noun go along with what it became, at once."""
    transaction = await context.write()
    by_action: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in await rows(context, noun, {record_id: became}):
        values = {"id": row.record_id, **(row.values or {})}
        by_action.setdefault((row.record_type, row.action), []).append(values)
    for (name, action), listed in by_action.items():
        record_type = context.catalog[name]
        write = _insertion if action == "create" else _change
        await transaction.rows(write(record_type, listed))


async def written(context: Context, noun: str, record_id: UUID, became: Became) -> list[UUID]:
    """Return the ids of all that may have gone along with a record of a noun."""
    found: list[UUID] = []
    for record_type in _types(context, noun):
        columns = _columns(record_type)
        copied = record_type.carried is Carried.IS_COPIED
        column = columns[noun]
        ids = [record_id]
        if copied:
            place = _place(columns, became)
            column = columns[place] if place else column
            ids = [became[place]] if place else []
        held = await context.read(
            Sql(
                f"select t.id from {ident(record_type.table_name)} t "
                f"where t.{ident(column)} = any(%s)",
                (ids,),
            )
        )
        found += [one for (one,) in held]
    return found


def _types(context: Context, noun: str) -> Iterator[RecordType]:
    for record_type in context.catalog.values():
        if record_type.carried is not None and noun in record_type.refers.values():
            yield record_type


def _columns(record_type: RecordType) -> dict[str, str]:
    """Return the column that names each noun."""
    return {noun: column for column, noun in record_type.refers.items()}


def _place(columns: Mapping[str, str], became: Became) -> str | None:
    return next((noun for noun in _PLACES if noun in became and noun in columns), None)


def _more(
    record_type: RecordType,
    column: str,
    named: list[dict[str, Any]],
    became: Mapping[UUID, Became],
) -> list[Row]:
    """Return the rows by which records name what became of the one that they name."""
    columns = _columns(record_type)
    found = []
    for held in named:
        to = became[UUID(held[column])]
        nouns = dict.fromkeys(("contacts", _place(columns, to)))
        changes = {
            columns[noun]: str(to[noun])
            for noun in nouns
            if noun in to and noun in columns and held[columns[noun]] is None
        }
        if changes:
            noun, record_id = record_type.name, UUID(held["id"])
            found.append(Row(noun, "update", record_id, held["version"], changes, is_late=True))
    return found


async def _copies(
    context: Context,
    record_type: RecordType,
    column: str,
    named: list[dict[str, Any]],
    became: Mapping[UUID, Became],
) -> list[Row]:
    """Return the rows that make copies, but for those that say what there is, or another one."""
    columns = _columns(record_type)
    made: dict[tuple[Any, ...], Row] = {}
    for held in named:
        to = became[UUID(held[column])]
        place = _place(columns, to)
        if place is None:
            continue
        values = {
            name: held[name]
            for name in record_type.stored
            if name not in _NEVER and name not in record_type.ends and held[name] is not None
        }
        values |= {"external_ids": {}, columns[place]: str(to[place])}
        key = tuple(values.get(name) for name in record_type.same_by)
        made.setdefault(key, Row(record_type.name, "create", uuid7(), None, values))
    if not made:
        return []
    same = " and ".join(
        f"t.{ident(name)} is not distinct from s.{ident(name)}" for name in record_type.same_by
    )
    sent = [dict(zip(record_type.same_by, key, strict=True)) for key in made]
    there = await context.read(
        Sql(
            f"select {', '.join(f't.{ident(name)}::text' for name in record_type.same_by)} "
            f"from {ident(record_type.table_name)} t join json_populate_recordset("
            f"null::{ident(record_type.table_name)}, %s) s on {same} where t.deleted_at is null",
            (to_json(sent).decode(),),
        )
    )
    known = {tuple(row) for row in there}
    return [row for key, row in made.items() if key not in known]


def _insertion(record_type: RecordType, listed: list[dict[str, Any]]) -> Sql:
    """Return the statement that makes copies; one that came to be there meanwhile is left."""
    table = ident(record_type.table_name)
    names = ", ".join(map(ident, dict.fromkeys(name for row in listed for name in row)))
    return Sql(
        f"insert into {table} ({names}) select {names} "
        f"from json_populate_recordset(null::{table}, %s) on conflict do nothing",
        (to_json(listed).decode(),),
    )


def _change(record_type: RecordType, listed: list[dict[str, Any]]) -> Sql:
    """Return the statement by which records name more; what they name by now, they keep."""
    table = ident(record_type.table_name)
    names = dict.fromkeys(name for row in listed for name in row if name != "id")
    sets = ", ".join(f"{ident(n)} = coalesce(t.{ident(n)}, s.{ident(n)})" for n in names)
    return Sql(
        f"update {table} t set {sets}, version = t.version + 1, updated_at = now() "
        f"from json_populate_recordset(null::{table}, %s) s "
        "where t.id = s.id and t.deleted_at is null",
        (to_json(listed).decode(),),
    )
