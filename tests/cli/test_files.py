"""`import` and `export`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Ran, company, page
from tests.cli.operations import READ, SHORT, URL, operation, wrong
from tests.cli.scripted import Script

Cerebro = Callable[..., Ran]
PUT, POST, GET = "PUT /v1/uploads", "POST /v1/operations", f"GET {URL}"


@pytest.fixture
def accounts(tmp_path: Path) -> Path:
    file = tmp_path / "accounts.csv"
    file.write_bytes(b"NAME,WEBSITE\nZo\xeb,\n")
    return file


def imports(state: str = "applied", /, **members: Any) -> dict[str, Any]:
    """An import as the server writes it."""
    return operation(state, **{"kind": "companies.import", "report": READ, **members})


@pytest.fixture
def script(server: Script) -> Script:
    """A server that has taken the file."""
    server.tell(PUT, {"id": "u1", "name": "accounts.csv", "size": 20})
    return server


def sent(script: Script) -> dict[str, Any]:
    """Return what the operation was made of."""
    found: dict[str, Any] = script.asked[1].json
    return found


class TestImport:
    def test_sends_the_bytes_then_the_options(
        self, cerebro: Cerebro, script: Script, accounts: Path
    ) -> None:
        script.tell(POST, imports(create=3, created=3), status=202)
        words = ("--preset", "salesforce", "--encoding", "cp1252", "--delimiter", "\\t", "--yes")
        ran = cerebro("companies", "import", str(accounts), *words)
        upload = script.asked[0]
        assert (ran.code, ran.out) == (0, "")
        assert upload.body == accounts.read_bytes()
        assert upload.params == {"name": "accounts.csv"}
        assert sent(script)["kind"] == "companies.import"
        assert sent(script)["options"] == {"yes": True}
        assert sent(script)["input"] == {
            "upload_id": "u1",
            "preset": "salesforce",
            "encoding": "cp1252",
            "delimiter": "\t",
            "mode": "upsert",
        }
        assert len(script.asked) == 2

    def test_sends_what_else_is_said(
        self, cerebro: Cerebro, script: Script, accounts: Path
    ) -> None:
        script.tell(POST, imports(create=3, created=3), status=202)
        words = (
            *("--mode", "update", "--mapping", "crm", "--save-mapping", "crm2", "--deletes"),
            *("--silent", "--missing-parent", "skip", "--key", "domain", "--sheet", "S"),
            *(
                "--lists",
                "append",
                "--format",
                "xlsx",
                "--map",
                "Town=city",
                "--map",
                '{"Fax": null}',
                "--yes",
            ),
        )
        assert cerebro("companies", "import", str(accounts), *words).code == 0
        assert sent(script)["options"] == {"yes": True, "silent": True}
        assert sent(script)["input"] == {
            "upload_id": "u1",
            "mode": "update",
            "mapping": "crm",
            "save_mapping": "crm2",
            "deletes": True,
            "missing_parent": "skip",
            "lists": "append",
            "key": "domain",
            "sheet": "S",
            "format": "xlsx",
            "map": {"Town": "city", "Fax": None},
        }

    def test_says_how_it_read_the_file_what_came_of_it_and_the_way_back(
        self, cerebro: Cerebro, script: Script, accounts: Path
    ) -> None:
        script.tell(POST, imports(create=3, created=3, skip=1), status=202)
        ran = cerebro("companies", "import", str(accounts), "--yes")
        assert "cp1252 (a guess, since it is not UTF-8; --encoding names another)" in ran.err
        assert "NAME    → name" in ran.err
        assert "not imported: FAX" in ran.err
        assert ran.err.endswith(
            f"3 created, 1 skipped.\nOperation {SHORT} is applied.\n"
            f"To undo: cerebro operations undo {SHORT}\n"
        )
        assert not list(accounts.parent.glob("*.errors.*"))

    def test_offers_fields_for_columns_that_fit_nothing(
        self, cerebro: Cerebro, script: Script, accounts: Path
    ) -> None:
        command = "cerebro fields add companies fax --type text"
        report = {**READ, "unknown": [{"column": "FAX", "command": command}]}
        script.tell(POST, imports(create=1, created=1, report=report), status=202)
        assert command in cerebro("companies", "import", str(accounts), "--yes").err

    def test_nothing_to_do_offers_no_way_back(
        self, cerebro: Cerebro, script: Script, accounts: Path
    ) -> None:
        script.tell(POST, imports(unchanged=3), status=202)
        ran = cerebro("companies", "import", str(accounts), "--yes")
        assert ran.code == 0
        assert "3 unchanged." in ran.err
        assert "undo" not in ran.err

    def test_waits_for_an_import_that_takes_long(
        self, cerebro: Cerebro, script: Script, accounts: Path
    ) -> None:
        script.tell(POST, imports("planning", report={}), status=202)
        script.tell(GET, imports("applying", create=3, created=1))
        script.tell(GET, imports(create=3, created=3))
        ran = cerebro("companies", "import", str(accounts), "--yes")
        assert (ran.code, len(script.asked)) == (0, 4)
        assert "3 created." in ran.err
        assert "Planning" not in ran.err

    def test_dry_run_shows_the_plan_on_stdout(
        self, cerebro: Cerebro, script: Script, accounts: Path
    ) -> None:
        script.tell(POST, imports("planned", create=3), status=202)
        ran = cerebro("companies", "import", str(accounts), "--dry-run")
        assert sent(script)["options"] == {}
        assert len(script.asked) == 2
        assert "WEBSITE → website" in ran.out
        assert "Dry run: 3 to create; nothing was written." in ran.err
        assert f"To apply it: cerebro operations apply {SHORT}" in ran.err

    def test_json_is_the_whole_operation(
        self, cerebro: Cerebro, script: Script, accounts: Path
    ) -> None:
        told = imports("planned", create=3, error=1)
        script.tell(POST, told, status=202)
        script.tell(f"{GET}/errors", page(wrong(2)))
        ran = cerebro("companies", "import", str(accounts), "--dry-run", "--json")
        assert (ran.code, json.loads(ran.out)) == (1, told)

    def test_without_anybody_to_ask_it_names_yes(
        self, cerebro: Cerebro, server: Script, accounts: Path
    ) -> None:
        ran = cerebro("companies", "import", str(accounts))
        assert (ran.code, server.asked) == (2, [])
        assert "--yes" in ran.err

    def test_on_a_terminal_it_shows_the_plan_and_asks(
        self, cerebro: Cerebro, script: Script, accounts: Path
    ) -> None:
        script.tell(POST, imports("planned", create=3), status=202)
        assert cerebro("companies", "import", str(accounts), stdin="\n", terminal=True).code == 1
        assert len(script.asked) == 2
        script.tell(f"POST {URL}/apply", imports(create=3, created=3), status=202)
        ran = cerebro("companies", "import", str(accounts), stdin="yes\n", terminal=True)
        assert ran.code == 0
        assert sent(script)["options"] == {}
        assert script.asked[-1].json == {"on_drift": "refuse"}
        assert "WEBSITE → website" in ran.err
        assert "3 created." in ran.err

    def test_reads_stdin(self, cerebro: Cerebro, script: Script) -> None:
        script.tell(POST, imports(create=1, created=1), status=202)
        assert cerebro("companies", "import", "-", "--yes", stdin="name\nx\n").code == 0
        assert script.asked[0].body == b"name\nx\n"

    def test_missing_file_and_folder_are_wrong_usage(
        self, cerebro: Cerebro, tmp_path: Path
    ) -> None:
        missing = cerebro("companies", "import", str(tmp_path / "none.csv"), "--yes")
        folder = cerebro("companies", "import", str(tmp_path), "--yes")
        assert (missing.code, folder.code) == (2, 2)
        assert "none.csv" in missing.err

    def test_wrong_options_are_named_before_anything_is_sent(
        self, cerebro: Cerebro, server: Script, accounts: Path
    ) -> None:
        for words, said in (
            (("--mode", "merge"), "upsert"),
            (("--map", "Town"), "COLUMN=FIELD"),
            (("--map", "{1}"), "JSON object"),
            (("--missing-parent", "perhaps"), "refuse"),
            (("--lists", "both"), "append"),
        ):
            ran = cerebro("companies", "import", str(accounts), *words, "--yes")
            assert ran.code == 2, words
            assert said in ran.err, words
        assert server.asked == []

    def test_a_file_that_the_server_cannot_read_is_named_with_its_place(
        self, cerebro: Cerebro, script: Script, accounts: Path
    ) -> None:
        entry = {"pointer": "/line/7", "code": "csv", "detail": "line 7, column 3: a stray quote"}
        script.problem(POST, 422, "invalid_file", "The file is not CSV.", errors=[entry])
        ran = cerebro("companies", "import", str(accounts), "--yes")
        assert ran.code == 2
        assert "line 7, column 3" in ran.err

    def test_so_it_is_when_a_worker_finds_out(
        self, cerebro: Cerebro, script: Script, accounts: Path
    ) -> None:
        script.tell(POST, imports("planning", report={}), status=202)
        entry = {"pointer": "/line/7", "code": "csv", "detail": "line 7, column 3: a stray quote"}
        problem = {"status": 422, "code": "invalid_file", "detail": "Not CSV.", "errors": [entry]}
        script.tell(GET, imports("failed", report={}, problem=problem))
        ran = cerebro("companies", "import", str(accounts), "--yes")
        assert ran.code == 2
        assert "line 7, column 3" in ran.err
        assert f"cerebro operations resume {SHORT}" in ran.err


class TestRefusedRows:
    FILE = b"NAME,_error\nx,it is wrong\n"

    @pytest.fixture
    def refusing(self, script: Script) -> Script:
        script.tell(POST, imports(create=3, created=3, error=12), status=202)
        script.tell(f"{GET}/errors", page(*(wrong(n) for n in range(2, 12)), next_cursor="c"))
        script.tell(f"{GET}/errors-file", self.FILE)
        return script

    def test_end_with_1_and_name_line_and_column(
        self, cerebro: Cerebro, refusing: Script, accounts: Path
    ) -> None:
        ran = cerebro("companies", "import", str(accounts), "--yes")
        assert ran.code == 1
        assert "line 2, column WEBSITE: it is wrong" in ran.err
        assert f"and 2 more: cerebro operations errors {SHORT}" in ran.err
        assert "3 created, 12 refused." in ran.err
        assert "\x1b" not in ran.err

    def test_are_written_beside_the_input_to_be_mended(
        self, cerebro: Cerebro, refusing: Script, accounts: Path
    ) -> None:
        ran = cerebro("companies", "import", str(accounts), "--yes")
        file = accounts.with_name("accounts.errors.csv")
        assert file.read_bytes() == self.FILE
        assert f"{file}: mend them, and import that file." in ran.err

    def test_are_written_where_errors_says(
        self, cerebro: Cerebro, refusing: Script, accounts: Path, tmp_path: Path
    ) -> None:
        words = ("--errors", str(tmp_path / "wrong.txt"), "--yes")
        assert cerebro("companies", "import", str(accounts), *words).code == 1
        assert (tmp_path / "wrong.txt").read_bytes() == self.FILE
        assert not accounts.with_name("accounts.errors.csv").exists()

    @pytest.mark.parametrize(
        ("form", "ending", "said"), [("jsonl", "jsonl", "JSON"), ("vcard", "vcf", "vCards")]
    )
    def test_have_the_ending_of_the_format(
        self, cerebro: Cerebro, script: Script, tmp_path: Path, form: str, ending: str, said: str
    ) -> None:
        file = tmp_path / f"a.{ending}"
        file.write_text("{}\n")
        report = {**READ, "format": form}
        script.tell(POST, imports(error=1, report=report), status=202)
        script.tell(f"{GET}/errors", page(wrong(1)))
        script.tell(f"{GET}/errors-file", b"{}\n")
        ran = cerebro("companies", "import", str(file), "--format", form, "--yes")
        assert ran.code == 1
        assert f"{said}, read as cp1252" in ran.err
        assert sent(script)["input"]["format"] == form
        assert (tmp_path / f"a.errors.{ending}").read_bytes() == b"{}\n"

    def test_that_cannot_be_written_down_can_be_listed(
        self, cerebro: Cerebro, refusing: Script, accounts: Path, tmp_path: Path
    ) -> None:
        words = ("--errors", str(tmp_path / "none" / "x.csv"), "--yes")
        ran = cerebro("companies", "import", str(accounts), *words)
        assert ran.code == 1
        assert f"To see them: cerebro operations errors {SHORT}" in ran.err
        assert "3 created, 12 refused." in ran.err

    def test_of_a_dry_run_are_shown_and_not_written_down(
        self, cerebro: Cerebro, script: Script, accounts: Path
    ) -> None:
        script.tell(POST, imports("planned", create=3, error=1), status=202)
        script.tell(f"{GET}/errors", page(wrong(2)))
        ran = cerebro("companies", "import", str(accounts), "--dry-run")
        assert ran.code == 1
        assert "line 2, column WEBSITE: it is wrong" in ran.err
        assert not list(accounts.parent.glob("*.errors.*"))

    def test_stop_all_of_a_strict_import(
        self, cerebro: Cerebro, script: Script, accounts: Path
    ) -> None:
        script.tell(POST, imports("planned", create=3, error=1), status=202)
        script.tell(f"{GET}/errors", page(wrong(2)))
        script.tell(f"{GET}/errors-file", self.FILE)
        ran = cerebro("companies", "import", str(accounts), "--strict", "--yes", "--json")
        assert ran.code == 1
        assert sent(script)["options"] == {}
        assert "Nothing was written, since not all rows are right." in ran.err
        assert json.loads(ran.out)["plan"]["error"] == 1
        assert not [asked for asked in script.asked if asked.path.endswith("/apply")]
        assert accounts.with_name("accounts.errors.csv").exists()

    def test_a_strict_import_without_any_is_applied(
        self, cerebro: Cerebro, script: Script, accounts: Path
    ) -> None:
        script.tell(POST, imports("planned", create=3), status=202)
        script.tell(f"POST {URL}/apply", imports(create=3, created=3), status=202)
        ran = cerebro("companies", "import", str(accounts), "--strict", "--yes")
        assert (ran.code, script.asked[-1].path) == (0, f"{URL}/apply")


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

    def test_vcards_are_counted_by_their_ends(
        self, cerebro: Cerebro, server: Script, tmp_path: Path
    ) -> None:
        cards = b"BEGIN:VCARD\r\nNOTE:x\r\n END:VCARD\r\nEND:VCARD\r\n" * 30_000
        server.tell("GET /v1/contacts/export", cards)
        target = tmp_path / "people.vcf"
        ran = cerebro("contacts", "export", "--format", "vcard", "-o", str(target))
        assert ran == Ran(0, "", f"30000 contacts exported to {target}.\n")
        assert target.read_bytes() == cards
        assert server.asked[0].params == {"format": "vcard"}

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
