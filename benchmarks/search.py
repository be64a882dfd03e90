"""Search, counts and the duplicate check over HTTP, beside the same by hand."""

from __future__ import annotations

import http.client
import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar
from urllib.parse import urlencode

import psycopg

from benchmarks import people
from benchmarks.measure import Figure, at_most, at_most_more, turns
from benchmarks.stand import Stand
from cerebro_server.components.contacts.records import companies, contacts
from cerebro_server.kernel.ids import uuid7
from cerebro_server.kernel.records.searching.statement import Search, statement
from cerebro_server.kernel.records.searching.words import after_hits, attempts

T = TypeVar("T")
SEARCHES = 40
"""Searches of a kind in each turn."""
LIMIT = 20
CREATES = 50
SEARCH_GOAL_MS, COUNT_GOAL_MS, CHECK_GOAL_MS = 50.0, 10.0, 5.0


def searches(here: Stand, names: Sequence[str]) -> Iterator[Figure]:
    """The 95th percentile of a kind of search over HTTP, beside the same SQL by hand."""
    chance = random.Random(11)
    some = chance.sample(list(names), min(SEARCHES, len(names)))
    kinds: dict[str, list[str]] = {
        "3 letters": [name.split()[1][:3] for name in some],
        "a typo": [_mistyped(chance, name.split()[1]) for name in some],
        "two words": [" ".join(part[:4] for part in name.split()) for name in some],
        "a whole name": list(some),
        "nothing": [f"qx{name.split()[1][:5]}" for name in some],
    }
    for kind, queries in kinds.items():
        ask = caller(here)
        with psycopg.connect(here.database_url, autocommit=True) as connection:
            connection.execute(f"set search_path = {here.schema}")
            ours, baseline = turns(
                lambda queries=queries, ask=ask: p95(  # type: ignore[misc]
                    lambda q: ask("GET", f"/v1/search?{urlencode({'q': q, 'limit': LIMIT})}"),
                    queries,
                ),
                lambda queries=queries, connection=connection: p95(  # type: ignore[misc]
                    lambda q: by_hand(connection, str(q)), queries
                ),
            )
        name = f"search p95: {kind}"
        yield at_most(name, ours, baseline, unit="ms", ratio=1.3)
        goal = f"< {SEARCH_GOAL_MS:g} ms"
        yield Figure(name, ours, SEARCH_GOAL_MS, "ms", goal, ours < SEARCH_GOAL_MS)


def by_hand(connection: psycopg.Connection, query: str) -> None:
    """Run what a search runs, past the server."""
    found = 0
    for way in attempts(query):
        words = after_hits(way) if found else way
        asked = [Search(rt, None, query, words, LIMIT) for rt in (companies, contacts)]
        parts = [statement(each) for each in asked]
        text = " union all ".join(f"({part.text})" for part in parts)
        values = [value for part in parts for value in part.params]
        order = f"{text} order by score desc limit {LIMIT}"
        found += len(connection.execute(order, values, prepare=True).fetchall())
        if found >= LIMIT:
            break


def counts(here: Stand) -> Iterator[Figure]:
    """The estimated count of a filter, beside the exact one by hand."""
    ask = caller(here)
    address = f"/v1/contacts?{urlencode({'limit': 1, 'where': 'job_title = agent'})}"
    with psycopg.connect(here.database_url, autocommit=True) as connection:
        connection.execute(f"set search_path = {here.schema}")
        exact = (
            "select count(*) from contacts t "
            "where deleted_at is null and fold(t.job_title) = fold('agent')"
        )
        plain, _ = turns(lambda: p95(lambda _: ask("GET", address), range(10)), lambda: 1.0)
        ours, baseline = turns(
            lambda: p95(lambda _: ask("GET", f"{address}&count=estimated"), range(10)),
            lambda: p95(lambda _: connection.execute(exact).fetchall(), range(2)),
        )
    yield at_most("page with an estimate / exact by hand", ours, baseline, unit="ms", ratio=1.0)
    yield at_most_more("an estimate on top", ours, plain, unit="ms", more=COUNT_GOAL_MS)


def duplicate_checks(here: Stand) -> Iterator[Figure]:
    """The median of a create with the check, beside one without."""
    ask = caller(here)
    chance = random.Random(13)

    def create(query: str) -> float:
        took = []
        for _ in range(CREATES):
            body = {
                "first_name": people.word(chance, 2, 3),
                "last_name": people.word(chance, 3, 5),
                "phone": f"+4989{chance.randrange(10**9):09d}",
                "email": f"{uuid7().hex}@new.example",
            }
            took.append(_ms(lambda body=body: ask("POST", f"/v1/contacts{query}", body)))  # type: ignore[misc]
        return sorted(took)[len(took) // 2]

    ours, baseline = turns(lambda: create(""), lambda: create("?allow_duplicates=true"))
    yield at_most_more("create with the check", ours, baseline, unit="ms", more=CHECK_GOAL_MS)


def caller(here: Stand, key: str | None = None) -> Callable[..., None]:
    """Return what sends one request after the other, as the owner unless another key is given."""
    headers = {"authorization": f"Bearer {key or here.api_key}", "content-type": "application/json"}

    def ask(method: str, path: str, body: object = None) -> None:
        # a connection of its own: one that waits is closed by the server
        connection = http.client.HTTPConnection("127.0.0.1", here.port, timeout=60)
        connection.request(method, path, json.dumps(body) if body else None, headers)
        reply = connection.getresponse()
        text = reply.read()
        connection.close()
        if reply.status >= 300:
            raise RuntimeError(f"{method} {path}: {reply.status} {text.decode()}")

    return ask


def p95(call: Callable[[T], object], over: Sequence[T]) -> float:
    """Return the 95th percentile of how long calls take, in milliseconds."""
    took = sorted(_ms(lambda each=each: call(each)) for each in over)  # type: ignore[misc]
    return took[min(len(took) - 1, int(len(took) * 0.95))]


def _ms(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - start)


def _mistyped(chance: random.Random, word: str) -> str:
    place = chance.randrange(1, len(word) - 1)
    return word[:place] + "x" + word[place + 1 :]
