"""Exports into a folder: resumed where they broke off, checked, never half under their name."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from cerebro_sdk import Cerebro, CerebroError, ConnectionFailedError, InvalidError
from tests.sdk.fake import Answer, Fake, Seen, ok, problem

ID = "01900000-0000-7000-8000-5b21c07d1e22"
LINES = b'{"name": "Acme"}\n' * 5_000
FILES = {"companies.jsonl": LINES, "empty.jsonl": b"", "manifest.json": b"{}\n"}


def export(state: str = "ready", **members: Any) -> dict[str, Any]:
    return {
        "id": ID,
        "state": state,
        "nouns": ["companies"],
        "format": "jsonl",
        "cursor": "c1",
        "rows": 5_000,
        "total_rows": 5_000,
        "bytes": 1,
        "created_at": "2026-05-01T09:30:00Z",
        "expires_at": "2026-05-08T09:30:00Z",
        "files": [file(path, content) for path, content in FILES.items()],
        **members,
    }


def file(path: str, content: bytes) -> dict[str, Any]:
    digest = hashlib.sha256(content).hexdigest()
    noun = path.partition(".")[0] if path.endswith(".jsonl") else None
    return {"path": path, "noun": noun, "rows": 1, "size": len(content), "sha256": digest}


class Server:
    """Answers as one that has the export; `breaks` downloads end in their middle."""

    def __init__(self, fake: Fake) -> None:
        self.breaks = 0
        self.files = dict(FILES)
        self.found = export()
        self.waits = 0
        self.ranges: list[str | None] = []
        fake.says(self.answer)

    def answer(self, seen: Seen) -> Answer:
        if seen.method == "POST":
            self.asked = seen.json
            return ok({**self.found, "state": "waiting" if self.waits else self.found["state"]})
        if "/files/" not in seen.path:
            self.waits -= 1
            return ok({**self.found, "state": "running" if self.waits > 0 else self.found["state"]})
        content = self.files[seen.path.rpartition("/")[2]]
        asked = seen.headers.get("range")
        self.ranges.append(asked)
        first = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
        if self.breaks > 0 and len(content) > 100:
            self.breaks -= 1
            return Answer(206 if asked else 200, content[first : first + 30_000], short=True)
        return Answer(206 if asked else 200, content[first:])


@pytest.fixture
def server(fake: Fake) -> Server:
    return Server(fake)


def whole(folder: Path) -> bool:
    return {path.name: path.read_bytes() for path in folder.iterdir()} == FILES


def test_waits_and_brings_every_file_the_manifest_last(
    crm: Cerebro, server: Server, tmp_path: Path
) -> None:
    server.waits, told = 2, []
    found = crm.export(
        tmp_path / "a" / "b", ["companies"], where={"companies": "x = 1"}, on_progress=told.append
    )
    assert (str(found.id), found.cursor) == (ID, "c1")
    assert server.asked == {
        "nouns": ["companies"],
        "format": "jsonl",
        "where": {"companies": "x = 1"},
    }
    assert whole(tmp_path / "a" / "b")
    assert told[0].path is None
    assert told[-1].done == told[-1].total == len(LINES) + 3


def test_goes_on_where_the_connection_broke(crm: Cerebro, server: Server, tmp_path: Path) -> None:
    server.breaks = 2
    crm.export(tmp_path)
    assert whole(tmp_path)
    assert server.ranges[:3] == [None, "bytes=30000-", "bytes=60000-"]


def test_fetches_only_what_is_missing_after_an_interruption(
    crm: Cerebro, server: Server, tmp_path: Path
) -> None:
    class Interrupted(BaseException):
        pass

    def stop(progress: Any) -> None:
        if progress.path == "companies.jsonl":
            raise Interrupted

    with pytest.raises(Interrupted):
        crm.export(tmp_path, on_progress=stop)
    part = tmp_path / "companies.jsonl.part"
    size = part.stat().st_size
    assert 0 < size <= len(LINES)
    assert not (tmp_path / "manifest.json").exists()
    del server.asked
    server.ranges = []
    crm.export(tmp_path)
    assert whole(tmp_path)
    assert not hasattr(server, "asked"), "a second export was asked for"
    if size < len(LINES):
        assert server.ranges[0] == f"bytes={size}-"
    server.ranges = []
    with pytest.raises(FileExistsError):
        crm.export(tmp_path)
    crm.export(tmp_path, replace=True)
    assert whole(tmp_path)


def test_another_question_is_another_export(crm: Cerebro, server: Server, tmp_path: Path) -> None:
    said = {"export_id": ID, "asked": {"format": "csv"}, "of": "elsewhere"}
    (tmp_path / ".cerebro-export.json").write_text(json.dumps(said))
    (tmp_path / "companies.jsonl.part").write_bytes(b"of another")
    crm.export(tmp_path)
    assert whole(tmp_path)
    assert server.asked == {"format": "jsonl"}


def test_what_never_comes_or_comes_changed_has_no_name(
    crm: Cerebro, server: Server, tmp_path: Path
) -> None:
    server.files["companies.jsonl"] = LINES.replace(b"Acme", b"Evil")
    with pytest.raises(CerebroError, match="arrived changed"):
        crm.export(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {".cerebro-export.json"}
    server.files["companies.jsonl"] = b"x" * 101
    server.breaks = 99
    with pytest.raises((ConnectionFailedError, CerebroError)):
        crm.export(tmp_path)
    assert not (tmp_path / "companies.jsonl").exists()


@pytest.mark.parametrize("path", ["../evil.json", "/tmp/evil.json", "", "..", ".profile"])
def test_nothing_is_written_outside_of_the_folder(
    crm: Cerebro, server: Server, tmp_path: Path, path: str
) -> None:
    server.found = export(files=[{**file("x.json", b"x"), "path": path}])
    folder = tmp_path / "inside"
    with pytest.raises(CerebroError, match="names a file"):
        crm.export(folder)
    assert {each.name for each in tmp_path.iterdir()} <= {"inside", "config"}


def test_what_failed_is_raised_as_its_own_problem(
    crm: Cerebro, server: Server, fake: Fake, tmp_path: Path
) -> None:
    wrong = {"status": 422, "code": "invalid_query", "detail": "No such field."}
    server.found = export("failed", problem=wrong, files=[])
    with pytest.raises(InvalidError, match="No such field"):
        crm.export(tmp_path)
    fake.says(problem(422, "invalid_cursor", "Too old."))
    with pytest.raises(InvalidError, match="Too old"):
        crm.export(tmp_path, since="x")


def test_links_files_and_cursors(crm: Cerebro, fake: Fake, server: Server) -> None:
    assert b"".join(crm.exports.file(ID, "companies.jsonl", offset=80_000)) == LINES[80_000:]
    fake.says(Answer(200, b"abc", {"Cerebro-Cursor": "c2"}))
    url = f"https://crm.example.com/base/v1/downloads/main/{ID}/a.jsonl?expires=1&signature=s"
    assert b"".join(crm.exports.download(url)) == b"abc"
    assert fake.seen[-1].target == f"/v1/downloads/main/{ID}/a.jsonl?expires=1&signature=s"
    assert "authorization" not in fake.seen[-1].headers
    with pytest.raises(InvalidError):
        crm.exports.download("https://crm.example.com/other")
    pieces = crm.companies.export(since="c1", part="gone")
    assert (b"".join(pieces), pieces.cursor) == (b"abc", "c2")
    assert fake.seen[-1].params["part"] == "gone"
    fake.says(ok({"links": [{"path": "a", "url": url}], "expires_at": "2026-05-01T09:30:00Z"}))
    assert crm.exports.link(ID, "a", seconds=5).links[0].url == url
    assert fake.seen[-1].json == {"seconds": 5, "path": "a"}
    fake.says(ok({"items": [export()], "next_cursor": None}))
    assert [str(each.id) for each in crm.exports.list()] == [ID]
    fake.says(ok(export()))
    assert crm.exports.delete(ID).files[0].size == len(LINES)
