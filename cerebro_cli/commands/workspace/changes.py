"""`cerebro changes`: the journal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from cerebro_cli import differences, options, show
from cerebro_cli.context import Run
from cerebro_cli.noun import noun
from cerebro_cli.verbs import reading
from cerebro_sdk.display import short_id, visible

app = noun("changes")

RecordReference = Annotated[
    str | None,
    typer.Option("--record", metavar="NOUN/REF", help="Only of this: companies/acme.example."),
]
RecordType = Annotated[
    str | None, typer.Option("--record-type", metavar="NOUN", help="Only of this noun: companies.")
]


Actor = Annotated[
    str | None,
    typer.Option(
        "--actor",
        metavar="WHO",
        help="Only by this: me, a user's address or id, a key's id, system.",
    ),
]
Action = Annotated[
    str | None,
    typer.Option(
        "--action", metavar="A,B", help="Only these: created, updated, deleted, restored."
    ),
]


@app.command(
    "list",
    epilog="\b\nExamples:\n"
    "  cerebro changes list --record companies/acme.example\n"
    "  cerebro changes list --actor ada@acme.example --action updated,deleted --since 2026-11-01\n"
    "  cerebro changes list --record-type companies --since 'now - 7d' --all --jsonl > week.jsonl",
)
def list_(
    ctx: typer.Context,
    *,
    record: RecordReference = None,
    record_type: RecordType = None,
    actor: Actor = None,
    action: Action = None,
    since: options.Since = None,
    until: options.Until = None,
    limit: options.Limit = reading.LIMIT,
    all_: options.All = False,
    columns: options.Columns = None,
    json: options.Json = False,
    jsonl: options.Jsonl = False,
    csv: options.Csv = False,
) -> None:
    """List changes, the newest first: who changed what, from what, to what."""
    run: Run = ctx.obj
    form = options.fitting(options.asked(json=json, jsonl=jsonl, csv=csv))
    cells = {"record": _record, "actor": differences.who, "diff": _diff}
    shape = show.Shape(run.facts, form, show.columns(columns, run.facts), cells)
    reading.pages(
        lambda most: run.records.list(
            record=record,
            record_type=record_type,
            limit=most,
            actor=actor,
            action=action,
            since=since,
            until=until,
        ),
        shape=shape,
        limit=None if all_ else limit,
    )


def _record(change: Mapping[str, Any], brief: bool) -> str:
    ref = str(change.get("record_id", ""))
    return visible(f"{change.get('record_type')}/{short_id(ref) if brief else ref}")


def _diff(change: Mapping[str, Any], brief: bool) -> str:
    return ("\n" if brief else "; ").join(differences.lines(change.get("diff") or {}))
