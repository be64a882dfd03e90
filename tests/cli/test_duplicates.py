"""`duplicates`: what is asked, what is shown, and what it does without a terminal."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from cerebro_cli import completion
from cerebro_cli.verbs.duplicates import COMMANDS
from tests.cli.conftest import Ran, page
from tests.cli.operations import operation
from tests.cli.scripted import Script
from tests.sdk.test_duplicates import PAIR, RULES, pair, rules

Cerebro = Callable[..., Ran]
POST, LIST = "POST /v1/operations", "GET /v1/duplicates/contacts"
ONE = f"{LIST}/{PAIR}"


def test_scan_says_what_it_found(cerebro: Cerebro, server: Script) -> None:
    report = {"pairs": 12, "new": 3, "compared": 4_000, "large_blocks": 2}
    server.tell(POST, operation(kind="contacts.find_duplicates", report=report), status=202)
    ran = cerebro("contacts", "duplicates", "scan")
    assert ran.code == 0
    assert "12 pairs, 3 of them new; 4,000 compared." in ran.err
    assert "2 values are too common" in ran.err
    assert "cerebro contacts duplicates list" in ran.err
    assert server.asked[0].json["kind"] == "contacts.find_duplicates"


def test_list_and_show(cerebro: Cerebro, server: Script) -> None:
    beside = [
        {"field": "city", "label": "City", "one": "Rome", "other": None, "is_same": False},
        {"field": "country", "label": "Country", "one": "IT", "other": "IT", "is_same": True},
    ]
    server.tell(LIST, page(pair()))
    server.tell(ONE, pair(fields=beside))
    ran = cerebro("contacts", "duplicates", "list", "--min-score", "0.9", "--sample", "5")
    head, line = ran.out.splitlines()
    assert head.split("\t") == ["id", "score", "one_title", "other_title", "reasons"]
    assert line.split("\t")[1:] == ["0.93", "Ada Lovelace", "Ada Lovelase", "same phone"]
    assert ran.err == "1 pair.\n"
    assert {"min_score": "0.9", "sample": "5"}.items() <= server.asked[0].params.items()
    ran = cerebro("contacts", "duplicates", "show", PAIR)
    assert "Rome | -" in ran.out
    assert "IT | IT" not in ran.out


def test_dismiss_and_reopen(cerebro: Cerebro, server: Script) -> None:
    server.tell(f"POST {LIST.partition(' ')[2]}/{PAIR}/dismiss", pair(state="dismissed"))
    server.tell(f"POST {LIST.partition(' ')[2]}/{PAIR}/reopen", pair())
    assert cerebro("contacts", "duplicates", "dismiss", PAIR).err == "1 pair dismissed.\n"
    assert cerebro("contacts", "duplicates", "reopen", PAIR).err == "1 pair open again.\n"


def test_merge_is_a_plan(cerebro: Cerebro, server: Script) -> None:
    report = {"groups": 2, "left_out": 1, "lost_count": 3}
    told = operation("planned", kind="contacts.merge", update=2, delete=2, report=report)
    server.tell(POST, told, status=202)
    server.tell(ONE, pair())
    ran = cerebro("contacts", "duplicates", "merge", "--above", "0.98", "--dry-run")
    assert ran.code == 0
    assert ran.out.startswith("2 groups are merged.\n1 pairs are left out")
    assert "nothing was written" in ran.err
    assert server.asked[0].json["input"] == {"duplicates": {"above": 0.98}}
    cerebro("contacts", "duplicates", "merge", PAIR, "--dry-run")
    assert server.asked[2].json["input"] == {"duplicates": {"pairs": [PAIR]}}
    for words in ((), (PAIR, "--above", "0.9")):
        ran = cerebro("contacts", "duplicates", "merge", *words)
        assert (ran.code, "--above which score" in ran.err) == (2, True)
    ran = cerebro("contacts", "duplicates", "merge", "--above", "0.98")
    assert (ran.code, "--yes" in ran.err) == (2, True)


def test_rules_are_printed_and_set(cerebro: Cerebro, server: Script, tmp_path: Path) -> None:
    path = "/v1/duplicates/contacts/rules"
    for method in ("GET", "PUT", "DELETE"):
        server.tell(f"{method} {path}", rules())
    ran = cerebro("contacts", "duplicates", "rules")
    assert json.loads(ran.out) == RULES
    file = tmp_path / "rules.json"
    file.write_text(ran.out)
    ran = cerebro("contacts", "duplicates", "rules", "--set", str(file))
    assert (ran.code, server.asked[1].json) == (0, RULES)
    assert cerebro("contacts", "duplicates", "rules", "--reset").code == 0
    file.write_text("{")
    ran = cerebro("contacts", "duplicates", "rules", "--set", str(file))
    assert (ran.code, "is not JSON" in ran.err) == (2, True)


def test_is_completed() -> None:
    assert "duplicates" in completion.candidates(["contacts", "dup"])
    assert completion.candidates(["contacts", "duplicates", ""]) == list(COMMANDS)
    assert completion.candidates(["contacts", "duplicates", "merge", "--a"]) == ["--above"]
    assert "duplicates" not in completion.verbs("positions")
