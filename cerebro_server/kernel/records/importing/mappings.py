"""Mappings that are kept by name, for the next file of the same kind."""

from __future__ import annotations

from pydantic_core import from_json

from cerebro_sdk.schemas.workspace.imports import SavedMapping
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.errors import Invalid, closest


async def save(context: Context, noun: str, name: str, mapping: SavedMapping) -> None:
    """Keep a mapping, in place of one of the same name."""
    await (await context.write()).rows(
        Sql(
            "insert into import_mappings (record_type, name, mapping) values (%s, %s, %s::jsonb) "
            "on conflict (record_type, name) do update set mapping = excluded.mapping, "
            "updated_at = now()",
            (noun, name, mapping.model_dump_json()),
        )
    )


async def get(context: Context, noun: str, name: str) -> SavedMapping:
    """Return a mapping by name. Raises `Invalid` with those that there are."""
    rows = await context.read(
        Sql(
            "select name, mapping from import_mappings where record_type = %s order by name",
            (noun,),
        )
    )
    known: dict[str, bytes] = dict(rows)
    if name not in known:
        listed = ", ".join(known) or "none yet"
        raise Invalid(
            f"There is no saved mapping {name!r} for {noun}; there is: {listed}.",
            errors=[{"pointer": "/input/mapping", "code": "unknown_mapping", "detail": repr(name)}],
            suggestion=closest(name, known),
        )
    return SavedMapping.model_validate(from_json(known[name]))
