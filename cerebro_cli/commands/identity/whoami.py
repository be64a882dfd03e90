"""`cerebro whoami`."""

from __future__ import annotations

import typer

from cerebro_cli import options, output
from cerebro_cli.context import Run
from cerebro_cli.noun import single
from cerebro_sdk.display import cell

app = single()


@app.command(epilog="\b\nExamples:\n  cerebro whoami\n  cerebro whoami --profile ci --json")
def whoami(ctx: typer.Context, *, json: options.Json = False) -> None:
    """Say who you are here, with which roles and rights."""
    run: Run = ctx.obj
    me = run.crm.auth.raw.whoami()
    if json:
        output.write_json(me)
    else:
        output.write_pairs((name, cell(value)) for name, value in me.items() if value)
