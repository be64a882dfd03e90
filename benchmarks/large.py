"""Lists, search, counts, the duplicate check and a long timeline at 100 000 contacts; at a million
with CEREBRO_BENCH_FULL."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from functools import partial
from urllib.parse import quote

import psycopg

from benchmarks import people, search
from benchmarks.bulk import worker
from benchmarks.load import Job, send
from benchmarks.measure import Figure, at_most, turns
from benchmarks.search import p95
from benchmarks.stand import Stand, stand
from benchmarks.timelines import timelines

RECORDS = 1_000_000 if os.environ.get("CEREBRO_BENCH_FULL") else 100_000
FEW = 10_000
DEPTH = 150_000 if RECORDS > 150_000 else 50_000
SECONDS = 3.0
ASKS = 40
LIST_GOAL, GROWTH_GOAL, DEPTH_GOAL = 1.3, 3.0, 1.25
_WHERE = "department = {} and state = {} and job_title = {}"
_CUSTOM_WHERE = "account_code = {} and department = {} and state = {}"
_BY_HAND = """
select row_to_json(t) from contacts t where deleted_at is null
    and fold(department) = fold(%s) and fold(state) = fold(%s) and fold(job_title) = fold(%s)
    and (owner_id = %s or team = any(%s)) and fold(source) = fold('web')
order by fold(last_name), id limit 51
"""
"""The filter, the scope and the row rule of the seller, written for just these columns."""
_CUSTOM_BY_HAND = _BY_HAND.replace(
    "fold(department) = fold(%s) and fold(state) = fold(%s) and fold(job_title) = fold(%s)",
    "fold(custom ->> 'account_code') = fold(%s) and fold(department) = fold(%s) "
    "and fold(state) = fold(%s)",
)
Values = tuple[str, ...]


def run() -> Iterator[Figure]:
    """Measure on a stand of its own."""
    with stand() as here:
        _index_the_field(here)
        people.fill(here, range(FEW))
        asked = {_WHERE: _asked(), _CUSTOM_WHERE: _asked_by_code()}
        few = {where: _lists(here, where, values) for where, values in asked.items()}
        names = people.fill(here, range(FEW, RECORDS))
        for where, by_hand, kind in (
            (_WHERE, _BY_HAND, "3 filters"),
            (_CUSTOM_WHERE, _CUSTOM_BY_HAND, "custom field, 2 filters"),
        ):
            values = asked[where]
            ours, baseline = turns(
                partial(_lists, here, where, values), partial(_by_hand, here, by_hand, values)
            )
            name = f"list of {RECORDS}: {kind}, row rule"
            yield at_most(f"{name}, p95", ours, baseline, unit="ms", ratio=LIST_GOAL)
            yield at_most(
                f"the same / of {FEW}, p95", ours, few[where], unit="ms", ratio=GROWTH_GOAL
            )
        yield _depth(here)
        yield from search.searches(here, names)
        yield from search.counts(here)
        yield from search.duplicate_checks(here)
        yield timelines(here)


def _index_the_field(here: Stand) -> None:
    """Define the workspace's own field that is filtered on, and let a worker build its index."""
    field = {"record_type": "contacts", "key": "account_code", "type": "text", "is_indexed": True}
    with worker(here):
        body = json.dumps(field).encode()
        made = here.call("POST", "/v1/fields", body, content_type="application/json")
        while made["index_state"] != "ready":
            time.sleep(0.1)
            made = here.call("GET", f"/v1/fields/{made['id']}")


def _asked() -> list[Values]:
    every: list[Values] = [
        (department, state, title)
        for department in people.DEPARTMENTS
        for state in people.STATES
        for title in people.TITLES
    ]
    return every[:: len(every) // ASKS][:ASKS]


def _asked_by_code() -> list[Values]:
    return [
        (f"A-{n * 37 % people.CODES}", people.DEPARTMENTS[n % 5], people.STATES[n % 10])
        for n in range(ASKS)
    ]


def _lists(here: Stand, where: str, asked: list[Values]) -> float:
    """Ask over HTTP, as somebody with a scope and a row rule."""
    ask = search.caller(here, key=here.seller_key)

    def one(values: Values) -> None:
        filled = quote(where.format(*values))
        ask("GET", f"/v1/contacts?where={filled}&sort=last_name&limit=50")

    return p95(one, asked)


def _by_hand(here: Stand, statement: str, asked: list[Values]) -> float:
    with psycopg.connect(here.database_url, autocommit=True) as connection:
        connection.execute(f"set search_path = {here.schema}")
        [seller] = connection.execute("select id, teams from users where name = 'Sam'").fetchall()
        return p95(
            lambda values: connection.execute(
                statement,
                (*values, *seller),
                prepare=True,
            ).fetchall(),
            asked,
        )


def _depth(here: Stand) -> Figure:
    """Compare a deep page with the first one."""
    cursor = ""
    for _ in range(DEPTH // 500):
        more = f"&cursor={quote(cursor)}" if cursor else ""
        page = here.call("GET", f"/v1/contacts?sort=last_name&limit=500{more}")
        cursor = page["next_cursor"]
    first = Job(
        port=here.port,
        paths=["/v1/contacts?sort=last_name&limit=50"],
        connections=1,
        seconds=SECONDS,
        headers={"authorization": f"Bearer {here.api_key}"},
    )
    deep = Job(
        port=here.port,
        paths=[f"{first.paths[0]}&cursor={quote(cursor)}"],
        connections=1,
        seconds=SECONDS,
        headers=first.headers,
    )
    a, b = turns(lambda: send(deep).p95, lambda: send(first).p95)
    return at_most(f"list {DEPTH} deep, p95", a, b, unit="ms", ratio=DEPTH_GOAL)
