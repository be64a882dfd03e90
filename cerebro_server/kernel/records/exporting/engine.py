"""Export: PostgreSQL writes the file, the server hands it on."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass
from typing import IO

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, Transaction, ident
from cerebro_server.kernel.errors import Invalid
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.records import reader
from cerebro_server.kernel.records.exporting.cells import Format
from cerebro_server.kernel.records.exporting.columns import Column, asked_columns, of_card, spread
from cerebro_server.kernel.records.exporting.vcards import written
from cerebro_server.kernel.records.exporting.workbook import MAX_ROWS, Workbook
from cerebro_server.kernel.turns import turn

_CHUNK = 1 << 16
_PIECE = 1 << 20  # bytes of JSON for a workbook or cards, written at a time in a thread
_IN_MEMORY = 4 << 20


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
) -> Export:
    """Compile an export; all that can be wrong with it is found here, before the reply begins.

    Raises `InvalidQuery`, `Invalid` for unknown columns.
    """
    context.actor.require(f"{record_type.name}:export")
    shown = context.seen(record_type)
    return Export(
        shown,
        form,
        asked_columns(context, shown, columns, form),
        reader.filtered(context, record_type, selection, "export"),
        reader.sorted_by(shown, selection.sort).order_by,
        deleted_too=selection.deleted != "exclude",
    )


async def export(context: Context, export: Export) -> AsyncGenerator[bytes, None]:
    """Yield the file as PostgreSQL writes it; memory stays flat.

    A workbook is put together on disk before its first piece. Raises `Unavailable` before the first
    piece while many others are at it, `Invalid` for what a workbook cannot hold.
    """
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as file:
        async with _turn(context), context.apart() as apart:
            transaction = await apart.write()
            # a long export is no runaway statement, and it writes nothing that others wait for
            await transaction.rows(Sql("select set_config('statement_timeout', '0', true)"))
            columns = export.columns
            if export.form != "jsonl" and any(c.name == "external_ids" for c in columns):
                sources = await _sources(transaction, export)
                columns = spread(export.record_type, columns, sources, export.form)
            if export.form == "xlsx":
                await _write_workbook(transaction, export, columns, file)
            elif export.form == "vcard":
                async with aclosing(_cards(transaction, export, columns)) as pieces:
                    async for piece in pieces:
                        yield piece
            else:
                async with aclosing(transaction.copied(_copy(export, columns), _CHUNK)) as pieces:
                    async for piece in pieces:
                        yield piece
        file.seek(0)
        while piece := await asyncio.to_thread(file.read, _CHUNK):
            yield piece


async def _cards(
    transaction: Transaction, export: Export, columns: Sequence[Column]
) -> AsyncGenerator[bytes, None]:
    names = of_card(export.record_type)
    async with aclosing(transaction.copied(_copy(export, columns), _PIECE)) as pieces:
        async for piece in pieces:
            yield await asyncio.to_thread(written, piece.splitlines(), names)


async def _write_workbook(
    transaction: Transaction, export: Export, columns: Sequence[Column], file: IO[bytes]
) -> None:
    """Write the whole file; refuse more rows than a sheet has before the first is read."""
    most = Sql(
        f"select count(*) from (select from {ident(export.record_type.table_name)} t "
        f"where {export.where.text} limit {MAX_ROWS + 1}) as counted",
        export.where.params,
    )
    if (await transaction.rows(most))[0][0] > MAX_ROWS:
        raise Invalid(
            f"A sheet holds at most {MAX_ROWS:,} records, and there are more; narrow them with "
            "`where`, or export CSV.",
            errors=[{"parameter": "format", "code": "too_many_rows", "detail": "Too many rows."}],
        )
    names, kinds = [column.name for column in columns], [column.kind for column in columns]
    book = await asyncio.to_thread(Workbook, file, export.record_type.name, names, kinds)
    try:
        async with aclosing(transaction.copied(_copy(export, columns), _PIECE)) as pieces:
            async for piece in pieces:
                await asyncio.to_thread(book.write, piece.splitlines())
    finally:
        await asyncio.to_thread(book.close)


def _turn(context: Context) -> AbstractAsyncContextManager[None]:
    """Let exports have half of the pool: one whose reader stalls keeps its connection as long."""
    return turn(context.database, "exports", most=max(1, context.settings.pool_size // 2))


def _copy(export: Export, columns: Sequence[Column]) -> Sql:
    listed = ", ".join(f'{column.sql} as "{column.name}"' for column in columns)
    params = (*(param for column in columns for param in column.params), *export.where.params)
    table = ident(export.record_type.table_name)
    rows = f"select {listed} from {table} t where {export.where.text} order by {export.order_by}"
    if export.form == "csv":
        return Sql(f"copy ({rows}) to stdout with (format csv, header)", params)
    # CSV with quotes and delimiters that JSON cannot hold: COPY's text format doubles backslashes
    return Sql(
        f"copy (select row_to_json(r)::text from ({rows}) r) to stdout "
        "with (format csv, quote e'\\x01', delimiter e'\\x02')",
        params,
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
