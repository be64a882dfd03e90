"""`timeline` and `diff` of every noun, and `cerebro diff`."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from cerebro_cli import facts
from tests.cli.conftest import Ran, company, page
from tests.cli.scripted import Script

Cerebro = Callable[..., Ran]
TIMELINE = "GET /v1/companies/gravity.example/timeline"
DIFF = "GET /v1/companies/gravity.example/diff"
ADA = {"type": "key", "id": None, "name": "Ada (nightly export)"}


def change(label: str = "Employees", old: Any = 42, new: Any = 43) -> dict[str, Any]:
    text = f"{label}: {old} → {new}"
    return {"field": label.lower(), "label": label, "old": old, "new": new, "text": text}


def entry(**members: Any) -> dict[str, Any]:
    return {
        "seq": 5,
        "at": "2026-05-01T09:30:00Z",
        "action": "updated",
        "actor": ADA,
        "version": 2,
        "request_id": None,
        "changes": [change(), change("City", "Rome", "Oslo")],
        **members,
    }


def difference(**members: Any) -> dict[str, Any]:
    signed = {"seq": 5, "at": "2026-05-01T09:30:00Z", "actor": ADA}
    return {
        "record_type": "companies",
        "record_id": "01900000-0000-7000-8000-000000000001",
        "from_version": 1,
        "from_state": "living",
        "to_version": 4,
        "to_state": "living",
        "changes": [{**change(), **signed}],
        **members,
    }


class TestTimeline:
    def test_is_a_line_for_each_entry(self, cerebro: Cerebro, server: Script) -> None:
        server.tell(TIMELINE, page(entry(), entry(seq=4, action="deleted", changes=[])))
        ran = cerebro("companies", "timeline", "gravity.example", "--actions", "updated,deleted")
        assert ran.code == 0
        assert server.asked[0].params == {"actions": "updated,deleted", "limit": "51"}
        assert [line.split("\t") for line in ran.out.splitlines()] == [
            ["seq", "at", "actor", "action", "changes"],
            [
                *("5", "2026-05-01T09:30:00Z", "Ada (nightly export)", "updated"),
                "Employees: 42 → 43; City: Rome → Oslo",
            ],
            ["4", "2026-05-01T09:30:00Z", "Ada (nightly export)", "deleted", ""],
        ]
        assert ran.err == "2 entries.\n"

    def test_terminal_shows_one_change_a_line_and_nothing_that_moves_it(
        self, cerebro: Cerebro, server: Script
    ) -> None:
        server.tell(TIMELINE, page(entry(changes=[change(new="\x1b[31m\n"), change("City")])))
        lines = cerebro("companies", "timeline", "gravity.example", terminal=True).out.splitlines()
        assert lines[1].strip().endswith(r"Employees: 42 → \x1b[31m\n")
        assert lines[1].split()[:2] == ["5", "2026-05-01"]
        assert lines[2].strip() == "City: 42 → 43"

    def test_json_is_what_the_server_says(self, cerebro: Cerebro, server: Script) -> None:
        server.tell(TIMELINE, page(entry()))
        asked = ("companies", "timeline", "gravity.example")
        assert json.loads(cerebro(*asked, "--json").out) == [entry()]
        assert json.loads(cerebro(*asked, "--jsonl").out) == entry()
        rows = list(csv.DictReader(io.StringIO(cerebro(*asked, "--csv").out)))
        assert rows[0]["actor"] == "Ada (nightly export)"

    def test_says_that_there_is_more(self, cerebro: Cerebro, server: Script) -> None:
        server.tell(TIMELINE, page(entry(), entry(seq=4)))
        ran = cerebro("companies", "timeline", "gravity.example", "--limit", "1")
        assert ran.err == "1 entry; there are more: --limit N or --all.\n"


class TestDiff:
    @pytest.mark.parametrize(
        "command",
        [
            ("companies", "diff", "gravity.example"),
            ("diff", "companies/gravity.example"),
            ("diff", "companies", "gravity.example"),
        ],
    )
    def test_is_a_line_for_each_field(
        self, cerebro: Cerebro, server: Script, command: tuple[str, ...]
    ) -> None:
        server.tell(DIFF, difference())
        ran = cerebro(*command, "--since", "2026-11-01", "--until", "now - 1d")
        assert ran.code == 0
        assert server.asked[0].params == {"since": "2026-11-01", "until": "now - 1d"}
        assert ran.out.splitlines() == [
            "text\tactor\tat",
            "Employees: 42 → 43\tAda (nightly export)\t2026-05-01T09:30:00Z",
        ]
        assert ran.err == "1 difference, version 1 to 4.\n"
        assert json.loads(cerebro(*command, "--json").out) == difference()
        lines = cerebro(*command, "--jsonl").out.splitlines()
        assert [json.loads(line)["field"] for line in lines] == ["employees"]

    def test_has_columns_for_programs(self, cerebro: Cerebro, server: Script) -> None:
        server.tell(DIFF, difference())
        ran = cerebro("diff", "companies/gravity.example", "--csv", "--columns", "field,old,new")
        assert ran.out.splitlines() == ["field,old,new", "employees,42,43"]

    @pytest.mark.parametrize(
        ("members", "said"),
        [
            ({"changes": []}, "0 differences, version 1 to 4.\n"),
            ({"to_state": "deleted"}, "1 difference, version 1 to 4; deleted.\n"),
            ({"from_state": "deleted"}, "1 difference, version 1 to 4; restored.\n"),
            ({"from_version": 0, "from_state": "absent"}, "1 difference, up to version 4.\n"),
            (
                {"from_version": 0, "to_version": 0, "changes": []},
                "0 differences: there was no such record yet.\n",
            ),
        ],
    )
    def test_says_what_it_spans(
        self, cerebro: Cerebro, server: Script, members: dict[str, Any], said: str
    ) -> None:
        server.tell(DIFF, difference(**members))
        assert cerebro("diff", "companies/gravity.example").err == said

    @pytest.mark.parametrize(
        ("record", "said"),
        [
            ("companies", "A record is named as NOUN/REF: companies/acme.example."),
            ("companies/", "A record is named as NOUN/REF: companies/acme.example."),
            ("/x", "There are no ''."),
            ("compnies/x", "Did you mean companies?"),
            ("keys/x", "keys have no diff."),
        ],
    )
    def test_of_no_record_is_wrong_usage(
        self, cerebro: Cerebro, server: Script, record: str, said: str
    ) -> None:
        ran = cerebro("diff", record)
        assert ran.code == 2
        assert not server.asked
        assert said in ran.err

    def test_a_moment_that_the_server_refuses_is_wrong_usage(
        self, cerebro: Cerebro, server: Script
    ) -> None:
        server.problem(DIFF, 422, "invalid", "'soon' is no moment")
        assert cerebro("diff", "companies/gravity.example", "--since", "soon").code == 2


def test_every_noun_that_is_edited_has_both(cerebro: Cerebro) -> None:
    edited = [noun for noun in facts.nouns().values() if "update" in noun.verbs]
    assert edited
    for noun in edited:
        for verb in ("timeline", "diff"):
            assert verb in noun.verbs
            assert cerebro(noun.name, verb, "--help").code == 0


def test_changes_can_be_picked_by_who_what_and_when(cerebro: Cerebro, server: Script) -> None:
    server.tell("GET /v1/changes", page())
    asked = ("--actor", "me", "--action", "updated", "--since", "today", "--until", "now - 1h")
    assert cerebro("changes", "list", *asked).code == 0
    assert server.asked[0].params == {
        **{"actor": "me", "action": "updated", "since": "today", "until": "now - 1h"},
        "limit": "51",
    }


class TestAsOf:
    def test_reads_what_there_was(self, cerebro: Cerebro, server: Script) -> None:
        server.tell("GET /v1/companies/gravity.example", company())
        server.tell("GET /v1/companies", page(company()))
        for asked in (["get", "gravity.example"], ["list", "--where", "employees > 1"]):
            ran = cerebro("companies", *asked, "--as-of", "2026-09-01", "--jsonl")
            assert ran.code == 0, ran.err
            assert json.loads(ran.out)["name"] == "Company 1"
            assert server.asked[-1].params["as_of"] == "2026-09-01"
