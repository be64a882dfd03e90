"""Planning the import of a dump: several files, in the order in which their nouns need one another,
as one plan."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import IO, Any

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.errors import Invalid, InvalidFile, closest
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.records.importing import mappings, unfolding, uploads
from cerebro_server.kernel.records.importing.choosing import NO_PRESET, find_preset, recognised
from cerebro_server.kernel.records.importing.coming import Coming
from cerebro_server.kernel.records.importing.preparing import Preparing
from cerebro_server.kernel.records.importing.recognising import importable, noun_of
from cerebro_server.kernel.records.importing.run import Run
from cerebro_server.kernel.records.importing.table import Table
from cerebro_server.kernel.records.operations import (
    arranging,
    bundling,
    chains,
    errors_files,
    files,
    foretelling,
    hierarchies,
    laying_out,
    reconciling,
)
from cerebro_server.kernel.records.operations.inputs import DumpFile, DumpInput, read
from cerebro_server.kernel.records.operations.planning import Plan

_IN_MEMORY = 1 << 20
_USERS = "users"


@dataclass(frozen=True, slots=True)
class _Source:
    """A file of the dump, and what it is."""

    number: int
    """Its place in the input."""
    said: DumpFile
    noun: str
    table: Table


async def check_dump(context: Context, asked: Mapping[str, Any]) -> int:
    """Refuse what is wrong before anything is planned; return about how many rows there are."""
    said = read(DumpInput, asked)
    known = importable(context.catalog)
    for noun in said.keys:
        _check_noun(known, noun, f"/input/keys/{noun}")
    size = 0
    for number, file in enumerate(said.files):
        if file.noun is not None and not _is_kept_out(context.catalog, file.noun):
            with _about(file):
                _check_noun(known, file.noun, f"/input/files/{number}/noun")
            files.require_rights(context, known[file.noun], file)
            if file.preset not in (None, NO_PRESET):
                with _about(file):
                    find_preset(known[file.noun], file.preset)
        if file.upload_id is None and file.skip is None:
            said_so = f"{file.name}: it needs an `upload_id`, or `skip` with the reason."
            raise _refused(said_so, f"/input/files/{number}/upload_id", "missing")
        if file.upload_id is not None:
            size += (await uploads.get(context, file.upload_id)).size
    if said.preset not in (None, NO_PRESET):
        _check_preset(known, said.preset)
    if not any(file.upload_id for file in said.files):
        raise InvalidFile("There is no file to import in it.")
    return size // files.BYTES_A_ROW


async def plan_dump(plan: Plan) -> None:
    """Plan the import of all files of a dump: what is named comes before what names it, and what
    earlier files make can be named by later ones.

    Raises `InvalidFile`, `Invalid`; they name the file.
    """
    said = read(DumpInput, plan.operation.input)
    left: list[dict[str, Any]] = []
    addresses: dict[str, str] = {}
    async with plan.look() as context:
        catalog = context.catalog
        known = importable(catalog)
    with ExitStack() as stack:
        sources = [source async for source in _opened(plan, said, known, (stack, left, addresses))]
        async with plan.look() as context:
            for source in sources:
                files.require_rights(context, known[source.noun], source.said)
            run = Run(
                Coming(catalog),
                is_whole=True,
                keeps_ids=said.keep_ids,
                nouns=Counter(source.noun for source in sources),
                addresses=addresses,
            )
            missing = reconciling.missing_fields(context, known, said.fields)
        read_so = await _planned(plan, said, (sources, catalog), run)
    plan.report |= await arranging.settle(plan)
    plan.report |= await foretelling.handed(plan)
    async with plan.look() as context:
        plan.report |= {
            "files": list(read_so.values()),
            "missing_fields": missing,
            "reconciliation": await reconciling.planned(
                context, plan.operation.id, reconciling.Sources(read_so, run.tallies, left)
            ),
        }


async def _planned(
    plan: Plan,
    said: DumpInput,
    what: tuple[Sequence[_Source], Mapping[str, RecordType]],
    run: Run,
) -> dict[int, dict[str, Any]]:
    """Plan the rows of all files; return how each was read, by number."""
    sources, catalog = what
    read_so: dict[int, dict[str, Any]] = {}
    exchanges = False
    for noun in _in_order([source.noun for source in sources], catalog):
        of_noun = [source for source in sources if source.noun == noun]
        for source in of_noun:
            run.file = plan.file = source.number
            with _about(source.said):
                preparing = await _preparing(plan, said, source)
                how = _how(source.said, said)
                taken = preparing.mapping.columns.items()
                run.columns.setdefault(noun, {}).update({c: t for c, t in taken if t})
                await files.plan_rows(plan, noun, preparing, how, run)
            exchanges = exchanges or preparing.claims.exchanges
            report = await asyncio.to_thread(preparing.report)
            sums = {name: str(total) for name, total in preparing.sums.found.items()}
            read_so[source.number] = {"file": source.said.name, "noun": noun, **report}
            read_so[source.number] |= {"preset": preparing.mapping.preset, "sums": sums}
            read_so[source.number] |= {"ignored_cells": preparing.ignored}
        policies = {s.number: s.said.missing_parent or said.missing_parent for s in of_noun}
        await hierarchies.settle(plan, noun, run, policies)
        await chains.settle(plan, noun)
    plan.file = None
    if exchanges:
        await bundling.settle(plan)
    return read_so


async def _opened(
    plan: Plan,
    said: DumpInput,
    known: Mapping[str, RecordType],
    into: tuple[ExitStack, list[dict[str, Any]], dict[str, str]],
) -> AsyncIterator[_Source]:
    """Read every file through once, and find out what it is; what is not recognised, and what is
    left out, is put into `left`, and who has which id into `addresses`."""
    stack, left, addresses = into
    for number, file in enumerate(said.files):
        if file.skip is not None or file.upload_id is None:
            left.append({"file": file.name, "why": file.skip or "It was not sent."})
            continue
        if file.noun is not None and file.noun not in known:
            why = f"{file.noun} are not imported from files."
            if file.noun == _USERS:
                addresses |= await _addresses(plan, file)
                why += " Whoever is here under the same address is named in their place."
            left.append({"file": file.name, "why": why})
            continue
        content = stack.enter_context(tempfile.SpooledTemporaryFile(_IN_MEMORY))  # noqa: SIM115 - it is
        with _about(file):
            table = await _table(plan, file, content)
        if table is None:
            left.append({"file": file.name, "why": "It is empty."})
            continue
        preset = file.preset or said.preset
        noun = file.noun or noun_of(known, file.name, table.header, preset)
        if noun is None:
            why = (
                "Neither its name nor its columns say what it is; say it in a mapping file: "
                f'[files."{file.name}"] noun = "…" (there are {", ".join(known)}), or skip = true.'
            )
            left.append({"file": file.name, "why": why, "columns": table.header[:30]})
            continue
        if (unknown := _unknown(said, file, known[noun], table)) is not None:
            left.append({"file": file.name, "why": unknown, "columns": table.header[:30]})
            continue
        yield _Source(number, file, noun, table)
        for other, record_type in known.items():
            listed = unfolding.sharing(record_type, table.header) if other != noun else None
            if listed is not None and preset in (None, listed):
                place, name = errors_files.in_columns(said, number, other)
                update: dict[str, Any] = {
                    "name": name,
                    "preset": listed,
                    "map": None,
                    "values": {},
                    "key": None,
                }
                own = file.model_copy(update=update)
                yield _Source(place, own, other, unfolding.unfold(record_type, table, listed))


async def _addresses(plan: Plan, file: DumpFile) -> dict[str, str]:
    """Return the addresses of users by the ids that they have where a dump is from."""
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as content, _about(file):
        table = await _table(plan, file, content)
        if table is None or not {"id", "email"}.issubset(table.header):
            return {}
        places = [table.header.index(name) for name in ("id", "email")]
        with closing(table.rows()) as rows:
            said = [[row.cells[p] for p in places] for row in rows if len(row.cells) > max(places)]
    return {str(own): str(email) for own, email in said if own and email}


async def _table(plan: Plan, file: DumpFile, content: IO[bytes]) -> Table | None:
    assert file.upload_id is not None  # noqa: S101 - looked at before
    async with plan.alive():
        async with plan.look() as context:
            upload = await uploads.get(context, file.upload_id)
            await uploads.fetch(context, upload, content)
        return await asyncio.to_thread(files.table_of, content, file) if upload.size else None


async def _preparing(plan: Plan, said: DumpInput, source: _Source) -> Preparing:
    """Return what reads the rows of a file: its columns mapped, with what every row gets."""
    async with plan.look() as context:
        record_type, file = context.catalog[source.noun], source.said
        shown = context.seen(record_type)
        saved = await files.saved_of(context, source.noun, file)
        preset = file.preset or saved.preset
        preset = preset or _fitting(record_type, source.table.header, said.preset)
        key = file.key or said.keys.get(source.noun)
        how = file.model_copy(update={"preset": preset, "key": key})
        found = files.preset_of(shown, source.table, how, saved)
        table = unfolding.forked(shown, source.table, found)
        layout = laying_out.Layout(shown, table, file, importable(context.catalog))
        if found is None and not said.keep_ids:
            layout.keep_ids_of(said.preset if said.preset != NO_PRESET else None)
        how = how.model_copy(update={"map": layout.map})
        mapping = layout.settled(files.mapped(shown, layout.table, how, saved))
        dates = layout.dates(mapping, context.now, keeps=said.keep_dates)
        if file.save_mapping is not None:
            async with plan.begin() as writing:
                wire = mapping.to_wire(layout.table.header)
                await mappings.save(writing, source.noun, file.save_mapping, wire)
        return Preparing(record_type, shown, layout.table, mapping, lists=file.lists, dates=dates)


def _fitting(record_type: RecordType, header: Sequence[str], name: str | None) -> str | None:
    """Return the preset of the whole dump, unless a file is not of that product."""
    if name is None or name == NO_PRESET:
        return name
    preset = record_type.presets.get(name)
    if preset is None:
        return None
    there = {column.casefold() for column in header}
    knows = not there.isdisjoint(column.casefold() for column in preset.columns)
    return name if knows and (preset.key is None or preset.key.casefold() in there) else None


def _unknown(said: DumpInput, file: DumpFile, record_type: RecordType, table: Table) -> str | None:
    """Return why a file is left out that the presets of the product do not know, unless it is said
    how to read it: by the names of its columns it would lose ids, links and what was deleted."""
    is_said = said.guess or file.noun or file.map or file.mapping or file.preset
    name = said.preset
    if name is None or name == NO_PRESET or is_said:
        return None
    is_known = (
        _fitting(record_type, table.header, name)
        or recognised(record_type, table.header)
        or table.format in record_type.presets
    )
    if is_known:
        return None
    preset = record_type.presets.get(name)
    why = f"The preset {name} does not know {record_type.name}"
    if preset is not None:
        why = f"Its columns are not those of {record_type.name} in exports of {name}"
    return (
        f"{why}. Say what its columns are in a mapping file: "
        f'[files."{file.name}"] noun = "{record_type.name}", columns = {{ … }}; '
        "or take them by their names with --guess."
    )


def _how(file: DumpFile, said: DumpInput) -> DumpFile:
    return file.model_copy(update={"missing_parent": file.missing_parent or said.missing_parent})


def _in_order(nouns: Sequence[str], catalog: Mapping[str, RecordType]) -> list[str]:
    """Return the nouns, what is named before what names it; those that name each other as their
    component lists them."""
    left = sorted({*nouns}, key=list(catalog).index)
    found: list[str] = []
    while left:
        free = (noun for noun in left if not _needs(catalog[noun]) & ({*left} - {noun}))
        following = next(free, left[0])
        left.remove(following)
        found.append(following)
    return found


def _needs(record_type: RecordType) -> set[str]:
    """Return the nouns that records of a type name."""
    named = {parent.noun for parent in record_type.import_parents.values()}
    return named | {*record_type.refers.values()}


def _is_kept_out(catalog: Mapping[str, RecordType], noun: str) -> bool:
    """Whether there is such a noun, which no file makes: an export of everything has users, too."""
    return noun in catalog and noun not in importable(catalog)


def _check_noun(known: Mapping[str, RecordType], noun: str, pointer: str) -> None:
    if noun not in known:
        said = f"There are no {noun!r} to import; there are: {', '.join(known)}."
        raise _refused(said, pointer, "unknown_noun", closest(noun, known))


def _check_preset(known: Mapping[str, RecordType], preset: str) -> None:
    there = {name: None for record_type in known.values() for name in record_type.presets}
    if preset not in there:
        said = f"There is no preset {preset!r}; there is: {', '.join(there)}."
        raise _refused(said, "/input/preset", "unknown_preset", closest(preset, there))


def _refused(said: str, pointer: str, code: str, suggestion: str | None = None) -> Invalid:
    wrong = {"pointer": pointer, "code": code, "detail": said}
    return Invalid(said, errors=[wrong], suggestion=suggestion)


@contextmanager
def _about(file: DumpFile) -> Iterator[None]:
    """Let what is refused say which file it is about."""
    try:
        yield
    except (Invalid, InvalidFile) as problem:
        if not problem.detail.startswith(f"{file.name}: "):
            problem.detail = f"{file.name}: {problem.detail}"
            problem.args = (problem.detail,)
        wrong = problem.errors or [{"code": problem.code, "detail": problem.detail}]
        problem.errors = [{"file": file.name, **each} for each in wrong]
        raise
