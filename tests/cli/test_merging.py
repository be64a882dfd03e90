"""`merge` and `split`: the plan, the question, and what is sent."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from cerebro_cli import completion
from cerebro_server import registry
from tests.cli.conftest import Ran, page
from tests.cli.operations import ID, SHORT, URL, operation, row
from tests.cli.scripted import Script

Cerebro = Callable[..., Ran]
POST, LIST, UNDO = "POST /v1/operations", "GET /v1/operations", f"POST {URL}/undo"
EVE = "01900000-0000-7000-8000-0000000000e0"
LOST = {"field": "job_title", "record_id": EVE, "value": "Boss"}


class TestMerge:
    def test_sends_who_stays_who_goes_and_what_is_chosen(
        self, cerebro: Cerebro, server: Script
    ) -> None:
        server.tell(POST, operation(kind="contacts.merge", update=1, updated=1), status=202)
        words = ("eve@x.example", "bob@x.example", "department=R&D", "--into", "ada@x.example")
        take = ("--take", "job_title=bob@x.example", "--take", "city=eve@x.example")
        ran = cerebro("contacts", "merge", *words, *take, "--yes", "--json")
        assert (ran.code, json.loads(ran.out)["id"]) == (0, ID)
        assert f"To undo: cerebro operations undo {SHORT}" in ran.err
        sent = server.asked[0].json
        assert sent["kind"] == "contacts.merge"
        assert sent["options"]["yes"] is True
        assert sent["input"] == {
            "into": "ada@x.example",
            "records": ["eve@x.example", "bob@x.example"],
            "values": {"department": "R&D"},
            "take": {"job_title": "bob@x.example", "city": "eve@x.example"},
        }

    def test_dry_run_shows_what_is_lost(self, cerebro: Cerebro, server: Script) -> None:
        report = {"lost": [LOST], "lost_count": 3}
        sample = [row(1, "delete")]
        told = operation("planned", delete=1, sample=sample, report=report)
        server.tell(POST, told, status=202)
        ran = cerebro("contacts", "merge", "eve@x.example", "--into", "ada@x.example", "--dry-run")
        assert ran.code == 0
        assert ran.out == (
            'Lost: job_title of 000000e0: "Boss"\nLost: 2 more values\n  delete Contact 1\n'
        )
        assert "nothing was written" in ran.err

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (("job_title=x", "--into", "a@x.example"), "Say which records go."),
            (("b@x.example", "--into", "a@x.example", "--take", "city"), "is not FIELD=REF"),
            (("b@x.example", "tags+=x", "--into", "a@x.example"), "The lists of all are united"),
            (("b@x.example",), "--into"),
        ],
    )
    def test_says_how_it_is_meant(
        self, cerebro: Cerebro, server: Script, words: tuple[str, ...], said: str
    ) -> None:
        ran = cerebro("contacts", "merge", *words, "--yes")
        assert (ran.code, server.asked) == (2, [])
        assert said in ran.err

    def test_is_offered_where_the_server_takes_it(self) -> None:
        for record_type in registry.record_types():
            offered = completion.verbs(record_type.name)
            assert ("merge" in offered and "split" in offered) is record_type.is_bulk
        assert "city=" in completion.candidates(["contacts", "merge", "x", "--take", "ci"])


class TestSplit:
    def test_takes_back_the_last_merge(self, cerebro: Cerebro, server: Script) -> None:
        server.tell(LIST, page(operation(kind="contacts.merge")))
        server.tell(UNDO, operation(kind="undo", restore=1, restored=1), status=202)
        ran = cerebro("contacts", "split", "eve@x.example", "--yes")
        assert ran.code == 0
        assert "1 restored" in ran.err
        asked = server.asked[0].params
        assert (asked["kind"], asked["state"]) == ("contacts.merge", "applied")
        assert asked["record"] == "contacts/eve@x.example"
        sent = server.asked[1].json
        assert (sent["yes"], sent["force_fields"]) == (True, True)

    def test_dry_run_only_plans(self, cerebro: Cerebro, server: Script) -> None:
        server.tell(LIST, page(operation(kind="contacts.merge")))
        server.tell(UNDO, operation("planned", kind="undo", restore=1), status=202)
        ran = cerebro("contacts", "split", "eve@x.example", "--dry-run")
        assert (ran.code, server.asked[1].json["yes"]) == (0, False)
        assert "Dry run: 1 to restore; nothing was written." in ran.err

    def test_says_where_there_is_none(self, cerebro: Cerebro, server: Script) -> None:
        server.tell(LIST, page())
        ran = cerebro("contacts", "split", "eve@x.example", "--yes")
        assert ran.code == 5
        assert "took part in no merge" in ran.err
