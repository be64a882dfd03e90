"""`cerebro reports quota`: how far quotas are reached."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import typer

from cerebro_cli import options
from cerebro_cli.charts import Bar
from cerebro_cli.commands.sales.reports.written import Chart, app, per_cent, write
from cerebro_cli.context import Run

Quotas = Annotated[
    str | None, typer.Option("--quotas", metavar="EXPR", help="Only quotas that this filter fits.")
]
On = Annotated[
    str | None, typer.Option("--on", metavar="DAY", help="Only periods that hold this day.")
]


@app.command(
    epilog="\b\nExamples:\n  cerebro reports quota --on 2026-11-30\n"
    "  cerebro reports quota --quotas 'team = sales' --csv\n"
    "  cerebro reports quota --as-of 2026-09-30 --chart\n\n"
    "Teams and territories count all that is below them. Deals in another currency count for "
    "quotas in the base currency; others leave them out, and count them as other_currency."
)
def quota(
    ctx: typer.Context,
    *,
    where: options.Where = None,
    quotas: Quotas = None,
    on: On = None,
    as_of: options.AsOf = None,
    chart: Chart = False,
    json: options.Json = False,
    csv: options.Csv = False,
) -> None:
    """Say how far quotas are reached."""
    run: Run = ctx.obj
    run.query = where
    rows = run.crm.reports.raw.quota(where, quotas=quotas, on=on, as_of=as_of)

    def bars() -> list[Bar]:
        return [
            Bar(
                f"{row['period']} {row['name'] or row['kind']}",
                Decimal(row["attainment"] or 0),
                f"{per_cent(row['attainment'])} of {row['quota']} {row['currency']}",
            )
            for row in rows
        ]

    shown = ("period", "kind", "name", "quota", "closed", "attainment", "gap", "weighted")
    last = ("currency", "other_currency")
    write(rows, (*shown, *last), json=json, csv=csv, bars=bars if chart else None)
