"""`cerebro worker`: runs what happens later."""

from __future__ import annotations

from typing import Annotated

import typer

from cerebro_cli import output
from cerebro_server.commands import background, environment

app = typer.Typer(rich_markup_mode=None, add_completion=False)


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
    background.run(environment.settings(**chosen), "cerebro_server.worker")
    output.note("The worker is stopped.")
