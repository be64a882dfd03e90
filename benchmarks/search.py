"""Search, counts and the duplicate check, at 100 000 contacts; at a million with
CEREBRO_BENCH_FULL."""

from __future__ import annotations

import http.client
import json
import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import urlencode

import psycopg

from benchmarks.measure import Figure, at_most, at_most_more, turns
from benchmarks.stand import Stand, stand
from cerebro_server.components.contacts.records import companies, contacts
from cerebro_server.kernel.ids import uuid7
from cerebro_server.kernel.records.searching.statement import Search, statement
from cerebro_server.kernel.records.searching.words import attempts

RECORDS = 1_000_000 if os.environ.get("CEREBRO_BENCH_FULL") else 100_000
"""Contacts; companies are a tenth of that."""
SEARCHES = 40
"""Searches of a kind in each turn."""
LIMIT = 20
CREATES = 50
SEARCH_GOAL_MS, COUNT_GOAL_MS, CHECK_GOAL_MS = 50.0, 10.0, 5.0
_SYLLABLES = (
    "al an ar ba bel ben bor bra car cha da del den do ed el en er fa fer fon gar gra ha hel hor "
    "il in jo ka kel kin la lan le lin lo lu ma mar mel min mo na nel no ol or pa per pol ra ren "
    "ri ro sa sel son sta ta tel thor to ul ur va ver vin wa wel win ya zel"
)
_PARTS = _SYLLABLES.split()


def run() -> Iterator[Figure]:
    """Measure on a stand of its own."""
    with stand() as here:
        names = fill(here)
        yield from searches(here, names)
        yield from counts(here)
        yield from duplicate_checks(here)


def fill(here: Stand) -> list[str]:
    """Write contacts and companies, triggers and all; return some of the names."""
    chance = random.Random(7)
    firsts = [_word(chance, 2, 3) for _ in range(800)]
    lasts = [_word(chance, 2, 4) for _ in range(20_000)]
    names: list[str] = []
    with psycopg.connect(here.database_url) as connection:
        connection.execute(f"set search_path = {here.schema}; set cerebro.actor = 'system'")
        copied = connection.cursor()
        columns = "id, first_name, last_name, email, phone, job_title"
        with copied.copy(f"copy contacts ({columns}) from stdin") as rows:
            for n in range(RECORDS):
                first, last = chance.choice(firsts), chance.choice(lasts)
                address = f"{first}.{last}{n}@{chance.choice(lasts)}.example".lower()
                phone = f"+4930{n:09d}"
                rows.write_row((uuid7(), first, last, address, phone, "Agent"))
                if n % 997 == 0:
                    names.append(f"{first} {last}")
        with copied.copy("copy companies (id, name, domain, city) from stdin") as rows:
            for n in range(RECORDS // 10):
                name = f"{chance.choice(lasts)} {chance.choice(lasts)}"
                rows.write_row((uuid7(), name, f"c{n}.example", f"City {n % 500}"))
    with psycopg.connect(here.database_url, autocommit=True) as connection:
        connection.execute("vacuum analyze")
    return names


def _word(chance: random.Random, least: int, most: int) -> str:
    return "".join(chance.choice(_PARTS) for _ in range(chance.randint(least, most))).title()


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
    for words in attempts(query):
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
                "first_name": _word(chance, 2, 3),
                "last_name": _word(chance, 3, 5),
                "phone": f"+4989{chance.randrange(10**9):09d}",
                "email": f"{uuid7().hex}@new.example",
            }
            took.append(_ms(lambda body=body: ask("POST", f"/v1/contacts{query}", body)))  # type: ignore[misc]
        return sorted(took)[len(took) // 2]

    ours, baseline = turns(lambda: create(""), lambda: create("?allow_duplicates=true"))
    yield at_most_more("create with the check", ours, baseline, unit="ms", more=CHECK_GOAL_MS)


def caller(here: Stand) -> Callable[..., None]:
    """Return what sends one request after the other, as the owner."""
    headers = {"authorization": f"Bearer {here.api_key}", "content-type": "application/json"}

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


def p95(call: Callable[[object], object], over: Sequence[object]) -> float:
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
