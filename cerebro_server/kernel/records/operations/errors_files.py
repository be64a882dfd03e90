"""The rows of a file that were refused or left, as a file of its own."""

from __future__ import annotations

import asyncio
import re
import tempfile
from pathlib import PurePosixPath
from typing import Final

from pydantic_core import from_json

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.errors import Invalid, closest
from cerebro_server.kernel.records.importing import uploads
from cerebro_server.kernel.records.importing.refusals import errors_file
from cerebro_server.kernel.records.operations import files
from cerebro_server.kernel.records.operations.inputs import (
    DumpFile,
    DumpInput,
    ImportInput,
    read,
)
from cerebro_server.kernel.records.operations.stored import Operation

_IN_COLUMNS: Final = re.compile(r" \(([a-z_]+)\)(?:\.[^./]*)?$")
_ENDINGS: Final = {"jsonl": "jsonl", "vcard": "vcf"}


async def errors_of(
    context: Context, operation: Operation, name: str | None = None
) -> tuple[bytes, str]:
    """Return the rows of an import's file that are refused, or were left, in its own shape with why
    in a last column; and what that file is. Of a dump `name` says which file.

    Raises `NotFound` once the upload is gone, `Invalid` where the dump has no such file.
    """
    is_dump = operation.kind == files.DUMP
    asked: tuple[int | None, ImportInput] = (
        _file_of(read(DumpInput, operation.input), name)
        if is_dump
        else (None, read(ImportInput, operation.input))
    )
    number, said = asked
    rows = await context.read(
        Sql(
            "select line, problem from operation_rows where operation_id = %s "
            "and problem is not null and action <> 'skip' and line is not null "
            "and file is not distinct from %s order by line",
            (operation.id, number),
        )
    )
    wrong: dict[int, list[str]] = {}
    for line, problem in rows:
        first = from_json(problem)
        messages = [each["message"] for each in (first, *first.get("also", ()))]
        wrong.setdefault(line, []).extend(messages)
    with tempfile.SpooledTemporaryFile(files.IN_MEMORY) as file:
        upload = await uploads.get(context, said.upload_id)
        await uploads.fetch(context, upload, file)
        table = await asyncio.to_thread(files.table_of, file, said)
        content = await asyncio.to_thread(errors_file, table, wrong)
    return content, _ENDINGS.get(table.format, "csv")


def _file_of(dump: DumpInput, name: str | None) -> tuple[int, DumpFile]:
    found = {file.name: (n, file) for n, file in enumerate(dump.files) if file.upload_id}
    if listed := _IN_COLUMNS.search(name or ""):
        for n, file in [*found.values()]:
            number, called = in_columns(dump, n, listed[1])
            found |= {called: (number, file)} if called == name else {}
    if name not in found:
        said = f"Say which `file` of the dump; there are: {', '.join(found)}."
        wrong = {"parameter": "file", "code": "unknown_file", "detail": repr(name)}
        raise Invalid(said, errors=[wrong], suggestion=closest(name or "", found))
    return found[name]


def in_columns(dump: DumpInput, number: int, noun: str) -> tuple[int, str]:
    """Return number and name of what stands as a list in the columns of a file of a dump:
    `deals (deal_stages).csv` of `deals.csv`."""
    own = PurePosixPath(dump.files[number].name)
    return len(dump.files) + number, str(own.with_name(f"{own.stem} ({noun}){own.suffix}"))
