"""Mappings of files: suggested for one, saved for the next."""

from __future__ import annotations

from uuid import UUID

from cerebro_sdk.schemas.workspace.mappings import ImportMapping, ImportMappings, MappingSuggest
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.records.importing import mappings
from cerebro_server.kernel.records.operations import suggesting


async def suggest(context: Context, upload_id: UUID, asked: MappingSuggest) -> bytes:
    """Say what an import would take the columns of an upload for. Raises `Invalid`, `NotFound`."""
    return (await suggesting.suggest(context, upload_id, asked)).model_dump_json().encode()


async def listed(context: Context, noun: str | None) -> bytes:
    """Return the saved mappings that the caller may use, of one noun or of all."""
    if noun is not None:
        mappings.importable(context, noun)
    found = ImportMappings(items=await mappings.listed(context, noun))
    return found.model_dump_json().encode()


async def get(context: Context, noun: str, name: str) -> bytes:
    """Return a saved mapping. Raises `NotFound`."""
    return _wire(await mappings.one(context, _known(context, noun), name))


async def delete(context: Context, noun: str, name: str) -> bytes:
    """Delete a saved mapping; return what it was. Raises `NotFound`."""
    return _wire(await mappings.delete(context, _known(context, noun), name))


def _known(context: Context, noun: str) -> str:
    return mappings.importable(context, noun).name


def _wire(mapping: ImportMapping) -> bytes:
    return mapping.model_dump_json().encode()
