"""`create`, `update`, `delete` and `restore`."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.cli.conftest import Ran, company
from tests.cli.scripted import Script

Cerebro = Callable[..., Ran]


class TestCreate:
    def test_sends_the_fields_and_shows_the_record(self, cerebro: Cerebro, server: Script) -> None:
        server.tell("POST /v1/companies", company(1, name="Acme"), status=201)
        ran = cerebro("companies", "create", "name=Acme", "employees=42", "--json")
        assert ran.code == 0
        assert server.asked[0].json == {"name": "Acme", "employees": 42}
        assert json.loads(ran.out)["name"] == "Acme"
        assert ran.err == "1 company created: Acme (00000001).\n"

    def test_dry_run_asks_the_server_what_would_be(self, cerebro: Cerebro, server: Script) -> None:
        server.tell("POST /v1/companies", company(1, name="Acme"), status=201)
        server.problem("POST /v1/companies", 422, "validation_failed", "There is no company nope.")
        words = ("companies", "create", "name=Acme", "--dry-run", "--json")
        ran = cerebro(*words)
        assert (ran.code, json.loads(ran.out)["name"]) == (0, "Acme")
        assert ran.err == "Dry run: 1 company would be created; nothing was written.\n"
        ran = cerebro(*words)
        assert (ran.code, ran.out) == (2, "")
        assert "There is no company nope." in ran.err
        assert [asked.params["dry_run"] for asked in server.asked] == ["true", "true"]

    def test_dry_run_tries_every_line(self, cerebro: Cerebro, server: Script) -> None:
        server.problem("POST /v1/companies", 409, "duplicate_key", "a.example is taken.")
        server.tell("POST /v1/companies", company(2), status=201)
        lines = '{"name": "a"}\n{"name": "b"}\n'
        ran = cerebro("companies", "create", "-", "--ids", "--dry-run", stdin=lines)
        assert (ran.code, ran.out) == (1, f"{company(2)['id']}\n")
        assert "stdin, line 1: a.example is taken." in ran.err
        assert "1 would be created, 1 refused; nothing was written." in ran.err
        assert {asked.params["dry_run"] for asked in server.asked} == {"true"}

    def test_typing_error_is_found_before_anything_is_sent(
        self, cerebro: Cerebro, server: Script
    ) -> None:
        ran = cerebro("teams", "create", "nmae=Acme")
        assert (ran.code, ran.out, server.asked) == (2, "", [])
        assert "Did you mean name?" in ran.err

    def test_bytes_that_are_no_text_are_wrong_usage(self, cerebro: Cerebro) -> None:
        for words in (("create", "name=\udcff"), ("get", "a1b2c\udcff"), ("list", "-w", "\udcff")):
            ran = cerebro("companies", *words)
            assert (ran.code, ran.out) == (2, "")
            assert "Traceback" not in ran.err

    def test_reads_json_lines_and_leaves_out_what_the_server_keeps(
        self, cerebro: Cerebro, server: Script
    ) -> None:
        server.tell("POST /v1/companies", company(1), status=201)
        server.tell("POST /v1/companies", company(2), status=201)
        lines = "\n".join(json.dumps(company(n, name=f"N{n}")) for n in (1, 2))
        ran = cerebro("companies", "create", "-", "--ids", stdin=f"\ufeff{lines}\n\n")
        assert ran.code == 0
        assert len(ran.out.splitlines()) == 2
        assert [asked.json["name"] for asked in server.asked] == ["N1", "N2"]
        assert "id" not in server.asked[0].json
        assert ran.err == "2 companies created, 0 refused.\n"

    def test_reads_an_array_too(self, cerebro: Cerebro, server: Script) -> None:
        server.tell("POST /v1/companies", company(1), status=201)
        ran = cerebro("companies", "create", "-", stdin='[{"name": "a"},\n {"name": "b"}]')
        assert (ran.code, len(server.asked)) == (0, 2)

    def test_wrong_line_is_named_and_nothing_is_sent(
        self, cerebro: Cerebro, server: Script
    ) -> None:
        for bad, place in (
            ("{", "line 2, column 2"),
            ("3", "line 2"),
            ('{"nmae": "x"}', "line 2"),
            ("[" * 100_000, "line 2"),
        ):
            ran = cerebro("companies", "create", "-", stdin=f'{{"name": "a"}}\n{bad}\n')
            assert (ran.code, server.asked) == (2, [])
            assert place in ran.err

    def test_refused_lines_are_named_and_the_others_written(
        self, cerebro: Cerebro, server: Script
    ) -> None:
        server.problem("POST /v1/companies", 409, "duplicate_key", "a.example is taken.")
        server.tell("POST /v1/companies", company(2), status=201)
        lines = '{"name": "a"}\n{"name": "b"}\n'
        ran = cerebro("companies", "create", "-", "--ids", stdin=lines)
        assert ran.code == 1
        assert ran.out == f"{company(2)['id']}\n"
        assert "stdin, line 1: a.example is taken." in ran.err
        assert ran.err.endswith("1 companies created, 1 refused.\n")

    def test_other_failures_end_it_and_say_how_far_it_came(
        self, cerebro: Cerebro, server: Script
    ) -> None:
        server.tell("POST /v1/companies", company(1), status=201)
        server.problem("POST /v1/companies", 403, "forbidden", "Not allowed.")
        ran = cerebro("companies", "create", "-", stdin='{"name": "a"}\n' * 3)
        assert ran.code == 4
        assert "1 companies created, 0 refused, 2 not tried." in ran.err


class TestUpdate:
    def test_sends_only_what_changes(self, cerebro: Cerebro, server: Script) -> None:
        server.tell("PATCH /v1/companies/acme.example", company(1, version=2))
        ran = cerebro("companies", "update", "acme.example", "employees=43", "city=")
        assert ran.code == 0
        assert server.asked[0].json == {"employees": 43, "city": None}
        assert "if-match" not in server.asked[0].headers
        assert "now at version 2" in ran.err

    def test_if_version_is_sent(self, cerebro: Cerebro, server: Script) -> None:
        server.problem(
            "PATCH /v1/companies/a1b2c3",
            412,
            "version_mismatch",
            "Changed.",
            current={"version": 7},
        )
        ran = cerebro("companies", "update", "a1b2c3", "name=x", "--if-version", "3")
        assert server.asked[0].headers["if-match"] == '"3"'
        assert ran.code == 6
        assert "version 7" in ran.err

    def test_one_key_of_a_map_keeps_the_others(self, cerebro: Cerebro, server: Script) -> None:
        server.tell(
            "GET /v1/companies/a1b2c3", company(1, version=4, external_ids={"a": "1", "b": "2"})
        )
        server.tell("PATCH /v1/companies/a1b2c3", company(1, version=5))
        cerebro("companies", "update", "a1b2c3", "external_ids.c=3", "external_ids.a=")
        assert server.asked[1].json == {"external_ids": {"b": "2", "c": "3"}}
        assert server.asked[1].headers["if-match"] == '"4"'

    def test_dry_run_shows_the_differences(self, cerebro: Cerebro, server: Script) -> None:
        server.tell("GET /v1/companies/a1b2c3", company(1, employees=42, city="Rome"))
        new = company(1, employees=43, city=None, version=2, updated_at="2026-12-01T00:00:00Z")
        server.tell("PATCH /v1/companies/a1b2c3", new)
        ran = cerebro("companies", "update", "a1b2c3", "employees=43", "city=", "--dry-run")
        assert sorted(ran.out.splitlines()) == ["city: Rome → (empty)", "employees: 42 → 43"]
        assert "2 fields of" in ran.err
        assert server.asked[-1].params["dry_run"] == "true"

    def test_dry_run_at_another_version_is_a_conflict(
        self, cerebro: Cerebro, server: Script
    ) -> None:
        server.tell("GET /v1/companies/a1b2c3", company(1, version=4))
        server.problem("PATCH /v1/companies/a1b2c3", 412, "version_mismatch", "Changed.")
        ran = cerebro("companies", "update", "a1b2c3", "name=x", "--dry-run", "--if-version", "3")
        assert ran.code == 6
        assert server.asked[-1].headers["if-match"] == '"3"'


class TestDelete:
    def test_one_needs_no_question_and_names_the_way_back(
        self, cerebro: Cerebro, server: Script
    ) -> None:
        server.tell("DELETE /v1/companies/acme.example", company(1))
        ran = cerebro("companies", "delete", "acme.example")
        assert (ran.code, ran.out) == (0, "")
        assert f"cerebro companies restore {company(1)['id']}" in ran.err

    def test_several_fail_without_anybody_to_ask(self, cerebro: Cerebro, server: Script) -> None:
        ran = cerebro("companies", "delete", "a1b2c3", "d4e5f6")
        assert (ran.code, server.asked) == (2, [])
        assert "--yes" in ran.err

    def test_several_are_all_found_before_the_first_is_deleted(
        self, cerebro: Cerebro, server: Script
    ) -> None:
        server.tell("GET /v1/companies/a1b2c3", company(1))
        ran = cerebro("companies", "delete", "a1b2c3", "missing", "--yes")
        assert ran.code == 5
        assert {asked.method for asked in server.asked} == {"GET"}

    def test_references_come_from_stdin(self, cerebro: Cerebro, server: Script) -> None:
        for number in (1, 2):
            record = company(number)
            server.tell(f"GET /v1/companies/{record['id']}", record)
            server.tell(f"DELETE /v1/companies/{record['id']}", record)
        ids = "".join(f"{company(n)['id']}\n" for n in (1, 2, 1))
        ran = cerebro("companies", "delete", "-", "--yes", "--ids", stdin=ids)
        assert (ran.code, len(ran.out.splitlines())) == (0, 2)
        assert "2 companies deleted." in ran.err

    def test_on_a_terminal_it_asks_and_no_means_no(self, cerebro: Cerebro, server: Script) -> None:
        for number in (1, 2):
            record = company(number)
            server.tell(f"GET /v1/companies/ref{number}xxx", record)
            server.tell(f"DELETE /v1/companies/{record['id']}", record)
        words = ("companies", "delete", "ref1xxx", "ref2xxx")
        refused = cerebro(*words, stdin="n\n", terminal=True)
        assert refused.code == 1
        assert "Company 1 (00000001)" in refused.err
        assert "Nothing was written." in refused.err
        assert "DELETE" not in {asked.method for asked in server.asked}
        assert cerebro(*words, stdin="y\n", terminal=True).code == 0

    def test_the_end_of_stdin_is_an_interruption(self, cerebro: Cerebro, server: Script) -> None:
        server.tell("GET /v1/companies/ref1xxx", company(1))
        server.tell("GET /v1/companies/ref2xxx", company(2))
        ran = cerebro("companies", "delete", "ref1xxx", "ref2xxx", stdin="", terminal=True)
        assert ran.code == 130

    def test_nothing_on_stdin_deletes_nothing(self, cerebro: Cerebro, server: Script) -> None:
        ran = cerebro("companies", "delete", "-", "--yes", stdin="")
        assert (ran.code, server.asked) == (0, [])
        assert ran.err == "0 companies deleted.\n"


def test_restore_brings_it_back(cerebro: Cerebro, server: Script) -> None:
    server.tell("POST /v1/companies/a1b2c3/restore", company(1))
    ran = cerebro("companies", "restore", "a1b2c3", "--json")
    assert ran.code == 0
    assert json.loads(ran.out)["id"] == company(1)["id"]
    assert ran.err.endswith("1 company restored.\n")
