"""`cerebro opportunities`: the deals that are open, and what they will bring."""

from __future__ import annotations

import typer

from cerebro_cli import options
from cerebro_cli.commands.sales.reports.sums import write_forecast
from cerebro_cli.commands.sales.reports.written import By, Chart
from cerebro_cli.context import Run
from cerebro_cli.noun import Own, noun


def app(name: str, verb: str | None = None) -> typer.Typer:
    """Return the commands of opportunities."""
    return noun(name, verb, own=_OWN)


def forecast(
    ctx: typer.Context,
    *,
    where: options.Where = None,
    by: By = "month",
    as_of: options.AsOf = None,
    chart: Chart = False,
    json: options.Json = False,
    csv: options.Csv = False,
) -> None:
    """Sum up what is open by forecast category and by when it closes."""
    run: Run = ctx.obj
    run.query = where
    rows = run.records.forecast(where, by=by, as_of=as_of)
    write_forecast(rows, json=json, csv=csv, chart=chart)


_OWN = {
    "forecast": Own(
        forecast,
        ("", "--by quarter --where 'team = sales'", "--as-of 2026-09-30 --chart"),
        "Open deals alone, or those that were open then; `cerebro forecast` has what is won, too, "
        "and says with --compare what changed.",
    ),
}
