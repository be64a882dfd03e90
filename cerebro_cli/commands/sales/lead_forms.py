"""`cerebro lead_forms`: forms of web sites that send leads."""

from __future__ import annotations

import typer

from cerebro_cli import options, output
from cerebro_cli.context import Run
from cerebro_cli.noun import Own, noun


def app(name: str, verb: str | None = None) -> typer.Typer:
    """Return the commands of lead forms."""
    return noun(name, verb, own=_OWN)


def snippet(ctx: typer.Context, *, ref: options.Reference, json: options.Json = False) -> None:
    """Print a form as HTML, to paste into a page; it works without a script."""
    run: Run = ctx.obj
    found = run.records.snippet(ref)
    if json:
        output.write_json(found)
        return
    output.write(found["html"])
    output.note(f"It is sent to {found['action']}; its page has to be of its allowed_origins.")


_OWN = {
    "snippet": Own(
        snippet,
        ("1a2b3c4d", "1a2b3c4d > contact-us.html"),
        "Take out, or add, what people fill in: fields of your own are named custom.KEY.",
    ),
}
