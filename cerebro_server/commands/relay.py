"""`cerebro relay`: reads the journal for those who wait for changes."""

from __future__ import annotations

import typer

from cerebro_cli import output
from cerebro_server.commands import background, environment

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def relay() -> None:
    """Run the relay alone: it turns changes into jobs, and runs none.

    Every worker has one, so this is for many machines only. Any number may run; each change leads
    to its jobs exactly once.

    Example: CEREBRO_DATABASE_URL=postgresql://user:password@host/db cerebro relay
    """
    background.run(environment.settings(), "cerebro_server.relay")
    output.note("The relay is stopped.")
