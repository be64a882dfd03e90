"""An import from file to report."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any

from psycopg import errors as pg
from pydantic import TypeAdapter, ValidationError

from cerebro_sdk.schemas.workspace.imports import ImportReport, RowError
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db.failures import Collision
from cerebro_server.kernel.errors import Conflict
from cerebro_server.kernel.fields import Batch, RecordType
from cerebro_server.kernel.fields.custom import COLUMN
from cerebro_server.kernel.ids import read_id
from cerebro_server.kernel.records.customizing import Wrong, checked
from cerebro_server.kernel.records.importing.choosing import find_preset, map_columns
from cerebro_server.kernel.records.importing.claims import Claims
from cerebro_server.kernel.records.importing.joining import MissingParent, write_with_parents
from cerebro_server.kernel.records.importing.mapping import Mapping
from cerebro_server.kernel.records.importing.reading import Format, Row, Table, read_table
from cerebro_server.kernel.records.importing.table import ERROR_COLUMN, text_of
from cerebro_server.kernel.records.importing.unknown import Unknown
from cerebro_server.kernel.records.importing.writing import Shape
from cerebro_server.kernel.records.validation import message

CHUNK = 5_000  # rows in one transaction: well under two seconds of writing
_SHOWN = 1_000
_TRIES = 4


@dataclass(frozen=True, slots=True)
class Options:
    """How to read a file, and whether to write."""

    preset: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    dry_run: bool = False
    form: Format | None = None
    sheet: str | None = None
    columns: dict[str, str | None] | None = None
    """`{column: field, or None}`, which counts more than what is found."""
    key: str | None = None
    missing_parent: MissingParent | None = None


async def import_file(
    context: Context, record_type: RecordType, file: IO[bytes], options: Options
) -> ImportReport:
    """Import a file: rows that are right are written, those that are wrong are reported.

    The file is read through before the first row is written, so a malformed one writes nothing.
    Rows go in by chunks, each a transaction; a second import of the same file writes nothing, so
    one that was cut off is simply started again. Raises `InvalidFile`, `Invalid`.
    """
    for action in ("import", "create", "update"):
        context.actor.require(f"{record_type.name}:{action}")
    if options.preset is not None:
        find_preset(record_type, options.preset)
    table = await asyncio.to_thread(
        read_table,
        file,
        encoding=options.encoding,
        delimiter=options.delimiter,
        form=options.form,
        sheet=options.sheet,
    )
    mapping = map_columns(
        context.seen(record_type),
        table.header,
        options.preset,
        laid=options.columns,
        key=options.key,
    )
    run = _Run(context, record_type, table, mapping, options)
    with closing(table.rows()) as rows:
        # parsing and validating in a thread: other requests are answered meanwhile
        while chunk := await asyncio.to_thread(lambda: list(islice(rows, CHUNK))):
            await run.chunk(chunk)
    return await asyncio.to_thread(run.report)


class _Run:
    """The counts of one import while it goes on."""

    def __init__(
        self,
        context: Context,
        record_type: RecordType,
        table: Table,
        mapping: Mapping,
        options: Options,
    ) -> None:
        self._context = context
        self._record_type = record_type
        self._shown = context.seen(record_type)
        self._table = table
        self._mapping = mapping
        self._options = options
        self._counts: Counter[str] = Counter()
        self._errors: list[RowError] = []
        self._claims = Claims(record_type, mapping.keys)
        self._filled: set[int] = set()
        assert record_type.create is not None  # noqa: S101 - or there would be no import
        self._adapter = TypeAdapter(record_type.create)
        self._shape = Shape(record_type, mapping.names, mapping.key, mapping.keys)
        self._unknown = Unknown(self._shown, table.header, mapping)

    async def chunk(self, rows: Sequence[Row]) -> None:
        """Validate and write some rows."""
        self._counts["rows"] += len(rows)
        kept, batch = await asyncio.to_thread(self._prepare, rows)
        named = [self._mapping.parents(row.cells) for row in kept]
        counts, refusals = await self._write(batch, named)
        self._counts.update(counts)
        for refusal in sorted(refusals, key=lambda refusal: refusal.row):
            field = refusal.field and refusal.field.replace("/", ".")
            self._refuse(kept[refusal.row], field, refusal.code, refusal.message)
        self._counts["refused"] += len({refusal.row for refusal in refusals})

    def report(self) -> ImportReport:
        """Return what happened."""
        header, mapping = self._table.header, self._mapping
        ignored = sorted(self._filled - mapping.fields.keys() - {mapping.deleted})
        return ImportReport(
            record_type=self._record_type.name,
            dry_run=self._options.dry_run,
            errors=self._errors,
            format=self._table.format,
            sheet=self._table.sheet,
            encoding=self._table.encoding.name,
            encoding_source=self._table.encoding.source,
            delimiter=self._table.delimiter,
            mapping={header[index]: field for index, field in sorted(mapping.fields.items())},
            ignored=[header[i] for i in ignored if header[i] not in ("", ERROR_COLUMN)],
            unknown=self._unknown.proposals(),
            key=mapping.key,
            **{
                name: self._counts[name]
                for name in (
                    *("rows", "created", "updated", "unchanged"),
                    *("skipped", "deleted_at_source", "refused"),
                    *("parents_created", "linked"),
                )
            },
        )

    def _prepare(self, rows: Sequence[Row]) -> tuple[list[Row], Batch]:
        """Return the rows to write, and what is in them; skip and refuse the others."""
        kept: list[Row] = []
        batch = Batch([])
        for row in rows:
            self._filled.update(index for index, cell in enumerate(row.cells) if cell)
            self._unknown.see(row.cells)
            if self._mapping.wanted(row.cells) == "delete":
                self._counts["skipped"] += 1
                self._counts["deleted_at_source"] += 1
                continue
            validated = self._validate(row)
            if validated is not None and self._claim(row, validated[0]):
                values, doubts = validated
                for doubt in doubts:
                    batch.refuse(len(batch.rows), *doubt)
                kept.append(row)
                batch.rows.append(values)
        return kept, batch

    def _validate(self, row: Row) -> tuple[dict[str, Any], list[Wrong]] | None:
        """Return the row's values, and what is wrong with some of them unless it is stored so."""
        sent = self._mapping.values(row.cells)
        record_id = read_id(sent.pop("id", ""))  # another program's is none
        try:
            payload = self._adapter.validate_python(sent)
        except ValidationError as error:
            self._counts["refused"] += 1
            for detail in error.errors(include_url=False, include_context=False):
                field = ".".join(map(str, detail["loc"]))
                self._refuse(row, field, detail["type"], message(detail))
            return None
        values = {**payload.model_dump(), "id": str(record_id) if record_id else None}
        if not values.get(COLUMN):
            return values, []
        given = values[COLUMN]
        values[COLUMN], wrong = checked(self._shown, given)
        if any(each.code != "option" for each in wrong):
            self._counts["refused"] += 1
            for path, code, said in wrong:
                self._refuse(row, path.replace("/", "."), code, said)
            return None
        # a choice that is there no longer
        values[COLUMN] |= {each.key: given[each.key] for each in wrong}
        return values, wrong

    def _claim(self, row: Row, values: dict[str, Any]) -> bool:
        """Tell whether the row's keys are free in this file. A row for a record that an earlier
        row was for is skipped; one that shares another key with an earlier row is refused."""
        taken = self._claims.claim(values, row.line)
        if ("id" if values["id"] else self._mapping.key) in taken:
            self._counts["skipped"] += 1
        elif taken:
            self._counts["refused"] += 1
            for field, line in taken.items():
                self._refuse(row, field, "duplicate_key", f"Line {line} has the same.")
        return not taken

    async def _write(self, batch: Batch, named: Sequence[Any]) -> tuple[Counter[str], list[Any]]:
        """Write a batch in a transaction of its own; again where another writer came between."""
        for _ in range(_TRIES):
            attempt = Batch([dict(row) for row in batch.rows], refusals=[*batch.refusals])
            apart = self._context.apart()
            try:
                async with apart:
                    transaction = await apart.write()
                    counts = await write_with_parents(
                        apart,
                        transaction,
                        self._shape,
                        attempt,
                        named,
                        missing=self._options.missing_parent,
                        dry_run=self._options.dry_run,
                    )
                return counts, attempt.refusals
            except (pg.UniqueViolation, pg.ForeignKeyViolation, Collision):
                continue
        raise Conflict("Others keep changing the same records; start the import again.")

    def _refuse(self, row: Row, field: str | None, code: str, said: str) -> None:
        if len(self._errors) == _SHOWN:
            return
        index = self._mapping.column(field or "", row.cells)
        cell = row.cells[index] if index is not None and index < len(row.cells) else None
        self._errors.append(
            RowError(
                line=row.line,
                column=None if index is None else self._table.header[index],
                field=field,
                value=None if cell is None else text_of(cell)[:200],
                code=code,
                message=said,
            )
        )
