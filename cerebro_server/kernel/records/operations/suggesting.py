"""What an import would take the columns of a file for, before anything is planned."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import closing
from itertools import islice
from typing import IO, Any
from uuid import UUID

from cerebro_sdk.schemas.workspace.imports import MappedColumn, SavedMapping
from cerebro_sdk.schemas.workspace.mappings import MappingSuggest, SuggestedMapping
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.errors import InvalidFile
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.records.importing import looks, mappings, uploads
from cerebro_server.kernel.records.importing.mapping import Mapping
from cerebro_server.kernel.records.importing.table import ERROR_COLUMN, Table
from cerebro_server.kernel.records.importing.unfolding import forked
from cerebro_server.kernel.records.operations.files import (
    IN_MEMORY,
    mapped,
    preset_of,
    saved_of,
    table_of,
)
from cerebro_server.kernel.records.operations.inputs import ReadInput, read

_SAMPLES, _LONGEST = 3, 100


async def suggest(context: Context, upload_id: UUID, asked: MappingSuggest) -> SuggestedMapping:
    """Map an upload as an import would, and say how sure each column is. It needs the permission
    `<noun>:import`; with `save_mapping` the mapping is kept.

    Raises `NotFound`, `Invalid`, `InvalidFile`.
    """
    record_type = mappings.importable(context, asked.noun)
    said = read(ReadInput, asked.model_dump(exclude={"noun"}))
    saved = await saved_of(context, asked.noun, said)
    upload = await uploads.get(context, upload_id)
    if not upload.size:
        raise InvalidFile("The file is empty: it has no header.")
    shown = context.seen(record_type)
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as file:
        await uploads.fetch(context, upload, file)
        table, mapping, columns = await asyncio.to_thread(_looked_at, file, shown, said, saved)
    if said.save_mapping is not None:
        await mappings.save(context, asked.noun, said.save_mapping, mapping.to_wire(table.header))
    return SuggestedMapping(
        record_type=record_type.name,
        format=table.format,
        sheet=table.sheet,
        encoding=table.encoding.name,
        encoding_source=table.encoding.source,
        delimiter=table.delimiter,
        preset=mapping.preset,
        key=mapping.key,
        columns=columns,
    )


def _looked_at(
    file: IO[bytes], shown: RecordType, said: ReadInput, saved: SavedMapping
) -> tuple[Table, Mapping, list[MappedColumn]]:
    table = table_of(file, said)
    table = forked(shown, table, preset_of(shown, table, said, saved))
    mapping = mapped(shown, table, said, saved)
    told = {each.column: each for each in mapping.columns(table.header, most=len(table.header))}
    with closing(table.rows()) as rows:
        sample: list[list[Any]] = [row.cells for row in islice(rows, looks.SEEN)]
    columns = [
        told.get(name, MappedColumn(column=name)).model_copy(
            update={"samples": _samples(sample, index)}
        )
        for index, name in enumerate(table.header)
        if name and name != ERROR_COLUMN
    ]
    return table, mapping, columns


def _samples(rows: list[list[Any]], index: int) -> list[str]:
    values = dict.fromkeys(looks.values_of(rows, index))
    return [value[:_LONGEST] for value in values][:_SAMPLES]
