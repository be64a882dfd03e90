"""Export: PostgreSQL writes the file, the server hands it on."""

from __future__ import annotations

import asyncio
import re
from asyncio import Semaphore
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal
from weakref import WeakKeyDictionary

from cerebro_sdk.schemas.kinds import Kind
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Database, Sql, Transaction, ident, literal
from cerebro_server.kernel.errors import Invalid, Unavailable, closest
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.fields.custom import COLUMN
from cerebro_server.kernel.records import reader
from cerebro_server.kernel.records.projection import custom_of, json_of, value_of

Format = Literal["csv", "jsonl"]
_CHUNK = 1 << 16
_WAIT_SECONDS = 5.0
_TURNS: WeakKeyDictionary[Database, Semaphore] = WeakKeyDictionary()
_SOURCE = re.compile(r"external_ids\.([a-z][a-z0-9_]{0,39})")


@dataclass(frozen=True, slots=True)
class Export:
    """An export that has been found right, ready to be written."""

    record_type: RecordType
    form: Format
    columns: Sequence[str]
    where: Sql
    order_by: str
    deleted_too: bool


def export_statement(
    context: Context,
    record_type: RecordType,
    selection: reader.Selection,
    *,
    form: Format,
    columns: str | None,
) -> Export:
    """Compile an export; all that can be wrong with it is found here, before the reply begins.

    Raises `InvalidQuery`, `Invalid` for unknown columns.
    """
    context.actor.require(f"{record_type.name}:export")
    shown = context.seen(record_type)
    return Export(
        shown,
        form,
        _columns(shown, columns, form),
        reader.filtered(context, record_type, selection, "export"),
        reader.sorted_by(shown, selection.sort).order_by,
        deleted_too=selection.deleted != "exclude",
    )


async def export(context: Context, export: Export) -> AsyncGenerator[bytes, None]:
    """Yield the file as PostgreSQL writes it; memory stays flat.

    Raises `Unavailable` before the first piece, while many others are at it.
    """
    async with _turn(context), context.apart() as apart:
        transaction = await apart.write()
        # a long export is no runaway statement, and it writes nothing that others wait for
        await transaction.rows(Sql("select set_config('statement_timeout', '0', true)"))
        columns = export.columns
        if export.form == "csv" and "external_ids" in columns:
            columns = _spread(columns, await _sources(transaction, export))
        buffer = bytearray()
        async with transaction.copy(_copy(export, columns)) as stream:
            async for row in stream:
                buffer += row
                if len(buffer) >= _CHUNK:
                    yield bytes(buffer)
                    buffer.clear()
        if buffer:
            yield bytes(buffer)


@asynccontextmanager
async def _turn(context: Context) -> AsyncIterator[None]:
    """Let exports have half of the pool: one whose reader stalls keeps its connection as long."""
    most = max(1, context.settings.pool_size // 2)
    turns = _TURNS.setdefault(context.database, Semaphore(most))
    try:
        async with asyncio.timeout(_WAIT_SECONDS):
            await turns.acquire()
    except TimeoutError:
        raise Unavailable(
            f"{most} exports are running, as many as may; try again later.",
            headers={"Retry-After": "10"},
        ) from None
    try:
        yield
    finally:
        turns.release()


def _copy(export: Export, columns: Sequence[str]) -> Sql:
    listed = ", ".join(_cell(export.record_type, name, export.form) for name in columns)
    table, where = ident(export.record_type.table_name), export.where
    rows = f"select {listed} from {table} t where {where.text} order by {export.order_by}"
    if export.form == "csv":
        return Sql(f"copy ({rows}) to stdout with (format csv, header)", where.params)
    # CSV with quotes and delimiters that JSON cannot hold: COPY's text format doubles backslashes
    lines = f"select row_to_json(r)::text from ({rows}) r"
    return Sql(
        f"copy ({lines}) to stdout with (format csv, quote e'\\x01', delimiter e'\\x02')",
        where.params,
    )


async def _sources(transaction: Transaction, export: Export) -> list[str]:
    """Return the sources of external ids that there are, from the index of keys: a jump for each
    kind of key, whatever the number of records. Deleted records have no keys there."""
    key_of = "select k.kind from record_keys k where k.record_type = %s"
    statement = (
        f"with recursive found as (({key_of} order by 1 limit 1) union all "
        f"select ({key_of} and k.kind > f.kind order by 1 limit 1) from found f "
        "where f.kind is not null) "
        "select substr(kind, 10) from found where starts_with(kind, 'external:')"
    )
    if export.deleted_too:
        statement += (
            f" union select jsonb_object_keys(external_ids) "
            f"from {ident(export.record_type.table_name)} where deleted_at is not null"
        )
    name = export.record_type.name
    return sorted(row[0] for row in await transaction.rows(Sql(statement, (name, name))))


def _spread(columns: Sequence[str], sources: Sequence[str]) -> list[str]:
    """Give each source a column of its own, as the import reads them."""
    spread = [f"external_ids.{source}" for source in sources] or ["external_ids"]
    listed = [part for name in columns for part in (spread if name == "external_ids" else [name])]
    return list(dict.fromkeys(listed))


def _cell(record_type: RecordType, name: str, form: Format) -> str:
    """Return a column as the file has it; CSV has its times in ISO 8601, as JSON does by itself."""
    if source := _SOURCE.fullmatch(name):
        return f't."external_ids" ->> {literal(source[1])} as "{name}"'
    if name == COLUMN:
        return f"{custom_of(record_type)} as {ident(name)}"
    if (key := _key_of_custom(record_type, name)) is not None:
        return _custom_cell(json_of(record_type, key), name, form)
    return _own_cell(record_type, name, form)


def _custom_cell(value: str, name: str, form: Format) -> str:
    cell = f"({value}) #>> '{{}}'" if form == "csv" else value
    return f'{cell} as "{name}"'


def _own_cell(record_type: RecordType, name: str, form: Format) -> str:
    column = f"t.{ident(name)}"
    if form == "csv" and name == "external_ids":  # nobody has any
        return f"null as {ident(name)}"
    field = record_type.fields[name]
    if form == "csv" and field.kind is Kind.KEYS:
        # as JSON where a word holds what stands between words, or what JSON begins with
        has_marks = f"array_to_string({column}, ' ') ~ '[[,;]'"
        words = f"array_to_string({column}, ',')"
        return (
            f"case when {has_marks} then to_json({column})::text else {words} end as {ident(name)}"
        )
    if form == "csv" and field.kind is Kind.DATETIME:
        utc = f"{column} at time zone 'UTC'"
        return f'to_char({utc}, \'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\') as {ident(name)}'
    return f"{value_of(field)} as {ident(name)}"


def _key_of_custom(record_type: RecordType, name: str) -> str | None:
    """Return the key of the custom field that a column is: `tier`, or `custom.tier`."""
    key = name.removeprefix(f"{COLUMN}.")
    is_own = name == key and name in record_type.columns  # a built-in field has its name first
    return key if key in record_type.defined and not is_own else None


def _columns(record_type: RecordType, asked: str | None, form: Format) -> list[str]:
    names = dict.fromkeys(name.strip() for name in (asked or "").split(",") if name.strip())
    for name in names:
        of_source = _SOURCE.fullmatch(name) and "external_ids" in record_type.fields
        of_custom = _key_of_custom(record_type, name) is not None
        if name not in record_type.columns and not of_source and not of_custom:
            meant = closest(name, [*record_type.columns, *record_type.defined])
            hint = f"; did you mean {meant}?" if meant else "."
            raise Invalid(
                f"{record_type.name} have no field {name!r}{hint}",
                errors=[{"parameter": "columns", "code": "unknown_field", "detail": repr(name)}],
                suggestion=meant,
            )
    if names:
        return list(names)
    # a file of cells has a column for each custom field, a file of objects has them together
    custom = [_named(record_type, key) for key in record_type.defined]
    spread = {COLUMN: custom} if form == "csv" else {}
    return [part for name in record_type.columns for part in spread.get(name, [name])]


def _named(record_type: RecordType, key: str) -> str:
    return f"{COLUMN}.{key}" if key in record_type.columns else key
