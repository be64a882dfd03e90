"""`cerebro access`: who may do what, and why."""

from __future__ import annotations

import csv as csv_
import io
from typing import Annotated, Any

import typer

from cerebro_cli import options, output
from cerebro_cli.context import Run
from cerebro_cli.noun import application

app = application("Who may do what, and why.")

User = Annotated[str, typer.Argument(metavar="USER", help="Id, e-mail address, or me.")]
Record = Annotated[
    str, typer.Argument(metavar="NOUN/REF", help="The record: companies/acme.example.")
]
Action = Annotated[
    str, typer.Option("--action", metavar="VERB", help="What is to be done: update, delete…")
]


@app.callback()
def _group() -> None:
    """Keep this a group of commands."""


@app.command(
    epilog="\b\nExamples:\n"
    "  cerebro access explain ada@acme.example companies/acme.example\n"
    "  cerebro access explain me contacts/bob@acme.example --action update --json",
)
def explain(
    ctx: typer.Context,
    *,
    user: User,
    record: Record,
    action: Action = "read",
    json: options.Json = False,
) -> None:
    """Say whether a user may do something with a record, and why."""
    run: Run = ctx.obj
    answer = run.crm.access.raw.explain(user, record, action)
    if json:
        output.write_json(answer)
        return
    pairs = [("allowed", "yes" if answer["allowed"] else "no"), ("why", answer["detail"])]
    pairs += [(f"role {reason['role']}", reason["detail"]) for reason in answer["reasons"]]
    pairs += [(f"field {name}", rule) for name, rule in answer["fields"].items()]
    output.write_pairs(pairs)


@app.command(
    epilog="\b\nExamples:\n  cerebro access matrix\n  cerebro access matrix --csv > matrix.csv",
)
def matrix(ctx: typer.Context, *, json: options.Json = False, csv: options.Csv = False) -> None:
    """Show every permission with the roles that have it: own, team or all."""
    run: Run = ctx.obj
    form = options.asked(json=json, jsonl=False, csv=csv)
    rows: list[dict[str, Any]] = run.crm.access.raw.matrix()["rows"]
    if form is output.Format.JSON:
        output.write_json(rows)
        return
    roles = list(dict.fromkeys(role for row in rows for role in row["roles"]))
    head = ["permission", *roles]
    cells = [[row["permission"], *(row["roles"].get(role, "") for role in roles)] for row in rows]
    if form is output.Format.CSV:
        text = io.StringIO()
        csv_.writer(text, lineterminator="\n").writerows([head, *cells])
        output.write(text.getvalue())
    else:
        output.write_table(head, cells)
    output.note(f"{len(rows)} permissions, {len(roles)} roles.")
