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
    is_change: bool = False
    """Whether it changes fields, so that `cerebro undo` takes it back whole, and it comes to
    nothing where they are so already."""


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
        tried = each(refs, act, dry_run=True)
        _written(run, tried, form)
        _tell(run, tried, done=would_be(act), back="")
        return
    records = looked_up(run, refs, act, yes=yes)
    targets = [record["id"] for record in records] or refs
    done = each(targets, act)
    versions = {record["id"]: record["version"] for record in records if act.is_change}
    same = [record for record in done if versions.get(record["id"]) == record["version"]]
    changed = [record for record in done if record not in same]
    _written(run, done, form)
    if changed or not same:
        _tell(run, changed, done=act.done, back=_back(run, changed, act))
    if same:
        _tell(run, same, done="as before: nothing changed", back="")


def would_be(act: Act) -> str:
    """Say what a dry run came to."""
    return f"would be {act.done}; nothing was written"


def looked_up(run: Run, refs: Sequence[str], act: Act, *, yes: bool) -> list[dict[str, Any]]:
    """Find every record before the first is written, and ask; one record alone needs neither."""
    if len(refs) == 1 and (yes or not act.is_final):
        return [run.records.get(refs[0])] if act.is_change else []
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


def _written(run: Run, records: Sequence[dict[str, Any]], form: output.Format | None) -> None:
    if form is None:
        return
    shape = show.Shape(run.facts, form)
    if len(records) == 1:
        show.one(records[0], shape)
    else:
        show.many(records, shape)


def _tell(run: Run, records: Sequence[dict[str, Any]], *, done: str, back: str) -> None:
    noun, count = run.facts, len(records)
    for record in records[:_SAMPLE]:
        output.note(f"  {show.label(record, noun)}")
    output.note(f"{count} {noun.singular if count == 1 else noun.name} {done}.{back}")


def _back(run: Run, records: Sequence[dict[str, Any]], act: Act) -> str:
    """Say what takes back what was done to records."""
    noun = run.facts.name
    if not records:
        return ""
    if act.is_change:
        is_one = len(records) == 1
        ref = records[0]["id"] if is_one else "ID"
        return f" To undo{'' if is_one else ' each'}: cerebro undo {noun}/{ref}"
    if act.undo is None:
        return ""
    ids = " ".join(str(record["id"]) for record in records) if len(records) <= 3 else "ID..."
    return f" To undo: cerebro {noun} {act.undo} {ids}"
