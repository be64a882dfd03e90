"""Deleting records, and bringing them back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import typer

from cerebro_cli import edit, exits, options, output, show
from cerebro_cli.context import Run

_SAMPLE = 10


def delete(
    ctx: typer.Context,
    *,
    refs: options.References,
    if_version: options.IfVersion = None,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    json: options.Json = False,
    jsonl: options.Jsonl = False,
    csv: options.Csv = False,
    ids: options.Ids = False,
) -> None:
    """Delete records; `restore` brings them back."""
    run: Run = ctx.obj
    form = options.asked(json=json, jsonl=jsonl, csv=csv, ids=ids)
    found = _words(refs)
    if if_version is not None and len(found) > 1:
        raise exits.usage("--if-version goes with a single REF.")
    records = _looked_up(run, found, verb="delete", dry_run=dry_run, yes=yes, deleted="exclude")
    if dry_run:
        _report(run, records, form, done="would be deleted; nothing was written", undo=None)
        return
    targets = [record["id"] for record in records] or found
    gone = _each(targets, lambda ref: run.records.delete(ref, version=if_version), "deleted")
    _report(run, gone, form, done="deleted", undo="restore")


def restore(
    ctx: typer.Context,
    *,
    refs: options.References,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    json: options.Json = False,
    jsonl: options.Jsonl = False,
    csv: options.Csv = False,
    ids: options.Ids = False,
) -> None:
    """Bring deleted records back."""
    run: Run = ctx.obj
    form = options.asked(json=json, jsonl=jsonl, csv=csv, ids=ids)
    found = _words(refs)
    records = _looked_up(run, found, verb="restore", dry_run=dry_run, yes=yes, deleted="include")
    if dry_run:
        _report(run, records, form, done="would be restored; nothing was written", undo=None)
        return
    targets = [record["id"] for record in records] or found
    back = _each(targets, run.records.restore, "restored")
    _report(run, back, form, done="restored", undo=None)


def _words(refs: Sequence[str]) -> list[str]:
    found = edit.stdin_words() if list(refs) == ["-"] else list(refs)
    return list(dict.fromkeys(found))


def _looked_up(
    run: Run, refs: Sequence[str], *, verb: str, dry_run: bool, yes: bool, deleted: str
) -> list[dict[str, Any]]:
    """Find every record before the first is written, and ask; one record alone needs neither."""
    if len(refs) == 1 and not dry_run:
        return []
    question = f"{verb.capitalize()} {len(refs)} {run.facts.name}?"
    if refs and not dry_run and not yes:
        options.must_be_able_to_ask(question)
    records = [run.records.get(ref, deleted=deleted) for ref in refs]
    if refs and not dry_run and not yes:
        for record in records[:_SAMPLE]:
            output.note(f"  {show.label(record, run.facts)}")
        if len(records) > _SAMPLE:
            output.note(f"  … and {len(records) - _SAMPLE} more")
        options.confirm(question, yes=False)
    return records


def _each(
    targets: Sequence[str], act: Callable[[str], dict[str, Any]], done: str
) -> list[dict[str, Any]]:
    finished: list[dict[str, Any]] = []
    for target in targets:
        try:
            finished.append(act(target))
        except BaseException:
            if finished:
                output.note(f"{len(finished)} of {len(targets)} {done} before this:")
            raise
    return finished


def _report(
    run: Run,
    records: Sequence[dict[str, Any]],
    form: output.Format | None,
    *,
    done: str,
    undo: str | None,
) -> None:
    noun = run.facts
    if form is not None:
        shape = show.Shape(noun, form)
        if len(records) == 1:
            show.one(records[0], shape)
        else:
            show.many(records, shape)
    for record in records[:_SAMPLE]:
        output.note(f"  {show.label(record, noun)}")
    count = len(records)
    back = ""
    if undo and records:
        ids = " ".join(str(record["id"]) for record in records) if count <= 3 else "ID..."
        back = f" To undo: cerebro {noun.name} {undo} {ids}"
    output.note(f"{count} {noun.singular if count == 1 else noun.name} {done}.{back}")
