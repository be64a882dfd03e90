"""`cerebro import`: a whole dump, of another CRM or of Cerebro, in one operation."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cerebro_cli import exits, mapped, options, output, plans
from cerebro_cli.context import Run
from cerebro_cli.noun import single
from cerebro_sdk import errors
from cerebro_sdk.display import visible

if TYPE_CHECKING:
    from cerebro_sdk.dump_files import Dump

app = single()
_ENDINGS = {"jsonl": "jsonl", "vcard": "vcf"}
_COUNTS = ("rows", "created", "updated", "unchanged", "deleted", "refused", "left_out")


class MissingParent(StrEnum):
    """What to do with rows that name what is not there."""

    REFUSE = "refuse"
    CREATE = "create"
    SKIP = "skip"


Folder = Annotated[
    Path,
    typer.Argument(metavar="DIR", help="The folder with the files: CSV, JSON lines, XLSX, vCards."),
]
MappingFile = Annotated[
    Path | None,
    typer.Option(
        "--mapping",
        metavar="FILE",
        help="What each file is, and its columns: a TOML or JSON file, kept with your sources.",
    ),
]
Preset = Annotated[
    str | None,
    typer.Option(
        "--preset",
        metavar="NAME",
        help="Whose dump it is: salesforce, hubspot, pipedrive, zoho, odoo, espocrm, twenty.",
    ),
]
Guess = Annotated[
    bool,
    typer.Option(
        "--guess",
        help="Take files that the preset does not know by the names of their columns.",
    ),
]
Keys = Annotated[
    list[str] | None,
    typer.Option(
        "--key",
        metavar="NOUN=FIELD",
        help="What finds the records of a noun: contacts=email. Several times.",
    ),
]
Missing = Annotated[
    MissingParent | None,
    typer.Option(
        "--missing-parent",
        help="Rows that name what is neither here nor in the dump: refuse them, create it, or "
        "import them without (the default for nouns that the dump has a file of).",
    ),
]
KeepDates = Annotated[
    bool,
    typer.Option(
        "--keep-dates",
        help="New records are there since when the dump says, not since now.",
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
        metavar="DIR",
        help="Where rows that are refused go, a file for each; DIR.errors if left out.",
    ),
]


@app.command(
    "import",
    epilog="\b\nExamples:\n"
    "  cerebro import salesforce-dump --preset salesforce --dry-run\n"
    "  cerebro import hubspot-dump --mapping hubspot.toml --keep-dates --yes\n"
    "  cerebro import export-of-main --yes\n\n"
    "A mapping file (docs/dumps.md says all of it):\n\n"
    '\b\n  preset = "salesforce"\n'
    '  [files."Firms.csv"]\n'
    '  noun = "companies"\n'
    '  columns = { Town = "city", Owner = false }\n'
    '  [files."notes.csv"]\n'
    "  skip = true",
)
def import_(
    ctx: typer.Context,
    *,
    folder: Folder,
    mapping: MappingFile = None,
    preset: Preset = None,
    guess: Guess = False,
    key: Keys = None,
    missing_parent: Missing = None,
    keep_dates: KeepDates = False,
    silent: Silent = False,
    strict: Strict = False,
    all_or_nothing: options.AllOrNothing = False,
    errors_to: Errors = None,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    json: options.Json = False,
) -> int:
    """Import a whole folder of files in one operation, and say whether all of it arrived."""
    from cerebro_sdk.dump_files import read_dump

    run: Run = ctx.obj
    dump = read_dump(
        folder,
        mapping,
        preset=preset,
        guess=guess,
        keys=_keys(key),
        missing_parent=missing_parent and str(missing_parent),
        keep_dates=keep_dates,
    )
    how = {"silent": silent, "all_or_nothing": all_or_nothing}
    ended: dict[str, Any] = {}
    code = plans.carry_out(
        run,
        lambda at_once: _start(run, dump, {**how, "yes": at_once}),
        f"Import {folder}?",
        plans.Manner(dry_run=dry_run, yes=yes, json=json, strict=strict),
        about=lambda found: [*_lines(found), *plans.made(found)],
        on_end=ended.update,
    )
    if ended:
        for line in _reconciled(ended):
            output.note(line)
        if plans.wrong(ended):
            _keep_errors(run, ended, errors_to or folder.with_name(f"{folder.name}.errors"))
    return code


def _keys(given: list[str] | None) -> dict[str, str]:
    found = {}
    for text in given or ():
        noun, equals, field = text.partition("=")
        if not equals or not noun or not field:
            hint = "--key contacts=email"
            raise exits.usage(f"--key takes NOUN=FIELD, not {text!r}.", hint=hint)
        found[noun] = field
    return found


def _start(run: Run, dump: Dump, how: dict[str, bool]) -> dict[str, Any]:
    ids = {}
    for file in dump.files:
        if file.is_sent:
            output.note(f"Sending {file.said['name']} …")
            ids[file.said["name"]] = run.crm.uploads.raw.put(file.path)["id"]
    missing = {*run.crm.files.raw.missing([path.name for path in dump.attachments])}
    if dump.attachments:
        there = len(dump.attachments) - len(missing)
        also = f"; the server has {there:,} more" if there else ""
        output.note(f"Sending the bytes of {len(missing):,} attached files{also} …")
    for path in dump.attachments:
        if path.name in missing:
            run.crm.files.raw.store(path)
    try:
        return run.crm.operations.raw.create("import", dump.input(ids), **how)
    except errors.APIError as error:
        raise dump.explained(error) from None


def _lines(found: dict[str, Any]) -> list[str]:
    """Say what each file was taken for, and what goes where."""
    report = found["report"]
    said: list[str] = []
    for each in report.get("files") or ():
        by = f", preset {each['preset']}" if each.get("preset") else ""
        said.append(f"{each['file']} → {each['noun']}{by}, found by {each['key'] or 'id'}")
        mapping = each["mapping"]
        wide = max((len(column) for column in mapping), default=0)
        said += [f"  {column.ljust(wide)} → {field}" for column, field in mapping.items()]
        if each["ignored"]:
            said.append(f"  not imported: {', '.join(each['ignored'])}")
    if missing := report.get("missing_fields"):
        said.append("The dump has fields that there are not here; these commands add them:")
        said += [f"  {each['command']}" for each in missing]
    if found["state"] == "planned":
        said += _reconciled(found)
    return [visible(line) for line in said]


def _reconciled(found: dict[str, Any]) -> list[str]:
    """Say whether all of it arrived: counts, links and sums of each file."""
    report = found["report"].get("reconciliation")
    if not report:
        return []
    said = ["Reconciliation:"]
    for each in report["files"]:
        counts = [f"{each[name]:,} {name.replace('_', ' ')}" for name in _COUNTS if each[name]]
        said.append(f"  {each['file']}: {', '.join(counts) or 'no rows'}")
        said += [f"    {line}" for line in _left_out(each)]
        for name, link in each["links"].items():
            said.append(f"    links by {name}: {mapped.link(link)}")
        for name, total in each["sums"].items():
            if total["stored"] is not None:
                said.append(f"    sum of {name}: {_sums(total)}")
    said += _not_imported(report["not_imported"])
    return [visible(line) for line in said]


def _left_out(file: dict[str, Any]) -> list[str]:
    """Say why rows are left out, and which columns go nowhere."""
    why = {"deleted_at_source": "deleted at the source", "of_another_noun": "of another noun"}
    counts = [f"{file[name]:,} {text}" for name, text in why.items() if file.get(name)]
    found = [f"of those left out: {', '.join(counts)}"] if counts else []
    ignored = [f"{name} ({cells:,})" for name, cells in (file.get("ignored") or {}).items()]
    return [*found, *([f"ignored columns: {', '.join(ignored)}"] if ignored else [])]


def _not_imported(files: list[dict[str, Any]]) -> list[str]:
    """Say why files are not imported; those that are empty stand in one line."""
    empty = [each["file"] for each in files if each["why"] == "It is empty."]
    others = [each for each in files if each["file"] not in empty]
    found = [f"  {each['file']}: not imported. {each['why']}" for each in others]
    return [*found, *([f"  empty: {', '.join(empty)}"] if empty else [])]


def _sums(total: dict[str, Any]) -> str:
    from decimal import Decimal  # 4 ms

    difference = Decimal(total["stored"]) - Decimal(total["in_file"])
    if not difference:
        return f"{total['in_file']} in the file and stored"
    return f"{total['in_file']} in the file, {total['stored']} stored ({difference:+})"


def _keep_errors(run: Run, found: dict[str, Any], target: Path) -> None:
    """Write the rows that were refused, a file for each that has some, in its own shape."""
    report = found["report"].get("reconciliation") or {}
    forms = {each["file"]: each["format"] for each in found["report"].get("files") or ()}
    for each in report.get("files", ()):
        name = each["file"]
        if not each["refused"]:
            continue
        content = b"".join(run.crm.operations.raw.errors_file(found["id"], name))
        path = target / name
        if path.suffix.lower() == ".xlsx":
            path = path.with_name(f"{path.name}.{_ENDINGS.get(forms.get(name, ''), 'csv')}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        except OSError as error:
            output.note(f"The rows that were refused could not be written to {path}: {error}")
            return
    output.note(f"The rows that were refused are in {target}: mend them, and import that folder.")
