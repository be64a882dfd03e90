"""`changes list`."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

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
