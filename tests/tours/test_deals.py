"""Selling on the command line and from Python: deals, opportunities, the board, reports."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cerebro_sdk import Cerebro, InvalidError
from tests.fixtures.processes import without_ours

Ran = subprocess.CompletedProcess[str]
CLI = Callable[..., Ran]
DEALS = ("name=Fleet amount=100.10 stage=proposal", "name=Van amount=50", "name=Bus stage=won")


@pytest.fixture
def cerebro(running_server: Mapping[str, str], tmp_path: Path) -> CLI:
    """Run a line as a person would, with three deals to begin with."""
    bare = without_ours(os.environ)
    environment = {**bare, **running_server, "HOME": str(tmp_path)}

    def run(line: str, exits: int = 0) -> Ran:
        ran = subprocess.run(
            ["bash", "-c", f"{sys.executable} -m cerebro_cli {line}"],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        assert ran.returncode == exits, f"{line}: {ran.returncode}\n{ran.stdout}\n{ran.stderr}"
        assert "Traceback" not in ran.stderr
        return ran

    for pairs in DEALS:
        run(f"deals create {pairs}")
    return run


@pytest.fixture
def crm(running_server: Mapping[str, str]) -> Cerebro:
    return Cerebro(running_server["CEREBRO_URL"], running_server["CEREBRO_API_KEY"])


def read(ran: Ran) -> Any:
    return json.loads(ran.stdout)


def test_deals_are_won_lost_moved_and_given_away(cerebro: CLI) -> None:
    assert "would be won" in cerebro("deals win 1 --amount 99 --dry-run").stderr
    for wrong in ("move 1 --stage nope", "lose 1 --reason Nope", "update 1 stage=lost"):
        cerebro(f"deals {wrong} --dry-run", exits=2)
    ran = cerebro("deals create name=z company_id=nope --dry-run", exits=2)
    assert "There is no company nope." in ran.stderr
    assert read(cerebro("deals get 1 --json"))["status"] == "open"
    cerebro("deals update 1 probability=35 forecast_category=commit")
    before = read(cerebro("deals get 1 --json"))
    assert (before["status"], before["probability"]) == ("open", 35)
    ran = cerebro("deals win 1 --amount 99 --json")
    assert read(ran)["amount"] == "99.00"
    # what takes it back brings all of it back
    hint = ran.stderr.partition("To undo: cerebro ")[2].strip()
    kept = ("stage", "amount", "probability", "probability_is_manual", "forecast_category")
    assert "nothing changed" in cerebro("deals win 1").stderr
    cerebro(f"{hint} --yes")
    now = read(cerebro("deals get 1 --json"))
    assert {name: now[name] for name in kept} == {name: before[name] for name in kept}
    assert "1 deal as before: nothing changed." in cerebro("deals reopen 1").stderr
    assert "note" in cerebro("deals lose 1 --reason Other", exits=2).stderr
    ran = cerebro("deals lose 1 --reason other --note Mars --json")
    assert read(ran)["lost_note"] == "Mars"
    ran = cerebro("deals move 1 2 --stage negotiation --yes --ids")
    assert len(ran.stdout.split()) == 2
    assert read(cerebro("deals assign 1 --owner me --json"))["owner_id"]
    assert "owner" in cerebro("deals assign 1", exits=2).stderr
    stays = read(cerebro("deals stages 1 --json"))
    assert [stay["to_stage"] for stay in stays] == [
        *("proposal", "won", "proposal", "lost", "negotiation"),
    ]
    ran = cerebro("deal_stages list --where 'deal.number = 2' --ids")
    assert len(ran.stdout.split()) == 2


def test_deals_stand_on_a_board_as_they_are_put(cerebro: CLI) -> None:
    made = [f"p{n}" for n in range(4)]
    for name in made:
        cerebro(f"deals create name={name} stage=qualification currency=EUR amount=1")

    def column() -> str:
        columns = read(cerebro("deals board --json"))
        return " ".join(deal["name"] for deal in columns[1]["deals"])

    assert column() == "p0 p1 p2 p3"
    first, second, third, last = [
        each["number"]
        for each in read(cerebro("deals list --where 'name starts with p' --sort number --json"))
        if each["name"] in made
    ]
    ran = cerebro(f"deals move {last} --before {first} --json")
    assert (read(ran)["stage"], column()) == ("qualification", "p3 p0 p1 p2")
    hint = ran.stderr.partition("To undo: cerebro ")[2].strip()
    assert "nothing changed" in cerebro(f"deals move {last} --before {first}").stderr
    cerebro(f"{hint} --yes")
    assert column() == "p0 p1 p2 p3"
    cerebro(f"deals move {first} {second} --after {last} --yes")
    assert column() == "p2 p3 p0 p1"  # they stand as they are named
    assert "not both" in cerebro(f"deals move {third} --before 1 --after 2", exits=2).stderr
    assert "beside itself" in cerebro(f"deals move {third} --after {third}", exits=2).stderr
    assert "Say whither" in cerebro(f"deals move {third}", exits=2).stderr
    ran = cerebro(f"deals move {third} --after 1 --dry-run")
    assert ("1 deal would be moved" in ran.stderr, column()) == (True, "p2 p3 p0 p1")
    made = "name=Abroad stage=qualification currency=USD amount=7"
    abroad = cerebro(f"deals create {made} --ids").stdout.strip()
    lines = [line.split("\t") for line in cerebro("deals board").stdout.splitlines()]
    assert [line[1] for line in lines[:3]] == ["Qualification", "4.00 EUR (4)", "7.00 USD (1)"]
    cerebro(f"deals delete {first} {second} {third} {last} {abroad} --yes")


def test_what_was_decided_about_a_quote_is_taken_back_as_it_says(cerebro: CLI) -> None:
    deal = cerebro("deals create name=Quoted --ids").stdout.strip()
    cerebro(f"deal_lines create deal_id={deal} description=Advice unit_price=5")
    number = read(cerebro(f"quotes create deal_id={deal} --json"))["number"]
    cerebro(f"quotes send {number}")
    for verb, status in (("accept", "accepted"), ("decline", "declined"), ("revise", "superseded")):
        ran = cerebro(f"quotes {verb} {number}")
        assert read(cerebro(f"quotes get {number} --json"))["status"] == status
        hint = ran.stderr.partition("To undo: cerebro ")[2].strip()
        cerebro(f"{hint} --yes")
        assert read(cerebro(f"quotes get {number} --json"))["status"] == "sent"
    cerebro(f"deals delete {deal}")


def test_deals_stand_on_a_board(cerebro: CLI) -> None:
    lines = cerebro("deals board").stdout.splitlines()
    heads, sums, *cards = [line.split("\t") for line in lines]
    assert heads == ["Prospecting", "Qualification", "Proposal", "Negotiation"]
    assert sums == ["50.00 EUR (1)", "", "100.10 EUR (1)", ""]
    assert cards == [["#2 Van 50.00 EUR", "", "#1 Fleet 100.10 EUR", ""]]
    columns = read(cerebro("deals board --where 'amount > 60' --json"))
    assert [column["count"] for column in columns] == [0, 0, 1, 0]
    ran = cerebro("opportunities list --sort amount --columns name --csv")
    assert ran.stdout.split() == ["name", "Van", "Fleet"]
    cerebro("opportunities get 3", exits=5)
    rows = read(cerebro("opportunities forecast --by quarter --json"))
    assert sum(row["count"] for row in rows) == 2


def test_reports_are_tables_and_rows(cerebro: CLI) -> None:
    rows = list(csv.DictReader(io.StringIO(cerebro("reports pipeline --csv").stdout)))
    assert {row["label"]: row["weighted"] for row in rows if row["count"] != "0"} == {
        "Prospecting": "5.0000",
        "Proposal": "50.0500",
        "Won": "0.0000",
    }
    first = read(cerebro("forecast --by quarter --json"))
    assert first == read(cerebro("reports forecast --by quarter --json"))
    assert {row["category"] for row in first} == {"closed", "pipeline"}
    head = cerebro("reports win-rate --by status").stdout.splitlines()[0]
    assert head.split("\t") == ["value", "open", "won", "lost", "rate"]
    assert "Proposal" in cerebro("reports time-in-stage").stdout
    assert "amount" in cerebro("reports pipeline --where 'amout > 3'", exits=2).stderr


def test_reports_look_back_and_compare(cerebro: CLI) -> None:
    last = read(cerebro("changes list --limit 1 --json"))[0]["seq"]
    cerebro("deals update 1 amount=90.10 expected_close=2027-01-31")
    text = cerebro(f"forecast --compare seq:{last} --csv").stdout
    rows = [row for row in csv.DictReader(io.StringIO(text)) if row["category"] == "pipeline"]
    assert [(row["cause"], row["amount"]) for row in rows] == [
        *(("then", "0.00"), ("pulled_in", "+90.10"), ("now", "90.10")),
        *(("then", "150.10"), ("pulled_in", "-100.10"), ("now", "50.00")),
    ]
    assert "90.10" in cerebro("reports pipeline").stdout
    assert "100.10" in cerebro(f"reports pipeline --as-of seq:{last}").stdout
    # one was made in its first stage, one in proposal, one as won: none of these was skipped
    rows = read(cerebro(f"reports funnel --as-of seq:{last} --json"))
    assert [row["reached"] for row in rows] == [3, 2, 2, 1, 1]
    for name in ("velocity", "slipped", "cycle", "reasons"):
        assert len(cerebro(f"reports {name}").stdout.splitlines()) == 2, name
    assert len(cerebro("reports cohort").stdout.splitlines()) == 3


def test_rates_are_imported_and_reach_deals(
    cerebro: CLI, crm: Cerebro, tmp_path: Path, running_worker: None
) -> None:
    cerebro(
        "deals create name=Export amount=100 currency=USD recurring_amount=12 "
        "recurring_plan_id=Yearly"
    )
    rates = "currency,day,rate\nUSD,2025-01-01,0.5\nEUR,2025-01-01,1\n"
    (tmp_path / "rates.csv").write_text(rates, encoding="utf-8")
    ran = cerebro("exchange_rates import rates.csv --yes", exits=1)
    assert "base currency" in ran.stdout + ran.stderr
    assert crm.exchange_rates.get("USD@2025-01-01").rate == Decimal("0.5")
    until(lambda: read(cerebro("deals get 4 --json"))["base_amount"] == "50.00")
    [row] = [row for row in crm.reports.forecast() if row.currency == "USD"]
    assert (str(row.base_amount), str(row.base_weighted)) == ("50.00", "5.0000")
    assert (str(row.mrr), str(row.base_mrr)) == ("1.00", "0.50")
    head = cerebro("reports forecast").stdout.splitlines()[0].split("\t")
    assert head[-4:] == ["base_amount", "base_weighted", "without_rate", "mrr"]
    assert [plan.months for plan in crm.recurring_plans.list(sort="position")] == [1, 3, 12, 36]


def until(condition: Callable[[], bool]) -> None:
    """Wait for what a worker does."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "the worker did nothing"
        time.sleep(0.2)


def test_the_sdk_tries_what_it_would_do(cerebro: CLI, crm: Cerebro) -> None:
    tried = crm.deals.create(name="Tried", dry_run=True)
    assert (tried.name, tried.version) == ("Tried", 1)
    assert crm.deals.win(1, amount="7", dry_run=True).status == "won"
    assert crm.deals.lock(1, dry_run=True).locked_at is not None
    assert crm.deals.raw.delete(1, dry_run=True)["deleted_at"] is not None
    items = [{"name": "One"}, {"name": "Two", "company_id": "nope"}]
    results = [each.result for each in crm.deals.write_many(items, dry_run=True)]
    assert results == ["created", "refused"]
    with pytest.raises(InvalidError, match="no lost_reason Nope"):
        crm.deals.lose(1, lost_reason_id="Nope", dry_run=True)
    deals = {deal.name: deal.version for deal in crm.deals.list()}
    assert deals == {"Fleet": 1, "Van": 1, "Bus": 1}


def test_the_sdk_has_rows(cerebro: CLI, crm: Cerebro) -> None:
    won = crm.deals.win(1)
    assert (won.status, won.number) == ("won", 1)
    assert crm.deals.raw.reopen(1)["status"] == "open"
    assert [deal.name for deal in crm.opportunities.list(sort="amount")] == ["Van", "Fleet"]
    assert sum(row.count for row in crm.opportunities.forecast()) == 2
    assert sum(row.count for row in crm.reports.forecast()) > 2
    stays = list(crm.deal_stages.list("deal.number = 1", sort="entered_at"))
    assert [stay.to_stage for stay in stays] == ["proposal", "won", "proposal"]
    [row] = [row for row in crm.reports.pipeline() if row.stage == "proposal"]
    assert str(row.weighted) == "50.0500"
    assert {rate.value: rate.open for rate in crm.reports.win_rate("status")}["open"] == 2
    assert sum(each.here for each in crm.reports.time_in_stage("number = 1")) == 1
    assert crm.reports.forecast()[-1].period is None
    assert [row.reached for row in crm.reports.funnel("number = 1")] == [1, 1, 1, 1, 1]
    assert [row.open for row in crm.reports.velocity(as_of="now")] == [2]
    assert [row.slipped for row in crm.reports.slipped(by="number")] == [0, 0, 0]
    assert [(row.status, row.count) for row in crm.reports.cycle()] == [("won", 1)]
    assert [(row.status, row.reason) for row in crm.reports.reasons()] == [("won", None)]
    assert sum(row.won for row in crm.reports.cohort(by="quarter")) == 1
    assert not any(row.causes for row in crm.reports.forecast_changes("now"))
