"""`cerebro reports`, `cerebro forecast`: what is counted of deals."""

from __future__ import annotations

import csv as csv_
import io
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import typer

from cerebro_cli import options, output
from cerebro_cli.context import Run
from cerebro_cli.noun import application, single

app = application("Reports on deals: exact sums, for each currency.")
alone = single()

By = Annotated[
    Literal["month", "quarter"], typer.Option("--by", help="What a period is: month or quarter.")
]
Field = Annotated[
    str, typer.Option("--by", metavar="FIELD", help="The field whose values are told apart.")
]
Quotas = Annotated[
    str | None, typer.Option("--quotas", metavar="EXPR", help="Only quotas that this filter fits.")
]
On = Annotated[
    str | None, typer.Option("--on", metavar="DAY", help="Only periods that hold this day.")
]
_TOLD = (
    "\n\nEach row is of one currency: nothing is converted. Weighted is the amount times the "
    "probability; won deals count whole, lost ones not at all."
)
_NUMBERS = (
    *("count", "without_amount", "amount", "weighted", "open", "won", "lost", "rate", "deals"),
    *("here", "stays", "average_seconds", "longest_seconds"),
    *("quota", "closed", "attainment", "gap", "other_currency"),
)


@app.callback()
def _group() -> None:
    """Keep this a group of commands."""


@app.command(
    epilog="\b\nExamples:\n  cerebro reports pipeline\n"
    "  cerebro reports pipeline --where 'owner_id = me' --csv" + _TOLD
)
def pipeline(
    ctx: typer.Context,
    *,
    where: options.Where = None,
    json: options.Json = False,
    csv: options.Csv = False,
) -> None:
    """Sum up deals by stage."""
    run: Run = ctx.obj
    run.query = where
    rows = run.crm.reports.raw.pipeline(where)
    shown = ("pipeline", "label", "count", "without_amount", "amount", "weighted", "currency")
    _write(rows, shown, json=json, csv=csv)


@app.command(
    epilog="\b\nExamples:\n  cerebro reports forecast\n"
    "  cerebro reports forecast --by quarter --where 'team = sales'" + _TOLD
)
@alone.command(
    epilog="\b\nExamples:\n  cerebro forecast\n"
    "  cerebro forecast --by quarter --where 'team = sales'" + _TOLD
)
def forecast(
    ctx: typer.Context,
    *,
    where: options.Where = None,
    by: By = "month",
    json: options.Json = False,
    csv: options.Csv = False,
) -> None:
    """Sum up deals by forecast category and by when they close."""
    run: Run = ctx.obj
    run.query = where
    rows = run.crm.reports.raw.forecast(where, by=by)
    shown = ("period", "category", "count", "without_amount", "amount", "weighted", "currency")
    _write(rows, shown, json=json, csv=csv)


@app.command(
    "time-in-stage",
    epilog="\b\nExamples:\n  cerebro reports time-in-stage\n"
    "  cerebro reports time-in-stage --where 'source = fair' --json",
)
def time_in_stage(
    ctx: typer.Context,
    *,
    where: options.Where = None,
    json: options.Json = False,
    csv: options.Csv = False,
) -> None:
    """Say how long deals stay in each stage, and how those end that were in it."""
    run: Run = ctx.obj
    run.query = where
    rows = run.crm.reports.raw.time_in_stage(where)
    shown = ("pipeline", "label", "deals", "here", "stays", "average_seconds", "longest_seconds")
    _write(rows, (*shown, "won", "lost"), json=json, csv=csv)


@app.command(
    "win-rate",
    epilog="\b\nExamples:\n  cerebro reports win-rate --by source\n"
    "  cerebro reports win-rate --by owner_id --where 'closed_at > now - 90d'",
)
def win_rate(
    ctx: typer.Context,
    *,
    by: Field = "owner_id",
    where: options.Where = None,
    json: options.Json = False,
    csv: options.Csv = False,
) -> None:
    """Say how many deals are won, by the values of a field."""
    run: Run = ctx.obj
    run.query = where
    rows = run.crm.reports.raw.win_rate(by, where)
    _write(rows, ("value", "open", "won", "lost", "rate"), json=json, csv=csv)


@app.command(
    epilog="\b\nExamples:\n  cerebro reports quota --on 2026-11-30\n"
    "  cerebro reports quota --quotas 'team = sales' --csv\n\n"
    "Teams and territories count all that is below them. Deals in another currency than the quota "
    "are left out, and counted as other_currency."
)
def quota(
    ctx: typer.Context,
    *,
    where: options.Where = None,
    quotas: Quotas = None,
    on: On = None,
    json: options.Json = False,
    csv: options.Csv = False,
) -> None:
    """Say how far quotas are reached."""
    run: Run = ctx.obj
    run.query = where
    rows = run.crm.reports.raw.quota(where, quotas=quotas, on=on)
    shown = ("period", "kind", "name", "quota", "closed", "attainment", "gap", "weighted")
    _write(rows, (*shown, "currency", "other_currency"), json=json, csv=csv)


def _write(
    rows: Sequence[Mapping[str, Any]], shown: Sequence[str], *, json: bool, csv: bool
) -> None:
    form = options.asked(json=json, jsonl=False, csv=csv)
    if form is output.Format.JSON:
        output.write_json(list(rows))
        return
    cells = [["" if row[name] is None else str(row[name]) for name in shown] for row in rows]
    if form is output.Format.CSV:
        text = io.StringIO()
        csv_.writer(text, lineterminator="\n").writerows([shown, *cells])
        output.write(text.getvalue())
    else:
        output.write_table(shown, cells, right=_NUMBERS)
    output.note(f"{len(rows)} row{'' if len(rows) == 1 else 's'}.")
