"""`cerebro sessions`: who is signed in."""

from __future__ import annotations

import typer

from cerebro_cli import options
from cerebro_cli.context import Run
from cerebro_cli.noun import Own, noun
from cerebro_cli.verbs.acting import Act, perform, words


def app(name: str, verb: str | None = None) -> typer.Typer:
    """Return the commands of sessions."""
    return noun(name, verb, own=_OWN)


def end(
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
    """End sessions: sign somebody out, or yourself somewhere else."""
    run: Run = ctx.obj
    form = options.asked(json=json, jsonl=jsonl, csv=csv, ids=ids)
    act = Act("end", "ended", run.records.end)
    perform(run, words(refs), act, form=form, dry_run=dry_run, yes=yes)


_OWN = {"end": Own(end, ("1a2b3c4d", "- --yes < ids.txt"))}
