"""`cerebro exports`: exports that the server writes in the background."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cerebro_cli import facts, options, output, show, transfers
from cerebro_cli.context import Run
from cerebro_cli.noun import application
from cerebro_cli.verbs import reading

app = application("Export in the background; fetch the files, or hand out links to them.")

ExportId = Annotated[
    str,
    typer.Argument(metavar="ID", help="The export: its id, or the end of it, as lists show it."),
]
File = Annotated[
    str | None,
    typer.Option("--file", metavar="FILE", help="One file alone: contacts.jsonl."),
]
Hours = Annotated[
    float,
    typer.Option("--hours", metavar="N", min=0.001, max=168, help="How long they are good."),
]


@app.command("list", epilog="\b\nExamples:\n  cerebro exports list\n  cerebro exports list --json")
def list_(
    ctx: typer.Context,
    *,
    limit: options.Limit = 50,
    all_: options.All = False,
    columns: options.Columns = None,
    json: options.Json = False,
    jsonl: options.Jsonl = False,
    csv: options.Csv = False,
    ids: options.Ids = False,
) -> None:
    """List your exports, newest first."""
    run: Run = ctx.obj
    noun = facts.nouns()["exports"]
    form = options.fitting(options.asked(json=json, jsonl=jsonl, csv=csv, ids=ids))
    chosen = show.columns(columns, noun)
    reading.pages(
        lambda most: run.crm.exports.raw.list(limit=most),
        shape=show.Shape(noun, form, chosen),
        limit=None if all_ else limit,
    )


@app.command(
    "start",
    epilog="\b\nExamples:\n  cerebro exports start\n"
    "  cerebro exports start --nouns contacts --format parquet --json",
)
def start(
    ctx: typer.Context,
    *,
    nouns: transfers.Nouns = None,
    form: transfers.Format = transfers.FolderFormat.JSONL,
    where: transfers.Wheres = None,
    since: transfers.Since = None,
    json: options.Json = False,
) -> None:
    """Ask for an export, and do not wait for it; stdout gets its id."""
    run: Run = ctx.obj
    found = run.crm.exports.raw.create(
        transfers.names(nouns),
        format=form.value,
        where=transfers.filters(where),
        since=since,
    )
    if json:
        output.write_json(found)
    else:
        output.write(f"{output.readable(str(found['id']))}\n")
    output.note(f"The export is {found['state']}.")
    output.note(f"To see how far it is: cerebro exports show {_short(found)}")


@app.command("show", epilog="\b\nExamples:\n  cerebro exports show 5b21c07d1e22 --json")
def show_(ctx: typer.Context, *, export_id: ExportId, json: options.Json = False) -> None:
    """Show how far an export is, and its files."""
    run: Run = ctx.obj
    found = run.crm.exports.raw.get(export_id)
    if json:
        output.write_json(found)
        return
    total = found.get("total_rows")
    of = "" if total is None else f" of {total:,}"
    lines = [f"{found['state']}, {found['rows']:,}{of} records, {found['bytes']:,} bytes"]
    lines += [f"{file['path']}  {file['size']:,} bytes" for file in found["files"]]
    problem = found.get("problem") or {}
    lines += [str(problem["detail"])] if problem.get("detail") else []
    for line in lines:
        output.write(f"{output.readable(line)}\n")


@app.command(
    "link",
    epilog="\b\nExamples:\n  cerebro exports link 5b21c07d1e22\n"
    "  cerebro exports link 5b21c07d1e22 --file contacts.jsonl --hours 24",
)
def link(
    ctx: typer.Context,
    *,
    export_id: ExportId,
    file: File = None,
    hours: Hours = 1.0,
    json: options.Json = False,
) -> None:
    """Print links to an export's files: whoever has one needs no key to fetch it."""
    run: Run = ctx.obj
    found = run.crm.exports.raw.link(export_id, file, max(1, round(hours * 3_600)))
    if json:
        output.write_json(found)
    else:
        for each in found["links"]:
            output.write(f"{output.readable(str(each['url']))}\n")
    output.note(f"Good until {str(found['expires_at'])[:16].replace('T', ' ')} UTC.")


@app.command("delete", epilog="\b\nExamples:\n  cerebro exports delete 5b21c07d1e22 --yes")
def delete(
    ctx: typer.Context,
    *,
    export_id: ExportId,
    yes: options.Yes = False,
    json: options.Json = False,
) -> None:
    """Delete an export and its files, also while it is written."""
    run: Run = ctx.obj
    options.confirm(f"Delete the export {export_id} with its files?", yes=yes)
    found = run.crm.exports.raw.delete(export_id)
    if json:
        output.write_json(found)
    output.note(f"The export {_short(found)} is deleted.")


def _short(found: dict[str, Any]) -> str:
    return str(found["id"])[-12:]
