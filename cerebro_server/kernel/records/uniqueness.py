"""Unique custom fields: who has a value already. The index holds it against races, too."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import errors as pg
from pydantic_core import to_json

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, Transaction, ident
from cerebro_server.kernel.errors import DuplicateKey
from cerebro_server.kernel.fields import Definition, RecordType
from cerebro_server.kernel.fields.custom import COLUMN
from cerebro_server.kernel.query.sql import comparable
from cerebro_server.kernel.records.custom_indexes import PREFIX, of_row, stem, whole
from cerebro_server.kernel.records.statements import held_by

_TAKEN = re.compile(r"=\((?P<type>[a-z_]+), (?P<kind>[a-z0-9_:]+), (?P<value>.*)\) ", re.S)
_HELD = re.compile(r"\)=\((?P<value>.*)\) ", re.S)


class Clash(NamedTuple):
    """A row whose value another record has, or an earlier row."""

    row: int
    definition: Definition
    holder: UUID | None
    """The record, where the caller may read it."""
    is_earlier_row: bool


async def clashes(
    context: Context, record_type: RecordType, rows: Mapping[int, tuple[UUID | None, Any]]
) -> list[Clash]:
    """Return which values of rows are taken; each row has its record's id, if it has one, and its
    values by key."""
    unique = [each for each in context.whole(record_type).custom if each.is_unique]
    unique = [each for each in unique if any((own or {}).get(each.key) for _, own in rows.values())]
    if not unique:
        return []
    staged = [{"n": n, "id": i, COLUMN: own or {}} for n, (i, own) in sorted(rows.items())]
    limit = context.condition(record_type, "read") or Sql("true")
    text = to_json(staged).decode()
    table = ident(record_type.table_name)
    source = f'json_to_recordset(%s::json) as {{0}}(n integer, id uuid, "{COLUMN}" jsonb)'
    found: list[Clash] = []
    for definition in unique:
        expression = comparable(whole(definition))
        mine = of_row(expression, "s")
        taken = await context.read(
            Sql(
                f"select s.n, t.id, ({limit.text}) is true, false from {source.format('s')} "
                f"join {table} t on {expression} = {mine} and t.deleted_at is null "
                "and t.id is distinct from s.id union all "
                # not joined with itself, which gives a clash for every pair of rows that are alike
                "select d.n, null, false, true from (select s.n, row_number() over (partition by "
                f"{mine} order by s.n) as place from {source.format('s')} "
                f"where {mine} is not null) d where d.place > 1",
                (*limit.params, text, text),
            )
        )
        for number, holder, may_see, is_earlier in taken:
            found.append(Clash(number, definition, holder if may_see else None, is_earlier))
    return found


def told(record_type: RecordType, holder: UUID | str | None) -> str:
    """Say that another record has a key or a value; which one, where the caller may read it."""
    which = f": {holder}" if holder else ""
    return f"Another {record_type.noun.singular} has it{which}."


async def holders(
    context: Context, record_type: RecordType, wanted: Sequence[tuple[int, str, str]]
) -> dict[int, list[str]]:
    """Return who has unique keys, as far as the caller may read them: by the number that each of
    (number, kind, value) has."""
    if not wanted:
        return {}
    limit = context.condition(record_type, "read") or Sql("true")
    numbers, kinds, values = (list(column) for column in zip(*wanted, strict=True))
    rows = await context.read(
        Sql(
            "select distinct s.n, t.id::text from unnest(%s::integer[], %s::text[], %s::text[]) "
            f"as s(n, kind, value) cross join {held_by('%s', 's.kind', 's.value')} o "
            f"join {ident(record_type.table_name)} t on t.id = o.record_id "
            f"where o.is_unique and ({limit.text}) is true order by 1, 2",
            (numbers, kinds, values, record_type.name, *limit.params),
        )
    )
    found: dict[int, list[str]] = {}
    for number, record_id in rows:
        found.setdefault(number, []).append(record_id)
    return found


def by_now(
    context: Context,
    record_type: RecordType,
    definition: Definition,
    value: object,
    holder: UUID | None,
) -> dict[str, Any]:
    """Return what is amiss with a planned row whose value another record has: what it is, and
    whose, only to whoever sees the field, and may read that one."""
    field = context.seen(record_type).fields.get(definition.key)
    singular = record_type.noun.singular
    if field is None or field.masked:
        said = f"Another {singular} has a value by now that only one can have."
        return {"message": said}
    which = f": {holder}" if holder else ""
    return {
        "message": f"Another {singular} has its {definition.label} by now{which}.",
        "field": f"{COLUMN}.{definition.key}",
        "value": str(value)[:200],
    }


async def check(
    context: Context, record_type: RecordType, record_id: UUID | None, values: Any
) -> None:
    """Refuse values of one record that another has. Raises `DuplicateKey`."""
    for clash in await clashes(context, record_type, {0: (record_id, values)}):
        raise taken(record_type, clash.definition, values[clash.definition.key], clash.holder)


def taken(
    record_type: RecordType, definition: Definition, value: object, holder: UUID | None
) -> DuplicateKey:
    """Return the error for a value that another record has."""
    return DuplicateKey(
        f"Another {record_type.noun.singular} has {definition.label} {str(value)[:200]}.",
        errors=[
            {
                "pointer": f"/{COLUMN}/{definition.key}",
                "code": "duplicate_key",
                "detail": "This value is taken, and the field is unique.",
            }
        ],
        candidates=[str(holder)] if holder else [],
    )


async def behind_index(
    context: Context, transaction: Transaction, record_type: RecordType, error: pg.UniqueViolation
) -> tuple[Definition, str, UUID | None] | None:
    """Return whose index refused a row, for what value, and who has it, where the caller may read
    that one; None where it is of no custom field."""
    for definition in _behind(context, record_type, error.diag.constraint_name or ""):
        match = _HELD.search(error.diag.message_detail or "")
        value = match["value"] if match else ""
        limit = context.condition(record_type, "read") or Sql("true")
        expression = comparable(whole(definition))
        holder = await transaction.row(
            Sql(
                f"select t.id from {ident(record_type.table_name)} t where ({expression})::text "
                f"= %s and t.deleted_at is null and {limit.text}",
                (value, *limit.params),
            )
        )
        return definition, value, holder[0] if holder else None
    return None


async def held_by_index(
    context: Context, transaction: Transaction, record_type: RecordType, error: pg.UniqueViolation
) -> DuplicateKey | None:
    """Return the error where the index of a custom field refused a row."""
    found = await behind_index(context, transaction, record_type, error)
    if found is None:
        return None
    definition, value, holder = found
    field = context.seen(record_type).fields.get(definition.key)
    if field is None or field.masked:  # what stands in it is not theirs to know
        return None
    return taken(record_type, definition, value, holder)


def _behind(context: Context, record_type: RecordType, index: str) -> Iterator[Definition]:
    if index.startswith(PREFIX):
        for definition in context.whole(record_type).custom:
            if index == stem(record_type.name, definition.key):
                yield definition


async def duplicate(
    context: Context, transaction: Transaction, record_type: RecordType, error: pg.UniqueViolation
) -> DuplicateKey:
    """Return the error for a key that another record has: it names that one only to whoever may
    read it."""
    if found := await held_by_index(context, transaction, record_type, error):
        return found
    if error.diag.table_name == record_type.table_name:
        return DuplicateKey(f"There is such {record_type.noun.one} already.")
    match = _TAKEN.search(error.diag.message_detail or "")
    if error.diag.table_name != "record_keys" or not match:
        raise error
    visible = context.condition(record_type, "read") or Sql(
        "true"
    )  # or the error would name a stranger
    holder = await transaction.row(
        Sql(
            f"select t.id from record_keys k join {ident(record_type.table_name)} t "
            "on t.id = k.record_id where k.record_type = %s and k.kind = %s and k.value = %s "
            f"and {visible.text}",
            (record_type.name, match["kind"], match["value"], *visible.params),
        )
    )
    name = match["kind"].replace("external:", "external_ids/")
    return DuplicateKey(
        f"Another {record_type.noun.singular} has {name.replace('/', '.')} {match['value']}.",
        errors=[{"pointer": f"/{name}", "code": "duplicate_key", "detail": "This key is taken."}],
        candidates=[str(holder[0])] if holder else [],
    )
