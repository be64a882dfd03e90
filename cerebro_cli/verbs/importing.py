"""Importing a file: show the plan, ask, write, count."""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import StrEnum
from functools import partial
from json import loads
from pathlib import Path
from typing import Annotated, Any

import typer

from cerebro_cli import exits, mapped, options, output, plans
from cerebro_cli.context import Run
from cerebro_cli.verbs.exporting import FileFormat

_ENDINGS = {"jsonl": "jsonl", "vcard": "vcf"}


class MissingParent(StrEnum):
    """What to do with rows that name what is not there."""

    REFUSE = "refuse"
    CREATE = "create"
    SKIP = "skip"


class Lists(StrEnum):
    """What to do with lists that records have."""

    REPLACE = "replace"
    APPEND = "append"


class ImportMode(StrEnum):
    """What an import may do."""

    UPSERT = "upsert"
    CREATE = "create"
    UPDATE = "update"


File = Annotated[
    str, typer.Argument(metavar="FILE", help="CSV, JSON lines, XLSX or vCards; - reads stdin.")
]
Preset = Annotated[
    str | None,
    typer.Option(
        "--preset",
        metavar="NAME",
        help="Where the file comes from: salesforce, hubspot, pipedrive, zoho, odoo, espocrm, "
        "twenty, outlook, google; found by the header if left out. none: it is none of them.",
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
ListsOption = Annotated[
    Lists | None,
    typer.Option(
        "--lists",
        help="Lists that a record has, such as tags, e-mails and phones: replace them (the "
        "default), or append what is new.",
    ),
]
Mode = Annotated[
    ImportMode,
    typer.Option("--mode", help="Create and update, or only one of the two; the rest is left out."),
]
Saved = Annotated[
    str | None,
    typer.Option("--mapping", metavar="NAME", help="Map columns as was saved under this name."),
]
SaveAs = Annotated[
    str | None,
    typer.Option("--save-mapping", metavar="NAME", help="Keep what the columns are for next time."),
]
Suggest = Annotated[
    bool,
    typer.Option(
        "--suggest",
        help="Only say what each column would be taken for, how surely and why; plan nothing.",
    ),
]
Deletes = Annotated[
    bool,
    typer.Option(
        "--deletes", help="Delete records whose rows say that they were deleted at the source."
    ),
]
Silent = Annotated[
    bool, typer.Option("--silent", help="Keep workflows from acting on what it changes.")
]
Strict = Annotated[bool, typer.Option("--strict", help="Do nothing unless all rows are right.")]
Errors = Annotated[
    Path | None,
    typer.Option(
        "--errors",
        metavar="FILE",
        help="Where rows that are refused go, to be mended; FILE.errors.csv if left out.",
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
    lists: ListsOption = None,
    mode: Mode = ImportMode.UPSERT,
    mapping: Saved = None,
    save_mapping: SaveAs = None,
    suggest: Suggest = False,
    deletes: Deletes = False,
    silent: Silent = False,
    strict: Strict = False,
    all_or_nothing: options.AllOrNothing = False,
    errors: Errors = None,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    json: options.Json = False,
) -> int:
    """Import a file; records already there are updated."""
    run: Run = ctx.obj
    source = _source(file)
    read = {
        "preset": preset,
        "encoding": encoding,
        "delimiter": _character(delimiter),
        "map": _mapped(maps),
        "key": key,
        "format": form and str(form),
        "sheet": sheet,
        "mapping": mapping,
        "save_mapping": save_mapping,
    }
    if suggest:
        return mapped.suggest(run, file, source, read, json=json)
    asked = {
        **read,
        "missing_parent": missing_parent and str(missing_parent),
        "lists": lists and str(lists),
        "mode": str(mode),
        "deletes": deletes or None,
    }
    start = partial(_start, run, source, asked, silent=silent, all_or_nothing=all_or_nothing)
    manner = plans.Manner(dry_run=dry_run, yes=yes, json=json, strict=strict)
    return _carried_out(run, file, start, manner, errors or _beside(file))


def _carried_out(
    run: Run, file: str, start: Callable[..., dict[str, Any]], manner: plans.Manner, errors: Path
) -> int:
    """Plan, show, ask and write; keep the rows that were refused."""
    ended: dict[str, Any] = {}
    code = plans.carry_out(
        run,
        lambda at_once: start(yes=at_once),
        f"Import {file} into {run.facts.name}?",
        manner,
        about=lambda found: [*mapped.lines(found, file), *plans.made(found)],
        on_end=ended.update,
    )
    if ended and plans.wrong(ended):
        _keep_errors(run, ended, errors)
    return code


def _start(run: Run, source: Any, asked: dict[str, Any], **how: bool) -> dict[str, Any]:
    upload = run.crm.uploads.raw.put(source)
    said = {name: value for name, value in asked.items() if value is not None}
    said |= {"upload_id": upload["id"]}
    return run.crm.operations.raw.create(f"{run.facts.name}.import", said, **how)


def _beside(file: str) -> Path:
    path = Path("import" if file == "-" else file)
    return path.with_name(f"{path.stem}.errors")


def _keep_errors(run: Run, found: dict[str, Any], target: Path) -> None:
    """Write the rows that were refused into a file in the shape of the one that was imported."""
    content = b"".join(run.crm.operations.raw.errors_file(found["id"]))
    if not target.suffix or target.suffix == ".errors":
        ending = _ENDINGS.get(found["report"].get("format"), "csv")
        target = target.with_name(f"{target.name}.{ending}")
    try:
        target.write_bytes(content)
    except OSError as error:
        output.note(f"The rows that were refused could not be written to {target}: {error}")
        output.note(f"To see them: cerebro operations errors {plans.short(found)}")
        return
    output.note(f"The rows that were refused are in {target}: mend them, and import that file.")


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
