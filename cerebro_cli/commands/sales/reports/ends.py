"""`cerebro reports win-rate|cycle|reasons|cohort`: how deals end."""

from __future__ import annotations

from decimal import Decimal

import typer

from cerebro_cli import options
from cerebro_cli.charts import Bar
from cerebro_cli.commands.sales.reports.written import (
    AnyField,
    By,
    Chart,
    Field,
    app,
    per_cent,
    write,
)
from cerebro_cli.context import Run


@app.command(
    "win-rate",
    epilog="\b\nExamples:\n"
    "  cerebro reports win-rate --by source --chart\n"
    "  cerebro reports win-rate --by owner_id --where 'closed_at > now - 90d'",
)
def win_rate(
    ctx: typer.Context,
    *,
    by: Field = "owner_id",
    where: options.Where = None,
    as_of: options.AsOf = None,
    chart: Chart = False,
    json: options.Json = False,
    csv: options.Csv = False,
) -> None:
    """Say how many deals are won, by the values of a field."""
    run: Run = ctx.obj
    run.query = where
    rows = run.crm.reports.raw.win_rate(by, where, as_of=as_of)

    def bars() -> list[Bar]:
        return [
            Bar(
                row["value"] or "-",
                Decimal(row["rate"] or 0),
                f"{per_cent(row['rate'])} of {row['won'] + row['lost']}",
            )
            for row in rows
        ]

    shown = ("value", "open", "won", "lost", "rate")
    write(rows, shown, json=json, csv=csv, bars=bars if chart else None)


@app.command(
    epilog="\b\nExamples:\n"
    "  cerebro reports cycle --by source --chart\n"
    "  cerebro reports cycle --where 'amount > 10000'"
    "\n\nThe bars show the median.",
)
def cycle(
    ctx: typer.Context,
    *,
    by: AnyField = None,
    where: options.Where = None,
    as_of: options.AsOf = None,
    chart: Chart = False,
    json: options.Json = False,
    csv: options.Csv = False,
) -> None:
    """Say how many days deals take until they are won or lost."""
    run: Run = ctx.obj
    run.query = where
    rows = run.crm.reports.raw.cycle(where, by=by, as_of=as_of)

    def bars() -> list[Bar]:
        return [
            Bar(
                " ".join(filter(None, (row["value"], row["status"]))),
                Decimal(row["median_days"]),
                f"{row['median_days']} days ({row['count']})",
            )
            for row in rows
        ]

    shown = (
        *("value", "status", "count", "average_days", "median_days", "shortest_days"),
        "longest_days",
    )
    write(rows, shown, json=json, csv=csv, bars=bars if chart else None)


@app.command(
    epilog="\b\nExamples:\n"
    "  cerebro reports reasons --chart\n"
    "  cerebro reports reasons --by source --where 'closed_at > now - 90d'",
)
def reasons(
    ctx: typer.Context,
    *,
    by: AnyField = None,
    where: options.Where = None,
    as_of: options.AsOf = None,
    chart: Chart = False,
    json: options.Json = False,
    csv: options.Csv = False,
) -> None:
    """Say how many closed deals were won, or lost for which reason."""
    run: Run = ctx.obj
    run.query = where
    rows = run.crm.reports.raw.reasons(where, by=by, as_of=as_of)

    def bars() -> list[Bar]:
        return [
            Bar(
                " ".join(filter(None, (row["value"], row["status"], row["reason"]))),
                Decimal(row["share"]),
                f"{row['count']} {per_cent(row['share']):>6} {row['currency']}",
            )
            for row in rows
        ]

    shown = ("value", "status", "reason", "count", "share", "without_amount", "amount", "currency")
    write(rows, shown, json=json, csv=csv, bars=bars if chart else None)


@app.command(
    epilog="\b\nExamples:\n"
    "  cerebro reports cohort --by quarter\n"
    "  cerebro reports cohort --where 'source = fair' --chart"
    "\n\nThe bars show which part is won by then.",
)
def cohort(
    ctx: typer.Context,
    *,
    where: options.Where = None,
    by: By = "month",
    as_of: options.AsOf = None,
    chart: Chart = False,
    json: options.Json = False,
    csv: options.Csv = False,
) -> None:
    """Say of deals opened together how many are won after how many months."""
    run: Run = ctx.obj
    run.query = where
    rows = run.crm.reports.raw.cohort(where, by=by, as_of=as_of)

    def bars() -> list[Bar]:
        return [
            Bar(
                f"{row['cohort']} +{row['months']}",
                Decimal(row["rate_so_far"]),
                f"{per_cent(row['rate_so_far'])} of {row['deals']} {row['currency']}",
            )
            for row in rows
            if row["months"] is not None
        ]

    shown = (
        *("cohort", "months", "deals", "won", "lost", "rate", "rate_so_far", "amount"),
        "currency",
    )
    write(rows, shown, json=json, csv=csv, bars=bars if chart else None)
