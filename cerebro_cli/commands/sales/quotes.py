"""`cerebro quotes`: what is offered for a deal."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from cerebro_cli import options, output, show
from cerebro_cli.context import Run
from cerebro_cli.noun import Own, noun
from cerebro_cli.verbs.acting import Act, perform, words

Name = Annotated[str | None, typer.Option("--name", help="Who decided.")]
Email = Annotated[str | None, typer.Option("--email", help="Their address.")]
Reason = Annotated[str | None, typer.Option("--reason", help="Why it was declined.")]
Output = Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where to.")]


def app(name: str, verb: str | None = None) -> typer.Typer:
    """Return the commands of quotes."""
    return noun(name, verb, own=_OWN)


def send(
    ctx: typer.Context,
    *,
    ref: options.Reference,
    dry_run: options.DryRun = False,
    json: options.Json = False,
) -> None:
    """Send a quote: nothing of it changes any more, and it gets its link."""
    run: Run = ctx.obj
    if dry_run:
        tried = run.records.send(ref, dry_run=True)["quote"]
        if json:
            output.write_json(tried)
        output.note(f"The quote {tried['number']} would be sent; nothing was written.")
        return
    sent = run.records.send(ref)
    if json:
        output.write_json(sent)
        return
    output.write(f"{sent['url']}\n")
    output.note(
        f"The quote {sent['quote']['number']} is sent. Whoever has this link may accept or decline "
        "it; it is shown only now."
    )


def revise(
    ctx: typer.Context,
    *,
    ref: options.Reference,
    dry_run: options.DryRun = False,
    json: options.Json = False,
    ids: options.Ids = False,
) -> None:
    """Make the next revision of a quote that was sent: a draft with the same lines."""
    run: Run = ctx.obj
    form = options.asked(json=json, jsonl=False, csv=False, ids=ids)
    draft = run.records.revise(ref, dry_run=dry_run)
    if form is not None:
        show.one(draft, show.Shape(run.facts, form))
    what = f"revision {draft['revision']}, a draft"
    if dry_run:
        output.note(f"Quote {draft['number']} would be {what}; nothing was written.")
    else:
        back = f" To undo: cerebro undo quotes/{draft['previous_id']}"
        output.note(f"Quote {draft['number']} is {what}.{back}")


def accept(
    ctx: typer.Context,
    *,
    refs: options.References,
    name: Name = None,
    email: Email = None,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    json: options.Json = False,
    ids: options.Ids = False,
) -> None:
    """Enter that quotes were accepted."""
    run: Run = ctx.obj
    call = partial(run.records.accept, **_given(name=name, email=email))
    form = options.asked(json=json, jsonl=False, csv=False, ids=ids)
    act = Act("accept", "accepted", call, is_change=True)
    perform(run, words(refs), act, form=form, dry_run=dry_run, yes=yes)


def decline(
    ctx: typer.Context,
    *,
    refs: options.References,
    name: Name = None,
    email: Email = None,
    reason: Reason = None,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    json: options.Json = False,
    ids: options.Ids = False,
) -> None:
    """Enter that quotes were declined."""
    run: Run = ctx.obj
    call = partial(run.records.decline, **_given(name=name, email=email, reason=reason))
    form = options.asked(json=json, jsonl=False, csv=False, ids=ids)
    act = Act("decline", "declined", call, is_change=True)
    perform(run, words(refs), act, form=form, dry_run=dry_run, yes=yes)


def pdf(ctx: typer.Context, *, ref: options.Reference, target: Output) -> None:
    """Fetch a quote as PDF."""
    run: Run = ctx.obj
    size = run.records.pdf(ref, target)
    output.note(f"{size:,} bytes written to {target}.")


def _given(**fields: str | None) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


_OWN = {
    "send": Own(send, ("7", "7 --json")),
    "revise": Own(revise, ("7", "7 --ids")),
    "accept": Own(accept, ("7", "7 --name 'Ada Lovelace' --email ada@acme.example")),
    "decline": Own(decline, ("7 --reason 'Too late'", "7 8 --yes")),
    "pdf": Own(pdf, ("7 --output quote-7.pdf",)),
}
