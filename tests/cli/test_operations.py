"""`operations`, and changing or deleting what a filter fits."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from cerebro_cli import completion
from cerebro_server import registry
from tests.cli.conftest import Ran, page
from tests.cli.operations import ID, SHORT, URL, operation, row
from tests.cli.scripted import Script

Cerebro = Callable[..., Ran]
POST, GET = "POST /v1/operations", f"GET {URL}"
TITLE = {"field": "job_title", "label": "Job title", "old": None, "new": "Boss"}
CHANGE = {**TITLE, "text": "Job title: (empty) → Boss"}
LEFT = {
    "code": "changed",
    "message": "The record has changed since.",
    "fields": {"job_title": {"planned": "Boss", "present": "Queen"}},
}


def planned(**members: Any) -> dict[str, Any]:
    """A plan of two changes."""
    fields = [{"field": "contacts.job_title", "records": 2}]
    sample = [row(1, changes=[CHANGE])]
    return operation("planned", update=2, fields=fields, sample=sample, **members)


class TestList:
    def test_shows_the_end_of_the_id_and_what_came_of_it(
        self, cerebro: Cerebro, server: Script
    ) -> None:
        server.tell("GET /v1/operations", page(operation(update=2, updated=2), planned()))
        words = ("--state", "applied", "--kind", "contacts.update")
        ran = cerebro("operations", "list", *words, terminal=True)
        assert ran.code == 0
        assert SHORT in ran.out
        assert ID not in ran.out
        assert "2 updated" in ran.out
        assert "2 to update" in ran.out
        assert "Ada" in ran.out
        assert ran.err == "2 operations.\n"
        asked = server.asked[0].params
        assert (asked["state"], asked["kind"]) == ("applied", "contacts.update")

    def test_json_and_ids_are_whole(self, cerebro: Cerebro, server: Script) -> None:
        told = operation(update=2, updated=2)
        server.tell("GET /v1/operations", page(told))
        assert json.loads(cerebro("operations", "list", "--json").out) == [told]
        assert cerebro("operations", "list", "--ids").out == f"{ID}\n"

    def test_none_is_no_failure(self, cerebro: Cerebro, server: Script) -> None:
        server.tell("GET /v1/operations", page())
        assert cerebro("operations", "list", "--ids") == Ran(0, "", "0 operations.\n")


class TestShow:
    def test_says_what_it_would_do(self, cerebro: Cerebro, server: Script) -> None:
        server.tell(GET, planned())
        ran = cerebro("operations", "show", ID)
        assert ran.code == 0
        assert ran.out.splitlines() == [
            "contacts.update, planned, by Ada, 2026-05-01T09:30 UTC",
            "2 to update",
            "Fields: contacts.job_title (2)",
            "  update Contact 1: Job title: (empty) → Boss",
            "  … and 1 more",
        ]

    def test_rows_are_all_of_the_plan(self, cerebro: Cerebro, server: Script) -> None:
        rows = [row(1, changes=[CHANGE]), row(2, "error", problem=LEFT)]
        for _ in range(2):
            server.tell(f"{GET}/plan", page(rows[0], next_cursor="c"))
            server.tell(f"{GET}/plan", page(rows[1]))
        ran = cerebro("operations", "show", ID, "--rows", "--jsonl")
        assert [json.loads(line) for line in ran.out.splitlines()] == rows
        plain = cerebro("operations", "show", ID, "--rows").out.splitlines()
        assert plain[0].split("\t") == ["update", "", "Contact 1", "Job title: (empty) → Boss"]
        assert plain[1].endswith("The record has changed since.")

    def test_hostile_texts_do_not_reach_the_terminal(
        self, cerebro: Cerebro, server: Script
    ) -> None:
        sample = [row(1, label="\x1b[31mred", changes=[{**CHANGE, "text": "a\x1b]0;b\x07"}])]
        server.tell(GET, operation("planned", update=1, sample=sample))
        server.tell(f"{GET}/plan", page(*sample))
        for words in ((), ("--rows",)):
            assert "\x1b" not in cerebro("operations", "show", ID, *words, terminal=True).out

    def test_unknown_is_not_found(self, cerebro: Cerebro, server: Script) -> None:
        server.problem("GET /v1/operations/nope12", 404, "not_found", "There is no operation.")
        ran = cerebro("operations", "show", "nope12")
        assert (ran.code, ran.out) == (5, "")


class TestErrors:
    def test_name_the_record_and_both_values(self, cerebro: Cerebro, server: Script) -> None:
        server.tell(f"{GET}/errors", page(row(1, "error", problem=LEFT)))
        ran = cerebro("operations", "errors", ID)
        said = "Contact 1: The record has changed since. job_title: planned 'Boss', now 'Queen'"
        assert ran == Ran(0, f"{said}\n", "1 row.\n")

    def test_name_the_value_once(self, cerebro: Cerebro, server: Script) -> None:
        told = {"column": "Email", "value": "bad"}
        rows = [
            row(1, "error", line=2, problem={**told, "message": "'bad' is no address."}),
            row(2, "error", line=3, problem={**told, "message": "It is wrong."}),
        ]
        server.tell(f"{GET}/errors", page(*rows))
        assert cerebro("operations", "errors", ID).out.splitlines() == [
            "line 2, column Email: 'bad' is no address.",
            "line 3, column Email: It is wrong. ('bad')",
        ]

    def test_as_json_lines(self, cerebro: Cerebro, server: Script) -> None:
        told = row(1, "error", problem=LEFT)
        server.tell(f"{GET}/errors", page(told))
        assert json.loads(cerebro("operations", "errors", ID, "--jsonl").out) == told


class TestFollow:
    def test_waits_for_the_end_and_says_what_came_of_it(
        self, cerebro: Cerebro, server: Script
    ) -> None:
        server.tell(GET, operation("applying", update=2, updated=1))
        server.tell(GET, operation(update=2, updated=2))
        ran = cerebro("operations", "follow", ID)
        assert (ran.code, ran.out, len(server.asked)) == (0, "", 2)
        assert ran.err.startswith("2 updated.\n")

    def test_shows_progress_on_a_terminal_alone(self, cerebro: Cerebro, server: Script) -> None:
        for _ in range(2):
            server.tell(GET, operation("applying", update=2, updated=1))
            server.tell(GET, operation(update=2, updated=2))
        assert "1/2" in cerebro("operations", "follow", ID, terminal=True).err
        plain = cerebro("operations", "follow", ID).err
        assert "1/2" not in plain
        assert "\r" not in plain

    def test_of_a_plan_ends_with_how_to_apply_it(self, cerebro: Cerebro, server: Script) -> None:
        server.tell(GET, operation("planning"))
        server.tell(GET, planned())
        ran = cerebro("operations", "follow", ID)
        assert ran.code == 0
        assert f"To apply it: cerebro operations apply {SHORT}" in ran.err

    def test_interrupted_says_how_to_come_back(
        self, cerebro: Cerebro, server: Script, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def interrupt(_: float) -> None:
            raise KeyboardInterrupt

        server.tell(GET, operation("applying", update=2))
        monkeypatch.setattr(time, "sleep", interrupt)
        ran = cerebro("operations", "follow", ID)
        assert ran.code == 130
        assert f"The operation goes on: cerebro operations follow {SHORT}" in ran.err
        assert f"To stop it: cerebro operations cancel {SHORT}" in ran.err

    def test_failure_is_told_like_a_refusal(self, cerebro: Cerebro, server: Script) -> None:
        problem = {"status": 403, "code": "forbidden", "detail": "You may not.", "errors": []}
        server.tell(GET, operation("failed", update=2, problem=problem))
        ran = cerebro("operations", "follow", ID)
        assert ran.code == 4
        assert "You may not." in ran.err
        assert f"To go on: cerebro operations resume {SHORT}" in ran.err
        assert "Traceback" not in ran.err


class TestApply:
    def test_asks_with_the_plan_before_it(self, cerebro: Cerebro, server: Script) -> None:
        server.tell(GET, planned())
        server.tell(f"POST {URL}/apply", operation(update=2, updated=2), status=202)
        assert cerebro("operations", "apply", ID, stdin="n\n", terminal=True).code == 1
        assert len(server.asked) == 1
        ran = cerebro("operations", "apply", ID, stdin="y\n", terminal=True)
        assert ran.code == 0
        assert "Apply it: 2 to update?" in ran.err
        assert "Job title: (empty) → Boss" in ran.err
        assert f"To undo: cerebro operations undo {SHORT}" in ran.err

    def test_with_nobody_to_ask_names_yes(self, cerebro: Cerebro, server: Script) -> None:
        ran = cerebro("operations", "apply", ID)
        assert (ran.code, server.asked) == (2, [])
        assert "--yes" in ran.err

    def test_drift_is_a_conflict(self, cerebro: Cerebro, server: Script) -> None:
        detail = "1 record changed since this was planned; plan it anew."
        entry = {"pointer": "/contacts/x1", "code": "changed", "detail": "contacts x1"}
        server.problem(f"POST {URL}/apply", 409, "plan_drifted", detail, errors=[entry], count=1)
        ran = cerebro("operations", "apply", ID, "--yes")
        assert ran.code == 6
        assert detail in ran.err
        assert "contacts x1" in ran.err
        assert "--on-drift" in ran.err

    def test_says_what_to_do_on_drift(self, cerebro: Cerebro, server: Script) -> None:
        server.tell(f"POST {URL}/apply", operation(update=2, updated=1, left=1), status=202)
        server.tell(f"{GET}/errors", page(row(1, problem=LEFT)))
        ran = cerebro("operations", "apply", ID, "--on-drift", "skip", "--yes")
        assert server.asked[0].json == {"on_drift": "skip"}
        assert ran.code == 1  # since a row was left
        assert "planned 'Boss', now 'Queen'" in ran.err
        assert "1 updated, 1 left as they were." in ran.err
        assert cerebro("operations", "apply", ID, "--on-drift", "force", "--yes").code == 2


class TestUndo:
    UNDO = f"POST {URL}/undo"

    def test_takes_it_back(self, cerebro: Cerebro, server: Script) -> None:
        server.tell(self.UNDO, operation(update=2, updated=2, kind="undo"), status=202)
        words = ("--where", "country = DE", "--force-fields", "--yes", "--json")
        ran = cerebro("operations", "undo", ID, *words)
        assert (ran.code, json.loads(ran.out)["kind"]) == (0, "undo")
        assert server.asked[0].json == {"where": "country = DE", "force_fields": True, "yes": True}

    def test_plans_and_asks_first(self, cerebro: Cerebro, server: Script) -> None:
        server.tell(self.UNDO, planned(kind="undo"), status=202)
        server.tell(f"POST {URL}/apply", operation(update=2, updated=2), status=202)
        ran = cerebro("operations", "undo", ID, stdin="y\n", terminal=True)
        assert ran.code == 0
        assert server.asked[0].json["yes"] is False
        assert "Plan: 2 to update." in ran.err
        assert "Take it back?" in ran.err

    def test_what_it_leaves_is_a_failure_with_both_values(
        self, cerebro: Cerebro, server: Script
    ) -> None:
        server.tell(self.UNDO, operation(update=1, updated=1, error=1, kind="undo"), status=202)
        server.tell(f"{GET}/errors", page(row(2, "error", problem=LEFT)))
        ran = cerebro("operations", "undo", ID, "--yes")
        assert ran.code == 1
        assert "planned 'Boss', now 'Queen'" in ran.err

    def test_a_filter_that_is_wrong_is_pointed_at(self, cerebro: Cerebro, server: Script) -> None:
        server.problem(self.UNDO, 422, "invalid_query", "Unknown field.", position=1)
        ran = cerebro("operations", "undo", ID, "--where", "nope = 1", "--yes")
        assert ran.code == 2
        assert "  nope = 1\n  ^" in ran.err

    def test_dry_run_writes_nothing(self, cerebro: Cerebro, server: Script) -> None:
        server.tell(self.UNDO, planned(kind="undo"), status=202)
        ran = cerebro("operations", "undo", ID, "--dry-run")
        assert (ran.code, len(server.asked)) == (0, 1)
        assert "Dry run: 2 to update; nothing was written." in ran.err
        assert "Job title" in ran.out

    def test_redo(self, cerebro: Cerebro, server: Script) -> None:
        server.tell(f"POST {URL}/redo", operation(restore=2, restored=2, kind="undo"), status=202)
        ran = cerebro("operations", "redo", ID, "--yes")
        assert (ran.code, server.asked[0].json) == (0, {"yes": True})
        assert "2 restored." in ran.err


class TestStopping:
    def test_cancel_says_how_far_it_came(self, cerebro: Cerebro, server: Script) -> None:
        server.tell(f"POST {URL}/cancel", operation("cancelled", update=2, updated=1), status=202)
        ran = cerebro("operations", "cancel", ID)
        assert ran.code == 0
        assert f"Operation {SHORT} is cancelled: 1 updated." in ran.err
        assert f"To go on: cerebro operations resume {SHORT}" in ran.err

    def test_cancel_of_what_is_over_is_a_conflict(self, cerebro: Cerebro, server: Script) -> None:
        server.problem(f"POST {URL}/cancel", 409, "wrong_state", "The operation is applied.")
        assert cerebro("operations", "cancel", ID).code == 6

    def test_resume_follows_it_to_the_end(self, cerebro: Cerebro, server: Script) -> None:
        server.tell(f"POST {URL}/resume", operation("applying", update=2, updated=1), status=202)
        server.tell(GET, operation(update=2, updated=2))
        ran = cerebro("operations", "resume", ID)
        assert ran.code == 0
        assert "2 updated." in ran.err


class TestUpdateWhere:
    WORDS = ("contacts", "update", "--where", 'company.name = "Acme Inc."', "job_title=Boss")

    def test_plans_and_applies_at_once(self, cerebro: Cerebro, server: Script) -> None:
        server.tell(POST, operation(update=2, updated=2), status=202)
        ran = cerebro(*self.WORDS, "--yes")
        assert (ran.code, ran.out) == (0, "")
        assert server.asked[0].json == {
            "kind": "contacts.update",
            "input": {"where": 'company.name = "Acme Inc."', "values": {"job_title": "Boss"}},
            "options": {"yes": True},
        }
        assert "2 updated.\n" in ran.err
        assert f"To undo: cerebro operations undo {SHORT}" in ran.err

    def test_custom_fields_and_whole_lists_are_set(self, cerebro: Cerebro, server: Script) -> None:
        server.tell(POST, operation(update=2, updated=2), status=202)
        cerebro("contacts", "update", "-w", "city = Rom", "custom.tier=gold", "tags=a,b", "--yes")
        values = server.asked[0].json["input"]["values"]
        assert values == {"custom": {"tier": "gold"}, "tags": ["a", "b"]}

    def test_adding_to_a_list_is_refused_with_what_to_do(
        self, cerebro: Cerebro, server: Script
    ) -> None:
        ran = cerebro("contacts", "update", "--where", "city = Rom", "tags+=vip", "--yes")
        assert (ran.code, server.asked) == (2, [])
        assert "tags=VALUE, which sets the whole list" in ran.err

    def test_asks_on_a_terminal(self, cerebro: Cerebro, server: Script) -> None:
        server.tell(POST, planned(), status=202)
        server.tell(f"POST {URL}/apply", operation(update=2, updated=2), status=202)
        ran = cerebro(*self.WORDS, stdin="y\n", terminal=True)
        assert ran.code == 0
        assert "Update all contacts that fit?" in ran.err
        assert cerebro(*self.WORDS).code == 2

    def test_nothing_to_change_asks_nothing(self, cerebro: Cerebro, server: Script) -> None:
        server.tell(POST, operation("planned", unchanged=2), status=202)
        ran = cerebro(*self.WORDS, terminal=True)
        assert (ran.code, len(server.asked)) == (0, 1)
        assert "Plan: 2 unchanged." in ran.err

    @pytest.mark.parametrize(
        "words", [("--if-version", "3"), ("--allow-invalid",), ("--columns", "id"), ("--csv",)]
    )
    def test_options_for_one_record_are_refused(
        self, cerebro: Cerebro, server: Script, words: tuple[str, ...]
    ) -> None:
        ran = cerebro(*self.WORDS, *words, "--yes")
        assert (ran.code, server.asked) == (2, [])
        assert f"{words[0]} does not go with --where." in ran.err

    def test_a_reference_beside_it_is_refused(self, cerebro: Cerebro, server: Script) -> None:
        ran = cerebro("contacts", "update", "ada@x.example", "-w", "city = Rom", "city=X", "--yes")
        assert (ran.code, server.asked) == (2, [])
        assert "Say REF (ada@x.example), or --where, not both." in ran.err

    def test_neither_is_refused(self, cerebro: Cerebro, server: Script) -> None:
        for words in (("city=X",), ("ada@x.example",)):
            ran = cerebro("contacts", "update", *words)
            assert (ran.code, server.asked) == (2, [])
            assert "--where EXPR KEY=VALUE" in ran.err


class TestDeleteWhere:
    def test_deletes_all_that_fit(self, cerebro: Cerebro, server: Script) -> None:
        server.tell(POST, operation(delete=2, deleted=2), status=202)
        ran = cerebro("contacts", "delete", "--where", "tags has old", "--yes", "--json")
        assert (ran.code, json.loads(ran.out)["done"]["deleted"]) == (0, 2)
        assert server.asked[0].json["kind"] == "contacts.delete"
        assert server.asked[0].json["input"] == {"where": "tags has old"}

    def test_dry_run_shows_them(self, cerebro: Cerebro, server: Script) -> None:
        sample = [row(1, "delete"), row(2, "delete")]
        server.tell(POST, operation("planned", delete=2, sample=sample), status=202)
        ran = cerebro("contacts", "delete", "--where", "tags has old", "--dry-run")
        assert ran.out == "  delete Contact 1\n  delete Contact 2\n"
        assert "Dry run: 2 to delete; nothing was written." in ran.err

    def test_a_reference_beside_it_is_refused(self, cerebro: Cerebro, server: Script) -> None:
        ran = cerebro("contacts", "delete", "ada@x.example", "--where", "city = Rom", "--yes")
        assert (ran.code, server.asked) == (2, [])
        assert "Say REF, or --where, not both." in ran.err
        assert cerebro("contacts", "delete", "--if-version", "2", "-w", "x = 1").code == 2


class TestFilter:
    def test_is_offered_where_the_server_takes_it(self) -> None:
        for record_type in registry.record_types():
            for verb in ("update", "delete"):
                offered = completion.verbs(record_type.name).get(verb, ())
                assert ("--where" in offered) is record_type.is_bulk, (record_type.name, verb)

    @pytest.mark.parametrize(
        "words", [["update", "--where", "role = CTO", "role=CEO"], ["delete", "--where", "x = 1"]]
    )
    def test_is_refused_elsewhere(self, cerebro: Cerebro, words: list[str]) -> None:
        ran = cerebro("positions", *words)
        assert (ran.code, ran.out) == (2, "")
        assert "--where" in ran.err
