"""`import` and `export`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Ran, company
from tests.cli.scripted import Script

Cerebro = Callable[..., Ran]
CALL = "POST /v1/companies/import"


def report(**members: Any) -> dict[str, Any]:
    return {
        "record_type": "companies",
        "dry_run": False,
        "rows": 3,
        "created": 3,
        "updated": 0,
        "unchanged": 0,
        "skipped": 0,
        "refused": 0,
        "errors": [],
        "encoding": "cp1252",
        "encoding_source": "guess",
        "delimiter": ",",
        "mapping": {"NAME": "name", "WEBSITE": "website"},
        "ignored": ["FAX"],
        **members,
    }


def error(line: int, message: str = "it is wrong") -> dict[str, Any]:
    return {
        "line": line,
        "column": "WEBSITE",
        "field": "website",
        "value": "foo \x1b[31mbar",
        "code": "url",
        "message": message,
    }


@pytest.fixture
def accounts(tmp_path: Path) -> Path:
    file = tmp_path / "accounts.csv"
    file.write_bytes(b"NAME,WEBSITE\nZo\xeb,\n")
    return file


class TestImport:
    def test_sends_the_bytes_and_the_options(
        self, cerebro: Cerebro, server: Script, accounts: Path
    ) -> None:
        server.tell(CALL, report())
        words = ("--preset", "salesforce", "--encoding", "cp1252", "--delimiter", "\\t", "--yes")
        ran = cerebro("companies", "import", str(accounts), *words)
        asked = server.asked[0]
        assert (ran.code, ran.out) == (0, "")
        assert asked.body == accounts.read_bytes()
        assert asked.headers["content-type"] == "text/csv"
        assert asked.params["preset"] == "salesforce"
        assert asked.params["encoding"] == "cp1252"
        assert asked.params["delimiter"] == "\t"
        assert "dry_run" not in asked.params

    def test_says_how_it_read_the_file_and_ends_with_counts(
        self, cerebro: Cerebro, server: Script, accounts: Path
    ) -> None:
        server.tell(CALL, report())
        ran = cerebro("companies", "import", str(accounts), "--yes")
        assert "cp1252 (a guess, since it is not UTF-8; --encoding names another)" in ran.err
        assert "not imported: FAX" in ran.err
        last = "3 rows: 3 created, 0 updated, 0 unchanged, 0 skipped, 0 refused.\n"
        assert ran.err.endswith(last)

    def test_refused_rows_end_with_1_and_name_line_and_column(
        self, cerebro: Cerebro, server: Script, accounts: Path
    ) -> None:
        server.tell(CALL, report(refused=12, errors=[error(n) for n in range(2, 14)]))
        ran = cerebro("companies", "import", str(accounts), "--yes")
        assert ran.code == 1
        assert "line 2, column WEBSITE: it is wrong" in ran.err
        assert "and 2 more errors" in ran.err
        assert "\x1b" not in ran.err

    def test_dry_run_shows_the_plan_on_stdout(
        self, cerebro: Cerebro, server: Script, accounts: Path
    ) -> None:
        server.tell(CALL, report(dry_run=True))
        ran = cerebro("companies", "import", str(accounts), "--dry-run")
        assert server.asked[0].params["dry_run"] == "true"
        assert len(server.asked) == 1
        assert "WEBSITE → website" in ran.out
        assert "would be 3 created" in ran.err
        assert "nothing was written" in ran.err

    def test_json_is_the_whole_report(
        self, cerebro: Cerebro, server: Script, accounts: Path
    ) -> None:
        told = report(dry_run=True, errors=[error(2)], refused=1)
        server.tell(CALL, told)
        ran = cerebro("companies", "import", str(accounts), "--dry-run", "--json")
        assert (ran.code, json.loads(ran.out)) == (1, told)

    def test_without_anybody_to_ask_it_names_yes(
        self, cerebro: Cerebro, server: Script, accounts: Path
    ) -> None:
        ran = cerebro("companies", "import", str(accounts))
        assert (ran.code, server.asked) == (2, [])
        assert "--yes" in ran.err

    def test_on_a_terminal_it_shows_the_plan_and_asks(
        self, cerebro: Cerebro, server: Script, accounts: Path
    ) -> None:
        server.tell(CALL, report(dry_run=True))
        assert cerebro("companies", "import", str(accounts), stdin="\n", terminal=True).code == 1
        assert len(server.asked) == 1
        server.tell(CALL, report())
        ran = cerebro("companies", "import", str(accounts), stdin="yes\n", terminal=True)
        assert ran.code == 0
        assert "dry_run" not in server.asked[-1].params
        assert "WEBSITE → website" in ran.err

    def test_reads_stdin(self, cerebro: Cerebro, server: Script) -> None:
        server.tell(CALL, report())
        assert cerebro("companies", "import", "-", "--yes", stdin="name\nx\n").code == 0
        assert server.asked[0].body == b"name\nx\n"

    def test_missing_file_and_folder_are_wrong_usage(
        self, cerebro: Cerebro, tmp_path: Path
    ) -> None:
        missing = cerebro("companies", "import", str(tmp_path / "none.csv"), "--yes")
        folder = cerebro("companies", "import", str(tmp_path), "--yes")
        assert (missing.code, folder.code) == (2, 2)
        assert "none.csv" in missing.err

    def test_a_file_that_the_server_cannot_read_is_named_with_its_place(
        self, cerebro: Cerebro, server: Script, accounts: Path
    ) -> None:
        entry = {"pointer": "/line/7", "code": "csv", "detail": "line 7, column 3: a stray quote"}
        server.problem(CALL, 422, "invalid_file", "The file is not CSV.", errors=[entry])
        ran = cerebro("companies", "import", str(accounts), "--yes")
        assert ran.code == 2
        assert "line 7, column 3" in ran.err


class TestExport:
    CSV = b'id,name\r\n1,"a ""b""\r\nc"\r\n2,d\r\n'

    def test_file_is_written_whole(self, cerebro: Cerebro, server: Script, tmp_path: Path) -> None:
        server.tell("GET /v1/companies/export", self.CSV)
        target = tmp_path / "some.csv"
        ran = cerebro(
            *("companies", "export", "--where", "state in (CO, PA)", "--sort", "-name"),
            *("--columns", "id,name", "-o", str(target)),
        )
        assert target.read_bytes() == self.CSV
        assert server.asked[0].params == {
            "where": "state in (CO, PA)",
            "sort": "-name",
            "format": "csv",
            "columns": "id,name",
        }
        assert (ran.code, ran.out) == (0, "")
        assert ran.err == f"2 companies exported to {target}.\n"
        assert [path.name for path in tmp_path.glob("*.csv")] == ["some.csv"]

    def test_pipe_gets_the_bytes_and_stderr_the_count(
        self, cerebro: Cerebro, server: Script
    ) -> None:
        lines = b'{"name": "a"}\n{"name": "b"}\n'
        server.tell("GET /v1/companies/export", lines)
        ran = cerebro("companies", "export", "--format", "jsonl")
        assert ran == Ran(0, lines.decode(), "2 companies exported.\n")

    def test_an_empty_export_is_no_failure(self, cerebro: Cerebro, server: Script) -> None:
        server.tell("GET /v1/companies/export", b"id,name\r\n")
        assert cerebro("companies", "export").err == "0 companies exported.\n"

    def test_terminal_sees_no_control_characters(self, cerebro: Cerebro, server: Script) -> None:
        server.tell("GET /v1/companies/export", b"name\r\n\x1b[31mx\r\n")
        out = cerebro("companies", "export", terminal=True).out
        assert out == "name\n\\x1b[31mx\n"

    def test_refusal_leaves_the_old_file(
        self, cerebro: Cerebro, server: Script, tmp_path: Path
    ) -> None:
        target = tmp_path / "some.csv"
        target.write_text("old")
        server.problem("GET /v1/companies/export", 422, "invalid_query", "Bad.", position=1)
        assert cerebro("companies", "export", "--where", "x", "-o", str(target)).code == 2
        assert [(path.name, path.read_text()) for path in tmp_path.glob("*some*")] == [
            ("some.csv", "old")
        ]

    def test_connection_that_breaks_leaves_no_file(
        self, cerebro: Cerebro, server: Script, tmp_path: Path
    ) -> None:
        target = tmp_path / "some.csv"
        server.tell("GET /v1/companies/export", b"id\r\n1\r\n", headers={"X-Break": "9000"})
        ran = cerebro("companies", "export", "-o", str(target))
        assert ran.code == 7
        assert not list(tmp_path.glob("*some*"))

    def test_device_is_written_to_as_it_is(self, cerebro: Cerebro, server: Script) -> None:
        server.tell("GET /v1/companies/export", self.CSV)
        assert cerebro("companies", "export", "-o", "/dev/null").code == 0
        assert Path("/dev/null").is_char_device()

    def test_unknown_format_and_column_are_wrong_usage(self, cerebro: Cerebro) -> None:
        assert cerebro("companies", "export", "--format", "xml").code == 2
        assert cerebro("companies", "export", "--columns", "No.pe").code == 2

    def test_missing_folder_is_named(
        self, cerebro: Cerebro, server: Script, tmp_path: Path
    ) -> None:
        server.tell("GET /v1/companies/export", self.CSV)
        ran = cerebro("companies", "export", "-o", str(tmp_path / "none" / "x.csv"))
        assert ran.code == 1
        assert "none" in ran.err


def test_exported_lines_can_be_created_elsewhere(cerebro: Cerebro, server: Script) -> None:
    server.tell("POST /v1/companies", company(1), status=201)
    ran = cerebro("companies", "create", "-", stdin=json.dumps(company(1)) + "\n")
    assert ran.code == 0
