"""Files that are sent when the connection breaks, and what a server may not make of their names."""

from __future__ import annotations

from typing import Any

import pytest

from cerebro_sdk import Cerebro, CerebroError, ConnectionFailedError
from tests.sdk.fake import Answer, Fake, Seen, ok

ID = "01900000-0000-7000-8000-5b21c07d1e22"
SIZE = 17 << 20


def upload(size: int) -> Answer:
    return ok({"id": ID, "name": None, "size": size})


def file() -> Answer:
    times = dict.fromkeys(("created_at", "updated_at"), "2026-05-01T09:30:00Z")
    more = {"name": "a", "size": SIZE, "sha256": "0" * 64, "content_type": "x/y", **times}
    return ok({"id": ID, "version": 1, **more})


class Line:
    """A server behind a line that breaks after each of these many bytes."""

    def __init__(self, *arrive: int) -> None:
        self.arrive = list(arrive)
        self.size = 0
        self.offsets: list[int] = []
        self.named: dict[str, Any] = {}

    def answer(self, seen: Seen) -> Answer:
        if seen.path == "/v1/files":
            self.named = seen.params
            assert not seen.body
            return file()
        if seen.method == "PUT" and "upload_id" in seen.params:
            self.offsets.append(int(seen.params.get("offset", 0)))
            if self.arrive:
                self.size += self.arrive.pop(0)
                return Answer(drop=True)
            self.size += len(seen.body)
        return upload(self.size)


def test_a_large_file_goes_on_where_it_stopped(crm: Cerebro, fake: Fake) -> None:
    line = Line(5_000_000, 0, 2_000_000)
    fake.says(line.answer)
    crm.files.add(bytes(SIZE), "a.bin", deal=12)
    assert line.offsets == [0, 5_000_000, 5_000_000, 7_000_000]
    assert (line.size, line.named) == (SIZE, {"name": "a.bin", "deal": "12", "upload_id": ID})


def test_it_is_given_up_when_nothing_arrives_any_more(crm: Cerebro, fake: Fake) -> None:
    line = Line(1_000, *[0] * 50)
    fake.says(line.answer)
    with pytest.raises(ConnectionFailedError):
        crm.files.add(bytes(SIZE), "a.bin")
    assert not line.named
    assert len(line.offsets) < 10


def test_what_cannot_be_sent_is_refused_here(crm: Cerebro, fake: Fake) -> None:
    with pytest.raises(TypeError, match="name"):
        crm.files.add(b"bytes have no name")
    with pytest.raises(CerebroError, match="no link to a file"):
        crm.files.shared("https://elsewhere.example/x")
    assert not fake.seen
