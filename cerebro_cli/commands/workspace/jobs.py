"""`cerebro jobs`: what happens later, or did not."""

from __future__ import annotations

from typing import Annotated

import typer

from cerebro_cli import options, output, show
from cerebro_cli.context import Run
from cerebro_cli.noun import Own, noun
from cerebro_cli.verbs import reading
from cerebro_cli.verbs.acting import Act, each, words

State = Annotated[
    str | None,
    typer.Option("--state", metavar="A,B", help="Only in these: pending, leased, dead, cancelled."),
]
Kind = Annotated[str | None, typer.Option("--kind", help="Only of this kind: ddl.")]
One = Annotated[str, typer.Argument(metavar="ID", help="The job's id, or the end of it.")]


def app(name: str, verb: str | None = None) -> typer.Typer:
    """Return the commands of jobs."""
    return noun(name, verb, own=_OWN)


def list_(
    ctx: typer.Context,
    *,
    state: State = None,
    kind: Kind = None,
    limit: options.Limit = reading.LIMIT,
    all_: options.All = False,
    columns: options.Columns = None,
    json: options.Json = False,
    jsonl: options.Jsonl = False,
    csv: options.Csv = False,
    ids: options.Ids = False,
) -> None:
    """List jobs, the newest first; done ones are gone."""
    run: Run = ctx.obj
    form = options.fitting(options.asked(json=json, jsonl=jsonl, csv=csv, ids=ids))
    shape = show.Shape(run.facts, form, show.columns(columns, run.facts))
    reading.pages(
        lambda most: run.records.list(state=state, kind=kind, limit=most),
        shape=shape,
        limit=None if all_ else limit,
    )


def show_(ctx: typer.Context, *, job: One, json: options.Json = False) -> None:
    """Show a job with all that is known of it."""
    run: Run = ctx.obj
    form = options.fitting(output.Format.JSON if json else None)
    show.one(run.records.get(job), show.Shape(run.facts, form))


def retry(ctx: typer.Context, *, jobs: options.References, json: options.Json = False) -> None:
    """Run jobs again that are dead or cancelled."""
    run: Run = ctx.obj
    _perform(run, jobs, Act("retry", "will run again", run.records.retry), json=json)


def cancel(ctx: typer.Context, *, jobs: options.References, json: options.Json = False) -> None:
    """Cancel jobs that do not run yet."""
    run: Run = ctx.obj
    _perform(run, jobs, Act("cancel", "cancelled", run.records.cancel), json=json)


def stats(ctx: typer.Context, *, json: options.Json = False) -> None:
    """Count jobs by kind and state, and the workers."""
    run: Run = ctx.obj
    found = run.records.stats()
    if json:
        output.write_json(found)
        return
    waits = found["oldest_due_seconds"]
    oldest = "" if waits is None else f", the oldest for {waits:.0f} s"
    pairs = [("due", f"{found['due']}{oldest}"), ("workers", str(found["workers"]))]
    pairs += [(f"{each['kind']} {each['state']}", str(each["count"])) for each in found["counts"]]
    output.write_pairs(pairs)


def _perform(run: Run, refs: list[str], act: Act, *, json: bool) -> None:
    done = each(words(refs), act)
    if json:
        output.write_json(done[0] if len(done) == 1 else done)
    output.note(f"{len(done)} {'job' if len(done) == 1 else 'jobs'} {act.done}.")


_OWN = {
    "list": Own(list_, ("", "--state dead", "--kind ddl --all --jsonl")),
    "show": Own(show_, ("1a2b3c4d", "1a2b3c4d --json")),
    "retry": Own(retry, ("1a2b3c4d", "- < ids.txt")),
    "cancel": Own(cancel, ("1a2b3c4d",)),
    "stats": Own(stats, ("", "--json")),
}
