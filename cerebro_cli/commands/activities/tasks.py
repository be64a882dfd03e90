"""`cerebro tasks`: what somebody has to do, until when."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from cerebro_cli import options
from cerebro_cli.context import Run
from cerebro_cli.noun import Own, noun
from cerebro_cli.verbs.acting import Act, perform, words

Completed = Annotated[
    str | None,
    typer.Option("--completed-at", metavar="TIME", help="When that was; now, unless told."),
]
Status = Annotated[
    str | None, typer.Option("--status", help="open, in_progress or waiting; open, unless told.")
]


def app(name: str, verb: str | None = None) -> typer.Typer:
    """Return the commands of tasks."""
    return noun(name, verb, own=_OWN)


def complete(
    ctx: typer.Context,
    *,
    refs: options.References,
    completed_at: Completed = None,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    json: options.Json = False,
    ids: options.Ids = False,
) -> None:
    """Complete tasks."""
    run: Run = ctx.obj
    said = {} if completed_at is None else {"completed_at": completed_at}
    act = Act("complete", "completed", partial(run.records.complete, **said), is_change=True)
    form = options.asked(json=json, jsonl=False, csv=False, ids=ids)
    perform(run, words(refs), act, form=form, dry_run=dry_run, yes=yes)


def reopen(
    ctx: typer.Context,
    *,
    refs: options.References,
    status: Status = None,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    json: options.Json = False,
    ids: options.Ids = False,
) -> None:
    """Open tasks again that were completed or cancelled."""
    run: Run = ctx.obj
    said = {} if status is None else {"status": status}
    act = Act("reopen", "opened again", partial(run.records.reopen, **said), is_change=True)
    form = options.asked(json=json, jsonl=False, csv=False, ids=ids)
    perform(run, words(refs), act, form=form, dry_run=dry_run, yes=yes)


_OWN = {
    "complete": Own(complete, ("0a1b2c3d", "0a1b2c3d --completed-at 2026-11-20T12:00:00Z")),
    "reopen": Own(reopen, ("0a1b2c3d", "0a1b2c3d --status waiting")),
}
