"""Whoever dies while records with many links are merged, or split again: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from tests.faults.test_workers import WorkerProcess
from tests.fixtures.stores import Installation

from .conftest import Server, Store, until

LINKS = 3_000
URL = "/v1/operations"
HELD = (
    "select c.name, count(p.id), c.deleted_at is not null from ws_main.companies c left join "
    "ws_main.positions p on p.company_id = c.id and p.deleted_at is null group by c.id order by 1"
)
WHOLE = (
    "select to_jsonb(c) - 'version' - 'updated_at' from ws_main.companies c union all "
    "select to_jsonb(p) - 'version' - 'updated_at' from ws_main.positions p order by 1"
)
APART = [("Acme", 0, False), ("Bolt", LINKS, False)]
TOGETHER = [("Acme", LINKS, False), ("Bolt", 0, True)]
Serve = Callable[..., Server]


@pytest.fixture
def work(tmp_path: Path, own_database: Installation) -> Iterator[Callable[[], WorkerProcess]]:
    started: list[WorkerProcess] = []

    def start() -> WorkerProcess:
        worker = WorkerProcess(own_database, tmp_path / f"worker-{len(started)}.log")
        started.append(worker)
        return worker

    yield start
    for worker in started:
        worker.stop()


def ask(installation: Installation, statement: str) -> list[Any]:
    with psycopg.connect(installation.url) as connection:
        return connection.execute(statement.encode()).fetchall()


def employ(installation: Installation) -> None:
    """Put in two companies; many people work for one of them."""
    with psycopg.connect(installation.url) as connection:
        connection.execute("set local search_path = ws_main; set local cerebro.actor = 'system'")
        connection.execute(
            "insert into companies (id, name, domain) values "
            "(gen_random_uuid(), 'Acme', 'acme.example'), (gen_random_uuid(), 'Bolt', "
            "'bolt.example')"
        )
        connection.execute(
            "with c as (insert into contacts (id, last_name) select gen_random_uuid(), 'N' || n "
            "from generate_series(1, %s) n returning id) insert into positions "
            "(id, contact_id, company_id, is_current) select gen_random_uuid(), c.id, b.id, true "
            "from c, companies b where b.name = 'Bolt'",
            (LINKS,),
        )


def started(server: Server, path: str, body: dict[str, Any]) -> str:
    with server.client() as client:
        reply = client.post(path, json=body)
    assert reply.status_code == 202, reply.text
    return str(reply.json()["id"])


def writing(installation: Installation, operation: str) -> None:
    """Wait until an operation is planned, and writes."""
    states = f"select state from ws_main.operations where id = '{operation}'"
    until(lambda: ask(installation, states)[0][0] in ("applying", "applied"), "it writes")


def ended(server: Server, operation: str) -> dict[str, Any]:
    """Wait for the end of an operation."""

    def found() -> dict[str, Any] | None:
        with server.client() as client:
            try:
                reply = client.get(f"{URL}/{operation}")
            except httpx.TransportError:
                return None
        told: dict[str, Any] = reply.json() if reply.status_code == 200 else {}
        return told if told.get("state") in ("applied", "failed") else None

    told: dict[str, Any] = until(found, "the operation ends")
    assert told["state"] == "applied", told["problem"]
    return told


def test_ends_whole_and_comes_back_whole(
    own_postgres: Store,
    own_database: Installation,
    serve: Serve,
    work: Callable[[], WorkerProcess],
) -> None:
    employ(own_database)
    before = ask(own_database, WHOLE)
    server, worker = serve(own_database), work()
    asked = {"into": "acme.example", "records": ["bolt.example"]}
    body = {"kind": "companies.merge", "input": asked, "options": {"yes": True}}
    operation = started(server, URL, body)
    writing(own_database, operation)
    worker.kill()
    assert ask(own_database, HELD) in (APART, TOGETHER)  # nothing of it, or all
    work()
    assert ended(server, operation)["done"]["left"] == 0
    assert ask(own_database, HELD) == TOGETHER
    back = started(server, f"{URL}/{operation}/undo", {"yes": True})
    writing(own_database, back)
    own_postgres.kill()
    own_postgres.start()
    assert ended(server, back)["plan"]["error"] == 0
    assert ask(own_database, WHOLE) == before
