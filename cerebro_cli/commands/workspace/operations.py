"""`cerebro operations`: what touched many records, and the way back."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from cerebro_cli import facts, options, output, plans, show
from cerebro_cli.context import Run
from cerebro_cli.noun import application
from cerebro_cli.verbs import reading
from cerebro_sdk.display import plan_summary

app = application("See what touched many records; apply it, stop it, take it back.")

OperationId = Annotated[
    str,
    typer.Argument(metavar="ID", help="The operation: its id, or the end of it, as lists show it."),
]
State = Annotated[
    str | None, typer.Option("--state", metavar="STATE", help="Only in this state: planned.")
]
Kind = Annotated[
    str | None, typer.Option("--kind", metavar="KIND", help="Only of this kind: contacts.update.")
]
Touched = Annotated[
    str | None,
    typer.Option("--record", metavar="NOUN/REF", help="Only what touched contacts/ada@x.example."),
]
OnDrift = Annotated[
    Literal["refuse", "skip", "replan"],
    typer.Option(
        "--on-drift",
        metavar="HOW",
        help="Where records changed since: refuse all of it, skip those, or replan.",
    ),
]
Rows = Annotated[bool, typer.Option("--rows", help="Every row of the plan.")]


@app.command(
    "list",
    epilog="\b\nExamples:\n  cerebro operations list --state planned\n"
    "  cerebro operations list --kind contacts.import --json\n"
    "  cerebro operations list --record contacts/ada@acme.example",
)
def list_(
    ctx: typer.Context,
    *,
    state: State = None,
    kind: Kind = None,
    record: Touched = None,
    limit: options.Limit = 50,
    all_: options.All = False,
    columns: options.Columns = None,
    json: options.Json = False,
    jsonl: options.Jsonl = False,
    csv: options.Csv = False,
    ids: options.Ids = False,
) -> None:
    """List operations, newest first."""
    run: Run = ctx.obj
    noun = facts.nouns()["operations"]
    form = options.fitting(options.asked(json=json, jsonl=jsonl, csv=csv, ids=ids))
    cells: dict[str, show.Cell] = {
        "by": lambda record, _: str((record.get("by") or {}).get("name") or ""),
        "id": lambda record, brief: plans.short(record) if brief else str(record["id"]),
        "summary": lambda record, _: plan_summary(record),
    }
    chosen = tuple(columns.split(",")) if columns else (*noun.columns, "summary")
    shape = show.Shape(noun, form, chosen if columns or form in _SHORT else None, cells)
    reading.pages(
        lambda most: run.crm.operations.raw.list(state, kind, limit=most, record=record),
        shape=shape,
        limit=None if all_ else limit,
    )


_SHORT = (output.Format.TABLE, output.Format.TABS, output.Format.CSV)


@app.command(
    "show",
    epilog="\b\nExamples:\n  cerebro operations show 5b21c07d1e22\n"
    "  cerebro operations show 5b21c07d1e22 --rows --jsonl",
)
def show_(
    ctx: typer.Context,
    *,
    operation_id: OperationId,
    rows: Rows = False,
    json: options.Json = False,
    jsonl: options.Jsonl = False,
) -> None:
    """Show what an operation would do, or did."""
    run: Run = ctx.obj
    raw = run.crm.operations.raw
    if rows:
        _write_rows(raw.plan(operation_id), json=json, jsonl=jsonl)
        return
    found = raw.get(operation_id)
    if json or jsonl:
        output.write_json(found)
        return
    for line in _facts(found):
        output.write(f"{output.readable(line)}\n")
    plans.problems(run, found)


@app.command(
    "errors",
    epilog="\b\nExamples:\n  cerebro operations errors 5b21c07d1e22\n"
    "  cerebro operations errors 5b21c07d1e22 --jsonl > wrong.jsonl",
)
def errors(
    ctx: typer.Context,
    *,
    operation_id: OperationId,
    json: options.Json = False,
    jsonl: options.Jsonl = False,
) -> None:
    """List the rows that are wrong, and those that were left."""
    run: Run = ctx.obj
    found = run.crm.operations.raw.errors(operation_id)
    if json or jsonl:
        _write_rows(found, json=json, jsonl=jsonl)
        return
    count = 0
    for row in found:
        output.write(f"{output.readable(plans.problem_line(row))}\n")
        count += 1
    output.note(f"{count} row{'' if count == 1 else 's'}.")


@app.command("follow", epilog="\b\nExamples:\n  cerebro operations follow 5b21c07d1e22")
def follow(ctx: typer.Context, *, operation_id: OperationId, json: options.Json = False) -> int:
    """Wait for the end of an operation, with its progress."""
    run: Run = ctx.obj
    found = plans.follow(run, run.crm.operations.raw.get(operation_id))
    return plans.ended(run, found, json=json)


@app.command(
    "apply",
    epilog="\b\nExamples:\n  cerebro operations apply 5b21c07d1e22 --yes\n"
    "  cerebro operations apply 5b21c07d1e22 --on-drift skip --yes",
)
def apply(
    ctx: typer.Context,
    *,
    operation_id: OperationId,
    on_drift: OnDrift = "refuse",
    yes: options.Yes = False,
    json: options.Json = False,
) -> int:
    """Apply a plan."""
    run: Run = ctx.obj
    raw = run.crm.operations.raw
    if not yes:
        options.must_be_able_to_ask("Apply it?")
        found = raw.get(operation_id)
        for line in _facts(found):
            output.note(line)
        options.confirm(f"Apply it: {plan_summary(found)}?", yes=False)
    found = plans.follow(run, raw.apply(operation_id, on_drift))
    return plans.ended(run, found, json=json)


@app.command(
    "undo",
    epilog="\b\nExamples:\n  cerebro operations undo 5b21c07d1e22\n"
    "  cerebro operations undo 5b21c07d1e22 --where 'country = DE' --yes\n"
    "  cerebro operations undo 5b21c07d1e22 --dry-run",
)
def undo(
    ctx: typer.Context,
    *,
    operation_id: OperationId,
    where: options.Where = None,
    force_fields: options.ForceFields = False,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    json: options.Json = False,
) -> int:
    """Take an operation back, but for what was changed since."""
    run: Run = ctx.obj
    run.query = where

    def start(at_once: bool) -> dict[str, Any]:
        raw = run.crm.operations.raw
        found: dict[str, Any] = raw.undo(operation_id, where, force_fields, at_once)
        return found

    manner = plans.Manner(dry_run=dry_run, yes=yes, json=json)
    return plans.carry_out(run, start, "Take it back?", manner)


@app.command("redo", epilog="\b\nExamples:\n  cerebro operations redo 5b21c07d1e22 --yes")
def redo(
    ctx: typer.Context,
    *,
    operation_id: OperationId,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    json: options.Json = False,
) -> int:
    """Do again what was undone; records come back with their ids."""
    run: Run = ctx.obj

    def start(at_once: bool) -> dict[str, Any]:
        found: dict[str, Any] = run.crm.operations.raw.redo(operation_id, at_once)
        return found

    manner = plans.Manner(dry_run=dry_run, yes=yes, json=json, is_redo=True)
    return plans.carry_out(run, start, "Do it again?", manner)


@app.command("cancel", epilog="\b\nExamples:\n  cerebro operations cancel 5b21c07d1e22")
def cancel(ctx: typer.Context, *, operation_id: OperationId, json: options.Json = False) -> None:
    """Stop an operation after the rows that are being written."""
    run: Run = ctx.obj
    found = run.crm.operations.raw.cancel(operation_id)
    if json:
        output.write_json(found)
    output.note(f"Operation {plans.short(found)} is cancelled: {plan_summary(found)}.")
    output.note(f"To go on: cerebro operations resume {plans.short(found)}")


@app.command("resume", epilog="\b\nExamples:\n  cerebro operations resume 5b21c07d1e22")
def resume(ctx: typer.Context, *, operation_id: OperationId, json: options.Json = False) -> int:
    """Go on with an operation that was stopped, or failed."""
    run: Run = ctx.obj
    found = plans.follow(run, run.crm.operations.raw.resume(operation_id))
    return plans.ended(run, found, json=json)


def _facts(found: dict[str, Any]) -> list[str]:
    by = (found.get("by") or {}).get("name") or ""
    first = f"{found['kind']}, {found['state']}, by {by}, {str(found['created_at'])[:16]} UTC"
    return [first, plan_summary(found), *plans.lines(found)]


def _write_rows(rows: Any, *, json: bool, jsonl: bool) -> None:
    if json:
        output.write_json(list(rows))
        return
    for row in rows:
        if jsonl:
            output.write(f"{output.dump_json(row)}\n")
            continue
        changes = "; ".join(change["text"] for change in row.get("changes") or [])
        said = (row.get("problem") or {}).get("message") or changes
        name = row.get("label") or row.get("record_id") or ""
        output.write_tabs([row["action"], str(row.get("line") or ""), str(name), str(said)])
