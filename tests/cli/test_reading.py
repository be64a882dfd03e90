"""`list` and `get`: what is asked of the server, and every output format."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import pytest

from tests.cli.conftest import Ran, company, page
from tests.cli.scripted import Script

Cerebro = Callable[..., Ran]
HOSTILE = "Evil \x1b[31mred\x1b[0m [bold]markup[/bold] \u202egnp.exe\x00\x9b a\tb\nc"


class TestAsking:
    def test_sends_filter_sort_and_one_more_than_the_limit(
        self, cerebro: Cerebro, server: Script
    ) -> None:
        server.tell("GET /v1/companies", page())
        ran = cerebro("companies", "list", "--where", "employees > 10", "--sort", "-employees,name")
        assert ran.code == 0
        asked = server.asked[0].params
        assert asked["where"] == "employees > 10"
        assert asked["sort"] == "-employees,name"
        assert asked["limit"] == "51"

    def test_signs_in_with_the_key(self, cerebro: Cerebro, server: Script) -> None:
        server.tell("GET /v1/companies", page())
        cerebro("companies", "list")
        assert server.asked[0].headers["authorization"].startswith("Bearer cbr_main_")

    def test_shows_at_most_the_limit_and_says_that_there_are_more(
        self, cerebro: Cerebro, server: Script
    ) -> None:
        server.tell("GET /v1/companies", page(company(1), company(2), company(3)))
        ran = cerebro("companies", "list", "--limit", "2", "--ids")
        assert len(ran.out.splitlines()) == 2
        assert ran.err == "2 companies; there are more: --limit N or --all.\n"

    def test_all_follows_the_pages(self, cerebro: Cerebro, server: Script) -> None:
        server.tell("GET /v1/companies", page(company(1), next_cursor="c1"))
        server.tell("GET /v1/companies", page(company(2)))
        ran = cerebro("companies", "list", "--all", "--ids")
        assert len(ran.out.splitlines()) == 2
        assert server.asked[1].params["cursor"] == "c1"

    def test_count_writes_the_number_alone(self, cerebro: Cerebro, server: Script) -> None:
        server.tell("GET /v1/companies", {**page(company(1), next_cursor="c1"), "count": 1234})
        ran = cerebro("companies", "list", "--count", "--where", "city = bonn", "--as-of", "now")
        assert (ran.out, ran.err) == ("1234\n", "")
        asked = server.asked[0].params
        assert (asked["count"], asked["where"], asked["as_of"]) == ("exact", "city = bonn", "now")
        ran = cerebro("companies", "list", "--count", "--ids")
        assert ran.code == 2 and "exclude each other" in ran.err

    def test_deleted_asks_for_the_deleted_ones(self, cerebro: Cerebro, server: Script) -> None:
        server.tell("GET /v1/companies", page())
        cerebro("companies", "list", "--deleted")
        assert server.asked[0].params["deleted"] == "only"

    def test_url_and_profile_go_before_or_after_the_command(
        self, cerebro: Cerebro, server: Script, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        server.tell("GET /v1/companies", page())
        monkeypatch.setenv("CEREBRO_URL", "http://127.0.0.1:1")
        assert cerebro("--url", server.url, "companies", "list").code == 0
        assert cerebro("companies", "list", f"--url={server.url}").code == 0
        assert cerebro("companies", "list").code == 7


class TestFormats:
    def test_nothing_found_is_no_failure(self, cerebro: Cerebro, server: Script) -> None:
        server.tell("GET /v1/companies", page())
        assert cerebro("companies", "list", "--json") == Ran(0, "[]\n", "0 companies.\n")
        assert cerebro("companies", "list", "--ids").out == ""
        assert cerebro("companies", "list", terminal=True).out == ""

    def test_pipe_gets_tabs_under_a_line_of_names(self, cerebro: Cerebro, server: Script) -> None:
        server.tell("GET /v1/companies", page(company(1, employees=42)))
        ran = cerebro("companies", "list", "--columns", "id,name,employees,deleted_at")
        first = f"{company(1)['id']}\tCompany 1\t42\t"
        assert ran.out == f"id\tname\temployees\tdeleted_at\n{first}\n"

    def test_terminal_gets_a_table_with_short_ids(self, cerebro: Cerebro, server: Script) -> None:
        server.tell("GET /v1/companies", page(company(0xABCDEF12, name="Gravity")))
        ran = cerebro("companies", "list", terminal=True)
        assert "abcdef12" in ran.out
        assert company(0xABCDEF12)["id"] not in ran.out
        assert "2026-05-01 09:30Z" in ran.out

    def test_no_color_leaves_no_colour(
        self, cerebro: Cerebro, server: Script, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("NO_COLOR", "1")
        server.tell("GET /v1/companies", page(company(1)))
        assert "\x1b[3" not in cerebro("companies", "list", terminal=True).out

    def test_table_is_cut_to_the_width(
        self, cerebro: Cerebro, server: Script, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("COLUMNS", "60")
        monkeypatch.setenv("NO_COLOR", "1")
        monkeypatch.setenv("TERM", "dumb")
        server.tell("GET /v1/companies", page(company(1, name="x" * 200)))
        out = cerebro("companies", "list", "--columns", "id,name", terminal=True).out
        assert max(map(len, out.splitlines())) <= 60
        assert "00000001" in out
        assert "xxx…" in out

    def test_json_is_an_array_of_whole_records(self, cerebro: Cerebro, server: Script) -> None:
        records = [company(1), company(2, external_ids={"crm": "7"})]
        server.tell("GET /v1/companies", page(*records))
        assert json.loads(cerebro("companies", "list", "--json").out) == records

    def test_jsonl_is_one_record_a_line(self, cerebro: Cerebro, server: Script) -> None:
        records = [company(1), company(2)]
        server.tell("GET /v1/companies", page(*records))
        lines = cerebro("companies", "list", "--jsonl").out.splitlines()
        assert [json.loads(line) for line in lines] == records

    def test_columns_go_with_json(self, cerebro: Cerebro, server: Script) -> None:
        server.tell("GET /v1/companies", page(company(1, external_ids={"crm": "7"})))
        ran = cerebro("companies", "list", "--json", "--columns", "name,external_ids.crm")
        assert json.loads(ran.out) == [{"name": "Company 1", "external_ids.crm": "7"}]

    def test_csv_reads_back(self, cerebro: Cerebro, server: Script) -> None:
        server.tell("GET /v1/companies", page(company(1, name='a "b", c\nd')))
        ran = cerebro("companies", "list", "--csv", "--columns", "name,employees")
        assert list(csv.reader(io.StringIO(ran.out)))[1] == ['a "b", c\nd', ""]

    def test_ids_are_full(self, cerebro: Cerebro, server: Script) -> None:
        server.tell("GET /v1/companies", page(company(1)))
        assert cerebro("companies", "list", "--ids").out == f"{company(1)['id']}\n"

    def test_two_formats_are_wrong_usage(self, cerebro: Cerebro) -> None:
        ran = cerebro("companies", "list", "--json", "--csv")
        assert (ran.code, ran.out) == (2, "")
        assert "--json and --csv" in ran.err

    def test_unknown_column_is_refused_with_a_suggestion(
        self, cerebro: Cerebro, server: Script
    ) -> None:
        server.tell("GET /v1/companies", page(company(1)))
        ran = cerebro("companies", "list", "--columns", "name,emploees")
        assert (ran.code, ran.out) == (2, "")
        assert "Did you mean employees?" in ran.err
        assert "postal_code" in ran.err

    def test_nothing_is_written_before_an_error(self, cerebro: Cerebro, server: Script) -> None:
        server.problem("GET /v1/companies", 403, "forbidden", "No.")
        for form in ((), ("--json",), ("--csv",), ("--jsonl",)):
            assert cerebro("companies", "list", *form).out == ""


class TestGet:
    def test_one_record_as_json_is_an_object(self, cerebro: Cerebro, server: Script) -> None:
        server.tell("GET /v1/companies/acme.example", company(1))
        ran = cerebro("companies", "get", "acme.example", "--json")
        assert json.loads(ran.out) == company(1)

    def test_pipe_gets_every_field(self, cerebro: Cerebro, server: Script) -> None:
        server.tell("GET /v1/companies/acme.example", company(1))
        out = cerebro("companies", "get", "acme.example").out
        assert dict(line.split("\t") for line in out.splitlines())["deleted_at"] == ""

    def test_terminal_gets_the_fields_that_are_set(self, cerebro: Cerebro, server: Script) -> None:
        server.tell("GET /v1/companies/acme.example", company(1, employees=3))
        out = cerebro("companies", "get", "acme.example", terminal=True).out
        assert "employees" in out
        assert "deleted_at" not in out

    def test_reference_is_escaped_in_the_address(self, cerebro: Cerebro, server: Script) -> None:
        cerebro("companies", "get", "salesforce:00 1/2?x=ä")
        assert "?" not in server.asked[0].path
        assert server.asked[0].params == {}

    def test_deleted_record_is_read_on_request(self, cerebro: Cerebro, server: Script) -> None:
        server.tell("GET /v1/companies/acme.example", company(1))
        cerebro("companies", "get", "acme.example", "--deleted")
        assert server.asked[0].params["deleted"] == "include"


class TestHostileData:
    @pytest.mark.parametrize("terminal", [True, False])
    def test_is_shown_as_text(self, cerebro: Cerebro, server: Script, terminal: bool) -> None:
        server.tell("GET /v1/companies", page(company(1, name=HOSTILE)))
        out = cerebro("companies", "list", "--columns", "name", terminal=terminal).out
        assert r"Evil \x1b[31mred\x1b[0m [bold]markup[/bold] \u202egnp.exe\x00\x9b a\tb\nc" in out
        assert not set("\x1b[31m\u202e\x00\x9b") & set(out) - set("\x1b[31m")

    def test_is_shown_as_text_in_one_record(self, cerebro: Cerebro, server: Script) -> None:
        server.tell("GET /v1/companies/x1", company(1, name=HOSTILE))
        for terminal in (True, False):
            out = cerebro("companies", "get", "x1", terminal=terminal).out
            assert not set("\x1b\u202e\x00\x9b") & set(out)

    @pytest.mark.parametrize("form", ["--json", "--jsonl"])
    def test_is_unchanged_in_json_and_safe_to_look_at(
        self, cerebro: Cerebro, server: Script, form: str
    ) -> None:
        server.tell("GET /v1/companies", page(company(1, name=HOSTILE)))
        out = cerebro("companies", "list", form).out
        found = json.loads(out)
        assert (found[0] if form == "--json" else found)["name"] == HOSTILE
        assert not set("\x1b\u202e\x00\x9b") & set(out)

    def test_is_unchanged_in_csv_on_a_pipe_only(self, cerebro: Cerebro, server: Script) -> None:
        name = HOSTILE.replace("\x00", "")
        server.tell("GET /v1/companies", page(company(1, name=name)))
        piped = cerebro("companies", "list", "--csv", "--columns", "name").out
        assert list(csv.reader(io.StringIO(piped, newline="")))[1] == [name]
        shown = cerebro("companies", "list", "--csv", "--columns", "name", terminal=True).out
        assert not set("\x1b\u202e\x9b") & set(shown)

    def test_lone_surrogates_do_not_break_anything(self, cerebro: Cerebro, server: Script) -> None:
        raw = page(company(1, name="PLACE"))
        body = json.dumps(raw).replace("PLACE", "\\ud800").encode()
        server.tell("GET /v1/companies", body, headers={"Content-Type": "application/json"})
        for form in ("--json", "--csv", "--jsonl"):
            assert cerebro("companies", "list", form).code == 0
        assert r"\ud800" in cerebro("companies", "list").out


class TestEncodings:
    def test_a_terminal_that_cannot_show_a_character_gets_its_code(
        self, cerebro: Cerebro, server: Script
    ) -> None:
        server.tell("GET /v1/companies", page(company(1, name="Zoë 株式会社")))
        ran = cerebro("companies", "list", "--jsonl", terminal=True, encoding="latin-1")
        assert ran.code == 0

    def test_a_pipe_gets_utf_8_in_any_locale(
        self, process: Callable[..., object], server: Script
    ) -> None:
        server.tell("GET /v1/companies", page(company(1, name="株式会社")))
        for locale in (
            {"LC_ALL": "C"},
            {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        ):
            ran = process("companies", "list", "--csv", "--columns", "name", env=locale)
            assert ran.returncode == 0  # type: ignore[attr-defined]
            assert ran.stdout == "name\n株式会社\n".encode()  # type: ignore[attr-defined]
