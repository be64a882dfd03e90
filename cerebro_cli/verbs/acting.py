"""Doing something with records that are named: find them, ask when there are several, report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import typer

from cerebro_cli import edit, options, output, show
from cerebro_cli.context import Run

_SAMPLE = 10


class Act(NamedTuple):
    """What is done with each record."""

    verb: str
    """`delete`"""
    done: str
    """`deleted`"""
    call: Callable[..., dict[str, Any]]
    """Takes the reference, and `dry_run`."""
    looks_at: str = "exclude"
    """Whether deleted records are meant too: `include`."""
    undo: str | None = None
    """The verb that takes it back."""
    is_final: bool = False
    """Whether nothing takes it back, so that even a single record is asked about."""


def on_each(
    verb: str,
    done: str,
    about: str,
    *,
    looks_at: str = "exclude",
    undo: str | None = None,
    is_final: bool = False,
) -> Callable[..., None]:
    """Return the command that does one thing with each record named; `about` is its help."""

    def command(
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
        run: Run = ctx.obj
        form = options.asked(json=json, jsonl=jsonl, csv=csv, ids=ids)
        call = getattr(run.records, verb)
        act = Act(verb, done, call, looks_at=looks_at, undo=undo, is_final=is_final)
        perform(run, words(refs), act, form=form, dry_run=dry_run, yes=yes)

    command.__doc__ = about
    return command


def words(refs: Sequence[str]) -> list[str]:
    """Return the references, each once; a single `-` reads them from stdin."""
    found = edit.stdin_words() if list(refs) == ["-"] else list(refs)
    return list(dict.fromkeys(found))


def perform(
    run: Run, refs: Sequence[str], act: Act, *, form: output.Format | None, dry_run: bool, yes: bool
) -> None:
    """Do it with every record, or only try it; write the records in the form asked for."""
    if dry_run:
        records = each(refs, act, dry_run=True)
        _report(run, records, form, done=would_be(act), undo=None)
        return
    records = looked_up(run, refs, act, yes=yes)
    targets = [record["id"] for record in records] or refs
    _report(run, each(targets, act), form, done=act.done, undo=act.undo)


def would_be(act: Act) -> str:
    """Say what a dry run came to."""
    return f"would be {act.done}; nothing was written"


def looked_up(run: Run, refs: Sequence[str], act: Act, *, yes: bool) -> list[dict[str, Any]]:
    """Find every record before the first is written, and ask; one record alone needs neither."""
    if len(refs) == 1 and (yes or not act.is_final):
        return []
    many = run.facts.singular if len(refs) == 1 else run.facts.name
    question = f"{act.verb.capitalize()} {len(refs)} {many}{' for good' if act.is_final else ''}?"
    if refs and not yes:
        options.must_be_able_to_ask(question)
    records = [run.records.get(ref, deleted=act.looks_at) for ref in refs]
    if refs and not yes:
        for record in records[:_SAMPLE]:
            output.note(f"  {show.label(record, run.facts)}")
        if len(records) > _SAMPLE:
            output.note(f"  … and {len(records) - _SAMPLE} more")
        options.confirm(question, yes=False)
    return records


def each(targets: Sequence[str], act: Act, *, dry_run: bool = False) -> list[dict[str, Any]]:
    """Do it, or try it, with one after the other; say how far it came when one fails."""
    how = {"dry_run": True} if dry_run else {}
    done = f"would be {act.done}" if dry_run else act.done
    finished: list[dict[str, Any]] = []
    for target in targets:
        try:
            finished.append(act.call(target, **how))
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
