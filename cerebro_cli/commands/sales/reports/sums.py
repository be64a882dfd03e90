"""`cerebro reports pipeline|forecast`, `cerebro forecast`: what deals are worth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Annotated

import typer

from cerebro_cli import exits, options
from cerebro_cli.charts import Bar
from cerebro_cli.commands.sales.reports.written import By, Chart, Row, alone, app, stage, write
from cerebro_cli.context import Run

Compare = Annotated[
    str | None,
    typer.Option(
        "--compare",
        metavar="WHEN",
        help="Say what changed since: 2026-09-01 (its end), 'now - 7d'.",
    ),
]
_TOLD = (
    "\n\nEach row is of one currency, with its sums in the base currency beside; without_rate "
    "counts deals that are missing there. Weighted is the amount times the probability; won deals "
    "count whole, lost ones not at all, and open ones without a probability weigh nothing: "
    "without_probability counts them."
)
_COMPARED = (
    "\n\nWith --compare, each deal counts for one cause, and the causes add up to the difference: "
    "new, entered, reopened, won, lost, left, pulled_in, pushed_out, currency, category, "
    "amount_up, amount_down, probability."
)
_SUMS = (
    *("count", "without_amount", "without_probability", "amount", "weighted", "currency"),
    *("base_amount", "base_weighted", "without_rate"),
)


@app.command(
    epilog="\b\nExamples:\n  cerebro reports pipeline\n"
    "  cerebro reports pipeline --where 'owner_id = me' --csv\n"
    "  cerebro reports pipeline --as-of 2026-09-30 --chart" + _TOLD
)
def pipeline(
    ctx: typer.Context,
    *,
    where: options.Where = None,
    as_of: options.AsOf = None,
    chart: Chart = False,
    json: options.Json = False,
    csv: options.Csv = False,
) -> None:
    """Sum up deals by stage."""
    run: Run = ctx.obj
    run.query = where
    rows = run.crm.reports.raw.pipeline(where, as_of=as_of)

    def bars() -> list[Bar]:
        said = "{amount} {currency} ({count})"
        return [
            Bar(stage(r, rows), Decimal(r["amount"]), said.format(**r), r["currency"])
            if r["count"]
            else Bar(stage(r, rows), Decimal(), "-")
            for r in rows
        ]

    write(rows, ("pipeline", "label", *_SUMS), json=json, csv=csv, bars=bars if chart else None)


@app.command(
    epilog="\b\nExamples:\n  cerebro reports forecast\n"
    "  cerebro reports forecast --by quarter --where 'team = sales'\n"
    "  cerebro reports forecast --compare 'now - 7d'" + _TOLD + _COMPARED
)
@alone.command(
    epilog="\b\nExamples:\n  cerebro forecast\n"
    "  cerebro forecast --by quarter --where 'team = sales'\n"
    "  cerebro forecast --compare 'now - 7d'" + _TOLD + _COMPARED
)
def forecast(
    ctx: typer.Context,
    *,
    where: options.Where = None,
    by: By = "month",
    as_of: options.AsOf = None,
    compare: Compare = None,
    chart: Chart = False,
    json: options.Json = False,
    csv: options.Csv = False,
) -> None:
    """Sum up deals by forecast category and by when they close, or say what changed."""
    run: Run = ctx.obj
    run.query = where
    if compare is not None:
        if chart:
            raise exits.usage("--chart shows a forecast; leave it out with --compare.")
        changed = run.crm.reports.raw.forecast_changes(compare, where, by=by, as_of=as_of)
        shown = ("period", "category", "currency", "cause", "deals", "amount", "weighted")
        write(changed, shown, json=json, csv=csv, flat=[*_steps(changed)])
        return
    rows = run.crm.reports.raw.forecast(where, by=by, as_of=as_of)
    write_forecast(rows, json=json, csv=csv, chart=chart)


def write_forecast(rows: Sequence[Row], *, json: bool, csv: bool, chart: bool) -> None:
    """Write the rows of a forecast as asked for."""

    def bars() -> list[Bar]:
        said = "{weighted} of {amount} {currency} ({count})"
        return [
            Bar(
                f"{row['period'] or '-'} {row['category']}",
                Decimal(row["weighted"]),
                said.format(**row),
                row["currency"],
            )
            for row in rows
        ]

    listed = ("period", "category", *_SUMS, "mrr")
    write(rows, listed, json=json, csv=csv, bars=bars if chart else None)


def _steps(rows: Sequence[Row]) -> Iterator[Row]:
    """Yield the way from what was forecast to what is: a line for each cause between both."""
    for row in rows:
        where = {name: row[name] for name in ("period", "category", "currency")}
        for end in ("then", *row["causes"], "now"):
            if isinstance(end, str):
                sums = [row[f"{name}_{end}"] for name in ("count", "amount", "weighted")]
                told = dict(zip(("deals", "amount", "weighted"), sums, strict=True))
                yield {**where, "cause": end, **told}
            else:
                signed = {name: f"{Decimal(end[name]):+}" for name in ("amount", "weighted")}
                yield {**where, **end, **signed}
