"""Whether all of a dump arrived: rows in and out, links made and missing, sums on both sides."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from pydantic_core import to_json

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, Transaction, ident, literal
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.fields.custom import COLUMN
from cerebro_server.kernel.records.importing.run import Tally
from cerebro_server.kernel.records.operations.stored import Operation

NAME: Final = "reconciliation"
"""Where it stands in the report of an operation."""
_COUNTS: Final = {
    "create": "created",
    "update": "updated",
    "delete": "deleted",
    "unchanged": "unchanged",
    "error": "refused",
    "skip": "left_out",
}
_OF_FILES: Final = (
    "select file, case when outcome is not null then 'error' else action end, count(*) "
    "from operation_rows where operation_id = %s and file is not null and line is not null "
    "and record_type = (%s::jsonb) ->> file::text group by 1, 2"
)


class Sources(NamedTuple):
    """What reading the files of a dump has shown."""

    read: Mapping[int, Mapping[str, Any]]
    """By number, how each was read."""
    tallies: Mapping[int, Mapping[str, Tally]]
    """By number, what its rows name."""
    left: Sequence[Mapping[str, Any]]
    """The files that are not imported, and why."""


async def planned(context: Context, operation_id: UUID, sources: Sources) -> dict[str, Any]:
    """Return what a plan comes to, file by file."""
    found = [
        {
            "number": number,
            "file": read["file"],
            "record_type": read["noun"],
            "preset": read.get("preset"),
            "rows": read["rows"],
            "deleted_at_source": read["deleted_at_source"],
            "of_another_noun": read["of_another_noun"],
            "ignored": read["ignored_cells"],
            "links": {
                name: tally.to_wire() for name, tally in sources.tallies.get(number, {}).items()
            },
            "sums": {
                name: {"in_file": total, "stored": None} for name, total in read["sums"].items()
            },
        }
        for number, read in sources.read.items()
    ]
    report = {"files": found, "not_imported": list(sources.left)}
    rows = await context.read(_counting(operation_id, found))
    return _counted(report, rows)


async def settled(
    context: Context, transaction: Transaction, operation: Operation
) -> dict[str, Any] | None:
    """Return the same once the plan has been applied: with rows that were left counted as refused,
    and the sums as they are stored now. None where it is no dump."""
    report = operation.report.get(NAME)
    if report is None:
        return None
    files = [dict(each) for each in report["files"]]
    rows = await transaction.rows(_counting(operation.id, files))
    for file in files:
        record_type = context.catalog[file["record_type"]]
        file["sums"] = await _sums(transaction, operation.id, record_type, file)
    return _counted({**report, "files": files}, rows)


def missing_fields(
    context: Context, known: Mapping[str, RecordType], fields: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return custom fields of the dump that there are not here, with the command that adds each."""
    found = []
    for each in fields:
        noun, key = str(each.get("record_type")), str(each.get("key"))
        kind = str(each.get("type"))
        if noun in known and key in context.seen(known[noun]).defined:
            continue
        words = ["cerebro", "fields", "add", noun, key, "--type", kind]
        words += ["--label", str(each["label"])] if each.get("label") else []
        options = [option.get("key") for option in each.get("options") or ()]
        words += ["--options", ",".join(map(str, options))] if options else []
        words += [
            option
            for name, option in (("is_required", "--required"), ("is_unique", "--unique"))
            if each.get(name)
        ]
        found.append({"record_type": noun, "key": key, "type": kind, "command": shlex.join(words)})
    return found


def _counting(operation_id: UUID, files: Sequence[Mapping[str, Any]]) -> Sql:
    nouns = {str(each["number"]): each["record_type"] for each in files}
    return Sql(_OF_FILES, (operation_id, _json(nouns)))


def _json(value: object) -> str:
    return to_json(value).decode()


def _counted(report: dict[str, Any], rows: Sequence[tuple[Any, ...]]) -> dict[str, Any]:
    """Put counts into the files of a report, and add them up."""
    counts: dict[int, dict[str, int]] = {}
    for file, action, number in rows:
        counts.setdefault(file, {})[_COUNTS[action]] = number
    totals = dict.fromkeys(("rows", *_COUNTS.values(), "links_made", "links_missing"), 0)
    files = []
    for each in report["files"]:
        of_file = counts.get(each["number"], {})
        counted = {name: of_file.get(name, 0) for name in _COUNTS.values()}
        files.append({**each, **counted})
        for name in ("rows", *_COUNTS.values()):
            totals[name] += files[-1][name]
        totals["links_made"] += sum(link["made"] for link in each["links"].values())
        totals["links_missing"] += sum(link["missing"] for link in each["links"].values())
    return {**report, "files": files, "totals": totals}


async def _sums(
    transaction: Transaction, operation_id: UUID, record_type: RecordType, file: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the sums of a file with what its records have now."""
    sums: Mapping[str, Mapping[str, Any]] = file["sums"]
    if not sums:
        return {}
    columns = ", ".join(f"sum({_value(name)})::text" for name in sums)
    [row] = await transaction.rows(
        Sql(
            f"select {columns} from operation_rows r join {ident(record_type.table_name)} t "
            "on t.id = r.record_id where r.operation_id = %s and r.file = %s "
            "and r.record_type = %s and r.line is not null and r.outcome is null "
            "and r.action in ('create', 'update', 'unchanged')",
            (operation_id, file["number"], record_type.name),
        )
    )
    return {
        name: {"in_file": each["in_file"], "stored": stored or "0"}
        for (name, each), stored in zip(sums.items(), row, strict=True)
    }


def _value(name: str) -> str:
    field, _, key = name.partition(".")
    if field == COLUMN:
        return f"(t.{ident(COLUMN)} ->> {literal(key)})::numeric"
    return f"t.{ident(name)}"
