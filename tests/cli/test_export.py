"""`cerebro export`, `cerebro exports`, and exports since a cursor."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Ran, page
from tests.cli.scripted import Script

Cerebro = Callable[..., Ran]
ID = "01900000-0000-7000-8000-5b21c07d1e22"
URL = f"/v1/exports/{ID}"
LINES = b'{"name": "Acme"}\n{"name": "Bolt"}\n'
MANIFEST = b'{"cursor": "c1"}\n'


def export(state: str = "ready", **members: Any) -> dict[str, Any]:
    files = [_file("companies.jsonl", LINES, "companies", 2), _file("manifest.json", MANIFEST)]
    return {
        "id": ID,
        "state": state,
        "nouns": ["companies"],
        "format": "jsonl",
        "where": {},
        "since": None,
        "cursor": "c1",
        "rows": 2,
        "total_rows": 2,
        "bytes": 52,
        "files": files,
        "problem": None,
        "created_at": "2026-05-01T09:30:00Z",
        "expires_at": "2026-05-08T09:30:00Z",
        **members,
    }


def _file(path: str, content: bytes, noun: str | None = None, rows: int | None = None) -> Any:
    digest = hashlib.sha256(content).hexdigest()
    return {"path": path, "noun": noun, "rows": rows, "size": len(content), "sha256": digest}


@pytest.fixture
def script(server: Script) -> Script:
    server.tell("POST /v1/exports", export(), status=202)
    server.tell(f"GET {URL}/files/companies.jsonl", LINES)
    server.tell(f"GET {URL}/files/manifest.json", MANIFEST)
    return server


class TestFolder:
    def test_gets_the_files_and_stdout_the_cursor(
        self, cerebro: Cerebro, script: Script, tmp_path: Path
    ) -> None:
        folder = tmp_path / "backup"
        words = ("--nouns", "companies", "--where", "companies: country = DE", "--since", "c0")
        ran = cerebro("export", str(folder), *words)
        assert (ran.code, ran.out) == (0, "c1\n")
        assert f"Exported to {folder}: 2 companies." in ran.err
        assert "cerebro export DIR --since c1" in ran.err
        assert script.asked[0].json == {
            "nouns": ["companies"],
            "format": "jsonl",
            "where": {"companies": "country = DE"},
            "since": "c0",
        }
        assert (folder / "companies.jsonl").read_bytes() == LINES
        again = cerebro("export", str(folder))
        assert (again.code, "--yes" in again.err) == (2, True)
        assert "Replace it?" in cerebro("export", str(folder), stdin="n\n", terminal=True).err
        ran = cerebro("export", str(folder), "--yes", "--json")
        assert json.loads(ran.out)["id"] == ID

    def test_what_is_wrong_is_said(self, cerebro: Cerebro, server: Script, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        assert cerebro("export", str(tmp_path / "file")).code == 2
        assert "NOUN:EXPR" in cerebro("export", str(tmp_path), "--where", "country = DE").err
        twice = ("--where", "contacts: a = 1", "--where", "contacts: b = 1")
        assert "two filters" in cerebro("export", str(tmp_path), *twice).err
        assert cerebro("export", str(tmp_path), "--format", "xlsx").code == 2
        hint = "pyarrow is not installed there. pip install 'cerebro-platform[parquet]'"
        server.problem("POST /v1/exports", 422, "invalid", hint)
        ran = cerebro("export", str(tmp_path), "--format", "parquet")
        assert (ran.code, "cerebro-platform[parquet]" in ran.err) == (2, True)


class TestExports:
    def test_start_show_link_list_delete(self, cerebro: Cerebro, script: Script) -> None:
        ran = cerebro("exports", "start", "--nouns", "companies,contacts", "--format", "csv")
        assert (ran.code, ran.out) == (0, f"{ID}\n")
        assert script.asked[0].json == {"nouns": ["companies", "contacts"], "format": "csv"}
        script.tell(URL.join(("GET ", "")), export("running", rows=1))
        ran = cerebro("exports", "show", ID)
        assert ran.out.startswith("running, 1 of 2 records")
        links = [{"path": "a", "url": "https://x.example/v1/downloads/a?expires=1&signature=s"}]
        script.tell(f"POST {URL}/link", {"links": links, "expires_at": "2026-05-01T09:30:00Z"})
        ran = cerebro("exports", "link", ID, "--file", "a", "--hours", "2")
        assert ran == Ran(0, f"{links[0]['url']}\n", "Good until 2026-05-01 09:30 UTC.\n")
        assert script.asked[-1].json == {"seconds": 7_200, "path": "a"}
        script.tell("GET /v1/exports", page(export()))
        ran = cerebro("exports", "list", "--json")
        assert [each["id"] for each in json.loads(ran.out)] == [ID]
        assert ID[-12:] in cerebro("exports", "list").out
        script.tell(f"DELETE {URL}", export())
        assert cerebro("exports", "delete", ID).code == 2
        assert "is deleted" in cerebro("exports", "delete", ID, "--yes").err


class TestSince:
    CALL = "GET /v1/contacts/export"

    def test_writes_records_and_what_is_gone_and_says_where_to_go_on(
        self, cerebro: Cerebro, server: Script, tmp_path: Path
    ) -> None:
        gone = b'{"noun": "contacts", "id": "1", "at": "2026-05-01T09:30:00Z"}\n'
        server.tell(self.CALL, gone, headers={"Cerebro-Cursor": "c1"})
        server.tell(self.CALL, b"id\r\n2\r\n", headers={"Cerebro-Cursor": "c2"})
        target = tmp_path / "gone.jsonl"
        ran = cerebro("contacts", "export", "--since", "c0", "--gone", str(target))
        # of the two the first: what happened in between comes again
        assert (ran.code, ran.out) == (0, "id\r\n2\r\n")
        assert ran.err.splitlines() == [
            f"1 contact gone since, listed in {target}.",
            "1 contact exported.",
            "To go on from here: --since c1",
        ]
        assert target.read_bytes() == gone
        assert [asked.params.get("part") for asked in server.asked] == ["gone", None]

    def test_gone_goes_with_since_and_parquet_into_a_file(
        self, cerebro: Cerebro, server: Script
    ) -> None:
        assert cerebro("contacts", "export", "--gone", "x").code == 2
        assert cerebro("contacts", "export", "--format", "parquet", terminal=True).code == 2
        server.tell(self.CALL, b"PAR1")
        assert cerebro("contacts", "export", "--format", "parquet").err == "Contacts exported.\n"
