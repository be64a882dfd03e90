"""Reports on the command line: tables, bars, and the way from one forecast to the next."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from rich.cells import cell_len

from cerebro_cli import charts
from cerebro_cli.charts import Bar
from tests.cli.conftest import Ran
from tests.cli.scripted import Script

Cerebro = Callable[..., Ran]
SUMS = {
    **{"count": 2, "without_amount": 0, "amount": "10.00", "weighted": "5.0000"},
    **{"base_amount": "10.00", "base_weighted": "5.0000", "without_rate": 0, "mrr": "0.00"},
    "without_probability": 1,
}
STAGE = {"pipeline_id": "p", "pipeline": "Sales", "stage_id": "s", "stage": "x", "label": "New"}
FORECAST = {"period": "2026-11", "category": "commit", "currency": "EUR"}
ROWS: dict[str, list[dict[str, Any]]] = {
    "pipeline": [
        {**STAGE, "status": "open", "currency": "EUR", **SUMS},
        {**STAGE, "label": "東京" * 60, "status": "open", "currency": "EUR", **SUMS},
        {**STAGE, "status": "won", "currency": None, **SUMS, "count": 0},
    ],
    "forecast": [{**FORECAST, **SUMS}, {**FORECAST, "period": None, **SUMS}],
    "funnel": [
        {
            **{**STAGE, "status": "open", "reached": number, "conversion": part, "entered": 4},
            **{"went_on": 2, "rate": "0.5000", "lost": 1, "won": 1},
        }
        for number, part in ((4, None), (1, "0.2500"), (0, "0.0000"))
    ],
    "time-in-stage": [
        {
            **{**STAGE, "deals": 4, "here": 1, "stays": 5, "total_seconds": "864000.000"},
            **{"average_seconds": average, "longest_seconds": average, "won": 1, "lost": 0},
        }
        for average in ("172800.000", None)
    ],
    "velocity": [
        {
            **{"pipeline_id": "p", "pipeline": "Sales", "currency": "EUR", "open": 3, "won": 1},
            **{"lost": 1, "win_rate": "0.5000", "average_amount": "10.00", "average_days": "4.00"},
            "velocity": speed,
        }
        for speed in ("3.75", None)
    ],
    "slipped": [
        {
            **{"value": value, "currency": "EUR", "deals": 4, "slipped": 1, "rate": "0.2500"},
            **{"times": 2, "days": 9, "average_days": "4.50", "longest_days": 7},
            **{"without_amount": 0, "amount": "5.00"},
        }
        for value in ("fair", None)
    ],
    "win-rate": [
        {"value": value, "open": 1, "won": won, "lost": 1, "rate": rate}
        for value, won, rate in (("fair", 3, "0.7500"), (None, 0, None))
    ],
    "reasons": [
        {
            **{"value": None, "status": status, "reason": reason, "count": 2, "share": "0.5000"},
            **{"without_amount": 0, "amount": "5.00", "currency": "EUR"},
        }
        for status, reason in (("lost", "Price"), ("won", None))
    ],
    "cycle": [
        {
            **{"value": value, "status": "won", "count": 3, "average_days": "4.00"},
            **{"median_days": "3.50", "shortest_days": "1.00", "longest_days": "9.00"},
        }
        for value in ("fair", None)
    ],
    "cohort": [
        {
            **{"cohort": "2026-01", "currency": "EUR", "months": months, "deals": 4, "won": 1},
            **{"lost": 0, "amount": "5.00", "rate": "0.2500", "rate_so_far": "0.2500"},
        }
        for months in (0, None)
    ],
}
CHANGED = {
    **FORECAST,
    **{"count_then": 2, "count_now": 1, "amount_then": "10.00", "amount_now": "7.00"},
    **{"amount_change": "-3.00", "weighted_then": "5.0000", "weighted_now": "7.0000"},
    "weighted_change": "2.0000",
    "causes": [
        {"cause": "lost", "deals": 1, "amount": "-5.00", "weighted": "-1.0000"},
        {"cause": "amount_up", "deals": 1, "amount": "2.00", "weighted": "3.0000"},
    ],
}


@pytest.mark.parametrize("name", ROWS)
def test_bars_are_as_wide_as_the_terminal(
    name: str, cerebro: Cerebro, server: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = f"GET /v1/reports/{name.replace('-', '_')}"
    for width in (40, 100):
        monkeypatch.setenv("COLUMNS", str(width))
        server.tell(asked, {"items": ROWS[name]})
        ran = cerebro("reports", name, "--chart", terminal=True)
        assert ran.code == 0, ran.err
        longest = max(cell_len(line) for line in ran.out.splitlines())
        assert longest <= width
        if width == 100:
            assert longest == width
            assert "█" in ran.out
    server.tell(asked, {"items": ROWS[name]})
    ran = cerebro("reports", name, "--chart", terminal=True, encoding="ascii")
    assert "#" in ran.out
    told = f"{len(ROWS[name])} open deals have no probability: what is weighted is without that."
    assert (told in ran.err) == (name in ("pipeline", "forecast"))
    for words, terminal in ((["--json"], True), (["--csv"], True), ([], False)):
        server.tell(asked, {"items": ROWS[name]})
        ran = cerebro("reports", name, "--chart", *words, terminal=terminal)
        assert "█" not in ran.out
        if words == ["--json"]:
            assert json.loads(ran.out) == ROWS[name]


def test_bars_of_a_scale_are_in_proportion() -> None:
    bars = [
        Bar("a", Decimal(8), "8", "EUR"),
        Bar("b", Decimal(2), "2", "EUR"),
        Bar("c", Decimal("0.001"), "0", "EUR"),
        Bar("d", Decimal(0), "0", "EUR"),
        Bar("e", Decimal(1), "1", "USD"),
    ]
    drawn = [line.split() for line in charts.lines(bars, width=30)]
    assert [len(line[1]) for line in (drawn[0], drawn[1], drawn[4])] == [24, 6, 24]
    assert drawn[2][1] == "▏"
    assert drawn[3] == ["d", "0"]
    assert [*charts.lines(bars[:1], width=8)] == ["a  8"]
    assert [*charts.lines([], width=8)] == []


def test_a_forecast_is_compared_step_by_step(cerebro: Cerebro, server: Script) -> None:
    asked = ("forecast", "--compare", "2026-11-01", "--as-of", "today", "--by", "quarter")
    server.tell("GET /v1/reports/forecast_changes", {"items": [CHANGED]})
    ran = cerebro(*asked, "--csv")
    assert ran.code == 0, ran.err
    rows = list(csv.DictReader(io.StringIO(ran.out)))
    assert [(row["cause"], row["deals"], row["amount"], row["weighted"]) for row in rows] == [
        ("then", "2", "10.00", "5.0000"),
        ("lost", "1", "-5.00", "-1.0000"),
        ("amount_up", "1", "+2.00", "+3.0000"),
        ("now", "1", "7.00", "7.0000"),
    ]
    said = server.asked[-1].params
    assert said == {"since": "2026-11-01", "as_of": "today", "by": "quarter"}
    server.tell("GET /v1/reports/forecast_changes", {"items": [CHANGED]})
    assert json.loads(cerebro(*asked, "--json").out) == [CHANGED]
    ran = cerebro(*asked, "--chart")
    assert (ran.code, "--compare" in ran.err) == (2, True)
