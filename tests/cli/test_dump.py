"""`cerebro import`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Ran
from tests.cli.operations import READ, URL, operation
from tests.cli.scripted import Script

Cerebro = Callable[..., Ran]
PUT, POST, GET = "PUT /v1/uploads", "POST /v1/operations", f"GET {URL}"
LINK = {"made": 1, "missing": 7, "circles": 2, "first_missing": ["001X", "001Y"]}


def file(name: str, **members: Any) -> dict[str, Any]:
    """A file of a reconciliation."""
    counts = dict.fromkeys(("created", "updated", "unchanged", "deleted", "refused"), 0)
    found = {"file": name, "number": 0, "rows": 4, **counts, "left_out": 0, "links": {}, "sums": {}}
    return {**found, **members}


def report(**members: Any) -> dict[str, Any]:
    """What a dump of accounts and something else comes to."""
    sums = {"annual_revenue": {"in_file": "30.50", "stored": "10.50"}}
    accounts = file("Account.csv", created=3, refused=1, links={"parent": LINK}, sums=sums)
    accounts |= {"ignored": {"Fax": 3}, "deleted_at_source": 2}
    left = [
        {"file": "Deal.csv", "why": "Nothing says what it is."},
        *({"file": f"{name}.jsonl", "why": "It is empty."} for name in ("follows", "notes")),
    ]
    return {
        "files": [{**READ, "file": "Account.csv", "noun": "companies", "key": None}],
        "missing_fields": [{"command": "cerebro fields add companies tier --type text"}],
        "reconciliation": {"files": [accounts], "not_imported": left},
        **members,
    }


@pytest.fixture
def folder(server: Script, tmp_path: Path) -> Path:
    server.tell(PUT, {"id": "u1", "name": "Account.csv", "size": 20})
    (tmp_path / "dump").mkdir()
    (tmp_path / "dump" / "Account.csv").write_text("Id,Name\n1,Acme\n")
    return tmp_path / "dump"


def test_sends_the_files_and_says_whether_all_arrived(
    cerebro: Cerebro, server: Script, folder: Path
) -> None:
    found = operation("applied", kind="import", create=3, created=3, error=1, report=report())
    server.tell(POST, found, status=202)
    server.tell(f"{GET}/errors", {"items": [], "next_cursor": None})
    server.tell(f"{GET}/errors-file", b"Id,Name,_error\n2,,missing\n")
    words = ("--preset", "salesforce", "--key", "companies=domain", "--keep-dates", "--yes")
    ran = cerebro("import", str(folder), *words)
    assert ran.code == 1
    made = server.asked[1].json
    assert made["kind"] == "import"
    assert made["input"] == {
        "files": [{"name": "Account.csv", "upload_id": "u1"}],
        "preset": "salesforce",
        "keys": {"companies": "domain"},
        "keep_dates": True,
    }
    for line in (
        "  Deal.csv: not imported. Nothing says what it is.",
        "  empty: follows.jsonl, notes.jsonl",
        "    of those left out: 2 deleted at the source",
        "    ignored columns: Fax (3)",
        "  cerebro fields add companies tier --type text",
        "  Account.csv: 4 rows, 3 created, 1 refused",
        "    links by parent: 1 made, 7 missing, 2 of them circles: 001X, 001Y …",
        "    sum of annual_revenue: 30.50 in the file, 10.50 stored (-20.00)",
    ):
        assert line in ran.err.splitlines(), ran.err
    wrong = folder.with_name("dump.errors") / "Account.csv"
    assert wrong.read_text() == "Id,Name,_error\n2,,missing\n"
    assert server.asked[-1].params == {"file": "Account.csv"}


def test_a_dry_run_shows_the_plan_on_stdout(cerebro: Cerebro, server: Script, folder: Path) -> None:
    server.tell(POST, operation("planned", kind="import", create=4, report=report()), status=202)
    ran = cerebro("import", str(folder), "--dry-run")
    assert ran.code == 0
    assert "Reconciliation:" in ran.out
    assert server.asked[1].json["options"] == {}


def test_says_which_line_of_the_mapping_file_the_server_refuses(
    cerebro: Cerebro, server: Script, folder: Path
) -> None:
    mapping = folder.with_name("dump.toml")
    mapping.write_text('[files."Account.csv".columns]\nName = "nmae"\n')
    wrong = {"file": "Account.csv", "detail": "'nmae'"}
    detail = "Account.csv: Column 'Name' cannot be imported as 'nmae'."
    problem = {"status": 422, "code": "validation_failed", "detail": detail, "errors": [wrong]}
    server.tell(POST, problem, status=422)
    ran = cerebro("import", str(folder), "--mapping", str(mapping), "--yes")
    assert ran.code == 2
    assert f"{mapping}, line 2: Account.csv: Column 'Name'" in ran.err


def test_what_cannot_be_read_is_a_usage_error(cerebro: Cerebro, folder: Path) -> None:
    assert cerebro("import", str(folder / "none"), "--yes").code == 2
    ran = cerebro("import", str(folder), "--key", "email", "--yes")
    assert (ran.code, "--key takes NOUN=FIELD" in ran.err) == (2, True)
    assert cerebro("import", str(folder)).code == 2


def test_sends_the_bytes_of_attached_files_that_the_server_lacks(
    cerebro: Cerebro, server: Script, folder: Path
) -> None:
    (folder / "files").mkdir()
    digests = [hashlib.sha256(content).hexdigest() for content in (b"one", b"two")]
    for digest, content in zip(digests, (b"one", b"two"), strict=True):
        (folder / "files" / digest).write_bytes(content)
    manifest = {
        "format": "cerebro",
        "version": 1,
        "files": [{"noun": "companies", "path": "Account.csv"}],
        "attachments": {"path": "attachments.jsonl"},
        "people": {"path": "people.jsonl"},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "people.jsonl").write_text('{"id": "1", "email": "ada@acme.example"}\n')
    server.tell("POST /v1/files/content/missing", {"sha256": [digests[1]]})
    server.tell("PUT /v1/files/content", {"sha256": digests[1], "size": 3})
    server.tell(POST, operation("planned", kind="import", create=4, report=report()), status=202)
    ran = cerebro("import", str(folder), "--dry-run")
    assert ran.code == 0, ran.err
    assert "Sending the bytes of 1 attached files; the server has 1 more …" in ran.err
    calls = [each for each in server.asked if "/files/content" in each.path]
    assert [(each.method, each.body) for each in calls[1:]] == [("PUT", b"two")]
    assert calls[0].json == {"sha256": sorted(digests)}
    nouns = {each["name"]: each["noun"] for each in server.asked[-1].json["input"]["files"]}
    assert nouns == {"Account.csv": "companies", "people.jsonl": "users"}
