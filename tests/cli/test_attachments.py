"""`cerebro files add|download`: what is read, what is written, and what is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Ran
from tests.cli.scripted import Script

Cerebro = Callable[..., Ran]
ID = "01900000-0000-7000-8000-5b21c07d1e22"


def file(name: str = "offer.txt") -> dict[str, Any]:
    times = dict.fromkeys(("created_at", "updated_at"), "2026-05-01T09:30:00Z")
    return {"id": ID, "version": 1, "name": name, "size": 5, "sha256": "0" * 64, **times}


@pytest.fixture
def script(server: Script) -> Script:
    server.tell("PUT /v1/files", file(), status=201)
    server.tell(f"GET /v1/files/{ID}/content", b"bytes")
    return server


def test_adds_what_it_is_given(cerebro: Cerebro, script: Script, tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(name)
    to = ("--deal", "12", "--description", "As sent")
    ran = cerebro("files", "add", str(tmp_path / "a.txt"), str(tmp_path / "b.txt"), *to, "--ids")
    assert (ran.code, ran.out.split()) == (0, [ID, ID])
    assert [(each.params["name"], each.body) for each in script.asked] == [
        ("a.txt", b"a.txt"),
        ("b.txt", b"b.txt"),
    ]
    assert script.asked[0].params["deal"] == "12"
    assert f"cerebro files delete {ID} {ID}" in ran.err


def test_says_what_cannot_be_read_before_anything_is_sent(
    cerebro: Cerebro, script: Script, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("a")
    here, missing = str(tmp_path / "a.txt"), str(tmp_path / "missing")
    for wrong in (["-"], [here, missing], [here, here, "--name", "x"], [str(tmp_path)]):
        ran = cerebro("files", "add", *wrong)
        assert (ran.code, ran.out) == (2, ""), wrong
    assert not script.asked


def test_writes_into_a_folder_and_over_nothing(
    cerebro: Cerebro, script: Script, tmp_path: Path
) -> None:
    script.tell(f"GET /v1/files/{ID}", file())
    script.tell(f"GET /v1/files/{ID}", file())
    script.tell(f"GET /v1/files/{ID}", file("../../evil"))
    for code in (0, 2):
        ran = cerebro("files", "download", ID, "-o", str(tmp_path))
        assert ran.code == code, ran.err
        assert (tmp_path / "offer.txt").read_bytes() == b"bytes"
    assert cerebro("files", "download", ID, "-o", str(tmp_path)).code == 0
    assert (tmp_path / "file-5b21c07d1e22").read_bytes() == b"bytes"
    assert not list(tmp_path.parent.glob("evil"))
    ran = cerebro("files", "download", ID, "-o", "-")
    assert (ran.code, ran.out) == (0, "bytes")
