"""Workers and jobs of a whole installation, as its operator sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import psycopg

from cerebro_server.kernel.config import Settings
from cerebro_server.kernel.db import ident
from cerebro_server.kernel.db.urls import owner_url

FIGURES: Final = """
select array[
    (select count(*) from workers where seen_at > clock_timestamp() - make_interval(secs => %s)),
    (select coalesce(sum(due), 0) from due), (select coalesce(sum(dead), 0) from due)
]::integer[]
"""
"""Living workers, due jobs and dead ones, as the workers counted them half a minute ago at most."""


@dataclass(frozen=True, slots=True)
class Overview:
    """Who works, and what there is to do."""

    workers: list[str]
    """Host and process of each worker that lives."""
    kinds: frozenset[str]
    """What they can run."""
    due: int
    dead: int


def look(settings: Settings) -> Overview:
    """Look into every workspace as the owner."""
    with psycopg.connect(owner_url(settings), autocommit=True, connect_timeout=3) as connection:
        living = connection.execute(
            "select host, pid, kinds from public.workers "
            "where seen_at > clock_timestamp() - make_interval(secs => %s) order by started_at",
            (settings.job_lease_seconds,),
        ).fetchall()
        due = dead = 0
        for (schema,) in connection.execute("select schema_name from public.workspaces").fetchall():
            row = connection.execute(
                "select count(*) filter (where state = 'pending' and due_at <= now()), "
                f"count(*) filter (where state = 'dead') from {ident(schema)}.jobs"
            ).fetchone()
            due, dead = due + (row[0] if row else 0), dead + (row[1] if row else 0)
    kinds = frozenset(kind for _, _, each in living for kind in each)
    return Overview([f"{host}:{pid}" for host, pid, _ in living], kinds, due, dead)
