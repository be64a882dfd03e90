"""`cerebro reports time-in-stage|funnel|velocity|slipped`: how deals go through stages."""

from __future__ import annotations

from decimal import Decimal

import typer

from cerebro_cli import options
from cerebro_cli.charts import Bar
from cerebro_cli.commands.sales.reports.written import AnyField, Chart, app, per_cent, stage, write
from cerebro_cli.context import Run


@app.command(
    "time-in-stage",
    epilog="\b\nExamples:\n"
    "  cerebro reports time-in-stage --chart\n"
    "  cerebro reports time-in-stage --where 'source = fair' --json"
    "\n\nThe bars show the average.",
)
def time_in_stage(
    ctx: typer.Context,
    *,
    where: options.Where = None,
    as_of: options.AsOf = None,
    chart: Chart = False,
    json: options.Json = False,
    csv: options.Csv = False,
) -> None:
    """Say how long deals stay in each stage, and how those end that were in it."""
    run: Run = ctx.obj
    run.query = where
    rows = run.crm.reports.raw.time_in_stage(where, as_of=as_of)

    def bars() -> list[Bar]:
        days = [Decimal(row["average_seconds"] or 0) / 86_400 for row in rows]
        return [
            Bar(stage(row, rows), took, f"{took:.1f} days ({row['deals']})", row["pipeline_id"])
            for row, took in zip(rows, days, strict=True)
        ]

    shown = (
        *("pipeline", "label", "deals", "here", "stays", "average_seconds", "longest_seconds"),
        *("won", "lost"),
    )
    write(rows, shown, json=json, csv=csv, bars=bars if chart else None)


@app.command(
    epilog="\b\nExamples:\n"
    "  cerebro reports funnel --chart\n"
    "  cerebro reports funnel --where 'source = fair' --as-of 2026-09-30",
)
def funnel(
    ctx: typer.Context,
    *,
    where: options.Where = None,
    as_of: options.AsOf = None,
    chart: Chart = False,
    json: options.Json = False,
    csv: options.Csv = False,
) -> None:
    """Say how far deals come: how many reach each stage, go on, and are lost there."""
    run: Run = ctx.obj
    run.query = where
    rows = run.crm.reports.raw.funnel(where, as_of=as_of)

    def bars() -> list[Bar]:
        said = [f"{row['reached']} {per_cent(row['conversion']):>6}" for row in rows]
        return [
            Bar(stage(row, rows), Decimal(row["reached"]), told, row["pipeline_id"])
            for row, told in zip(rows, said, strict=True)
        ]

    shown = (
        *("pipeline", "label", "reached", "conversion", "entered", "went_on", "rate"),
        *("lost", "won"),
    )
    write(rows, shown, json=json, csv=csv, bars=bars if chart else None)


@app.command(
    epilog="\b\nExamples:\n"
    "  cerebro reports velocity\n"
    "  cerebro reports velocity --where 'status = open or closed_at > now - 90d'"
    "\n\nVelocity is open deals times average amount of won ones times win rate, by average days.",
)
def velocity(
    ctx: typer.Context,
    *,
    where: options.Where = None,
    as_of: options.AsOf = None,
    chart: Chart = False,
    json: options.Json = False,
    csv: options.Csv = False,
) -> None:
    """Say what each pipeline brings in a day, and what that is made of."""
    run: Run = ctx.obj
    run.query = where
    rows = run.crm.reports.raw.velocity(where, as_of=as_of)

    def bars() -> list[Bar]:
        return [
            Bar(
                f"{row['pipeline']} {row['currency']}",
                Decimal(row["velocity"] or 0),
                f"{row['velocity'] or '-'} a day",
                row["currency"],
            )
            for row in rows
        ]

    shown = (
        *("pipeline", "open", "won", "lost", "win_rate", "average_amount", "average_days"),
        *("velocity", "currency"),
    )
    write(rows, shown, json=json, csv=csv, bars=bars if chart else None)


@app.command(
    epilog="\b\nExamples:\n"
    "  cerebro reports slipped --by owner_id --chart\n"
    "  cerebro reports slipped --by number --where 'status = open'"
    "\n\nThe bars show which part of the deals slipped.",
)
def slipped(
    ctx: typer.Context,
    *,
    by: AnyField = None,
    where: options.Where = None,
    as_of: options.AsOf = None,
    chart: Chart = False,
    json: options.Json = False,
    csv: options.Csv = False,
) -> None:
    """Say how often, and by how many days, the expected close was put off."""
    run: Run = ctx.obj
    run.query = where
    rows = run.crm.reports.raw.slipped(where, by=by, as_of=as_of)

    def bars() -> list[Bar]:
        return [
            Bar(
                " ".join(filter(None, (row["value"], row["currency"]))),
                Decimal(row["rate"]),
                f"{per_cent(row['rate'])} of {row['deals']}",
            )
            for row in rows
        ]

    shown = (
        *("value", "deals", "slipped", "rate", "times", "days", "average_days", "longest_days"),
        *("amount", "currency"),
    )
    write(rows, shown, json=json, csv=csv, bars=bars if chart else None)
