"""One chunk of an import: what each row would do, and the statement that does it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from pydantic_core import from_json, to_json

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, Transaction, ident, literal
from cerebro_server.kernel.fields import Batch, RecordType
from cerebro_server.kernel.fields.custom import COLUMN
from cerebro_server.kernel.ids import uuid7
from cerebro_server.kernel.records import locking, parts, uniqueness
from cerebro_server.kernel.records.customizing import complete, resolve_references
from cerebro_server.kernel.records.importing.claims import value_of
from cerebro_server.kernel.records.importing.doubts import put_back, set_aside
from cerebro_server.kernel.records.people import fill_owner, resolve_people
from cerebro_server.kernel.records.relating import resolve_relations
from cerebro_server.kernel.records.statements import (
    candidates,
    completed,
    merged_custom,
    recordset,
)
from cerebro_server.kernel.records.writer import needs_before


@dataclass(frozen=True, slots=True)
class Shape:
    """What one import's statements depend on."""

    record_type: RecordType
    names: tuple[str, ...]
    """Fields that the file has columns for."""
    key: str | None
    keys: tuple[str, ...]
    """Every unique field that the file has columns for, `external_ids.<source>` each by itself."""

    @property
    def kind(self) -> str:
        """The key's kind in `record_keys`."""
        return _kind(self.key or "")


async def write_chunk(
    context: Context, transaction: Transaction, shape: Shape, batch: Batch, *, dry_run: bool
) -> Counter[str]:
    """Write the rows of a batch that nothing is wrong with; return how many were what.

    Rows are counted as `created`, `updated`, `unchanged`. Refused in the batch are rows that rules
    refuse, whose key belongs to another record, or whose record is locked and would change. What is
    refused in it already stays so, unless the record has just that. With `dry_run` everything but
    the writing happens.
    """
    batch.allow_invalid = True
    await resolve_people(context, shape.record_type, batch)
    await resolve_relations(context, shape.record_type, batch)
    await resolve_references(context, shape.record_type, batch)
    doubts = set_aside(batch)
    staged = [
        {"n": number, "id": row["id"], **_shown(context, shape, row), "key": _key(shape, row)}
        for number, row in enumerate(batch.rows)
    ]
    limit = context.condition(shape.record_type, "read", "update")
    found = await transaction.rows(
        Sql(
            _classify(shape, limit and limit.text),
            (*(limit.params if limit else ()), to_json(staged).decode(), shape.kind),
        )
    )
    ids = _refuse(context, shape, batch, found)
    await put_back(transaction, shape.record_type, batch, doubts, ids)
    await _refuse_taken(context, shape, batch, found, ids)
    out = {refusal.row for refusal in batch.refusals}
    actions = {number: action for number, _, action, *_ in found if number not in out}
    changed = sorted(
        (n for n, action in actions.items() if action == "updated"), key=ids.__getitem__
    )
    await _update_rows(context, shape, batch, {n: ids[n] for n in changed}, dry_run=dry_run)
    # after the updates: rules derive keys, and have to see those that were just taken
    fresh = [number for number, action in actions.items() if action == "created"]
    new = await _by_rules(context, shape, batch, fresh)
    await _insert_rows(context, shape, batch, new, dry_run=dry_run)
    refused = {refusal.row for refusal in batch.refusals}
    return Counter(action for number, action in actions.items() if number not in refused)


def _refuse(
    context: Context, shape: Shape, batch: Batch, found: Sequence[tuple[Any, ...]]
) -> dict[int, Any]:
    """Refuse what may not be written, as `_classify` found it; return the ids of the others."""
    singular = shape.record_type.noun.singular
    ids: dict[int, Any] = {}
    taken: set[UUID] = set()
    for number, record_id, action, clash, may, locked_at in found:
        if clash:
            batch.refuse(number, clash, "duplicate_key", f"Another {singular} has it.")
        elif not may:
            batch.refuse(number, shape.key, "forbidden", f"You may not change that {singular}.")
        elif record_id in taken:
            batch.refuse(number, None, "duplicate_key", f"An earlier row is for that {singular}.")
        elif locked_at is not None and action != "unchanged":
            _refuse_locked(context, shape, batch, number, locked_at)
        else:
            ids[number] = record_id
            taken |= {record_id} - {None}
    return ids


async def _refuse_taken(
    context: Context,
    shape: Shape,
    batch: Batch,
    found: Sequence[tuple[Any, ...]],
    ids: dict[int, Any],
) -> None:
    """Refuse rows with a value of a unique custom field that another record or row has."""
    if COLUMN not in shape.names:
        return
    written = {number for number, _, action, *_ in found if action != "unchanged"} & ids.keys()
    rows = {number: (ids[number], batch.rows[number].get(COLUMN)) for number in written}
    for clash in await uniqueness.clashes(context, shape.record_type, rows):
        other = f"Another {shape.record_type.noun.singular}"
        said = f"{'An earlier row' if clash.is_earlier_row else other} has it."
        batch.refuse(clash.row, f"{COLUMN}/{clash.definition.key}", "duplicate_key", said)


def _refuse_locked(
    context: Context, shape: Shape, batch: Batch, number: int, locked_at: datetime
) -> None:
    what = f"That {shape.record_type.noun.singular}"
    said = locking.said(context, shape.record_type, what, locked_at)
    batch.refuse(number, shape.key, locking.CODE, said)


async def _by_rules(
    context: Context, shape: Shape, batch: Batch, numbers: Sequence[int]
) -> dict[int, dict[str, Any]]:
    """Return the new rows by number, as owners and the component's rules leave them, without those
    that rules refuse."""
    new = Batch([batch.rows[number] for number in numbers])
    fill_owner(context, shape.record_type, new)
    new.allow_invalid = True
    parts.settle(shape.record_type, new, region=context.settings.default_region)
    complete(context, shape.record_type, new)
    if new.rows and shape.record_type.rules is not None:
        await shape.record_type.rules(context, new)
    for refusal in new.refusals:
        batch.refuse(numbers[refusal.row], refusal.field, refusal.code, refusal.message)
    refused = {refusal.row for refusal in new.refusals}
    return {
        numbers[position]: {"external_ids": {}, **row, "id": uuid7()}
        for position, row in enumerate(new.rows)
        if position not in refused
    }


async def _update_rows(
    context: Context, shape: Shape, batch: Batch, ids: dict[int, Any], *, dry_run: bool
) -> None:
    transaction = await context.write()
    rows = {n: {"id": i, **{k: batch.rows[n].get(k) for k in shape.names}} for n, i in ids.items()}
    limit = context.condition(shape.record_type, "update")
    settles = needs_before(shape.record_type, shape.names)
    if rows and (settles or shape.record_type.lockable):
        held = await _held(context, shape, batch, rows, whole=settles)
        rows = {number: row for number, row in rows.items() if row["id"] in held}
        if settles:
            shape, rows = await _settled(context, shape, batch, rows, held)
    rows = await _admitted(transaction, batch, rows, _changed(shape), limit)
    if rows and not dry_run:
        await transaction.rows(Sql(_update(shape), (to_json(list(rows.values())).decode(),)))


async def _held(
    context: Context,
    shape: Shape,
    batch: Batch,
    rows: dict[int, dict[str, Any]],
    *,
    whole: bool,
) -> dict[UUID, dict[str, Any]]:
    """Take hold of the records that rows would change, in the order of their ids, and return them
    by id: `whole`, or empty. Rows whose record was locked meanwhile are refused."""
    transaction = await context.write()
    record_type = shape.record_type
    before = "to_jsonb(t)" if whole else "'{}'::jsonb"
    found = await transaction.rows(
        Sql(
            f"select t.id, {locking.since(record_type)}, {before} "
            f"from {ident(record_type.table_name)} t "
            "where t.id = any(%s) order by t.id for no key update",
            ([row["id"] for row in rows.values()],),
        )
    )
    locked = {record_id: at for record_id, at, _ in found if at is not None}
    for number, row in rows.items():
        if row["id"] in locked:
            _refuse_locked(context, shape, batch, number, locked[row["id"]])
    return {record_id: from_json(json) for record_id, at, json in found if at is None}


async def _settled(
    context: Context,
    shape: Shape,
    batch: Batch,
    rows: dict[int, dict[str, Any]],
    held: dict[UUID, dict[str, Any]],
) -> tuple[Shape, dict[int, dict[str, Any]]]:
    """Return the changes as they are written: with lists for their short forms, as rules leave
    them; `held` are the records as they are. Blank cells change nothing."""
    record_type = shape.record_type
    numbers = list(rows)
    changes = Batch(
        [{k: v for k, v in rows[n].items() if v is not None} for n in numbers],
        before=[held[rows[n]["id"]] for n in numbers],
        allow_invalid=True,
    )
    parts.settle(record_type, changes, region=context.settings.default_region)
    if record_type.update_rules is not None:
        await record_type.update_rules(context, changes)
    for refusal in changes.refusals:
        batch.refuse(numbers[refusal.row], refusal.field, refusal.code, refusal.message)
    refused = {refusal.row for refusal in changes.refusals}
    filled = [name for name in record_type.filled if any(name in row for row in changes.rows)]
    names = (*parts.written(record_type, shape.names), *filled)
    kept = {
        number: {"id": row["id"], **{name: row.get(name) for name in names}}
        for position, (number, row) in enumerate(zip(numbers, changes.rows, strict=True))
        if position not in refused
    }
    return replace(shape, names=names), kept


async def _insert_rows(
    context: Context, shape: Shape, batch: Batch, rows: dict[int, dict[str, Any]], *, dry_run: bool
) -> None:
    transaction = await context.write()
    record_type = shape.record_type
    names = ("id", *record_type.stored)
    limit = context.condition(record_type, "create")
    rows = await _admitted(transaction, batch, rows, candidates(record_type, names), limit)
    if rows and not dry_run:
        listed = ", ".join(ident(name) for name in names)
        await transaction.rows(
            Sql(
                f"insert into {ident(record_type.table_name)} ({listed}) "
                f"select {listed} from {recordset(record_type, names)}",
                (to_json(list(rows.values())).decode(),),
            )
        )


async def _admitted(
    transaction: Transaction,
    batch: Batch,
    rows: dict[int, dict[str, Any]],
    as_written: str,
    limit: Sql | None,
) -> dict[int, dict[str, Any]]:
    """Return the rows that the caller may write as they would stand then; refuse the others.

    `as_written` is a FROM item that makes rows `t` of the JSON parameter.
    """
    if limit is None or not rows:
        return rows
    found = await transaction.rows(
        Sql(
            f"select t.id::text from {as_written} where {limit.text}",
            (to_json(list(rows.values())).decode(), *limit.params),
        )
    )
    ids = {record_id for (record_id,) in found}
    for number, row in rows.items():
        if str(row["id"]) not in ids:
            batch.refuse(number, None, "forbidden", "You may not write a record like this one.")
    return {number: row for number, row in rows.items() if str(row["id"]) in ids}


def _shown(context: Context, shape: Shape, row: dict[str, Any]) -> dict[str, Any]:
    """Return what the file's columns would show of the record, to be compared with it."""
    region = context.settings.default_region
    return {
        name: parts.comparable(shape.record_type, name, row.get(name), region=region)
        for name in shape.names
    }


def _key(shape: Shape, row: dict[str, Any]) -> str | None:
    return None if shape.key is None else value_of(shape.record_type, shape.key, row)


def _kind(key: str) -> str:
    return key.replace("external_ids.", "external:")


@lru_cache(1_000)
def _classify(shape: Shape, limit: str | None) -> str:
    """Select (n, id, action, field whose key another record has, may be changed, locked since) for
    each row."""
    record_type = shape.record_type
    staged = recordset(record_type, shape.names, extra="n integer, id uuid, key text, ")
    table, noun = ident(record_type.table_name), record_type.name
    taken = (
        f"from record_keys o where o.record_type = '{noun}' and o.record_id is distinct from t.id"
    )
    clash = "null::text"
    for name in shape.keys:
        parent, _, source = name.partition(".")
        if parent not in shape.names:
            continue  # the first of a list, which is looked at below
        column = f"s.{ident(parent)}"
        value = f"{column} ->> {literal(source)}" if source else f"fold({column})"
        clash = (
            f"case when exists (select {taken} and o.kind = {literal(_kind(name))} "
            f"and o.value = {value}) then {literal(name)} else {clash} end"
        )
    for name, key in record_type.part_keys.items():
        if key.is_unique and name in shape.names:
            parts = (
                f"select fold(p ->> {literal(key.of)}) from jsonb_array_elements(s.{ident(name)}) p"
            )
            clash = (
                f"case when exists (select {taken} and o.kind = {literal(key.kind)} "
                f"and o.is_unique and o.value in ({parts})) then {literal(name)} else {clash} end"
            )
    value = "fold(s.key)" if shape.key and "." not in shape.key else "s.key"
    return (
        f"select s.n, t.id, case when t.id is null then 'created' "
        f"when ({_before(shape)}) is distinct from ({_after(shape)}) then 'updated' "
        f"else 'unchanged' end, {clash}, t.id is null or ({limit or 'true'}) is true, "
        f"{locking.since(record_type)} from {staged} "
        f"left join record_keys k on k.record_type = '{noun}' and k.kind = %s "
        f"and k.value = {value} left join {table} i on i.id = s.id and i.deleted_at is null "
        f"left join {table} t on t.id = coalesce(i.id, k.record_id) order by s.n"
    )


@cache
def _changed(shape: Shape) -> str:
    """Return a FROM item of rows `t`: what the records would be after the changes."""
    table = shape.record_type.table
    merged = ", ".join(
        f"{_merged(c.name)} as {ident(c.name)}" if c.name in shape.names else f"t.{ident(c.name)}"
        for c in table.columns
        if c.computed is None
    )
    staged = recordset(shape.record_type, ("id", *shape.names))
    rows = f"select {merged} from {staged} join {ident(table.name)} t on t.id = s.id"
    return completed(shape.record_type, rows)


@cache
def _update(shape: Shape) -> str:
    record_type = shape.record_type
    staged = recordset(record_type, ("id", *shape.names))
    settings = ", ".join(f"{ident(n)} = {_merged(n)}" for n in shape.names)
    return (
        f"update {ident(record_type.table_name)} t set {settings}, version = t.version + 1, "
        f"updated_at = now() from {staged} where t.id = s.id and t.deleted_at is null "
        f"and ({_before(shape)}) is distinct from ({_after(shape)})"
    )


def _merged(name: str) -> str:
    """A blank cell leaves what is there; external ids of other sources stay."""
    column = ident(name)
    if name == "external_ids":
        return f"t.{column} || coalesce(s.{column}, '{{}}')"
    if name == COLUMN:
        return merged_custom()
    return f"coalesce(s.{column}, t.{column})"


def _before(shape: Shape) -> str:
    return ", ".join(f"t.{ident(n)}" for n in shape.names)


def _after(shape: Shape) -> str:
    return ", ".join(_merged(n) for n in shape.names)
