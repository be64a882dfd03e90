"""The statement that tells what each row of a chunk would do, by what the file has columns for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident, literal
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.fields.custom import COLUMN
from cerebro_server.kernel.query.sql import comparable
from cerebro_server.kernel.records import locking, parts
from cerebro_server.kernel.records.custom_indexes import of_row, whole
from cerebro_server.kernel.records.importing.appending import is_list
from cerebro_server.kernel.records.importing.claims import value_of
from cerebro_server.kernel.records.statements import held_by, merged_custom, recordset


@dataclass(frozen=True, slots=True)
class Shape:
    """What one import's statements depend on."""

    record_type: RecordType
    names: tuple[str, ...]
    """Fields that the file has columns for."""
    key: str | None
    keys: tuple[str, ...]
    """Every unique field that the file has columns for, `external_ids.<source>` each by itself."""
    appends: bool = False
    """Whether lists are put behind what is there, instead of in its place."""


def shown(context: Context, shape: Shape, row: dict[str, Any]) -> dict[str, Any]:
    """Return what the file's columns would show of the record, to be compared with it."""
    region = context.settings.default_region
    return {
        name: parts.comparable(shape.record_type, name, row.get(name), region=region)
        for name in shape.names
    }


def key_of(shape: Shape, row: dict[str, Any]) -> Any:
    """Return what says which record a row is, unless its id does."""
    return None if shape.key is None else value_of(shape.record_type, shape.key, row)


def _kind(key: str) -> str:
    return key.replace("external_ids.", "external:")


def found_by(context: Context, shape: Shape) -> Sql:
    """Return what to join for the record that a row's key says: `record_id`."""
    record_type, key = shape.record_type, shape.key or ""
    if key.startswith(f"{COLUMN}."):
        custom = context.whole(record_type).defined[key.removeprefix(f"{COLUMN}.")]
        expression = comparable(whole(custom))
        return Sql(
            f"lateral (select t.id as record_id from {ident(record_type.table_name)} t "
            f"where {expression} = {of_row(expression, 's')} and t.deleted_at is null offset 0)"
        )
    return holder(shape)


def holder(shape: Shape) -> Sql:
    """Return what to join for whoever holds the key `s._key`; custom fields are no keys."""
    key = shape.key or ""
    value = "fold(s._key)" if key and "." not in key else "s._key"
    return Sql(held_by(literal(shape.record_type.name), "%s", value), (_kind(key),))


@lru_cache(1_000)
def classify(shape: Shape, limit: str | None, found: str) -> str:
    """Select (n, id, version, action, field whose key another record has, may be changed, locked
    since) for each row; `found` is what `found_by` says."""
    record_type = shape.record_type
    staged = recordset(record_type, shape.names, "n integer", "id uuid", "_key text")
    table, noun = ident(record_type.table_name), literal(record_type.name)
    clash = "null::text"
    for name in shape.keys:
        parent, _, source = name.partition(".")
        if parent not in shape.names or parent == COLUMN:
            continue  # the first of a list, which is looked at below; custom fields have an index
        column = f"s.{ident(parent)}"
        value = f"{column} ->> {literal(source)}" if source else f"fold({column})"
        holder = held_by(noun, literal(_kind(name)), value)
        clash = _clashing(name, f"{holder} o", clash)
    for name, key in record_type.part_keys.items():
        if key.is_unique and name in shape.names:
            holder = held_by(noun, literal(key.kind), f"fold(p ->> {literal(key.of)})")
            parts = f"jsonb_array_elements(s.{ident(name)}) p"
            clash = _clashing(name, f"{parts} cross join {holder} o", clash, "o.is_unique and ")
    differs = f"({_before(shape)}) is distinct from ({_after(shape)})" if shape.names else "false"
    return (
        f"select s.n, t.id, t.version, case when t.id is null then 'created' "
        f"when {differs} then 'updated' "
        f"else 'unchanged' end, {clash}, t.id is null or ({limit or 'true'}) is true, "
        f"{locking.since(record_type)} from {staged} "
        f"left join {found} k on true left join lateral "
        f"(select id from {table} where id = s.id and deleted_at is null offset 0) i on true "
        f"left join {table} t on t.id = coalesce(i.id, k.record_id) order by s.n"
    )


def _clashing(name: str, held: str, otherwise: str, only: str = "") -> str:
    """Name the field if somebody else holds what `held` looks up as `o`."""
    return (
        f"case when exists (select from {held} where {only}o.record_id is distinct from t.id) "
        f"then {literal(name)} else {otherwise} end"
    )


def _merged(shape: Shape, name: str) -> str:
    """A blank cell leaves what is there; external ids of other sources stay. Where lists are put
    behind, what is in them already changes nothing."""
    column = ident(name)
    if shape.appends and (name == COLUMN or is_list(shape.record_type, name)):
        replaced = _merged(replace(shape, appends=False), name)
        return f"case when t.{column} @> s.{column} then t.{column} else {replaced} end"
    if name == "external_ids":
        return f"t.{column} || coalesce(s.{column}, '{{}}')"
    if name == COLUMN:
        return merged_custom()
    return f"coalesce(s.{column}, t.{column})"


def _before(shape: Shape) -> str:
    return ", ".join(f"t.{ident(n)}" for n in shape.names)


def _after(shape: Shape) -> str:
    return ", ".join(_merged(shape, n) for n in shape.names)
