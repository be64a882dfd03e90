"""Export: PostgreSQL writes the file, the server hands it on."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass
from typing import IO

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, Transaction, ident, settings
from cerebro_server.kernel.errors import Invalid
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.journal.reading import Cursor
from cerebro_server.kernel.records import reader
from cerebro_server.kernel.records.exporting import changed, parquet, scripts
from cerebro_server.kernel.records.exporting.cells import Format
from cerebro_server.kernel.records.exporting.columns import Column, asked_columns, of_card, spread
from cerebro_server.kernel.records.exporting.vcards import written
from cerebro_server.kernel.records.exporting.workbook import MAX_ROWS, Workbook
from cerebro_server.kernel.turns import turn

_CHUNK = 1 << 16
_PIECE = 1 << 20  # bytes of JSON for a workbook or cards, written at a time in a thread
_IN_MEMORY = 4 << 20
_UNHURRIED = settings(
    statement_timeout="0",
    idle_in_transaction_session_timeout="60s",  # it waits for whoever takes the pieces of a file
)


@dataclass(frozen=True, slots=True)
class Export:
    """An export that has been found right, ready to be written."""

    record_type: RecordType
    form: Format
    columns: Sequence[Column]
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
    since: Cursor | None = None,
) -> Export:
    """Compile an export; all that can be wrong with it is found here, before the reply begins.

    With `since`, only of what changed after it. Raises `Forbidden`, `InvalidQuery`, `Invalid` for
    unknown columns and for a format that cannot be written here.
    """
    for permission in changed.needed(record_type):
        context.actor.require(permission)
    if form == "parquet":
        parquet.check()
    shown = context.seen(record_type)
    where = reader.filtered(context, record_type, selection, *changed.actions(record_type))
    limits = changed.ends(context, record_type)
    if since is not None:
        limits.append(changed.changed(record_type, since))
    return Export(
        shown,
        form,
        asked_columns(context, shown, columns, form),
        Sql.both(where, *limits),
        reader.sorted_by(shown, selection.sort).order_by,
        deleted_too=selection.deleted != "exclude",
    )


def readable_statement(
    context: Context,
    record_type: RecordType,
    selection: reader.Selection,
    *,
    columns: str | None = None,
) -> Export:
    """Compile an export, as JSON lines, of what the caller may read: of a noun without files of its
    own, for the file of another."""
    context.actor.require(f"{record_type.name}:read")
    shown = context.seen(record_type)
    return Export(
        shown,
        "jsonl",
        asked_columns(context, shown, columns, "jsonl"),
        reader.filtered(context, record_type, selection),
        reader.sorted_by(shown, selection.sort).order_by,
        deleted_too=False,
    )


async def export(context: Context, export: Export) -> AsyncGenerator[bytes, None]:
    """Yield the file as PostgreSQL writes it; memory stays flat.

    A workbook is put together on disk before its first piece. Raises `Unavailable` before the first
    piece while many others are at it, `Invalid` for what a workbook cannot hold.
    """
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as file:
        async with turns(context), context.apart() as apart:
            transaction = await apart.write()
            await unhurried(transaction)
            if export.form == "xlsx":
                await _write_workbook(transaction, export, file)
            else:
                async with aclosing(pieces(transaction, export)) as found:
                    async for piece in found:
                        yield piece
        file.seek(0)
        while piece := await asyncio.to_thread(file.read, _CHUNK):
            yield piece


async def gone(
    context: Context, record_type: RecordType, since: Cursor
) -> AsyncGenerator[bytes, None]:
    """Yield what changed after a cursor and is there no more, as JSON lines."""
    async with turns(context), context.apart() as apart:
        transaction = await apart.write()
        await unhurried(transaction)
        statement = changed.gone(context, record_type, since)
        async with aclosing(copied(transaction, statement)) as found:
            async for piece in found:
                yield piece


async def unhurried(transaction: Transaction) -> None:
    """Let statements take their time: a long export is no runaway, and others do not wait for what
    it writes."""
    await transaction.rows(_UNHURRIED)


async def pieces(transaction: Transaction, export: Export) -> AsyncGenerator[bytes, None]:
    """Yield the file, which is no workbook, inside a transaction."""
    columns = await _spread(transaction, export)
    make = {"vcard": _cards, "parquet": _table, "sql": _script}.get(export.form, _plain)
    async with aclosing(make(transaction, export, columns)) as found:
        async for piece in found:
            yield piece


async def copied(
    transaction: Transaction, statement: Sql, size: int = _CHUNK
) -> AsyncGenerator[bytes, None]:
    """Yield lines of JSON: what a statement gives in its one column, as they are."""
    # CSV with quotes and delimiters that JSON cannot hold: COPY's text format doubles backslashes
    how = "(format csv, quote e'\\x01', delimiter e'\\x02')"
    text = f"copy ({statement.text}) to stdout with {how}"
    async with aclosing(transaction.copied(Sql(text, statement.params), size)) as found:
        async for piece in found:
            yield piece


async def _spread(transaction: Transaction, export: Export) -> Sequence[Column]:
    columns = export.columns
    if export.form not in ("jsonl", "sql") and any(c.name == "external_ids" for c in columns):
        sources = await _sources(transaction, export)
        return spread(export.record_type, columns, sources, export.form)
    return columns


async def _plain(
    transaction: Transaction, export: Export, columns: Sequence[Column]
) -> AsyncGenerator[bytes, None]:
    async with aclosing(_lines(transaction, export, columns, _CHUNK)) as found:
        async for piece in found:
            yield piece


async def _table(
    transaction: Transaction, export: Export, columns: Sequence[Column]
) -> AsyncGenerator[bytes, None]:
    table = await asyncio.to_thread(parquet.Table, columns)
    async with aclosing(_lines(transaction, export, columns, _PIECE)) as found:
        async for piece in found:
            if written_now := await asyncio.to_thread(table.write, piece.splitlines()):
                yield written_now
    yield await asyncio.to_thread(table.close)


async def _script(
    transaction: Transaction, export: Export, columns: Sequence[Column]
) -> AsyncGenerator[bytes, None]:
    yield scripts.beginning(export.record_type, columns)
    async with aclosing(_lines(transaction, export, columns, _CHUNK)) as found:
        async for piece in found:
            yield piece
    yield scripts.END


async def _cards(
    transaction: Transaction, export: Export, columns: Sequence[Column]
) -> AsyncGenerator[bytes, None]:
    names = of_card(export.record_type)
    async with aclosing(_lines(transaction, export, columns, _PIECE)) as found:
        async for piece in found:
            yield await asyncio.to_thread(written, piece.splitlines(), names)


async def _write_workbook(transaction: Transaction, export: Export, file: IO[bytes]) -> None:
    """Write the whole file; refuse more rows than a sheet has before the first is read."""
    columns = await _spread(transaction, export)
    most = counting(export, most=MAX_ROWS + 1)
    if (await transaction.rows(most))[0][0] > MAX_ROWS:
        raise Invalid(
            f"A sheet holds at most {MAX_ROWS:,} records, and there are more; narrow them with "
            "`where`, or export CSV.",
            errors=[{"parameter": "format", "code": "too_many_rows", "detail": "Too many rows."}],
        )
    names, kinds = [column.name for column in columns], [column.kind for column in columns]
    book = await asyncio.to_thread(Workbook, file, export.record_type.name, names, kinds)
    try:
        async with aclosing(_lines(transaction, export, columns, _PIECE)) as found:
            async for piece in found:
                await asyncio.to_thread(book.write, piece.splitlines())
    finally:
        await asyncio.to_thread(book.close)


def turns(context: Context) -> AbstractAsyncContextManager[None]:
    """Let exports have half of the pool: one whose reader stalls keeps its connection as long."""
    return turn(context.database, "exports", most=max(1, context.settings.pool_size // 2))


def _lines(
    transaction: Transaction, export: Export, columns: Sequence[Column], size: int
) -> AsyncGenerator[bytes, None]:
    """Yield rows as the format has them: of CSV, as COPY has them, or as JSON objects."""
    listed = ", ".join(f'{column.sql} as "{column.name}"' for column in columns)
    params = (*(param for column in columns for param in column.params), *export.where.params)
    table = ident(export.record_type.table_name)
    rows = f"select {listed} from {table} t where {export.where.text} order by {export.order_by}"
    if export.form == "csv":
        copy = f"copy ({rows}) to stdout with (format csv, header)"
        return transaction.copied(Sql(copy, params), size)
    if export.form == "sql":
        return transaction.copied(Sql(f"copy ({rows}) to stdout", params), size)
    return copied(transaction, Sql(f"select row_to_json(r)::text from ({rows}) r", params), size)


def counting(export: Export, *, most: int | None = None) -> Sql:
    """Return the statement that counts the records of a file, up to a number."""
    table, where = ident(export.record_type.table_name), export.where
    if most is None:
        return Sql(f"select count(*) from {table} t where {where.text}", where.params)
    rows = f"select from {table} t where {where.text} limit %s"
    return Sql(f"select count(*) from ({rows}) as counted", (*where.params, most))


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
