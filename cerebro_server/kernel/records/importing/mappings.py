"""Mappings that are kept by name, for the next file of the same kind."""

from __future__ import annotations

from pydantic_core import from_json

from cerebro_sdk.schemas.workspace.imports import SavedMapping
from cerebro_sdk.schemas.workspace.mappings import ImportMapping
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.errors import Invalid, NotFound, closest
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.ids import uuid7


def importable(context: Context, noun: str) -> RecordType:
    """Return a noun that the caller may import. Raises `Invalid`, `Forbidden`."""
    record_type = context.catalog.get(noun)
    if record_type is None or not record_type.is_imported:
        able = [name for name, each in context.catalog.items() if each.is_imported]
        raise Invalid(
            f"There are no files of {noun!r}; there are of: {', '.join(able)}.",
            errors=[{"pointer": "/noun", "code": "unknown_noun", "detail": repr(noun)}],
            suggestion=closest(noun, able),
        )
    context.actor.require(f"{noun}:import")
    return record_type


async def save(context: Context, noun: str, name: str, mapping: SavedMapping) -> None:
    """Keep a mapping, in place of one of the same name."""
    await (await context.write()).rows(
        Sql(
            "insert into import_mappings as m (id, record_type, name, mapping) "
            "values (%s, %s, %s, %s::jsonb) on conflict (record_type, name) do update "
            "set mapping = excluded.mapping, deleted_at = null, version = m.version + 1, "
            "updated_at = now() where m.mapping <> excluded.mapping or m.deleted_at is not null",
            (uuid7(), noun, name, mapping.model_dump_json()),
        )
    )


async def get(context: Context, noun: str, name: str) -> SavedMapping:
    """Return a mapping by name, to be used. Raises `Invalid` with those that there are."""
    known = {each.name: each for each in await listed(context, noun)}
    if name not in known:
        raise Invalid(
            _unknown(noun, name, list(known)),
            errors=[{"pointer": "/input/mapping", "code": "unknown_mapping", "detail": repr(name)}],
            suggestion=closest(name, known),
        )
    found = known[name]
    return SavedMapping(preset=found.preset, columns=found.columns, key=found.key)


async def one(context: Context, noun: str, name: str) -> ImportMapping:
    """Return a mapping by name, to be looked at. Raises `NotFound` with those that there are."""
    known = {each.name: each for each in await listed(context, noun)}
    if name not in known:
        raise NotFound(_unknown(noun, name, list(known)), suggestion=closest(name, known))
    return known[name]


async def listed(context: Context, noun: str | None = None) -> list[ImportMapping]:
    """Return the mappings of a noun, or of every noun that the caller may import."""
    may = [name for name in context.catalog if context.actor.may(f"{name}:import")]
    rows = await context.read(
        Sql(
            "select record_type, name, mapping, updated_at from import_mappings "
            "where record_type = any(%s) and deleted_at is null order by record_type, name",
            (may if noun is None else [noun],),
        )
    )
    return [
        ImportMapping(
            **SavedMapping.model_validate(from_json(mapping)).model_dump(),
            record_type=record_type,
            name=name,
            updated_at=updated_at,
        )
        for record_type, name, mapping, updated_at in rows
    ]


async def delete(context: Context, noun: str, name: str) -> ImportMapping:
    """Delete a mapping; return what it was. Raises `NotFound`."""
    found = await one(context, noun, name)
    await (await context.write()).rows(
        Sql(
            "update import_mappings set deleted_at = now(), version = version + 1, "
            "updated_at = now() where record_type = %s and name = %s and deleted_at is null",
            (noun, name),
        )
    )
    return found


def _unknown(noun: str, name: str, known: list[str]) -> str:
    there = ", ".join(known) or "none yet"
    return f"There is no saved mapping {name!r} for {noun}; there is: {there}."
