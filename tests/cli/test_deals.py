"""`cerebro deals`, `opportunities`, `reports`, `forecast`: selling on the command line."""

from __future__ import annotations

import csv
import io
import json

import pytest

from cerebro_sdk import Cerebro
from tests.cli.conftest import Cli

DEALS = ("name=Fleet amount=100.10 stage=proposal", "name=Van amount=50", "name=Bus stage=won")


@pytest.fixture
def three(cli: Cli) -> Cli:
    for pairs in DEALS:
        assert cli("deals", "create", *pairs.split()).code == 0
    return cli


class TestDeals:
    def test_are_won_lost_and_opened_again(self, three: Cli) -> None:
        result = three("deals", "win", "1", "--amount", "99", "--dry-run")
        assert (result.code, "would be won" in result.err) == (0, True)
        assert json.loads(three("deals", "get", "1", "--json").out)["status"] == "open"
        result = three("deals", "win", "1", "--amount", "99", "--json")
        assert json.loads(result.out)["amount"] == "99.00"
        assert "cerebro deals reopen" in result.err
        assert json.loads(three("deals", "reopen", "1", "--json").out)["stage"] == "proposal"
        result = three("deals", "lose", "1", "--reason", "Other")
        assert (result.code, "note" in result.err) == (2, True)
        said = ("--reason", "other", "--note", "Mars", "--json")
        assert json.loads(three("deals", "lose", "1", *said).out)["lost_note"] == "Mars"

    def test_move_several_and_are_given_away(self, three: Cli) -> None:
        result = three("deals", "move", "1", "2", "--stage", "negotiation", "--yes", "--ids")
        assert (result.code, len(result.out.split())) == (0, 2)
        result = three("deals", "assign", "1", "--owner", "me", "--json")
        assert json.loads(result.out)["owner_id"]
        result = three("deals", "assign", "1")
        assert (result.code, "owner" in result.err) == (2, True)

    def test_tell_their_stages(self, three: Cli) -> None:
        three("deals", "move", "1", "--stage", "negotiation")
        rows = json.loads(three("deals", "stages", "1", "--json").out)
        assert [row["to_stage"] for row in rows] == ["proposal", "negotiation"]
        result = three("deal_stages", "list", "--where", "deal.number = 1", "--ids")
        assert len(result.out.split()) == 2

    def test_stand_on_a_board(self, three: Cli) -> None:
        result = three("deals", "board")
        heads, sums, *cards = [line.split("\t") for line in result.out.splitlines()]
        assert heads == ["Prospecting", "Qualification", "Proposal", "Negotiation"]
        assert sums == ["50.00 EUR (1)", "", "100.10 EUR (1)", ""]
        assert cards == [["#2 Van 50.00 EUR", "", "#1 Fleet 100.10 EUR", ""]]
        columns = json.loads(three("deals", "board", "--where", "amount > 60", "--json").out)
        assert [column["count"] for column in columns] == [0, 0, 1, 0]


def test_opportunities_are_open(three: Cli) -> None:
    result = three("opportunities", "list", "--sort", "amount", "--columns", "name", "--csv")
    assert result.out.split() == ["name", "Van", "Fleet"]
    assert three("opportunities", "get", "3").code == three("deals", "get", "99").code == 4


class TestReports:
    def test_are_tables_and_rows(self, three: Cli) -> None:
        rows = list(csv.DictReader(io.StringIO(three("reports", "pipeline", "--csv").out)))
        assert {row["label"]: row["weighted"] for row in rows if row["count"] != "0"} == {
            "Prospecting": "5.0000",
            "Proposal": "50.0500",
            "Won": "0.0000",
        }
        first = json.loads(three("forecast", "--by", "quarter", "--json").out)
        assert first == json.loads(three("reports", "forecast", "--by", "quarter", "--json").out)
        assert {row["category"] for row in first} == {"closed", "pipeline"}
        result = three("reports", "win-rate", "--by", "status")
        assert result.out.splitlines()[0].split("\t") == ["value", "open", "won", "lost", "rate"]
        result = three("reports", "time-in-stage")
        assert (result.code, "Proposal" in result.out) == (0, True)

    def test_point_into_a_wrong_filter(self, three: Cli) -> None:
        result = three("reports", "pipeline", "--where", "amout > 3")
        assert (result.code, "amount" in result.err) == (2, True)


def test_the_sdk_has_rows(three: Cli, crm: Cerebro) -> None:
    won = crm.deals.win(1)
    assert (won.status, won.number) == ("won", 1)
    assert crm.deals.raw.reopen(1)["status"] == "open"
    assert [deal.name for deal in crm.opportunities.list(sort="amount")] == ["Van", "Fleet"]
    stays = list(crm.deal_stages.list("deal.number = 1", sort="entered_at"))
    assert [stay.to_stage for stay in stays] == ["proposal", "won", "proposal"]
    [row] = [row for row in crm.reports.pipeline() if row.stage == "proposal"]
    assert str(row.weighted) == "50.0500"
    assert crm.reports.win_rate("status")[0].open == 2
    assert crm.reports.time_in_stage("number = 1")[0].deals == 0
    assert crm.reports.forecast()[-1].period is None
