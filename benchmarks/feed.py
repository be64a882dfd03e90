"""The change feed: from a write until a follower sees it, and how fast the whole of it is read."""

from __future__ import annotations

import gc
import http.client
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from queue import Queue
from typing import Any
from urllib.parse import quote

from benchmarks import people
from benchmarks.baselines import bare_feed
from benchmarks.measure import Figure, at_most_more, turns
from benchmarks.stand import Stand, stand

RECORDS = 200_000 if os.environ.get("CEREBRO_BENCH_FULL") else 20_000
WRITES = 200
PAUSE_SECONDS = 0.02
"""Between two writes, so that each is one that somebody waits for."""
VISIBLE_GOAL_MS = 10.0
READ_GOAL = 10_000
_PAGE = 500


def run() -> Iterator[Figure]:
    """Measure on a stand of its own."""
    with stand() as here:
        people.fill(here, range(RECORDS))
        gc.freeze()  # or a quarter of the reading is the collector, looking through what was filled
        record = here.call("GET", "/v1/contacts?limit=1")["items"][0]["id"]
        bare = partial(bare_feed.visible, here.database_url, here.schema, record, WRITES)
        trip = partial(bare_feed.round_trip, here.database_url, WRITES)
        for name, follower in (("long poll", _polled), ("events", _streamed)):
            for since, baseline_of, place in (("sent", bare, 0), ("answered", trip, 1)):
                ours, baseline = turns(
                    lambda follower=follower, place=place: _visible(here, record, follower)[place],  # type: ignore[misc]
                    baseline_of,
                    count=3,
                )
                yield at_most_more(
                    f"write {since} to {name}, p95", ours, baseline, unit="ms", more=VISIBLE_GOAL_MS
                )
        ours, baseline = turns(
            partial(_read, here), partial(bare_feed.read, here.database_url, here.schema, _PAGE)
        )
        goal = f">= {READ_GOAL:,} /s"
        yield Figure("changes read", ours, baseline, "/s", goal, ours >= READ_GOAL)


Follower = Callable[[Stand, str, Queue[float], threading.Event], None]


def _visible(here: Stand, record: str, follower: Follower) -> tuple[float, float]:
    """Return the 95th percentiles of the milliseconds from sending a write, and from its answer,
    until it was followed."""
    seen: Queue[float] = Queue()
    ended = threading.Event()
    thread = threading.Thread(target=follower, args=(here, record, seen, ended), daemon=True)
    thread.start()
    seen.get(timeout=30)  # it is there, and waits
    since_sent, since_answered = [], []
    with _calling(here) as call:
        for number in range(WRITES):
            time.sleep(PAUSE_SECONDS)
            start = time.perf_counter()
            call("PATCH", f"/v1/contacts/{record}", {"job_title": f"{number} {start}"})
            answered = time.perf_counter()
            arrived = seen.get(timeout=30)
            since_sent.append(1000 * (arrived - start))
            since_answered.append(1000 * max(0.0, arrived - answered))
        ended.set()
        call("PATCH", f"/v1/contacts/{record}", {"job_title": "the last one"})
    thread.join(30)
    place = int(WRITES * 0.95)
    return sorted(since_sent)[place], sorted(since_answered)[place]


def _polled(here: Stand, record: str, seen: Queue[float], ended: threading.Event) -> None:
    filters = f"record=contacts/{record}"
    with _calling(here) as call:
        cursor = call("GET", f"/v1/changes?after=now&{filters}")["next_cursor"]
        seen.put(time.perf_counter())
        while not ended.is_set():
            page = call("GET", f"/v1/changes?after={quote(cursor)}&wait=30&{filters}")
            for _ in page["items"]:
                seen.put(time.perf_counter())
            cursor = page["next_cursor"]


def _streamed(here: Stand, record: str, seen: Queue[float], ended: threading.Event) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", here.port, timeout=60)
    signed = {"authorization": f"Bearer {here.api_key}", "accept": "text/event-stream"}
    path = f"/v1/changes?after=now&record=contacts/{record}"
    connection.request("GET", path, headers=signed)
    reply = connection.getresponse()
    while not ended.is_set():
        line = reply.readline()
        if line.startswith((b":", b"event: change")):
            seen.put(time.perf_counter())
    with suppress(OSError):
        connection.close()


@contextmanager
def _calling(here: Stand) -> Iterator[Callable[..., Any]]:
    """Yield what sends one request after the other on a connection that stays open."""
    connection = http.client.HTTPConnection("127.0.0.1", here.port, timeout=60)
    signed = {"authorization": f"Bearer {here.api_key}", "content-type": "application/json"}

    def call(method: str, path: str, body: object = None) -> Any:
        connection.request(method, path, json.dumps(body) if body else None, signed)
        reply = connection.getresponse()
        text = reply.read()
        if reply.status != 200:
            raise RuntimeError(f"{method} {path}: {reply.status} {text.decode()}")
        return json.loads(text)

    yield call
    connection.close()


def _read(here: Stand) -> float:
    """Return how many changes a second are read, page by page, from the beginning."""
    count, cursor = 0, "start"
    start = time.perf_counter()
    with _calling(here) as call:
        while True:
            page = call("GET", f"/v1/changes?after={quote(cursor)}&limit={_PAGE}")
            if not page["items"]:
                return count / (time.perf_counter() - start)
            count += len(page["items"])
            cursor = page["next_cursor"]
