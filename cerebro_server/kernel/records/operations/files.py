"""Planning the import of a file."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping as Mapped
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any, Final

from pydantic_core import to_json

from cerebro_sdk.schemas.workspace.imports import SavedMapping
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.errors import InvalidFile
from cerebro_server.kernel.fields import Batch, RecordType
from cerebro_server.kernel.fields.custom import COLUMN
from cerebro_server.kernel.ids import read_id
from cerebro_server.kernel.records import locking, people
from cerebro_server.kernel.records.importing import (
    backdating,
    looks,
    mappings,
    sameness,
    unfolding,
    uploads,
)
from cerebro_server.kernel.records.importing.choosing import (
    NO_PRESET,
    find_preset,
    map_columns,
    recognised,
)
from cerebro_server.kernel.records.importing.coming import Coming
from cerebro_server.kernel.records.importing.deciding import Decided, decide
from cerebro_server.kernel.records.importing.joining import Joining
from cerebro_server.kernel.records.importing.mapping import Mapping
from cerebro_server.kernel.records.importing.parents import Named
from cerebro_server.kernel.records.importing.preparing import Prepared, Preparing
from cerebro_server.kernel.records.importing.reading import read_table
from cerebro_server.kernel.records.importing.run import Run
from cerebro_server.kernel.records.importing.shape import found_by, key_of
from cerebro_server.kernel.records.importing.table import Row as FileRow
from cerebro_server.kernel.records.importing.table import Table
from cerebro_server.kernel.records.operations import (
    arranging,
    bundling,
    chains,
    foretelling,
    hierarchies,
    superseding,
)
from cerebro_server.kernel.records.operations.ahead import next_rows
from cerebro_server.kernel.records.operations.inputs import (
    ImportInput,
    ReadInput,
    read,
)
from cerebro_server.kernel.records.operations.making import Made
from cerebro_server.kernel.records.operations.planning import Plan
from cerebro_server.kernel.records.operations.statements import DELETED
from cerebro_server.kernel.records.planned import Row
from cerebro_server.kernel.records.relating import resolve_relations

IN_MEMORY = 4 << 20
BYTES_A_ROW: Final = 200
"""About how long a row is, before the file is read."""
_NEEDED: Final = {
    "upsert": ("create", "update"),
    "create": ("create",),
    "update": ("update",),
}
DUMP: Final = "import"
"""The kind of operation that imports several files."""


async def check_import(context: Context, noun: str, asked: Mapped[str, Any]) -> int:
    """Refuse what is wrong before anything is planned; return about how many rows there are."""
    record_type = context.catalog[noun]
    said = read(ImportInput, asked)
    require_rights(context, record_type, said)
    if said.preset not in (None, NO_PRESET):
        find_preset(record_type, said.preset)
    upload = await uploads.get(context, said.upload_id)
    if not upload.size:
        raise InvalidFile("The file is empty: it has no header.")
    return upload.size // BYTES_A_ROW


def require_rights(context: Context, record_type: RecordType, said: ImportInput) -> None:
    """Require what a file needs; of a noun that has no imports of its own, all but that."""
    own = ("import",) if record_type.is_imported else ()
    deletes = ("delete",) if said.deletes else ()
    for action in (*own, *_NEEDED[said.mode], *deletes):
        context.actor.require(f"{record_type.name}:{record_type.right(action)}")


async def plan_import(plan: Plan, noun: str) -> None:
    """Plan the import of an upload. The file is read through once before the first row is planned.

    Raises `InvalidFile`, `Invalid`.
    """
    said = read(ImportInput, plan.operation.input)
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as file:
        async with plan.alive():
            async with plan.look() as context:
                saved = await saved_of(context, noun, said)
                upload = await uploads.get(context, said.upload_id)
                await uploads.fetch(context, upload, file)
                shown = context.seen(context.catalog[noun])
            table = await asyncio.to_thread(table_of, file, said)
            said = said.model_copy(
                update={"preset": said.preset or unfolding.fitting(shown, table.header)}
            )
            table = unfolding.unfold(shown, table, said.preset)
            table = unfolding.forked(shown, table, preset_of(shown, table, said, saved))
            mapping = await asyncio.to_thread(mapped, shown, table, said, saved)
        preparing = Preparing(context.catalog[noun], shown, table, mapping, lists=said.lists)
        run = Run(Coming(context.catalog))
        run.columns[noun] = {c: t for c, t in preparing.mapping.columns.items() if t}
        await plan_rows(plan, noun, preparing, said, run)
        await hierarchies.settle(plan, noun, run, {run.file: said.missing_parent})
        await chains.settle(plan, noun)
        if preparing.claims.exchanges:
            await bundling.settle(plan)
        plan.report |= {"file": upload.name, **await asyncio.to_thread(preparing.report)}
        plan.report |= {"links": run.links(run.file)}
        plan.report |= await arranging.settle(plan)
        plan.report |= await foretelling.handed(plan)
        if said.save_mapping is not None:
            async with plan.begin() as context:
                await mappings.save(context, noun, said.save_mapping, preparing.mapping)


async def saved_of(context: Context, noun: str, said: ReadInput) -> SavedMapping:
    """Return the mapping that was saved under the name asked for. Raises `Invalid`."""
    if said.mapping is None:
        return SavedMapping()
    return await mappings.get(context, noun, said.mapping)


def table_of(file: IO[bytes], said: ReadInput) -> Table:
    """Read a file as was asked. Raises `InvalidFile`."""
    return read_table(
        file,
        encoding=said.encoding,
        delimiter=said.delimiter,
        form=said.format,
        sheet=said.sheet,
    )


def mapped(shown: RecordType, table: Table, said: ReadInput, saved: SavedMapping) -> Mapping:
    """Map a file as was asked: by what was saved or said, by a preset, by names and values.

    Raises `Invalid`, `InvalidFile`.
    """
    header = table.header
    # a column that was mapped for another file may be missing in this one
    there = {name: target for name, target in saved.columns.items() if name in header}
    with closing(table.rows()) as rows:
        sample = [row.cells for row in islice(rows, looks.SEEN)]
    return map_columns(
        shown,
        header,
        preset_of(shown, table, said, saved),
        laid={**there, **(said.map or {})},
        key=said.key or saved.key,
        sample=sample,
        saved=there.keys() - (said.map or {}).keys(),
    )


def preset_of(shown: RecordType, table: Table, said: ReadInput, saved: SavedMapping) -> str | None:
    """Return the preset that was said or saved, or whose export the file is by its looks."""
    if said.preset is not None:
        return None if said.preset == NO_PRESET else said.preset
    if saved.columns:
        return saved.preset
    # what says by itself what its columns are
    known = table.format if table.format in shown.presets else None
    return known or recognised(shown, table.header)


async def plan_rows(
    plan: Plan, noun: str, preparing: Preparing, said: ImportInput, run: Run
) -> None:
    """Plan the rows of one file of a run."""
    joining = Joining(preparing.shape.record_type, said.missing_parent, run)
    preparing.claims.frees = said.mode != "create"
    with closing(preparing.table.rows()) as rows:
        ahead = asyncio.create_task(next_rows(preparing, rows))
        try:
            while (prepared := await ahead) is not None:
                # the next rows are validated in a thread while PostgreSQL looks at these
                ahead = asyncio.create_task(next_rows(preparing, rows))
                async with plan.begin() as context:
                    chunk = _Chunk(noun, preparing, joining, prepared, said, run)
                    await chunk.plan(plan, context)
        finally:
            await asyncio.wait([ahead])
    await superseding.settle(plan, noun, preparing.claims.superseded, run)


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Some rows of a file on their way into the plan."""

    noun: str
    preparing: Preparing
    joining: Joining
    prepared: Prepared
    said: ImportInput
    run: Run

    async def plan(self, plan: Plan, context: Context) -> None:
        """Add what rows would do: first they make what is missing, last come links."""
        preparing, prepared, batch = self.preparing, self.prepared, self.prepared.batch
        record_type = preparing.shape.record_type
        named = [preparing.parents(row) for row in prepared.rows]
        made, refusals = await self.joining.fields(context, batch, named)
        # what rules look at has to be planned before they do
        await plan.add(context, [row for row in made if self._is_setting(context, row)])
        if record_type.before_import is not None or record_type.same_by:
            # what is no record is refused when it is decided about
            await resolve_relations(
                context, record_type, Batch(batch.rows), planned=self.run.coming
            )
        if record_type.before_import is not None:
            making = Made(context, plan, self.joining)
            await record_type.before_import(context, batch, making)
        left = await self._left(context, record_type)
        out = {refusal.row for refusal in refusals}
        claims, coming = preparing.claims, self.run.coming
        incomplete = {} if self.said.mode == "update" else prepared.incomplete
        decided = await decide(
            *(context, preparing.shape, batch, claims), planned=coming, incomplete=incomplete
        )
        kept = {number: self._wanted(row) for number, row in decided.items()} | left
        kept = {number: row for number, row in kept.items() if number not in out}
        if self.run.is_whole:
            kept = self._not_yet_there(kept)
            kept = await backdating.as_given(context, self.run, prepared, kept)
        new = ("create",) if self.said.mode == "create" else ("create", "update", "unchanged")
        linked = {number: row for number, row in kept.items() if row.action in new}
        more, links, wrong = await self.joining.links(context, batch, named, linked)
        out = {refusal.row for refusal in wrong}
        own = (refusal for refusal in batch.refusals if refusal.row not in left)
        preparing.refuse(prepared, [*refusals, *own, *wrong])
        kept = {n: self._in_turn(row) for n, row in kept.items() if n not in out}
        if self.run.is_whole or self.joining.own & preparing.names:
            self._announce(named, kept)
        of_lines = [row._replace(line=prepared.rows[number].line) for number, row in links]
        made = [row for row in made if not self._is_setting(context, row)]
        made = self.joining.needed([*made, *more], [*kept.values(), *of_lines])
        await plan.add(context, [*made, *await self._rows(context, kept), *of_lines])

    async def _left(self, context: Context, record_type: RecordType) -> Decided:
        """Find people, and which records rows are about that have no keys; return the rows that are
        left out: for users who are not here, or for records that an earlier row is for."""
        batch, nobody = self.prepared.batch, dict[int, str]()
        if self.run.is_whole:
            tally, addresses = self.run.tally, self.run.addresses
            nobody = await people.let_go(context, record_type, batch, tally, addresses)
        elif record_type.same_by:
            await people.resolve_people(context, record_type, Batch(batch.rows))
        settled = await sameness.settle(context, record_type, batch, self.run.coming)
        self.prepared.called |= settled.called
        repeated = {number: Row(self.noun, "skip") for number in settled.repeated}
        return repeated | {
            number: Row(
                self.noun,
                "skip",
                problem={"code": "unknown_user", "message": f"There is no user {said} here."},
            )
            for number, said in nobody.items()
        }

    def _is_setting(self, context: Context, row: Row) -> bool:
        return context.catalog[row.record_type].goes_along

    def _wanted(self, row: Row) -> Row:
        """Leave out what was not asked for: to create, or to update."""
        if row.action not in ("create", "update") or self.said.mode in ("upsert", row.action):
            return row
        return Row(self.noun, "skip", row.record_id, row.version)

    def _in_turn(self, row: Row) -> Row:
        """Let a change wait for the record that it names, where that is made by the same plan."""
        here = (p.here for p in self.joining.record_type.import_parents.values() if not p.via)
        values = row.values or {}
        is_late = any(values.get(name) in self.run.coming for name in here if values.get(name))
        return row._replace(is_late=True) if is_late else row

    def _not_yet_there(self, kept: Decided) -> Decided:
        """Leave out what a row of an earlier file is for, and refuse what shares a key with one."""
        record_type, key = self.preparing.shape.record_type, self.preparing.shape.key
        if self.run.nouns.get(record_type.name, 0) < 2:
            return kept
        found: Decided = {}
        for number, row in kept.items():
            coming, is_new = self.run.coming, row.action == "create"
            taken = [*coming.taken(record_type, row.values or {})] if is_new else []
            given = self.prepared.batch.rows[number]["id"]
            if is_new and given and coming.find(record_type.name, "id", given):
                taken = [*taken, key or "id"]
            is_first = is_new or row.record_id is None or coming.first_for(row.record_id)
            if taken and (key or "id") not in taken:
                said = "A row of an earlier file has the same."
                self.prepared.batch.refuse(number, taken[0], "duplicate_key", said)
            else:
                found[number] = Row(self.noun, "skip") if taken or not is_first else row
        return found

    def _announce(self, named: Sequence[Mapped[str, Named]], kept: Decided) -> None:
        """Let later rows of the run name what these rows make or change."""
        record_type, prepared = self.preparing.shape.record_type, self.prepared
        for number, row in kept.items():
            given = prepared.called.get(number, prepared.batch.rows[number]["id"])
            is_other = given is not None and given != str(row.record_id)
            if row.action in ("create", "update") or (row.action == "unchanged" and is_other):
                self.run.coming.add(record_type, row, [given] if is_other else ())
        lines = [row.line for row in prepared.rows]
        self.run.pending += self.joining.pending(lines, named, kept)

    async def _rows(self, context: Context, decided: Decided) -> list[Row]:
        noun, prepared = self.noun, self.prepared
        found = [row._replace(line=prepared.rows[n].line) for n, row in decided.items()]
        found += [Row(noun, "skip", line=line) for line in prepared.repeated]
        found += [Row(noun, "skip", line=line, problem=_OTHER) for line in prepared.others]
        found += await _removals(context, noun, self.preparing, prepared.removed, self.said)
        for line, (first, *others) in prepared.problems.items():
            problem = {**first, "also": others} if others else first
            found.append(Row(noun, "error", line=line, problem=problem))
        return sorted(found, key=lambda row: row.line or 0)


async def _removals(
    context: Context,
    noun: str,
    preparing: Preparing,
    rows: Sequence[FileRow],
    said: ImportInput,
) -> list[Row]:
    """Return what becomes of rows that were deleted where the file is from: left out, unless their
    records are to be deleted here, too."""
    if not said.deletes or not rows:
        return [Row(noun, "skip", line=row.line, problem=_DELETED_THERE) for row in rows]
    record_type, shape = context.catalog[noun], preparing.shape
    staged = [
        {
            "n": n,
            "id": read_id(str(values.get("id", ""))),
            "_key": key_of(shape, values),
            COLUMN: values.get(COLUMN) or {},
        }
        for n, values in enumerate(map(preparing.values, rows))
    ]
    limit = context.condition(record_type, "read", "delete")
    by = found_by(context, shape)
    found = await context.read(
        Sql(
            f"select s.n, t.id, t.version, ({limit.text if limit else 'true'}) is true, "
            f"{locking.since(record_type)} is not null from json_to_recordset(%s::json) "
            f'as s(n integer, id uuid, _key text, "{COLUMN}" jsonb) '
            f"left join {by.text} k on true "
            f"join {ident(record_type.table_name)} t "
            "on t.id = coalesce(s.id, k.record_id) and t.deleted_at is null",
            (*(limit.params if limit else ()), to_json(staged).decode(), *by.params),
        )
    )
    there = {n: rest for n, *rest in found}
    planned = []
    for n, row in enumerate(rows):
        record_id, version, may, is_locked = there.get(n, (None, None, True, False))
        if record_id is None:
            planned.append(Row(noun, "skip", line=row.line))
        elif is_locked or not may:
            problem = _LOCKED if is_locked else _FORBIDDEN
            planned.append(Row(noun, "error", record_id, version, None, row.line, problem))
        else:
            gone = {DELETED: "now"}
            planned.append(Row(noun, "delete", record_id, version, gone, row.line))
    return planned


_DELETED_THERE = {"code": "deleted_at_source", "message": "It was deleted where the file is from."}
_OTHER = {"code": "of_another_noun", "message": "It is about a record of another kind."}
_LOCKED = {"code": locking.CODE, "message": "The record is locked."}
_FORBIDDEN = {"code": "forbidden", "message": "You may not delete that record."}
