"""Writing an export: all nouns as they are at one moment, piece by piece."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from pydantic_core import to_json

from cerebro_sdk.schemas.workspace.exports import FolderFormat
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, Transaction
from cerebro_server.kernel.errors import Problem, Timeout
from cerebro_server.kernel.files import evenly
from cerebro_server.kernel.ids import uuid7
from cerebro_server.kernel.journal.reading import Cursor
from cerebro_server.kernel.records import feed_cursors, reader
from cerebro_server.kernel.records.exporting import changed, engine, pieces, stored
from cerebro_server.kernel.records.operations.planning import Begin

VERSION: Final = 1
"""Of the folder's shape; a reader of a later one need not understand it."""
MANIFEST: Final = "manifest.json"
ATTACHMENTS: Final = "attachments.jsonl"
PEOPLE: Final = "people.jsonl"
_FIELDS: Final = "fields"
_FILES: Final = "files"
_USERS: Final = "users"
_ORDER = "id"  # the oldest first: what is named is often older than what names it


class Asked(NamedTuple):
    """What an export is to hold."""

    nouns: Sequence[str]
    format: FolderFormat
    filters: Mapping[str, str]
    since: str | None


async def statements(context: Context, asked: Asked) -> dict[str, engine.Export]:
    """Compile the export of each noun, with the rights of the caller; all that can be wrong with it
    is found here. Raises `Forbidden`, `InvalidQuery`, `InvalidCursor`, `Invalid`."""
    since = None
    if asked.since is not None:
        since = await feed_cursors.read_since(context, asked.since)
    return {
        noun: engine.export_statement(
            context,
            context.catalog[noun],
            reader.Selection(asked.filters.get(noun), _ORDER),
            form=asked.format,
            columns=None,
            since=since,
        )
        for noun in asked.nouns
    }


async def fewer_than(context: Context, exports: Iterable[engine.Export], most: int) -> bool:
    """Tell whether all of these together have fewer rows; it never counts more, nor for longer
    than a request may take."""
    left = most
    for export in exports:
        try:
            [(count,)] = await context.read(engine.counting(export, most=left))
        except Timeout:
            return False
        left -= count
        if left <= 0:
            return False
    return True


async def run(begin: Begin, export_id: UUID) -> None:
    """Write an export, from the beginning: what an attempt before has left is removed.

    Nothing happens to one that is over. What is wrong with it for good is written down with it, and
    raised.
    """
    attempt = uuid7()
    async with begin() as context:
        asked = await stored.begin(await context.write(), export_id, attempt)
        reading = context.apart()
    if asked is None:
        return
    writer = _Writer(begin, export_id, attempt)
    try:
        await writer.clear()
        async with engine.turns(reading), reading.snapshot() as (seen, transaction):
            await engine.unhurried(transaction)
            await _write(seen, transaction, Asked(*asked), writer)
        await writer.finish()
    except stored.Superseded:
        return
    except Problem as problem:
        if problem.status < 500:
            await writer.fail(problem)
        raise


async def _write(context: Context, transaction: Transaction, asked: Asked, writer: _Writer) -> None:
    cursor = feed_cursors.written(context, await feed_cursors.end(context))
    [(taken_at,)] = await transaction.rows(Sql("select now()"))
    exports = await statements(context, asked)
    counts = {
        noun: (await transaction.rows(engine.counting(export)))[0][0]
        for noun, export in exports.items()
    }
    await writer.expect(cursor, sum(counts.values()))
    for noun, export in exports.items():
        path = f"{noun}.{asked.format}"
        await writer.file(path, engine.pieces(transaction, export), noun, counts[noun])
    manifest = _manifest(context, asked, cursor, taken_at)
    manifest["files"] = [
        {name: file[name] for name in ("noun", "path", "rows", "size", "sha256")}
        for file in writer.files
    ]
    if asked.since is not None:
        since = await feed_cursors.read_since(context, asked.since)
        manifest["deleted"] = await writer.file(
            "deleted.jsonl", _gone(context, transaction, asked.nouns, since)
        )
    if counts.get(_FILES) and "sha256" in context.seen(context.catalog[_FILES]).fields:
        listed = await _attachments(context, asked)
        found = writer.file(ATTACHMENTS, engine.pieces(transaction, listed))
        manifest["attachments"] = await found
    if context.actor.may(f"{_USERS}:read") and context.seen(context.catalog[_USERS]).shows("email"):
        manifest["people"] = await writer.file(PEOPLE, engine.pieces(transaction, _people(context)))
    if context.actor.may(f"{_FIELDS}:read"):
        fields = _definitions(context, transaction, asked.nouns)
        manifest["fields"] = await writer.file("fields.json", fields)
    await writer.file(MANIFEST, _once(to_json(manifest, indent=2) + b"\n"))


def _manifest(context: Context, asked: Asked, cursor: str, taken_at: datetime) -> dict[str, Any]:
    return {
        "format": "cerebro",
        "version": VERSION,
        "cursor": cursor,
        "since": asked.since,
        "workspace": context.workspace,
        "taken_at": taken_at,
        "files": [],
        "fields": None,
        "deleted": None,
        "attachments": None,
        "people": None,
    }


async def _attachments(context: Context, asked: Asked) -> engine.Export:
    """Return the export of which bytes belong to the files that are exported: whoever fetches the
    folder fetches these one by one."""
    since = None if asked.since is None else await feed_cursors.read_since(context, asked.since)
    selection = reader.Selection(asked.filters.get(_FILES), _ORDER)
    return engine.export_statement(
        context,
        context.catalog[_FILES],
        selection,
        form="jsonl",
        columns="id,sha256,size",
        since=since,
    )


def _people(context: Context) -> engine.Export:
    """Return the export of who has which id, as far as the caller sees it: in another workspace
    users have others, and are found by their addresses."""
    users = context.catalog[_USERS]
    return engine.readable_statement(
        context, users, reader.Selection(None, _ORDER), columns="id,email"
    )


async def _gone(
    context: Context, transaction: Transaction, nouns: Sequence[str], since: Cursor
) -> AsyncGenerator[bytes, None]:
    for noun in nouns:
        statement = changed.gone(context, context.catalog[noun], since)
        async with aclosing(engine.copied(transaction, statement)) as found:
            async for piece in found:
                yield piece


async def _definitions(
    context: Context, transaction: Transaction, nouns: Sequence[str]
) -> AsyncGenerator[bytes, None]:
    """Yield the custom fields of these nouns, as far as the caller sees them, as a JSON array."""
    selection = reader.Selection(f"record_type in ({', '.join(nouns)})", "record_type,position,id")
    export = engine.readable_statement(context, context.catalog[_FIELDS], selection)
    lines = b"".join([piece async for piece in engine.pieces(transaction, export)]).splitlines()
    yield b"[" + b",".join(b"\n" + line for line in lines) + b"\n]\n"


async def _once(content: bytes) -> AsyncGenerator[bytes, None]:
    yield content


class _Writer:
    """Keeps what is written, a piece a transaction, with how far it has come."""

    def __init__(self, begin: Begin, export_id: UUID, attempt: UUID) -> None:
        self._begin = begin
        self._export_id = export_id
        self._attempt = attempt
        self._rows = 0
        self._bytes = 0
        self.files: list[dict[str, Any]] = []

    async def clear(self) -> None:
        """Remove what an attempt before has left."""
        has_more = True
        while has_more:
            async with self._begin() as context:
                has_more = await pieces.drop(await context.write(), self._export_id)

    async def expect(self, cursor: str, total_rows: int) -> None:
        """Write down the moment that all files show, and how many records there are."""
        async with self._begin() as context:
            await self._set(await context.write(), cursor=cursor, total_rows=total_rows)

    async def file(
        self,
        path: str,
        content: AsyncGenerator[bytes, None],
        noun: str | None = None,
        rows: int | None = None,
    ) -> dict[str, Any]:
        """Keep a file; return what is known of it."""
        digest, start, before = hashlib.sha256(), 0, self._rows
        async with aclosing(content) as found:
            async for piece in evenly(found):
                digest.update(piece)
                if rows is not None:  # a guess, until the file is whole
                    self._rows = min(self._rows + piece.count(b"\n"), before + rows)
                await self._store(path, start, piece)
                start += len(piece)
        self._rows = before + (rows or 0)
        file = {
            "path": path,
            "noun": noun,
            "rows": rows,
            "size": start,
            "sha256": digest.hexdigest(),
        }
        self.files.append(file)
        return {"path": path, "size": start, "sha256": file["sha256"]}

    async def finish(self) -> None:
        """Say that all files can be fetched."""
        async with self._begin() as context:
            transaction = await context.write()
            done = {"rows": self._rows, "files": self.files, "state": "ready"}
            await self._set(transaction, ended=True, **done)

    async def fail(self, problem: Problem) -> None:
        """Write down what went wrong."""
        said = {"code": problem.code, "title": problem.title, "detail": problem.detail}
        kept = {**said, "status": problem.status, "errors": problem.errors}
        with contextlib.suppress(stored.Superseded):
            async with self._begin() as context:
                await self._set(await context.write(), problem=kept, ended=True, state="failed")

    async def _store(self, path: str, start: int, piece: bytes) -> None:
        self._bytes += len(piece)
        async with self._begin() as context:
            transaction = await context.write()
            await self._set(transaction, rows=self._rows, bytes=self._bytes)
            await pieces.store(transaction, self._export_id, path, start, piece)

    async def _set(self, transaction: Transaction, **values: Any) -> None:
        await stored.change(transaction, self._export_id, self._attempt, **values)
