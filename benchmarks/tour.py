"""Memory of a server that was in 200 workspaces: its own, and that of PostgreSQL's backends."""

from __future__ import annotations

from collections.abc import Iterator

import psutil
import psycopg

from benchmarks.measure import Figure
from benchmarks.search import caller
from benchmarks.stand import SECRET, Stand, stand
from cerebro_server import registry
from cerebro_server.kernel.config import Settings

WORKSPACES = 200
ROUNDS = 3
SERVER_GOAL_MB, BACKENDS_GOAL_MB = 220.0, 2_000.0
"""The API's share of what all our processes may have; 10 MB for each workspace in a backend, as the
architecture has it."""


def run() -> Iterator[Figure]:
    """Measure on a stand of its own."""
    with stand() as here:
        keys = _workspaces(here)
        before = _server(here), _backends(here)
        for _ in range(ROUNDS):
            for key in keys:
                ask = caller(here, key=key)
                ask("POST", "/v1/contacts?allow_duplicates=true", {"last_name": "Tour"})
                ask("GET", "/v1/contacts?where=last_name%20%3D%20tour&limit=50")
                ask("GET", "/v1/search?q=tour")
        after = _server(here), _backends(here)
        for name, goal, was, is_ in (
            ("API", SERVER_GOAL_MB, before[0], after[0]),
            ("backends", BACKENDS_GOAL_MB, before[1], after[1]),
        ):
            yield Figure(
                f"{name} after {WORKSPACES} workspaces",
                is_,
                was,
                "MB",
                f"<= {goal:g} MB",
                is_ <= goal,
            )


def _workspaces(here: Stand) -> list[str]:
    """Make the workspaces; return a key for each."""
    settings = Settings(database_url=here.database_url, secret_key=SECRET)
    return [
        registry.create_workspace(settings, f"w{n}", email=f"w{n}@bench.example", name="Bench")
        for n in range(WORKSPACES)
    ]


def _server(here: Stand) -> float:
    return float(psutil.Process(here.pid).memory_full_info().pss) / 1e6


def _backends(here: Stand) -> float:
    with psycopg.connect(here.database_url, autocommit=True) as connection:
        rows = connection.execute(
            "select pid from pg_stat_activity where backend_type = 'client backend' "
            "and pid <> pg_backend_pid()"
        ).fetchall()
    return float(sum(psutil.Process(pid).memory_full_info().pss for (pid,) in rows) / 1e6)
