"""Building and dropping the indexes of custom fields, as the owner of the schema."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final
from uuid import UUID

from psycopg import AsyncConnection
from psycopg import errors as pg

from cerebro_server.kernel.config import Settings
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Database, Sql, Workspace, ident, urls
from cerebro_server.kernel.fields import Definition
from cerebro_server.kernel.records.custom_indexes import Index, indexes, sharing, stem

_FIELD: Final = """
select id, record_type, key, type, label, description, options, is_required, "default",
    is_indexed, is_unique
from fields where path = %s and deleted_at is null
"""
_THERE: Final = """
select c.relname, i.indisvalid, i.indisunique
from pg_index i join pg_class c on c.oid = i.indexrelid
where c.relnamespace = %s::regnamespace and c.relname like %s
"""
_LOCK: Final = "select pg_try_advisory_lock(hashtextextended(%s, 0))"
_STATE: Final = """
update fields set index_state = %s, index_error = %s, version = version + 1, updated_at = now()
where id = %s and (is_indexed, is_unique) = (%s, %s) and deleted_at is null
    and (index_state, index_error) is distinct from (%s, %s)
"""
_SHOWN = 5


class Wanted:
    """What a field's definition asks for, at one moment."""

    def __init__(self, row: tuple[Any, ...]) -> None:
        names = ("key", "type", "label", "description", "options", "is_required", "default")
        self.field_id: UUID = row[0]
        self.noun: str = row[1]
        self.definition = Definition.of({**dict(zip(names, row[2:9], strict=True)), "options": []})
        self.is_indexed, self.is_unique = row[9:]

    @property
    def indexes(self) -> list[Index]:
        """The indexes that there have to be."""
        if not (self.is_indexed or self.is_unique):
            return []
        return list(indexes(self.noun, self.definition, is_unique=self.is_unique))


class Taken(Exception):  # noqa: N818 - what is the matter
    """Records share values of a field that is to be unique."""


class Busy(Exception):  # noqa: N818 - what is the matter
    """Another worker is at it."""


async def wanted(database: Database, workspace: Workspace, path: str) -> Wanted | None:
    """Return what is wanted of a field; None for one that is not there any more."""
    rows = await database.read(workspace.scope, Sql(_FIELD, (path,)))
    return Wanted(rows[0]) if rows else None


async def bring_about(
    settings: Settings, workspace: Workspace, path: str, table: str, field: Wanted | None
) -> None:
    """Build the indexes that are missing and drop the others, while everybody goes on writing.

    What a cut-off run left half-built is dropped and built anew. Raises `Taken`, `Busy`.
    """
    noun, _, key = path.partition(".")
    async with _owner(settings, workspace, path) as connection:
        cursor = await connection.execute(_THERE, (ident(workspace.schema), stem(noun, key) + "%"))
        there = {name: (valid, unique) for name, valid, unique in await cursor.fetchall()}
        needed = {} if field is None else {index.name: index for index in field.indexes}
        for name, (is_valid, is_unique) in there.items():
            if not is_valid or name not in needed or needed[name].is_unique != is_unique:
                await _drop(connection, name)
            else:
                del needed[name]
        for index in needed.values():
            try:
                await connection.execute(index.creation(table).encode())
            except pg.UniqueViolation as error:
                await _drop(connection, index.name)
                assert field is not None  # noqa: S101
                raise Taken(await _offenders(connection, table, field.definition)) from error


async def note(context: Context, field: Wanted, state: str | None, error: str | None) -> None:
    """Write down how a field's index stands, unless something else is wanted by now."""
    transaction = await context.write()
    flags = (field.is_indexed, field.is_unique)
    await transaction.rows(Sql(_STATE, (state, error, field.field_id, *flags, state, error)))


@asynccontextmanager
async def _owner(
    settings: Settings, workspace: Workspace, path: str
) -> AsyncIterator[AsyncConnection[Any]]:
    """Connect as the owner, in the workspace's schema, as the only one who works at this field.

    Does not wait for another: a build waits for whoever waits in a statement.
    """
    connection = await AsyncConnection.connect(urls.owner_url(settings), autocommit=True)
    async with connection:
        await connection.execute(
            "select set_config('search_path', %s, false)", (f'"{workspace.schema}", pg_temp',)
        )
        cursor = await connection.execute(_LOCK, (f"{workspace.schema}.{path}",))
        row = await cursor.fetchone()
        if row is None or not row[0]:
            raise Busy(f"Another worker builds the index of {path}.")
        yield connection


async def _drop(connection: AsyncConnection[Any], name: str) -> None:
    await connection.execute(f"drop index concurrently if exists {ident(name)}".encode())


async def _offenders(connection: AsyncConnection[Any], table: str, definition: Definition) -> str:
    """Say which records share a value."""
    cursor = await connection.execute(sharing(table, definition, most=_SHOWN + 1).encode())
    rows = await cursor.fetchall()
    listed = [
        ", ".join(ids[:_SHOWN]) + (" and more" if count > _SHOWN else "")
        for ids, count in rows[:_SHOWN]
    ]
    more = "; and others" if len(rows) > _SHOWN else ""
    return f"Several {table} have the same {definition.label}: {'; '.join(listed)}{more}."
