"""Exit codes and messages."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cerebro_cli import exits, main
from tests.cli.conftest import Ran, company, environment, page
from tests.cli.scripted import Script

Cerebro = Callable[..., Ran]
LIST = "GET /v1/companies"
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, 2),
        (401, 4),
        (403, 4),
        (404, 5),
        (405, 1),
        (409, 6),
        (412, 6),
        (413, 2),
        (415, 2),
        (418, 1),
        (422, 2),
        (500, 1),
        (501, 1),
    ],
)
def test_every_status_has_its_code(
    cerebro: Cerebro, server: Script, status: int, code: int
) -> None:
    server.problem("PATCH /v1/companies/a1b2c3", status, "some_code", "It went wrong.")
    ran = cerebro("companies", "update", "a1b2c3", "name=x")
    assert (ran.code, ran.out) == (code, "")
    assert "cerebro: It went wrong." in ran.err


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_what_may_pass_is_unavailable(status: int) -> None:
    error = type("APIError", (Exception,), {"status": status, "detail": "Later."})()
    assert exits.judge(error).code == 7


def test_no_connection_is_unavailable(cerebro: Cerebro) -> None:
    ran = cerebro("--url", "http://127.0.0.1:1", "companies", "update", "a1b2c3", "name=x")
    assert ran.code == 7
    assert "cerebro up" in ran.err


def test_without_server_or_key_is_not_signed_in(
    cerebro: Cerebro, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CEREBRO_URL")
    monkeypatch.delenv("CEREBRO_API_KEY")
    ran = cerebro("companies", "list")
    assert ran.code == 4
    assert "cerebro up" in ran.err


class TestProblems:
    def test_names_the_fields(self, cerebro: Cerebro, server: Script) -> None:
        entry = {"pointer": "/external_ids/crm", "code": "source", "detail": "is not a source"}
        server.problem(
            "POST /v1/companies", 422, "validation_failed", "Fields are wrong.", errors=[entry]
        )
        ran = cerebro("companies", "create", "name=x")
        assert ran.err == "cerebro: Fields are wrong.\n  external_ids.crm: is not a source\n"

    def test_points_into_the_filter(self, cerebro: Cerebro, server: Script) -> None:
        detail = "There is no field emploees."
        server.problem(LIST, 422, "invalid_query", detail, position=16, suggestion="employees")
        ran = cerebro("companies", "list", "--where", "city = Rom and emploees > 1")
        assert ran.code == 2
        assert ran.err == (
            f"cerebro: {detail}\n"
            "  city = Rom and emploees > 1\n"
            "                 ^\n"
            "Did you mean employees?\n"
        )

    def test_lists_the_candidates(self, cerebro: Cerebro, server: Script) -> None:
        found = [{"id": company(1)["id"], "title": "Gravity"}, "other"]
        server.problem(
            "GET /v1/companies/abcdef", 409, "ambiguous_reference", "Two fit.", candidates=found
        )
        ran = cerebro("companies", "get", "abcdef")
        assert ran.code == 6
        assert "Gravity" in ran.err
        assert "other" in ran.err

    def test_names_the_request_of_a_defect(self, cerebro: Cerebro, server: Script) -> None:
        server.problem("PATCH /v1/companies/a1b2c3", 500, "internal_error", "A defect of ours.")
        assert "req-1" in cerebro("companies", "update", "a1b2c3", "name=x").err

    def test_shows_control_characters_as_text(self, cerebro: Cerebro, server: Script) -> None:
        server.problem(
            "POST /v1/companies",
            409,
            "duplicate_key",
            "\x1b]0;gotcha\x07 is \u202etaken",
            candidates=[{"title": "\x1b[2J"}],
            errors=[{"pointer": "/\x1b[1m", "detail": "\x9b31m"}],
        )
        ran = cerebro("companies", "create", "name=x")
        assert not set("\x1b\x07\x9b\u202e") & set(ran.err)
        assert r"\x1b]0;gotcha\x07 is \u202etaken" in ran.err


class TestUsage:
    def test_unknown_command_is_suggested(self, cerebro: Cerebro) -> None:
        ran = cerebro("compnies", "list")
        assert ran.code == 2
        assert "Did you mean companies?" in ran.err

    @pytest.mark.parametrize(
        ("word", "said"),
        [
            ("duplicates", "`cerebro contacts duplicates`, or the same of other records?"),
            ("duplicats", "`cerebro contacts duplicates`, or the same of other records?"),
            ("reopen", "`cerebro deals reopen` or `cerebro tasks reopen`?"),
            ("win", "`cerebro deals win`?"),
        ],
    )
    def test_a_verb_alone_is_found_with_what_it_goes_with(
        self, cerebro: Cerebro, word: str, said: str
    ) -> None:
        ran = cerebro(word)
        assert ran.code == 2
        first, how = ran.err.splitlines()
        assert first.endswith(f"{word!r}. Did you mean {said}")
        assert how.startswith("`cerebro ")
        assert "--help` shows how." in how

    @pytest.mark.parametrize("words", [(), ("scna",), ("nonsense", "x")])
    def test_what_has_verbs_lists_them(self, cerebro: Cerebro, words: tuple[str, ...]) -> None:
        ran = cerebro("contacts", "duplicates", *words)
        assert ran.code == 2
        assert "There are: scan, list, show, dismiss, reopen, merge, rules.\n" in ran.err
        ran = cerebro("reports", "nonsense")
        assert "There are: pipeline, forecast, time-in-stage," in ran.err

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (("leads", "convert"), "--where goes with `cerebro leads convert-many`."),
            (("users", "invite"), "--where goes with `cerebro users list`."),
            (
                ("contacts", "get"),
                "--where goes with `cerebro contacts list`, `update`, `delete` and `export`.",
            ),
        ],
    )
    def test_an_option_of_another_verb_is_found_there(
        self, cerebro: Cerebro, words: tuple[str, ...], said: str
    ) -> None:
        ran = cerebro(*words, "--where", "tags has fair")
        assert ran.code == 2
        assert ran.err == (
            f"cerebro: No such option: --where\n{said}\n"
            f"`cerebro {' '.join(words)} --help` shows how.\n"
        )

    def test_an_option_that_looks_like_one_is_told(self, cerebro: Cerebro) -> None:
        ran = cerebro("contacts", "list", "--wher", "tags has fair")
        assert "Possible options" in ran.err
        assert "--where" in ran.err
        assert "goes with" not in ran.err

    @pytest.mark.parametrize(
        "words",
        [
            ("companies", "lst"),
            ("companies", "list", "--nope"),
            ("companies", "list", "--limit", "0"),
            ("companies", "list", "--limit", "x"),
            ("companies", "get"),
            ("companies", "update", "acme.example"),
            ("--nope",),
            ("--url",),
            ("completion", "tcsh"),
        ],
    )
    def test_wrong_words_end_with_2_and_say_how(self, cerebro: Cerebro, words: list[str]) -> None:
        ran = cerebro(*words)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith("cerebro: ")
        assert "Traceback" not in ran.err


class TestDefects:
    @pytest.fixture(autouse=True)
    def _broken(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*_: object, **__: object) -> None:
            raise ZeroDivisionError("division\x1b by zero")

        monkeypatch.setattr("cerebro_cli.show.many", broken)

    def test_are_told_without_a_traceback(self, cerebro: Cerebro, server: Script) -> None:
        server.tell(LIST, page())
        ran = cerebro("companies", "list")
        assert ran.code == 1
        assert r"ZeroDivisionError: division\x1b by zero" in ran.err
        assert "Traceback" not in ran.err
        assert "--debug" in ran.err

    def test_have_a_traceback_with_debug(self, cerebro: Cerebro, server: Script) -> None:
        server.tell(LIST, page())
        assert "Traceback" in cerebro("companies", "list", "--debug").err
        assert "Traceback" in cerebro("--debug", "companies", "list").err


def test_ctrl_c_ends_with_130(
    cerebro: Cerebro, server: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cerebro_cli.show.many", interrupted)
    server.tell(LIST, page())
    ran = cerebro("companies", "list")
    assert (ran.code, ran.err) == (130, "cerebro: Interrupted.\n")


@pytest.mark.parametrize("form", ["--jsonl", "--csv", "--json", "--ids"])
def test_a_reader_that_goes_away_is_no_error(server: Script, tmp_path: Path, form: str) -> None:
    server.tell(LIST, page(*(company(n, name="x" * 1000) for n in range(1, 400))))
    shell = f"{sys.executable} -m cerebro_cli companies list --all {form} | head -1"
    ran = subprocess.run(
        ["bash", "-c", f"{shell}; exit ${{PIPESTATUS[0]}}"],
        env={"PATH": "/usr/bin:/bin", **environment(server.url, tmp_path)},
        cwd=ROOT,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    assert b"Traceback" not in ran.stderr
    assert b"BrokenPipe" not in ran.stderr


def test_a_full_disk_is_named(server: Script, tmp_path: Path) -> None:
    server.tell(LIST, page(company(1)))
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "cerebro_cli", "companies", "list"],
            stdout=full,
            stderr=subprocess.PIPE,
            env={"PATH": "/usr/bin:/bin", **environment(server.url, tmp_path)},
            cwd=ROOT,
            check=False,
        )
    assert ran.returncode == 1
    assert b"No space left" in ran.stderr
    assert b"Traceback" not in ran.stderr


class TestMissingParts:
    def test_a_command_names_the_extra_that_it_needs(
        self, cerebro: Cerebro, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def missing(*_: object) -> None:
            raise ModuleNotFoundError("No module named 'fastapi'", name="fastapi")

        monkeypatch.setattr("cerebro_cli.lazy.load", missing)
        ran = cerebro("serve")
        assert ran.code == 2
        assert "pip install 'cerebro-platform[server]'" in ran.err
        assert "pip install 'cerebro-platform[all]'" in cerebro("up").err

    @pytest.mark.parametrize("words", [(), ("--help",), ("companies", "list"), ("nonsense",)])
    def test_without_typer_everything_names_the_extra(self, words: tuple[str, ...]) -> None:
        code = (
            "import sys\n"
            "sys.modules['typer'] = None\n"
            "from cerebro_cli.main import main\n"
            f"sys.exit(main({list(words)!r}))\n"
        )
        ran = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )
        assert (ran.returncode, ran.stdout) == (2, "")
        assert "pip install 'cerebro-platform[cli]'" in ran.stderr


def test_the_codes_are_what_the_documentation_says() -> None:
    codes = {
        name: value for name, value in vars(exits).items() if name.isupper() and name[0] != "_"
    }
    assert codes == {
        "OK": 0,
        "FAILED": 1,
        "USAGE": 2,
        "DENIED": 4,
        "NOT_FOUND": 5,
        "CONFLICT": 6,
        "UNAVAILABLE": 7,
        "INTERRUPTED": 130,
    }
    assert callable(main.main)
