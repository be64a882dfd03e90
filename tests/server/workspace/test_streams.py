"""The change feed as server-sent events, over a real socket."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from tests.fixtures.people import People, bearer

URL = "/v1/changes"
BUSY = (
    "select count(*) from pg_stat_activity where datname = current_database() "
    "and application_name = 'cerebro' and state <> 'idle'"
)


class Stream:
    """One stream, read as the standard says: blocks of fields with an empty line behind each.

    https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
    """

    def __init__(self, reply: httpx.Response) -> None:
        self.reply = reply
        self.last_id = ""
        self.comments = 0
        self._lines = reply.iter_lines()

    def blocks(self) -> Iterator[dict[str, str]]:
        block: dict[str, str] = {}
        for line in self._lines:
            if not line:
                self.last_id = block.get("id", self.last_id)
                yield block
                block = {}
                continue
            name, _, value = line.partition(":")
            self.comments += not name
            block[name] = value.removeprefix(" ")

    def changes(self, count: int) -> list[dict[str, Any]]:
        """Read so many changes."""
        found: list[dict[str, Any]] = []
        if not count:
            return found
        for block in self.blocks():
            if "data" in block:
                assert block["event"] == "change"
                found.append(json.loads(block["data"]))
                assert found[-1]["cursor"] == self.last_id
                if len(found) == count:
                    return found
        raise AssertionError(f"the stream ended after {len(found)} of {count} changes")


@pytest.fixture
def http(running_server: dict[str, str]) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url=running_server["CEREBRO_URL"],
        headers=bearer(running_server["CEREBRO_API_KEY"]),
        timeout=40,
    ) as client:
        yield client


@contextmanager
def streaming(
    http: httpx.Client, headers: dict[str, str] | None = None, **params: str
) -> Iterator[Stream]:
    accept = {"Accept": "text/event-stream", **(headers or {})}
    with http.stream("GET", URL, params=params, headers=accept) as reply:
        assert reply.status_code == 200
        assert reply.headers["content-type"].partition(";")[0] == "text/event-stream"
        assert reply.headers["cache-control"] == "no-store"
        yield Stream(reply)


def company(http: httpx.Client, **fields: object) -> str:
    return str(http.post("/v1/companies", json={"name": "Acme", **fields}).json()["id"])


def test_brings_what_happens_and_goes_on_where_it_broke_off(http: httpx.Client) -> None:
    with streaming(http, record_type="companies") as stream:
        next(stream.blocks())  # it has begun, at `now`
        made = [company(http), company(http)]
        assert [found["record_id"] for found in stream.changes(2)] == made
        last = stream.last_id
    made = [company(http) for _ in range(3)]
    headers = {"Last-Event-ID": last}
    with streaming(http, headers, record_type="companies", after="start") as stream:
        assert [found["record_id"] for found in stream.changes(3)] == made


def test_begins_at_the_start_and_leaves_out_what_does_not_fit(http: httpx.Client) -> None:
    made = company(http)
    http.patch(f"/v1/companies/{made}", json={"name": "B"})
    last = company(http)
    with streaming(http, after="start", record_type="companies", action="created") as stream:
        assert [found["record_id"] for found in stream.changes(2)] == [made, last]


def test_says_that_it_lives_and_how_far_it_is(http: httpx.Client) -> None:
    with streaming(http, record_type="contacts") as stream:
        blocks = stream.blocks()
        first = next(blocks)
        assert first["retry"] == "1000"
        company(http)
        assert set(next(blocks)) == {"", "id"}
        assert stream.comments == 2
    reply = http.get(URL, params={"after": stream.last_id})
    assert reply.json()["items"] == []


@pytest.mark.parametrize(
    ("params", "headers", "status"),
    [
        ({"after": "soon"}, {}, 422),
        ({}, {"Last-Event-ID": "soon"}, 422),
        ({"since": "today"}, {}, 422),
        ({"record": "companies/none.example"}, {}, 404),
        ({}, {"Authorization": "Bearer nonsense"}, 401),
    ],
)
def test_what_is_wrong_is_a_problem_and_no_stream(
    http: httpx.Client, params: dict[str, str], headers: dict[str, str], status: int
) -> None:
    reply = http.get(URL, params=params, headers={"Accept": "text/event-stream", **headers})
    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/problem+json"


def test_ends_when_the_key_is_revoked(http: httpx.Client, main: People) -> None:
    headers = bearer(main.key("changes:read", "companies:read"))
    with streaming(http, headers) as stream:
        blocks = stream.blocks()
        next(blocks)
        main.connection.execute("update keys set revoked_at = now() where name = 'test'")
        for _ in blocks:
            pass
    reply = http.get(URL, headers={"Accept": "text/event-stream", **headers})
    assert reply.status_code == 401


def test_a_reader_who_stalls_holds_no_connection_of_the_database(
    http: httpx.Client, main: People
) -> None:
    """There are fewer connections than such readers, and others go on as before."""
    main.connection.execute(
        "insert into companies (id, name, description) "
        "select gen_random_uuid(), 'C' || n, repeat(md5(n::text), 20) "
        "from generate_series(1, 4000) n"
    )
    threads: list[threading.Thread] = []
    stalled, go_on = threading.Barrier(13), threading.Event()

    def stall() -> None:
        with streaming(http, after="start") as stream:
            stream.changes(1)
            stalled.wait(30)
            go_on.wait(30)

    for _ in range(12):
        threads.append(threading.Thread(target=stall))
        threads[-1].start()
    stalled.wait(30)
    for _ in range(20):
        assert http.get("/v1/companies", params={"limit": 1}).status_code == 200
    for _ in range(300):  # until all are stuck, and their buffers full
        busy = main.connection.execute(BUSY).fetchone()
        if busy == (0,):
            break
        time.sleep(0.1)
    assert busy == (0,)
    go_on.set()
    for thread in threads:
        thread.join(30)
