"""What all reports share: their options, and how rows are written."""

from __future__ import annotations

import csv as csv_
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal

import typer

from cerebro_cli import charts, options, output
from cerebro_cli.charts import Bar
from cerebro_cli.noun import application, single

Row = Mapping[str, Any]

app = application(
    "Reports on deals: exact sums, by currency and in the base currency, as of any day."
)
alone = single()

By = Annotated[
    Literal["month", "quarter"], typer.Option("--by", help="What a period is: month or quarter.")
]
Field = Annotated[
    str, typer.Option("--by", metavar="FIELD", help="The field whose values are told apart.")
]
AnyField = Annotated[
    str | None,
    typer.Option(
        "--by", metavar="FIELD", help="A field whose values are told apart; all, if left out."
    ),
]
Chart = Annotated[bool, typer.Option("--chart", help="Draw bars, on a terminal.")]
_NUMBERS = (
    *("count", "without_amount", "amount", "weighted", "open", "won", "lost", "rate", "deals"),
    *("here", "stays", "average_seconds", "longest_seconds", "reached", "conversion", "entered"),
    *("went_on", "win_rate", "average_amount", "average_days", "velocity", "slipped", "times"),
    *("quota", "closed", "attainment", "gap", "other_currency"),
    *("without_probability", "without_rate", "base_amount", "base_weighted", "mrr"),
    *("days", "longest_days", "median_days", "shortest_days", "share", "months", "rate_so_far"),
)


@app.callback()
def _group() -> None:
    """Keep this a group of commands."""


def write(
    rows: Sequence[Row],
    shown: Sequence[str],
    *,
    json: bool,
    csv: bool,
    bars: Callable[[], Sequence[Bar]] | None = None,
    flat: Sequence[Row] | None = None,
) -> None:
    """Write a report as asked for: as bars on a terminal only, where `bars` are wanted. `flat` are
    the rows of the table, where they are others than those of the JSON."""
    form = options.asked(json=json, jsonl=False, csv=csv)
    if form is output.Format.JSON:
        output.write_json(list(rows))
        return
    listed = rows if flat is None else flat
    cells = [["" if row[name] is None else str(row[name]) for name in shown] for row in listed]
    if form is output.Format.CSV:
        text = io.StringIO()
        csv_.writer(text, lineterminator="\n").writerows([shown, *cells])
        output.write(text.getvalue())
    elif bars is not None and output.to_terminal():
        charts.draw(bars())
    else:
        output.write_table(shown, cells, right=_NUMBERS)
    output.note(f"{len(rows)} row{'' if len(rows) == 1 else 's'}.{_unlikely(rows)}")


def _unlikely(rows: Sequence[Row]) -> str:
    """Say how many deals a sum of weighted amounts is without."""
    count = sum(row.get("without_probability") or 0 for row in rows)
    if not count:
        return ""
    have = "1 open deal has" if count == 1 else f"{count} open deals have"
    return f" {have} no probability: what is weighted is without that."


def per_cent(share: str | None) -> str:
    """Return a share of 0 to 1 as people say it."""
    return "-" if share is None else f"{float(share):.1%}"


def stage(row: Row, rows: Sequence[Row]) -> str:
    """Return what a stage is called, with its pipeline where there are several."""
    several = len({each["pipeline_id"] for each in rows}) > 1
    return f"{row['pipeline']}: {row['label']}" if several else str(row["label"])
