"""`cerebro worker`: runs what happens later."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING, Annotated

import typer

from cerebro_cli import output
from cerebro_cli.exits import UNAVAILABLE, USAGE, Stop
from cerebro_server.commands import environment

if TYPE_CHECKING:
    from cerebro_server.kernel.config import Settings

app = typer.Typer(rich_markup_mode=None, add_completion=False)

_DATABASE_SECONDS = 60.0
_PAUSE_SECONDS = 0.2


@app.command()
def worker(
    *,
    concurrency: Annotated[
        int | None, typer.Option(min=1, max=500, help="How many jobs to run at a time.")
    ] = None,
) -> None:
    """Run a worker: jobs of all workspaces, and what follows from changes.

    Needs what `cerebro serve` needs; `cerebro up` starts one by itself. Any number of workers may
    run. Without CEREBRO_DATABASE_URL it leaves indexes of fields to workers that have it. SIGTERM
    and Ctrl-C let running jobs end; what takes longer than 10 seconds is given back.

    Example: CEREBRO_DATABASE_URL=postgresql://user:password@host/db cerebro worker
    """
    chosen = {} if concurrency is None else {"worker_concurrency": concurrency}
    settings = environment.settings(**chosen)
    if settings.database_url is None and settings.database_app_url is None:
        raise Stop(
            "No database is named: set CEREBRO_DATABASE_URL, or CEREBRO_DATABASE_APP_URL.",
            USAGE,
            hint="`cerebro up` starts a database and a worker of its own.",
        )
    from cerebro_server import worker as workers
    from cerebro_server.kernel.db import examine
    from cerebro_server.kernel.telemetry import configure_logs

    configure_logs(level=settings.log_level, form=settings.log_format)
    with environment.explained():
        examine.await_database(settings, seconds=_DATABASE_SECONDS)
        _await_installed(settings)
        asyncio.run(workers.run(settings))
    output.note("The worker is stopped.")


def _await_installed(settings: Settings) -> None:
    """Wait until somebody has brought the database up to date: the API may just be starting."""
    import psycopg

    from cerebro_server.kernel.db import urls

    deadline = time.monotonic() + _DATABASE_SECONDS
    while True:
        try:
            urls.app_url(settings)
            return
        except psycopg.errors.UndefinedTable:
            if time.monotonic() > deadline:
                raise Stop(
                    "Nothing is installed in this database.",
                    UNAVAILABLE,
                    hint="Run `cerebro db upgrade`, or `cerebro serve --upgrade`.",
                ) from None
        threading.Event().wait(_PAUSE_SECONDS)
