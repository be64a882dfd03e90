"""Lists and counts as they were, beside the same as they are: 100 000 contacts with 500 000
changes; ten times as many with CEREBRO_BENCH_FULL."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from urllib.parse import urlencode

import psycopg

from benchmarks import people
from benchmarks.measure import Figure, at_most, turns
from benchmarks.search import caller, p95
from benchmarks.stand import Stand, stand

RECORDS = 1_000_000 if os.environ.get("CEREBRO_BENCH_FULL") else 100_000
RECENT = 1_000
"""Changes since the most recent of the moments."""
CHUNK = 10_000
ASKS = 20
GOAL = 5.0
_TURNS = (
    "job_title = 'Title ' || %s",
    "job_title = 'Title ' || %s, description = 'edited'",
    "tags = array['t' || %s]",
    "department = case when %s %% 5 = 0 then 'Sales' else 'Support' end",
)
"""What changes of every contact, in turn."""
_SELDOM = ', last_name = last_name || \'a\', addresses = \'[{"city": "Rome", "state": "CO"}]\''
"""What changes besides of one in a hundred."""
_LISTS = {
    "newest": {},
    "by name": {"sort": "last_name"},
    "by name, city": {"sort": "last_name", "where": "city = 'City 7' and source = web"},
    "by name, often changed field": {"sort": "last_name", "where": "department = Legal"},
}


def run() -> Iterator[Figure]:
    """Measure on a stand of its own."""
    with stand() as here:
        people.fill(here, range(RECORDS))
        age(here)
        marks = edit(here)
        for name, params in _LISTS.items():
            for when, seq in marks.items():
                ours, plain = _ask(here, {**params, "limit": 50}, seq)
                yield at_most(f"{name}, {when}, p95", ours, plain, unit="ms", ratio=GOAL)
        where = {"where": "city = 'City 7'", "limit": 1, "count": "exact"}
        for when, seq in marks.items():
            ours, plain = _ask(here, where, seq)
            yield at_most(f"count, {when}, p95", ours, plain, unit="ms", ratio=GOAL)


def _ask(here: Stand, params: dict[str, object], seq: int) -> tuple[float, float]:
    """Return how long a list takes as of a change, and as it is."""
    ask = caller(here)
    then, now = urlencode({**params, "as_of": f"seq:{seq}"}), urlencode(params)
    return turns(
        partial(p95, lambda _: ask("GET", f"/v1/contacts?{then}"), range(ASKS)),
        partial(p95, lambda _: ask("GET", f"/v1/contacts?{now}"), range(ASKS)),
    )


def age(here: Stand) -> None:
    """Let the contacts be a month old: nobody makes so many within the minutes before a moment that
    is looked back at, about which the journal is asked."""
    with psycopg.connect(here.database_url, autocommit=True) as connection:
        connection.execute(f"set search_path = {here.schema}")
        with connection.transaction():
            connection.execute("alter table contacts disable trigger user")
            connection.execute("update contacts set created_at = created_at - interval '30 days'")
            connection.execute("alter table contacts enable trigger user")


def edit(here: Stand) -> dict[str, int]:
    """Change every contact as often as there are turns; return the numbers of some moments."""
    changes = len(_TURNS) * RECORDS
    with psycopg.connect(here.database_url, autocommit=True) as connection:
        connection.execute(f"set search_path = {here.schema}; set cerebro.actor = 'system'")
        rows = connection.execute("select id from contacts order by hashtext(id::text)").fetchall()
        ids = [row[0] for row in rows]
        far = _last(connection)
        for turn, what in enumerate(_TURNS):
            for start in range(0, RECORDS, CHUNK):
                chunk = ids[start : start + CHUNK]
                often, seldom = chunk[: -CHUNK // 100], chunk[-CHUNK // 100 :]
                for some, more in ((often, ""), (seldom, _SELDOM)):
                    connection.execute(
                        f"update contacts set {what}{more}, version = version + 1, "
                        "updated_at = now() where id = any(%s)",
                        (turn + start // CHUNK, some),
                    )
        connection.execute("vacuum analyze")
        last = _last(connection)
    return {"recent": last - RECENT, "middle": last - changes // 2, "far": far}


def _last(connection: psycopg.Connection) -> int:
    [(seq,)] = connection.execute("select max(seq) from changes").fetchall()
    return int(seq)
