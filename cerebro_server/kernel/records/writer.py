"""Writing records: sets in, one statement each; the triggers journal what changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from psycopg import errors as pg
from pydantic_core import to_json

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, Transaction, ident
from cerebro_server.kernel.errors import (
    DuplicateKey,
    RecordDeleted,
    ValidationFailed,
    VersionMismatch,
)
from cerebro_server.kernel.fields import Batch, RecordType
from cerebro_server.kernel.ids import uuid7
from cerebro_server.kernel.records.projection import WIRE_JSON, columns, wire_row
from cerebro_server.kernel.records.references import missing, resolve


@dataclass(frozen=True, slots=True)
class Written:
    """A record after a write: its wire JSON, and what the headers need."""

    id: UUID
    version: int
    json: bytes


async def create(
    context: Context,
    record_type: RecordType,
    values: dict[str, Any],
    *,
    with_it: Callable[[UUID], Sql] | None = None,
    last: bool = False,
) -> Written:
    """Create one record. Raises `ValidationFailed` where rules refuse, `DuplicateKey`.

    `with_it` makes a statement that belongs to it; `last` sends the commit along, for a caller that
    writes nothing more: with both it is one round trip.
    """
    context.actor.require(f"{record_type.name}:create")
    batch = Batch([values])
    if record_type.rules is not None:
        await record_type.rules(context, batch)
    if batch.refusals:
        raise refused(batch)
    record_id = uuid7()
    transaction = await context.write()
    statement = Sql(_insert(record_type), (to_json([{"id": record_id, **values}]).decode(),))
    also = [with_it(record_id)] if with_it else []
    rows = await _guarded(transaction, record_type, statement, *also, then_commit=last)
    version, json = rows[0][0]
    return Written(record_id, version, json)


async def update(
    context: Context,
    record_type: RecordType,
    reference: str,
    values: dict[str, Any],
    *,
    version: int | None,
) -> Written:
    """Change the given fields of a living record; equal values write nothing.

    Raises `NotFound`, `RecordDeleted`, `VersionMismatch`, `DuplicateKey`.
    """
    context.actor.require(f"{record_type.name}:update")
    if "external_ids" in values:
        values = {**values, "external_ids": values["external_ids"] or {}}
    return await _change(context, record_type, reference, values, version=version)


async def delete(
    context: Context, record_type: RecordType, reference: str, *, version: int | None
) -> Written:
    """Delete a record softly: it frees its keys and can be restored."""
    context.actor.require(f"{record_type.name}:delete")
    values = {"deleted_at": context.now}
    return await _change(context, record_type, reference, values, version=version)


async def restore(context: Context, record_type: RecordType, reference: str) -> Written:
    """Bring a deleted record back; a living one is returned as it is. Raises `DuplicateKey`."""
    context.actor.require(f"{record_type.name}:restore")
    values = {"deleted_at": None}
    return await _change(context, record_type, reference, values, version=None, living_only=False)


async def _change(
    context: Context,
    record_type: RecordType,
    reference: str,
    values: dict[str, Any],
    *,
    version: int | None,
    living_only: bool = True,
) -> Written:
    """Lock, change, read back: three statements in one round trip.

    Each has a snapshot of its own, so the change sees what the lock waited for.
    """
    record_id = await resolve(context, record_type, reference, deleted_too=not living_only)
    transaction = await context.write()
    table = ident(record_type.table_name)
    lock = Sql(f"select version, deleted_at from {table} where id = %s for update", (record_id,))
    change = Sql(
        _update(record_type, tuple(values), living_only=living_only),
        (to_json(values).decode(), record_id, version, version),
    )
    fetch = Sql(
        f"select t.version, {WIRE_JSON} from {table} t, {wire_row(record_type)} where t.id = %s",
        (record_id,),
    )
    locked, changed, fetched = (await _guarded(transaction, record_type, lock, change, fetch))[-3:]
    if not locked:
        raise missing(record_type, reference)
    found, deleted_at = locked[0]
    if not changed:
        if living_only and deleted_at is not None:
            raise deleted(record_type, reference)
        if version is not None and found != version:
            raise VersionMismatch(
                f"It has version {found} by now, not {version}: read it again and decide.",
                current=fetched[0][1],
            )
    return Written(record_id, fetched[0][0], fetched[0][1])


def deleted(record_type: RecordType, reference: str) -> RecordDeleted:
    """Return the error for a record that is deleted."""
    noun = record_type.noun
    return RecordDeleted(f"The {noun.singular} {reference} is deleted; restore it first.")


def refused(batch: Batch) -> ValidationFailed:
    """Return the error for a batch of one that rules refused."""
    errors = [
        {"pointer": f"/{r.field}" if r.field else "", "code": r.code, "detail": r.message}
        for r in batch.refusals
    ]
    return ValidationFailed("; ".join(r.message for r in batch.refusals), errors=errors)


def recordset(record_type: RecordType, names: Sequence[str], *, extra: str = "") -> str:
    """Return the SQL that reads a JSON array parameter as rows `s` with these columns."""
    typed = ", ".join(f"{ident(n)} {record_type.fields[n].sql_type}" for n in names)
    return f"json_to_recordset(%s::json) as s({extra}{typed})"


@cache
def _insert(record_type: RecordType) -> str:
    names = ("id", *record_type.writable)
    listed = ", ".join(ident(n) for n in names)
    return (
        f"with t as (insert into {ident(record_type.table_name)} ({listed}) "
        f"select {listed} from {recordset(record_type, names)} "
        f"returning {columns(record_type)}) "
        f"select t.version, {WIRE_JSON} from t, {wire_row(record_type)}"
    )


@cache
def _update(record_type: RecordType, names: tuple[str, ...], *, living_only: bool) -> str:
    table = ident(record_type.table_name)
    typed = ", ".join(f"{ident(n)} {record_type.fields[n].sql_type}" for n in names)
    settings = "".join(f"{ident(n)} = s.{ident(n)}, " for n in names)
    before = ", ".join(f"t.{ident(n)}" for n in names)
    after = ", ".join(f"s.{ident(n)}" for n in names)
    changed = f"({before}) is distinct from ({after})" if names else "false"
    living = "and t.deleted_at is null" if living_only else ""
    return (
        f"update {table} t set {settings}version = t.version + 1, updated_at = now() "
        f"from (select %s::json as j) p, json_to_record(p.j) as s({typed or 'none int'}) "
        f"where t.id = %s {living} and (%s::integer is null or t.version = %s) "
        f"and {changed} returning t.version"
    )


async def _guarded(
    transaction: Transaction, record_type: RecordType, *statements: Sql, then_commit: bool = False
) -> list[list[tuple[Any, ...]]]:
    """Run statements; say whose key it is where one is taken."""
    try:
        return await transaction.batch(*statements, then_commit=then_commit)
    except pg.UniqueViolation as error:
        await transaction.rollback()
        raise await _duplicate(transaction, record_type, error) from error


_TAKEN = re.compile(r"=\((?P<type>[a-z_]+), (?P<kind>[a-z0-9_:]+), (?P<value>.*)\) ", re.S)


async def _duplicate(
    transaction: Transaction, record_type: RecordType, error: pg.UniqueViolation
) -> DuplicateKey:
    match = _TAKEN.search(error.diag.message_detail or "")
    if error.diag.table_name != "record_keys" or not match:
        raise error
    holder = await transaction.row(
        Sql(
            "select record_id from record_keys where record_type = %s and kind = %s and value = %s",
            (record_type.name, match["kind"], match["value"]),
        )
    )
    name = match["kind"].replace("external:", "external_ids/")
    return DuplicateKey(
        f"Another {record_type.noun.singular} has {name.replace('/', '.')} {match['value']}.",
        errors=[{"pointer": f"/{name}", "code": "duplicate_key", "detail": "This key is taken."}],
        candidates=[str(holder[0])] if holder else [],
    )
