"""The statements that write planned rows, a chunk of one rank at a time."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from pydantic_core import to_json

from cerebro_sdk.schemas.kinds import Kind
from cerebro_server.kernel.db import ident, literal
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.journal import keyed, keys_of
from cerebro_server.kernel.records import locking
from cerebro_server.kernel.records.statements import held_by, merged_row, numbered

DELETED: Final = "deleted_at"
CHUNK_ROWS: Final = (
    "select n, record_id, version, new_values, action from operation_rows "
    "where operation_id = %s and rank = %s and n > %s and n <= %s"
)
"""The rows of a chunk: takes the operation, the rank, and the numbers it lies between."""


def touches_keys(record_type: RecordType, names: frozenset[str]) -> bool:
    """Tell whether a change of these columns can change what finds a record."""
    return bool(names & {*keyed(record_type.journaled), DELETED})


@lru_cache(500)
def hold(record_type: RecordType, limit: str | None) -> str:
    """Take hold of the records of a chunk, and select the rows that may not be written: (n, why).

    After the chunk's own parameters come those of the limit, which stand first in the text.
    """
    table = ident(record_type.table_name)
    # nothing is joined to CTEs: of those the planner expects one row, and would look through all of
    # the other side for each (6 s for 5 000)
    return (
        f"with p as materialized ({CHUNK_ROWS}), h as materialized ("
        "select p.n, p.version as planned, t.version, "
        f"{locking.since(record_type)} as locked, ({limit or 'true'}) is true as may "
        f"from p join {table} t on t.id = p.record_id order by t.id for no key update of t) "
        f"select n, case when locked is not null then '{locking.CODE}' "
        "when version <> planned then 'changed' else 'forbidden' end "
        "from h where locked is not null or version is distinct from planned or not may "
        "union all select p.n, 'gone' from p "
        f"where not exists (select from {table} t where t.id = p.record_id)"
    )


@lru_cache(500)
def update(record_type: RecordType, names: tuple[str, ...]) -> str:
    """Change the records of a chunk but for the rows whose numbers are the last parameter."""
    table = ident(record_type.table_name)
    settings = ", ".join(f"{ident(name)} = {_new(record_type, name)}" for name in names)
    given = ", ".join(f"r.{ident(name)}" for name in names)
    before = ", ".join(f"t.{ident(name)}" for name in names)
    after = ", ".join(_new(record_type, name) for name in names)
    return (
        f"with p as ({CHUNK_ROWS}), s as (select p.version as planned, r.id, {given} from p "
        f"join {table} b on b.id = p.record_id, jsonb_populate_record(b, p.new_values) r "
        "where p.n <> all(%s)) "
        f"update {table} t set {settings}, version = t.version + 1, updated_at = now() "
        "from s where t.id = s.id and t.version = s.planned "
        f"and ({before}) is distinct from ({after})"
    )


def _new(record_type: RecordType, name: str) -> str:
    """Maps are merged key by key: what the plan leaves out stays, null goes."""
    column = ident(name)
    if name in record_type.journaled.maps:
        return f"jsonb_strip_nulls(t.{column} || s.{column})"
    return f"s.{column}"


@lru_cache(500)
def insert(record_type: RecordType, names: tuple[str, ...]) -> str:
    """Create the records of a chunk but for the rows whose numbers are the last parameter."""
    table = ident(record_type.table_name)
    counted = numbered(record_type, names)
    listed = ", ".join(ident(name) for name in (*names, *counted))
    values = ", ".join((*(f"r.{ident(name)}" for name in names), *("null" for _ in counted)))
    return (
        f"with p as ({CHUNK_ROWS}) insert into {table} (id, {listed}) "
        f"select p.record_id, {values} from p, "
        f"jsonb_populate_record(null::{table}, {_births(record_type)} || p.new_values) r "
        "where p.n <> all(%s) order by p.record_id"
    )


@lru_cache(100)
def _births(record_type: RecordType) -> str:
    """Return what columns hold of which a new record says nothing, as JSON."""
    found: dict[str, object] = {}
    for column in record_type.table.columns:
        if column.nullable or column.computed is not None or column.name in ("id", "version"):
            continue
        kind = (
            record_type.plain.fields[column.name].kind
            if column.name in _known(record_type)
            else None
        )
        if column.name in record_type.journaled.maps:
            found[column.name] = {}
        elif column.name in record_type.parts or kind is Kind.KEYS:
            found[column.name] = []
    return literal(to_json(found).decode()) + "::jsonb"


def _known(record_type: RecordType) -> frozenset[str]:
    return frozenset(record_type.plain.fields)


@lru_cache(500)
def taken(record_type: RecordType, *, new: bool) -> str:
    """Select the keys of a chunk's rows that others have, or earlier rows of the chunk:
    (n, kind, value, holder, whether the holder lets go of it in the same chunk).

    `new` are rows that create; the others change what is there.
    """
    table, noun = ident(record_type.table_name), literal(record_type.name)
    base = f"null::{table}" if new else "b"
    values = (
        f"{_births(record_type)} || p.new_values || jsonb_build_object('id', p.record_id)"
        if new
        else merged_row(record_type, "p.new_values")
    )
    source = "" if new else f"join {table} b on b.id = p.record_id "
    return (
        f"with p as ({CHUNK_ROWS}), k as materialized (select p.n, m.id, q.kind, q.value "
        f"from p {source}, lateral jsonb_populate_record({base}, {values}) m, "
        f"lateral ({keys_of(record_type.journaled, 'm')}) q where q.is_unique) "
        "select k.n, k.kind, k.value, o.record_id, "
        "exists (select from p where p.record_id = o.record_id) and not exists "
        "(select from k h where h.id = o.record_id and h.kind = k.kind and h.value = k.value) "
        f"from k cross join {held_by(noun, 'k.kind', 'k.value')} o "
        "where o.is_unique and o.record_id <> k.id "
        "union all select d.n, d.kind, d.value, null, false from "
        "(select k.n, k.kind, k.value, row_number() over (partition by k.kind, k.value "
        "order by k.n) as place from k) d where d.place > 1"
    )


def kept(record_type: RecordType) -> str:
    """Select which of some keys records will have that rows are for: takes the operation, and of
    each row its rank and number, the kind and the value; returns `(rank, n, kind, value)`."""
    return (
        "with w as materialized (select u.rank, u.n, u.kind, u.value from "
        "unnest(%s::smallint[], %s::bigint[], %s::text[], %s::text[]) as u(rank, n, kind, value)), "
        "p as materialized (select r.rank, r.n, r.record_id, r.new_values from "
        "(select distinct w.rank, w.n from w) d cross join lateral (select r.rank, r.n, "
        "r.record_id, r.new_values from operation_rows r where r.operation_id = %s "
        "and r.rank = d.rank and r.n = d.n offset 0) r), k as materialized ("
        "select p.rank, p.n, q.kind, q.value from p "
        f"join {ident(record_type.table_name)} b on b.id = p.record_id, "
        f"lateral jsonb_populate_record(b, {merged_row(record_type, 'p.new_values')}) m, "
        f"lateral ({keys_of(record_type.journaled, 'm')}) q where q.is_unique) "
        "select w.rank, w.n, w.kind, w.value from w join k on k.rank = w.rank and k.n = w.n "
        "and k.kind = w.kind and k.value = w.value"
    )
