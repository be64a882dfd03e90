"""`search`, and creating what is probably there already."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.cli.conftest import Ran, company
from tests.cli.scripted import Script

Cerebro = Callable[..., Ran]


def hit(**members: Any) -> dict[str, Any]:
    return {
        "record_type": "companies",
        "record_id": company(1)["id"],
        "title": "Gravity",
        "subtitle": "gravity.example",
        "score": 0.9,
        "matched": {"field": "name", "text": "Gravity"},
        **members,
    }


def test_words_are_sent_as_one_query(cerebro: Cerebro, server: Script) -> None:
    server.tell("GET /v1/search", {"items": [hit()]})
    ran = cerebro("search", "grav", "inv", "--in", "companies", "-n", "5")
    assert ran.code == 0
    assert server.asked[0].params == {"q": "grav inv", "nouns": "companies", "limit": "5"}
    assert ran.out.splitlines()[1].split("\t") == [
        f"companies/{company(1)['id']}",
        "Gravity",
        "gravity.example",
        "name",
    ]
    assert ran.err == "1 found.\n"


def test_formats(cerebro: Cerebro, server: Script) -> None:
    found = hit(title="Gra\x1bvity", matched=None)
    server.tell("GET /v1/search", {"items": [found]})
    assert json.loads(cerebro("search", "grav", "--json").out) == [found]
    assert json.loads(cerebro("search", "grav", "--jsonl").out) == found
    assert cerebro("search", "grav", "--ids").out == f"{company(1)['id']}\n"
    assert r"Gra\x1bvity" in cerebro("search", "grav", terminal=True).out


def test_finding_nothing_is_no_failure(cerebro: Cerebro, server: Script) -> None:
    server.tell("GET /v1/search", {"items": []})
    ran = cerebro("search", "xyzzy", terminal=True)
    assert (ran.code, ran.out, ran.err) == (0, "", "Nothing found.\n")


def test_possible_duplicates_are_listed_with_the_way_out(cerebro: Cerebro, server: Script) -> None:
    candidate = {"id": "1", "title": "Acme", "score": 0.9, "reasons": ["same name", "same city"]}
    server.problem(
        "POST /v1/companies", 409, "possible_duplicate", "Probably.", candidates=[candidate]
    )
    ran = cerebro("companies", "create", "name=Acme")
    assert ran.code == 6
    assert "  1  Acme  0.9  same name, same city\n" in ran.err
    assert "--allow-duplicates" in ran.err


def test_duplicates_can_be_allowed(cerebro: Cerebro, server: Script) -> None:
    server.tell("POST /v1/companies", company(1), status=201)
    assert cerebro("companies", "create", "name=Acme", "--allow-duplicates").code == 0
    assert server.asked[0].params == {"allow_duplicates": "true"}
