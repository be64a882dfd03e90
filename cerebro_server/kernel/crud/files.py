"""Import, batch and export routes of any record type."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from cerebro_sdk.schemas.workspace.batches import BatchWrite
from cerebro_server.kernel.crud.nouns import of_noun
from cerebro_server.kernel.crud.parameters import IDEMPOTENCY_KEY, ExportQuery, ImportQuery
from cerebro_server.kernel.crud.repeating import once_of
from cerebro_server.kernel.errors import Invalid
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.http.auth import Caller
from cerebro_server.kernel.http.body import begun, chunks, read_json
from cerebro_server.kernel.http.operations import OF_ITS_OWN, json_body, json_reply
from cerebro_server.kernel.http.parameters import read_parameters
from cerebro_server.kernel.journal.reading import Cursor
from cerebro_server.kernel.records import exporting, feed_cursors, reader
from cerebro_server.kernel.records.importing import read_map
from cerebro_server.kernel.records.operations.reports import import_at_once, write_at_once
from cerebro_server.kernel.records.validation import parse_payload

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_BATCH_BYTES = 64 << 20  # it is held in memory, unlike a file
_READ = (
    "text/csv",
    "application/octet-stream",
    "text/plain",
    "text/tab-separated-values",
    "application/jsonl",
    "application/x-ndjson",
    "text/vcard",
    "text/x-vcard",
    _XLSX,
)
_TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl", "xlsx": _XLSX}
_TYPES |= {"vcard": "text/vcard; charset=utf-8", "parquet": "application/vnd.apache.parquet"}
_TYPES |= {"sql": "application/sql"}
_CURSOR = "Cerebro-Cursor"
_FILE = {
    "required": True,
    "content": {
        media: {"schema": {"type": "string", "format": "binary"}}
        for media in ("text/csv", "application/jsonl", "text/vcard", _XLSX)
    },
}
_FILES = {name.partition(";")[0]: {"schema": {"type": "string"}} for name in _TYPES.values()}


def import_route(router: APIRouter, record_type: RecordType) -> None:
    """Add the import of a record type."""

    @of_noun(
        router,
        record_type,
        "POST",
        "/import",
        "import",
        reply=json_reply("ImportReport"),
        refusals=(409, 413, 415, 422),
        query=ImportQuery,
        body=_FILE,
        no_dry_run=OF_ITS_OWN,
    )
    async def import_records(request: Request, context: Caller) -> Response:
        """Import {many} from a file: CSV, JSON lines, XLSX or vCards.
        Rows are matched by external id, else by natural key; what matches is updated, the rest is
        created. Rows with errors are refused one by one and reported with line and column. A file
        that is malformed writes nothing. Presets: {presets}."""
        query = read_parameters(request, ImportQuery)
        asked = query.model_dump(exclude={"dry_run", "map"}, exclude_none=True)
        limit: int = context.settings.max_import_bytes
        report = await import_at_once(
            context,
            record_type,
            chunks(request, types=_READ, limit=limit),
            {**asked, "map": read_map(query.map)},
            dry_run=query.dry_run,
        )
        return Response(report.model_dump_json(), media_type="application/json")


def batch_route(router: APIRouter, record_type: RecordType) -> None:
    """Add the writing of many records in one request."""

    @of_noun(
        router,
        record_type,
        "POST",
        "/batch",
        "write_many",
        reply=json_reply("BatchReport"),
        refusals=(409, 413, 415, 422),
        body=json_body("BatchWrite"),
        parameters=[IDEMPOTENCY_KEY],
    )
    async def write_batch(request: Request, context: Caller) -> Response:
        """Create and update up to 10 000 {many} in one request, with a result for each.
        Items are matched as rows of an import are: by id, external id, else by natural key. One
        that is wrong is refused, and the others are written; with `all_or_nothing` they are one
        transaction. It is an operation, which can be taken back."""
        limit = min(_BATCH_BYTES, context.settings.max_import_bytes)
        body = await read_json(request, limit=limit)
        asked = parse_payload(BatchWrite, body)
        once = once_of(request, f"{record_type.name}/batch", body)
        report = await write_at_once(context, record_type, asked, once=once)
        return Response(report.model_dump_json(), media_type="application/json")


def export_route(router: APIRouter, record_type: RecordType) -> None:
    """Add the export of a record type."""

    @of_noun(
        router,
        record_type,
        "GET",
        "/export",
        "export",
        reply={
            "content": _FILES,
            "headers": {
                _CURSOR: {
                    "description": "Where the next export goes on, as its `since`.",
                    "schema": {"type": "string"},
                }
            },
        },
        refusals=(422,),
        query=ExportQuery,
    )
    async def export_records(request: Request, context: Caller) -> Response:
        """Export {many} as a file.
        Written by the database as it is read: a file of any size takes no memory. With `since`,
        only what changed after it."""
        query = read_parameters(request, ExportQuery)
        # before the file: what happens in between comes again with the next
        cursor = feed_cursors.written(context, await feed_cursors.end(context))
        since = None if query.since is None else await feed_cursors.read_since(context, query.since)
        selection = reader.Selection(query.where, query.sort, query.deleted)
        statement = exporting.export_statement(
            *(context, record_type, selection),
            form=query.format,
            columns=query.columns,
            since=since,
        )
        form, content = query.format, exporting.export(context, statement)
        if query.part == "gone":
            form, content = "jsonl", exporting.gone(context, record_type, _needed(since))
        name = f"{record_type.name}.{'vcf' if form == 'vcard' else form}"
        disposition = f'attachment; filename="{name}"'
        return StreamingResponse(
            await begun(content),
            media_type=_TYPES[form],
            headers={"Content-Disposition": disposition, _CURSOR: cursor},
        )


def _needed(since: Cursor | None) -> Cursor:
    if since is None:
        said = "`part=gone` goes with `since`: what is gone is told from a cursor on."
        raise Invalid(said, errors=[{"parameter": "part", "code": "mixed", "detail": said}])
    return since
