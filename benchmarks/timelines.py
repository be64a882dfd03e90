"""The timeline of a record that has seen much, beside the record itself."""

from __future__ import annotations

import psycopg

from benchmarks.measure import Figure, at_most, turns
from benchmarks.search import caller, p95
from benchmarks.stand import Stand
from cerebro_server.kernel.ids import uuid7

ENTRIES = 10_000
ASKS = 100
GOAL = 2.0


def timelines(here: Stand) -> Figure:
    """Change one contact again and again, and compare a page of what happened to it with a read of
    it, both by its key."""
    record_id = uuid7()
    with psycopg.connect(here.database_url, autocommit=True) as connection:
        connection.execute(f"set search_path = {here.schema}; set cerebro.actor = 'system'")
        connection.execute(
            "insert into contacts (id, last_name, external_ids) "
            "values (%s, 'Lovelace', '{\"bench\": \"ada\"}')",
            (record_id,),
        )
        with connection.transaction():
            for n in range(ENTRIES):
                connection.execute(
                    "update contacts set job_title = %s, version = version + 1 where id = %s",
                    (f"Title {n}", record_id),
                )
        connection.execute("analyze changes")
    ask = caller(here)
    path = "/v1/contacts/bench:ada"
    ours, baseline = turns(
        lambda: p95(lambda _: ask("GET", f"{path}/timeline?limit=50"), range(ASKS)),
        lambda: p95(lambda _: ask("GET", path), range(ASKS)),
    )
    name = f"timeline of {ENTRIES:,} entries, p95"
    return at_most(name, ours, baseline, unit="ms", ratio=GOAL)
