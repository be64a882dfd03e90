"""An import in one call: a file in, a report out; underneath, an operation like any other."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic_core import from_json, to_json

from cerebro_sdk.schemas.workspace.batches import BatchReport, BatchWrite, ItemError, ItemResult
from cerebro_sdk.schemas.workspace.imports import ImportReport, RowError
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.errors import InvalidFile
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.records.importing import uploads
from cerebro_server.kernel.records.operations import engine, stored
from cerebro_server.kernel.records.operations.repeating import PLAIN, Once
from cerebro_server.kernel.records.operations.stored import PAST, left_of

_SHOWN = 1_000
_OTHER = ("fields", "nouns", "file")
_RESULTS = {**PAST, "unchanged": "unchanged", "skip": "skipped"}


async def import_at_once(
    context: Context,
    record_type: RecordType,
    pieces: AsyncIterator[bytes],
    asked: Mapping[str, Any],
    *,
    dry_run: bool,
) -> ImportReport:
    """Import a file within the request, whatever its size; with `dry_run` only plan it.

    Raises `InvalidFile`, `Invalid`; then nothing is stored.
    """
    for name, value in asked.items():
        if "\0" in str(value):
            nul = "It holds a NUL character."
            wrong = {"parameter": name, "code": "nul", "detail": nul}
            raise InvalidFile(f"{name}: {nul}", errors=[wrong])
    made = await _made(context, record_type, pieces, asked, {"yes": not dry_run})
    return await report(context, made, dry_run=dry_run)


async def write_at_once(
    context: Context, record_type: RecordType, asked: BatchWrite, *, once: Once
) -> BatchReport:
    """Write records within the request, each by itself or all in one transaction; return what came
    of each. Raises `Invalid`, `NotWhole`; then nothing is stored."""
    said = asked.model_dump(exclude={"items", "all_or_nothing"}, exclude_none=True)
    options = {"yes": True, "all_or_nothing": asked.all_or_nothing}
    lines, said = _lines(asked.items), {**said, "format": "jsonl"}
    made = await _made(context, record_type, lines, said, options, once=once)
    return await _results(context, made, len(asked.items))


async def _made(
    context: Context,
    record_type: RecordType,
    pieces: AsyncIterator[bytes],
    asked: Mapping[str, Any],
    options: Mapping[str, Any],
    *,
    once: Once = PLAIN,
) -> UUID:
    """Store a file, and import it within the request; return the operation."""
    context.actor.require(f"{record_type.name}:import")
    upload = await uploads.begin(context, None)
    upload = await uploads.add(context, upload, pieces, offset=0)
    return await engine.create(
        *(context, f"{record_type.name}.import"),
        {**asked, "upload_id": str(upload.id)},
        options,
        at_once=True,
        once=once,
    )


async def _lines(items: Sequence[Mapping[str, Any]]) -> AsyncIterator[bytes]:
    for start in range(0, len(items), _SHOWN):
        yield b"".join(to_json(item) + b"\n" for item in items[start : start + _SHOWN])


async def _results(context: Context, operation_id: UUID, count: int) -> BatchReport:
    """Return what came of each item: items are the lines of the file that they were read as."""
    operation = await stored.get(context, operation_id)
    rows = await context.read(
        Sql(
            "select line, action, outcome, record_id, problem from operation_rows where "
            "operation_id = %s and record_type = %s and line is not null order by n",
            (operation_id, operation.noun),
        )
    )
    results = [ItemResult(index=n, result="skipped") for n in range(count)]
    for line, action, outcome, record_id, problem in rows:
        is_refused = action == "error" or outcome is not None
        results[line - 1] = ItemResult(
            index=line - 1,
            result="refused" if is_refused else _RESULTS[action],
            id=None if is_refused and action == "create" else record_id,
            errors=[ItemError(**each) for each in _told(problem)],
        )
    counts = Counter(each.result for each in results)
    ignored = operation.report.get("ignored", [])
    return BatchReport(operation_id=operation_id, items=results, ignored=ignored, **counts)


async def report(context: Context, operation_id: UUID, *, dry_run: bool) -> ImportReport:
    """Return what an import came to, or would come to."""
    operation = await stored.get(context, operation_id)
    rows = await context.read(
        Sql(
            "select r.line, r.problem from operation_rows r where r.operation_id = %s "
            "and r.problem is not null and r.action <> 'skip' order by r.n limit %s",
            (operation_id, _SHOWN),
        )
    )
    wrong = [RowError(line=line or 0, **each) for line, text in rows for each in _told(text)]
    told = {name: value for name, value in operation.report.items() if name not in _OTHER}
    nouns: Mapping[str, Mapping[str, int]] = operation.report.get("nouns", {})
    planned = nouns.get(operation.noun, {})
    others = [noun for noun in nouns if noun != operation.noun]

    def count(action: str, noun: str) -> int:
        if dry_run:
            return nouns.get(noun, {}).get(action, 0)
        return operation.done.get(f"{noun}.{PAST[action]}", 0)

    [(named,)] = await context.read(  # of the same noun, made since rows name them
        Sql(
            "select count(*) from operation_rows where operation_id = %s and record_type = %s "
            "and action = 'create' and line is null and outcome is null",
            (operation_id, operation.noun),
        )
    )
    links = [noun for noun in others if context.catalog[noun].ends]
    return ImportReport(
        operation_id=operation_id,
        record_type=operation.noun,
        dry_run=dry_run,
        created=count("create", operation.noun) - named,
        updated=count("update", operation.noun),
        unchanged=planned.get("unchanged", 0),
        skipped=planned.get("skip", 0),
        refused=planned.get("error", 0) + left_of(operation.done),
        parents_created=named + sum(count("create", noun) for noun in others if noun not in links),
        linked=sum(count("create", noun) for noun in links),
        errors=wrong[:_SHOWN],
        **told,
    )


def _told(problem: str | None) -> Iterator[Mapping[str, Any]]:
    """Yield all that is wrong with a row."""
    if problem is not None:
        first = from_json(problem)
        yield from (first, *first.get("also", ()))
