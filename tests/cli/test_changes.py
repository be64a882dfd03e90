"""`changes list` and `changes follow`."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from cerebro_cli import output
from tests.cli.conftest import Ran, company, page
from tests.cli.scripted import Script

Cerebro = Callable[..., Ran]


def change(**members: Any) -> dict[str, Any]:
    return {
        "seq": 5,
        "at": "2026-05-01T09:30:00Z",
        "actor": {"type": "key", "id": None, "name": "owner"},
        "record_type": "companies",
        "record_id": company(1)["id"],
        "action": "updated",
        "version": 2,
        "diff": {
            "employees": [42, 43],
            "city": ["Rome", None],
            "external_ids": {"crm": [None, "1"]},
        },
        "request_id": None,
        **members,
    }


def test_asks_for_one_record(cerebro: Cerebro, server: Script) -> None:
    server.tell("GET /v1/changes", page(change()))
    assert cerebro("changes", "list", "--record", "companies/gravity.example").code == 0
    assert server.asked[0].params["record"] == "companies/gravity.example"


def test_differences_are_readable(cerebro: Cerebro, server: Script) -> None:
    server.tell("GET /v1/changes", page(change()))
    ran = cerebro("changes", "list", "--columns", "record,actor,action,diff")
    row = ran.out.splitlines()[1].split("\t")
    assert row == [
        f"companies/{company(1)['id']}",
        "owner",
        "updated",
        "employees: 42 → 43; city: Rome → (empty); external_ids.crm: 1",
    ]
    assert ran.err == "1 change.\n"


def test_terminal_shows_one_difference_a_line(cerebro: Cerebro, server: Script) -> None:
    server.tell("GET /v1/changes", page(change(diff={"name": ["a\x1b", "b\nc"], "city": [1, 2]})))
    out = cerebro("changes", "list", terminal=True).out
    lines = [line.strip() for line in out.splitlines()]
    assert lines[1].endswith(r"name: a\x1b → b\nc")
    assert lines[2] == "city: 1 → 2"
    assert "companies/00000001" in lines[1]


def test_json_is_the_journal_as_it_is(cerebro: Cerebro, server: Script) -> None:
    server.tell("GET /v1/changes", page(change()))
    assert json.loads(cerebro("changes", "list", "--json").out) == [change()]
    assert json.loads(cerebro("changes", "list", "--jsonl").out) == change()


def test_csv_has_the_readable_columns(cerebro: Cerebro, server: Script) -> None:
    server.tell("GET /v1/changes", page(change()))
    rows = list(csv.DictReader(io.StringIO(cerebro("changes", "list", "--csv").out)))
    assert rows[0]["actor"] == "owner"
    assert rows[0]["diff"].startswith("employees: 42 → 43")


def test_there_is_nothing_to_write(cerebro: Cerebro) -> None:
    assert cerebro("changes", "create", "x=1").code == 2


def test_a_journal_of_a_newer_server_is_shown_all_the_same(
    cerebro: Cerebro, server: Script
) -> None:
    server.tell("GET /v1/changes", page(change(diff={"tags": {"added": ["x"]}}, actor=None)))
    ran = cerebro("changes", "list")
    assert ran.code == 0
    assert 'tags.added: ["x"]' in ran.out


class TestFollow:
    def test_writes_each_change_and_ends_with_the_cursor(
        self, cerebro: Cerebro, server: Script
    ) -> None:
        server.tell("GET /v1/changes", page(next_cursor="c0"))
        both = [change(seq=n, cursor=f"c{n}") for n in (1, 2)]
        server.tell("GET /v1/changes", page(*both, next_cursor="c2"))
        ran = cerebro("changes", "follow", "--record-type", "companies", "--jsonl", "--limit", "1")
        assert ran.code == 0
        assert json.loads(ran.out) == both[0]
        assert ran.err == "To go on: cerebro changes follow --after c1\n"
        assert [asked.params["after"] for asked in server.asked] == ["now", "c0"]
        assert server.asked[0].params["record_type"] == "companies"

    def test_is_tab_separated_on_a_pipe_and_a_line_on_a_terminal(
        self, cerebro: Cerebro, server: Script
    ) -> None:
        tail = page(change(cursor="c1", diff={"name": ["a\x1b", "b\nc"]}), next_cursor="c1")
        server.tell("GET /v1/changes", tail)
        asked = ("changes", "follow", "--after", "start", "--limit", "1")
        names, row = (line.split("\t") for line in cerebro(*asked).out.splitlines())
        assert dict(zip(names, row, strict=True))["diff"] == r"name: a\x1b → b\nc"
        ran = cerebro(*asked, terminal=True)
        assert ran.out.splitlines() == [
            r"2026-05-01 09:30Z  owner  updated companies/00000001  name: a\x1b → b\nc"
        ]
        assert "Ctrl-C" in ran.err

    def test_says_how_to_go_on_when_it_is_refused_later(
        self, cerebro: Cerebro, server: Script
    ) -> None:
        server.tell("GET /v1/changes", page(change(cursor="c1"), next_cursor="c1"))
        server.problem("GET /v1/changes", 401, "not_authenticated", "The key is revoked.")
        ran = cerebro("changes", "follow", "--after", "start")
        assert ran.code == 4
        assert "--after c1" in ran.err
        assert "The key is revoked." in ran.err

    def test_interrupted_says_how_to_go_on(
        self, cerebro: Cerebro, server: Script, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Before the line is out, it does not count as written."""
        both = [change(seq=n, cursor=f"c{n}") for n in (1, 2)]
        server.tell("GET /v1/changes", page(*both, next_cursor="c2"))
        written: list[str] = []

        def write(text: str) -> None:
            if written:
                raise KeyboardInterrupt
            written.append(text)

        monkeypatch.setattr(output, "write", write)
        ran = cerebro("changes", "follow", "--after", "start", "--jsonl")
        assert ran.code == 130
        assert ran.err.splitlines()[0] == "To go on: cerebro changes follow --after c1"

    def test_a_wrong_cursor_is_told_and_no_way_on(self, cerebro: Cerebro, server: Script) -> None:
        server.problem("GET /v1/changes", 422, "invalid_cursor", "This is not a cursor.")
        ran = cerebro("changes", "follow", "--after", "x")
        assert (ran.code, ran.out) == (2, "")
        assert "To go on" not in ran.err
