"""Importing a file: show the plan, ask, write, count."""

from __future__ import annotations

import sys
from enum import StrEnum
from json import loads
from pathlib import Path
from typing import Annotated, Any

import typer

from cerebro_cli import exits, options, output
from cerebro_cli.context import Run
from cerebro_cli.verbs.exporting import FileFormat

_SAMPLE = 10
_FOUND = {
    "bom": "said by its byte-order mark",
    "utf-8": "every byte of it reads so",
    "option": "as you said",
    "guess": "a guess, since it is not UTF-8; --encoding names another",
}


class MissingParent(StrEnum):
    """What to do with rows that name what is not there."""

    REFUSE = "refuse"
    CREATE = "create"
    SKIP = "skip"


File = Annotated[
    str, typer.Argument(metavar="FILE", help="CSV, JSON lines or XLSX; - reads stdin.")
]
Preset = Annotated[
    str | None,
    typer.Option(
        "--preset",
        metavar="NAME",
        help="Where the file comes from: salesforce, hubspot, outlook, google.",
    ),
]
Maps = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="COLUMN=FIELD",
        help="What a column is: Town=city, 'Mobile=phones[2:mobile]'; without FIELD it is left "
        "out. Several times, or one JSON object.",
    ),
]
Key = Annotated[
    str | None,
    typer.Option("--key", metavar="FIELD", help="What finds a record: email, external_ids.crm."),
]
FileForm = Annotated[
    FileFormat | None, typer.Option("--format", help="What the file is, if not found.")
]
Sheet = Annotated[
    str | None, typer.Option("--sheet", metavar="NAME", help="Of a workbook, if not the first.")
]
Missing = Annotated[
    MissingParent | None,
    typer.Option(
        "--missing-parent",
        help="Rows that name a company that is not there: refuse them, create it (where you may, "
        "the default), or import them without.",
    ),
]
Encoding = Annotated[
    str | None,
    typer.Option("--encoding", metavar="NAME", help="If it is not UTF-8: cp1252, latin-1, utf-16…"),
]
Delimiter = Annotated[
    str | None,
    typer.Option("--delimiter", metavar="CHAR", help="What separates columns, if not found."),
]


def import_(
    ctx: typer.Context,
    *,
    file: File,
    preset: Preset = None,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    maps: Maps = None,
    key: Key = None,
    form: FileForm = None,
    sheet: Sheet = None,
    missing_parent: Missing = None,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    json: options.Json = False,
) -> int:
    """Import a file; records already there are updated."""
    run: Run = ctx.obj
    source = _source(file)
    asks = {
        "preset": preset,
        "encoding": encoding,
        "delimiter": _character(delimiter),
        "map": _mapped(maps),
        "key": key,
        "format": form and str(form),
        "sheet": sheet,
        "missing_parent": missing_parent and str(missing_parent),
    }
    question = f"Import {file} into {run.facts.name}?"
    if not (dry_run or yes):
        options.must_be_able_to_ask(question)
    if not yes or dry_run:
        plan = run.records.import_(source, dry_run=True, **asks)
        if dry_run:
            if json:
                output.write_json(plan)
            else:
                output.write("".join(f"{line}\n" for line in _lines(plan, file)))
            output.note(f"Dry run: {_counts(plan)}; nothing was written.")
            return _code(plan)
        for line in _lines(plan, file):
            output.note(line)
        options.confirm(question, yes=False)
    report = run.records.import_(source, **asks)
    if json:
        output.write_json(report)
    elif yes:  # who was asked has read this in the plan
        for line in _lines(report, file):
            output.note(line)
    output.note(f"{_counts(report)}.")
    return _code(report)


def _source(file: str) -> Any:
    if file == "-":
        return sys.stdin.buffer.read()
    path = Path(file)
    if path.is_dir():
        raise exits.usage(f"{file} is a folder, not a file.")
    if not path.exists():
        raise exits.usage(f"There is no file {file}.")
    return path


def _character(delimiter: str | None) -> str | None:
    return "\t" if delimiter in ("\\t", "tab") else delimiter


def _mapped(maps: list[str] | None) -> dict[str, str | None] | None:
    """Read `--map`; a column's name may hold a =, a field's does not."""
    if not maps:
        return None
    found: dict[str, str | None] = {}
    for text in maps:
        if text.startswith("{"):
            found |= _object(text)
            continue
        column, equals, field = text.rpartition("=")
        if not equals or not column.strip():
            raise exits.usage(f"--map takes COLUMN=FIELD, not {text!r}.", hint="--map Town=city")
        found[column.strip()] = field.strip() or None
    return found


def _object(text: str) -> dict[str, str | None]:
    try:
        found = loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict) or not all(
        v is None or isinstance(v, str) for v in found.values()
    ):
        raise exits.usage("--map takes a JSON object of texts.", hint='--map \'{"Town": "city"}\'')
    return found


def _code(report: dict[str, Any]) -> int:
    return exits.FAILED if report["refused"] else exits.OK


def _counts(report: dict[str, Any]) -> str:
    would = "would be " if report["dry_run"] else ""
    names = ("created", "updated", "unchanged", "skipped", "refused")
    parts = [f"{report[name]} {name}" for name in names]
    more = {"parents_created": "created for them", "linked": "linked"}
    parts += [f"{report[name]} {said}" for name, said in more.items() if report.get(name)]
    return f"{report['rows']} rows: {would}{', '.join(parts)}"


def _lines(report: dict[str, Any], file: str) -> list[str]:
    """Say how the file was read, what goes where, and what was refused."""
    found = [f"{file}: {_reading(report)}"]
    mapping = report["mapping"]
    wide = max((len(column) for column in mapping), default=0)
    found += [f"  {column.ljust(wide)} → {field}" for column, field in mapping.items()]
    if report["ignored"]:
        found.append(f"  not imported: {', '.join(report['ignored'])}")
    offered = report.get("unknown") or []
    if offered:
        found.append("  each of these could be a field of its own:")
        found += [f"    {each['command']}" for each in offered[:_SAMPLE]]
    errors = report["errors"]
    found += [
        f"  line {error['line']}{_place(error)}: {_wrong(error)}" for error in errors[:_SAMPLE]
    ]
    if len(errors) > _SAMPLE:
        found.append(f"  … and {len(errors) - _SAMPLE} more errors; --json lists them")
    return [output.readable(line) for line in found]


def _reading(report: dict[str, Any]) -> str:
    if report.get("sheet"):
        return f"sheet {report['sheet']} of a workbook"
    how = _FOUND.get(report["encoding_source"], report["encoding_source"])
    if report.get("format") == "jsonl":
        return f"JSON, read as {report['encoding']} ({how})"
    delimiter = {"\t": "tabs"}.get(report["delimiter"], report["delimiter"])
    return f"read as {report['encoding']} ({how}), columns separated by {delimiter}"


def _place(error: dict[str, Any]) -> str:
    return f", column {error['column']}" if error.get("column") else ""


def _wrong(error: dict[str, Any]) -> str:
    value = error.get("value")
    shown = f" ({value[:60]!r})" if value and repr(value[:60]) not in error["message"] else ""
    return f"{error['message']}{shown}"
