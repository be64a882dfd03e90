"""What happened to a record: its timeline, and what became of it between two moments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from cerebro_cli import differences, facts, options, output, show
from cerebro_cli.context import Run
from cerebro_cli.output import Format
from cerebro_cli.verbs import reading
from cerebro_sdk.display import visible

Actions = Annotated[
    str | None,
    typer.Option(
        "--actions", metavar="A,B", help="Only these: created, updated, deleted, restored."
    ),
]

Related = Annotated[
    bool, typer.Option("--related", help="With the tasks, activities and notes about it.")
]


def _noun(singular: str, plural: str, kinds: Mapping[str, str], *shown: str) -> facts.Noun:
    """Describe what a row of the answer is, as nouns.json does for records."""
    fields = {
        name: facts.Field(name, kind, name.capitalize(), "", False, False)
        for name, kind in kinds.items()
    }
    return facts.Noun(plural, singular, "workspace", "seq", "", (), shown, (), fields)


_ENTRIES = _noun(
    "entry",
    "entries",
    {
        **{"seq": "integer", "at": "datetime", "actor": "object", "action": "text"},
        **{"version": "integer", "request_id": "text", "changes": "object"},
        **{"record_type": "text", "record_id": "uuid", "title": "text"},
    },
    *("seq", "at", "actor", "action", "changes"),
)
_CHANGES = _noun(
    "change",
    "changes",
    {
        **{"field": "text", "label": "text", "old": "object", "new": "object", "text": "text"},
        **{"seq": "integer", "at": "datetime", "actor": "object"},
    },
    *("text", "actor", "at"),
)


def timeline(
    ctx: typer.Context,
    *,
    ref: options.Reference,
    actions: Actions = None,
    related: Related = False,
    limit: options.Limit = reading.LIMIT,
    all_: options.All = False,
    columns: options.Columns = None,
    json: options.Json = False,
    jsonl: options.Jsonl = False,
    csv: options.Csv = False,
) -> None:
    """See what happened to a record, the newest first: who, when, and each change in words."""
    run: Run = ctx.obj
    form = options.fitting(options.asked(json=json, jsonl=jsonl, csv=csv))
    cells = {"actor": differences.who, "changes": _changes}
    shape = show.Shape(_ENTRIES, form, show.columns(columns, _ENTRIES), cells)
    reading.pages(
        lambda most: run.records.timeline(ref, actions=actions, limit=most, related=related),
        shape=shape,
        limit=None if all_ else limit,
    )


def diff(
    ctx: typer.Context,
    *,
    ref: options.Reference,
    since: options.Since = None,
    until: options.Until = None,
    columns: options.Columns = None,
    json: options.Json = False,
    jsonl: options.Jsonl = False,
    csv: options.Csv = False,
) -> None:
    """See what became of a record between two moments, and who changed what last.

    A moment is a day, a time with its zone, 'now - 30d', a version of the record, or seq:812.
    """
    form = options.fitting(options.asked(json=json, jsonl=jsonl, csv=csv))
    found = ctx.obj.records.diff(ref, since=since, until=until)
    _write_diff(found, columns=columns, form=form)


def _write_diff(found: Mapping[str, Any], *, columns: str | None, form: Format) -> None:
    """Write a difference: as one JSON object, or a line for each field."""
    if form is Format.JSON and columns is None:
        output.write_json(found)
    else:
        shape = show.Shape(
            _CHANGES, form, show.columns(columns, _CHANGES), {"actor": differences.who}
        )
        show.many(found["changes"], shape)
    output.note(_summary(found))


def _summary(found: Mapping[str, Any]) -> str:
    count = len(found["changes"])
    said = f"{count} {'difference' if count == 1 else 'differences'}"
    first, last = found.get("from_version"), found.get("to_version")
    before, after = found.get("from_state"), found.get("to_state")
    if not first and not last:
        return f"{said}: there was no such record yet."
    span = f"version {first} to {last}" if first else f"up to version {last}"
    turned = {"deleted": "; deleted", "living": "; restored"}
    moved = turned.get(str(after), "") if first and before != after else ""
    return f"{said}, {span}{moved}."


def _changes(entry: Mapping[str, Any], brief: bool) -> str:
    texts = [visible(str(change.get("text", ""))) for change in entry.get("changes") or ()]
    if entry.get("record_id"):
        texts = [visible(str(entry.get("title") or ""))]
    return ("\n" if brief else "; ").join(texts)
