"""`cerebro db`: bring the database up to date, or say where it stands."""

from __future__ import annotations

from typing import Annotated

import typer

from cerebro_cli import output
from cerebro_cli.exits import USAGE, Stop
from cerebro_server.commands import environment

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Bring the database of CEREBRO_DATABASE_URL up to date, or say where it stands.",
)


@app.command()
def upgrade() -> None:
    """Apply what is missing; the first time also make workspace `main` and its owner.

    Safe to run while servers work, and any number of times.

    Example: cerebro db upgrade
    """
    settings = environment.settings()
    _require_database(settings.database_url)
    from cerebro_server import registry

    with environment.explained():
        installed = registry.install(settings)
    environment.show_installed(installed.owner, installed.api_key, installed.warnings)
    for step in installed.applied:
        output.note(f"Applied {step}.")
    output.note(f"The database is at revision {installed.revision}.")


@app.command()
def current(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the revision of each schema, and under `code` the newest that this version knows.

    Example: cerebro db current --json
    """
    settings = environment.settings()
    _require_database(settings.database_url)
    from cerebro_server import registry

    with environment.explained():
        revisions = registry.current(settings)
    if as_json:
        output.write_json(revisions)
    else:
        output.write_pairs(revisions.items())
    output.flush()


def _require_database(url: object) -> None:
    if url is None:
        raise Stop(
            "No database is named: set CEREBRO_DATABASE_URL.",
            USAGE,
            hint="`cerebro up` upgrades its own database by itself; `cerebro doctor` shows it.",
        )
