"""Lists, search, counts and the duplicate check at 100 000 contacts; at a million with
CEREBRO_BENCH_FULL."""

from __future__ import annotations

import os
from collections.abc import Iterator
from urllib.parse import quote

import psycopg

from benchmarks import people, search
from benchmarks.load import Job, send
from benchmarks.measure import Figure, at_most, turns
from benchmarks.search import p95
from benchmarks.stand import Stand, stand

RECORDS = 1_000_000 if os.environ.get("CEREBRO_BENCH_FULL") else 100_000
FEW = 10_000
DEPTH = 150_000 if RECORDS > 150_000 else 50_000
SECONDS = 3.0
ASKS = 40
LIST_GOAL, GROWTH_GOAL, DEPTH_GOAL = 1.3, 3.0, 1.25
_WHERE = "department = {department} and state = {state} and job_title = {title}"
_BY_HAND = """
select row_to_json(t) from contacts t where deleted_at is null
    and fold(department) = fold(%s) and fold(state) = fold(%s) and fold(job_title) = fold(%s)
    and (owner_id = %s or team = any(%s)) and fold(source) = fold('web')
order by fold(last_name), id limit 51
"""
"""The filter, the scope and the row rule of the seller, written for just these columns."""


def run() -> Iterator[Figure]:
    """Measure on a stand of its own."""
    with stand() as here:
        people.fill(here, range(FEW))
        few = _lists(here)
        names = people.fill(here, range(FEW, RECORDS))
        ours, baseline = turns(lambda: _lists(here), lambda: _by_hand(here))
        name = f"list of {RECORDS}: 3 filters, row rule"
        yield at_most(f"{name}, p95", ours, baseline, unit="ms", ratio=LIST_GOAL)
        yield at_most(f"the same / of {FEW}, p95", ours, few, unit="ms", ratio=GROWTH_GOAL)
        yield _depth(here)
        yield from search.searches(here, names)
        yield from search.counts(here)
        yield from search.duplicate_checks(here)


def _asked() -> list[tuple[str, str, str]]:
    every = [
        (department, state, title)
        for department in people.DEPARTMENTS
        for state in people.STATES
        for title in people.TITLES
    ]
    return every[:: len(every) // ASKS][:ASKS]


def _lists(here: Stand) -> float:
    """Ask over HTTP, as somebody with a scope and a row rule."""
    ask = search.caller(here, key=here.seller_key)

    def one(values: tuple[str, str, str]) -> None:
        department, state, title = values
        where = quote(_WHERE.format(department=department, state=state, title=title))
        ask("GET", f"/v1/contacts?where={where}&sort=last_name&limit=50")

    return p95(one, _asked())


def _by_hand(here: Stand) -> float:
    with psycopg.connect(here.database_url, autocommit=True) as connection:
        connection.execute(f"set search_path = {here.schema}")
        [seller] = connection.execute("select id, teams from users where name = 'Sam'").fetchall()
        return p95(
            lambda values: connection.execute(
                _BY_HAND,
                (*values, *seller),
                prepare=True,
            ).fetchall(),
            _asked(),
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
