"""`cerebro demo`: a small firm's customers and sales to try things on, and their way out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cerebro_cli import exits, output
from cerebro_server.commands import reports

if TYPE_CHECKING:
    from cerebro_sdk import PlannedOperation

_SHOWN = 5
"""Of the records that stay, so many are named."""

app = typer.Typer(
    help="Load demo data, or take it out again.",
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
)
Profile = Annotated[
    str | None, typer.Option("--profile", metavar="NAME", help="The server to use.")
]


@app.command(epilog="\b\nExamples:\n  cerebro demo load")
def load(
    *,
    profile: Profile = None,
    report_fd: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> None:
    """Import 40 companies, 160 contacts, 48 leads and a year of 120 deals with quotes and quotas; a
    second time changes nothing."""
    from cerebro_sdk import Cerebro
    from cerebro_server import demo

    with Cerebro(profile=profile) as crm:
        done = demo.load(crm)
    if report_fd is not None:
        reports.tell(report_fd, "demo", detail="; ".join(map(_said, done)))
        return
    for each in done:
        output.note(f"{_said(each)}.")
    output.note("To take it out again: cerebro demo clear")


@app.command(epilog="\b\nExamples:\n  cerebro demo clear")
def clear(*, profile: Profile = None) -> int:
    """Take the demo data back, but for what was changed since."""
    from cerebro_sdk import Cerebro
    from cerebro_server import demo

    with Cerebro(profile=profile) as crm:
        undone = demo.clear(crm)
        for file, undo in undone:
            output.note(f"{file} taken back: {undo.summary}.")
            for row in undo.errors(_SHOWN):
                why = row.problem.message if row.problem else ""
                output.note(f"  {row.record_type} {row.label or row.record_id}: {why}")
    if not undone:
        output.note("There is no demo data.")
    return exits.FAILED if any(_is_partial(undo) for _, undo in undone) else exits.OK


def _said(operation: PlannedOperation) -> str:
    """Name the nouns beside what was done: `companies: 40 created`."""
    noun = str(operation.raw["kind"]).partition(".")[0]
    said = operation.summary
    return said if said.startswith(f"{noun}: ") else f"{noun}: {said}"


def _is_partial(undo: PlannedOperation) -> bool:
    return bool(undo.raw["plan"].get("error") or undo.raw["done"].get("left"))
