"""Importing a file: show the plan, ask, write, count."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from cerebro_cli import exits, options, output
from cerebro_cli.context import Run

_SAMPLE = 10
_FOUND = {
    "bom": "said by its byte-order mark",
    "utf-8": "every byte of it reads so",
    "option": "as you said",
    "guess": "a guess, since it is not UTF-8; --encoding names another",
}
File = Annotated[str, typer.Argument(metavar="FILE", help="A CSV file; - reads stdin.")]
Preset = Annotated[
    str | None,
    typer.Option("--preset", metavar="NAME", help="Where the file comes from: salesforce."),
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
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    json: options.Json = False,
) -> int:
    """Import a CSV file; records already there are updated."""
    run: Run = ctx.obj
    source = _source(file)
    asks = {"preset": preset, "encoding": encoding, "delimiter": _character(delimiter)}
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


def _code(report: dict[str, Any]) -> int:
    return exits.FAILED if report["refused"] else exits.OK


def _counts(report: dict[str, Any]) -> str:
    would = "would be " if report["dry_run"] else ""
    names = ("created", "updated", "unchanged", "skipped", "refused")
    parts = [f"{report[name]} {name}" for name in names]
    return f"{report['rows']} rows: {would}{', '.join(parts)}"


def _lines(report: dict[str, Any], file: str) -> list[str]:
    """Say how the file was read, what goes where, and what was refused."""
    how = _FOUND.get(report["encoding_source"], report["encoding_source"])
    delimiter = {"\t": "tabs"}.get(report["delimiter"], report["delimiter"])
    found = [f"{file}: read as {report['encoding']} ({how}), columns separated by {delimiter}"]
    mapping = report["mapping"]
    wide = max((len(column) for column in mapping), default=0)
    found += [f"  {column.ljust(wide)} → {field}" for column, field in mapping.items()]
    if report["ignored"]:
        found.append(f"  not imported: {', '.join(report['ignored'])}")
    errors = report["errors"]
    found += [
        f"  line {error['line']}{_place(error)}: {_wrong(error)}" for error in errors[:_SAMPLE]
    ]
    if len(errors) > _SAMPLE:
        found.append(f"  … and {len(errors) - _SAMPLE} more errors; --json lists them")
    return [output.readable(line) for line in found]


def _place(error: dict[str, Any]) -> str:
    return f", column {error['column']}" if error.get("column") else ""


def _wrong(error: dict[str, Any]) -> str:
    value = error.get("value")
    shown = f" ({value[:60]!r})" if value and repr(value[:60]) not in error["message"] else ""
    return f"{error['message']}{shown}"
