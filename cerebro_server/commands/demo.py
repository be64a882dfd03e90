"""`cerebro demo`: a small firm's customers and sales to try things on, and their way out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cerebro_cli import exits, output
from cerebro_server.commands import reports

if TYPE_CHECKING:
    from cerebro_sdk import PlannedOperation

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
    """Import 40 companies, 160 contacts, 48 leads and a year of 120 deals; a second time changes
    nothing."""
    from cerebro_sdk import Cerebro
    from cerebro_server import demo

    with Cerebro(profile=profile) as crm:
        done = demo.load(crm)
    if report_fd is not None:
        reports.tell(report_fd, "demo", detail="; ".join(each.summary for each in done))
        return
    for each in done:
        output.note(f"{each.raw['report']['file']}: {each.summary}.")
    output.note("To take it out again: cerebro demo clear")


@app.command(epilog="\b\nExamples:\n  cerebro demo clear")
def clear(*, profile: Profile = None) -> int:
    """Take the demo data back, but for what was changed since."""
    from cerebro_sdk import Cerebro
    from cerebro_server import demo

    with Cerebro(profile=profile) as crm:
        undone = demo.clear(crm)
    for each in undone:
        output.note(f"Operation {each.raw['undoes'][-12:]} taken back: {each.summary}.")
    if not undone:
        output.note("There is no demo data.")
    return exits.FAILED if any(map(_is_partial, undone)) else exits.OK


def _is_partial(undo: PlannedOperation) -> bool:
    return bool(undo.raw["plan"].get("error") or undo.raw["done"].get("left"))
