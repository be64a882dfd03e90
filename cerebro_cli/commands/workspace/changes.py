"""`cerebro changes`: the journal."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from cerebro_cli import differences, options, output, show
from cerebro_cli.context import Run
from cerebro_cli.noun import noun
from cerebro_cli.output import Format
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
After = Annotated[
    str,
    typer.Option(
        "--after",
        metavar="CURSOR",
        help="Where to begin: now, start, or the cursor that the last run ended with.",
    ),
]
Most = Annotated[
    int | None, typer.Option("--limit", "-n", min=1, metavar="N", help="End after so many.")
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
    shape = show.Shape(run.facts, form, show.columns(columns, run.facts), _cells())
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


@app.command(
    "follow",
    epilog="\b\nExamples:\n"
    "  cerebro changes follow\n"
    "  cerebro changes follow --record-type contacts --action created,deleted\n"
    "  cerebro changes follow --after start --limit 1000 --jsonl > first.jsonl\n\n"
    "Each line of --jsonl has the cursor to go on from. So has the end, on stderr.",
)
def follow(
    ctx: typer.Context,
    *,
    after: After = "now",
    record: RecordReference = None,
    record_type: RecordType = None,
    actor: Actor = None,
    action: Action = None,
    jsonl: options.Jsonl = False,
    limit: Most = None,
) -> None:
    """Follow changes as they happen, each exactly once, until Ctrl-C."""
    run: Run = ctx.obj
    form = options.fitting(options.asked(json=False, jsonl=jsonl, csv=False))
    shape = show.Shape(run.facts, form, None, _cells())
    feed = run.records.follow(
        after, record=record, record_type=record_type, actor=actor, action=action
    ).begin()
    if form is Format.TABLE:
        output.note("Waiting for changes; Ctrl-C ends it.")
    elif form is Format.TABS:
        output.write_tabs(shape.shown)
        output.flush()
    written = 0
    unwritten: str | None = None  # the cursor in front of a change that is being written
    try:
        while limit is None or written < limit:
            feed.wait()
            with _whole():
                unwritten = feed.cursor
                _write(next(feed), shape)
                written, unwritten = written + 1, None
    finally:
        output.note(f"To go on: cerebro changes follow --after {unwritten or feed.cursor}")


@contextmanager
def _whole() -> Iterator[None]:
    """Let what is inside come to its end before Ctrl-C interrupts; a second one does not wait."""
    is_asked = False

    def later(*_: object) -> None:
        nonlocal is_asked
        if is_asked:
            raise KeyboardInterrupt
        is_asked = True

    before = signal.signal(signal.SIGINT, later)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if is_asked:
        raise KeyboardInterrupt


def _write(change: Mapping[str, Any], shape: show.Shape) -> None:
    """Write one change at once: as JSON, as tab-separated cells, or as a line for people."""
    if shape.format is Format.JSONL:
        output.write(f"{output.dump_json(change)}\n")
    elif shape.format is Format.TABS:
        output.write_tabs(show.cell(change, name, shape) for name in shape.shown)
    else:
        at, record = (show.cell(change, name, shape, brief=True) for name in ("at", "record"))
        who, what = differences.who(change, True), visible(str(change.get("action")))
        line = f"{at}  {who}  {what} {record}  {_diff(change, False)}".rstrip()
        output.write(f"{output.readable(line)}\n")
    output.flush()


def _cells() -> dict[str, show.Cell]:
    return {"record": _record, "actor": differences.who, "diff": _diff}


def _record(change: Mapping[str, Any], brief: bool) -> str:
    ref = str(change.get("record_id", ""))
    return visible(f"{change.get('record_type')}/{short_id(ref) if brief else ref}")


def _diff(change: Mapping[str, Any], brief: bool) -> str:
    return ("\n" if brief else "; ").join(differences.lines(change.get("diff") or {}))
