"""Requests per second: read one, list 50, create, at 1 and at 16 connections; lists at depth."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote

import psycopg

from benchmarks.load import Job, send
from benchmarks.measure import Figure, at_least, at_most, turns
from benchmarks.stand import Stand, stand

RECORDS = 10_000
DEEP_RECORDS = 160_000
DEPTH = 150_000
SECONDS = 3.0
INDUSTRIES = ("finance", "food", "retail", "energy", "health", "media", "logistics", "travel")


def run() -> Iterator[Figure]:
    """Measure the API on a stand of its own."""
    with stand() as here:
        fill(here, range(RECORDS))
        yield from reads(here)
        yield from creates(here)
        yield from depth(here)


def fill(here: Stand, numbers: range, *, chunk: int = 20_000) -> None:
    """Import companies, so that rules and journal have seen them as any others."""
    chance = random.Random(numbers.start)
    for start in range(numbers.start, numbers.stop, chunk):
        text = io.StringIO()
        rows = csv.writer(text)
        rows.writerow(["name", "domain", "industry", "employees", "city", "state", "team"])
        for number in range(start, min(start + chunk, numbers.stop)):
            rows.writerow(
                [
                    f"Company {number}",
                    f"c{number}.example",
                    chance.choice(INDUSTRIES),
                    chance.randrange(10_000),
                    f"City {number % 500}",
                    "CO",
                    "sellers",
                ]
            )
        body = text.getvalue().encode()
        here.call("POST", "/v1/companies/import", body, content_type="text/csv")
    with psycopg.connect(here.database_url, autocommit=True) as connection:
        connection.execute("vacuum analyze")


def compare(name: str, ours: Job, raw: Job, *, ratio: float) -> Iterator[Figure]:
    """Load the two in turn at 1 and at 16 connections."""
    for connections in (1, 16):
        pair = [replace(job, connections=connections) for job in (ours, raw)]
        a, b = turns(*[lambda job=job: send(job).per_second for job in pair])
        yield at_least(f"{name}, {connections} at a time", a, b, unit="req/s", ratio=ratio)


def reads(here: Stand) -> Iterator[Figure]:
    """Read one by id, and list 50 filtered and sorted."""
    page = here.call("GET", "/v1/companies?limit=500")
    ids = [item["id"] for item in page["items"]]
    ours = Job(
        port=here.port,
        paths=[f"/v1/companies/{id_}" for id_ in ids],
        connections=1,
        seconds=SECONDS,
        headers=here.headers,
    )
    raw = replace(ours, port=here.raw_port, paths=[f"/companies/{i}" for i in ids], headers={})
    yield from compare("read one", ours, raw, ratio=0.65)
    where = quote("industry = finance and employees > 1000")
    asked = f"/v1/companies?where={where}&sort=-employees&limit=50"
    plain = "/companies?industry=finance&employees=1000&limit=50"
    pair = replace(ours, paths=[asked]), replace(raw, paths=[plain])
    yield from compare("list 50 filtered, sorted", *pair, ratio=0.60)


def creates(here: Stand) -> Iterator[Figure]:
    """Create, with a key that makes it safe to repeat, against a bare INSERT."""
    body = (
        '{"name":"Bench {nnnnnnnn}","domain":"b{nnnnnnnn}.example",'
        '"industry":"finance","employees":42,"state":"CO"}'
    )
    ours = Job(
        port=here.port,
        paths=["/v1/companies"],
        connections=1,
        seconds=SECONDS,
        method="POST",
        headers={
            **here.headers,
            "content-type": "application/json",
            "idempotency-key": '"bench-{nnnnnnnn}"',
        },
        body=body,
        expect=201,
    )
    raw = replace(ours, port=here.raw_port, paths=["/companies"], headers={})
    for connections in (1, 16):
        count = iter(range(100))

        def load(job: Job, connections: int = connections, count: Iterator[int] = count) -> float:
            first = 100_000_000 * connections + 1_000_000 * next(count)
            return send(replace(job, connections=connections, first=first)).per_second

        a, b = turns(lambda load=load: load(ours), lambda load=load: load(raw))  # type: ignore[misc]
        yield at_least(f"create, {connections} at a time", a, b, unit="req/s", ratio=0.55)


def depth(here: Stand) -> Iterator[Figure]:
    """Compare a page 150 000 records deep with the first one: the p95 of each, in turn."""
    fill(here, range(RECORDS, DEEP_RECORDS))
    cursor = cursor_at(here, DEPTH)
    first = Job(
        port=here.port,
        paths=["/v1/companies?sort=name&limit=50"],
        connections=1,
        seconds=SECONDS,
        headers=here.headers,
    )
    deep = replace(first, paths=[f"{first.paths[0]}&cursor={quote(cursor)}"])
    a, b = turns(lambda: send(deep).p95, lambda: send(first).p95)
    # "equal" on a machine that others use too: within a quarter
    yield at_most(f"list {DEPTH} deep, p95", a, b, unit="ms", ratio=1.25)


def cursor_at(here: Stand, position: int) -> str:
    """Walk to a position in pages of 500 and return the cursor there."""
    cursor = ""
    for _ in range(position // 500):
        more = f"&cursor={quote(cursor)}" if cursor else ""
        page = here.call("GET", f"/v1/companies?sort=name&limit=500{more}")
        cursor = page["next_cursor"]
    return cursor
