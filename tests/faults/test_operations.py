"""Whoever dies while an operation is planned, applied or taken back: the end is the same."""

from __future__ import annotations

import csv
import io
import os
import random
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from tests.fixtures.processes import Program, without_ours
from tests.fixtures.stores import SECRET, Installation

from .conftest import PATIENCE, Server, Store, installed

TORTURE = bool(os.environ.get("CEREBRO_TORTURE"))
ROWS = 100_000 if TORTURE else 6_000
KILLS = 10 if TORTURE else 2  # of an import, and as many of its undo
URL = "/v1/operations"
# everything but ids, versions and times, by the key that the file brings
CONTACTS = (
    "select external_ids->>'crm', first_name, last_name, emails, phones, job_title, tags "
    "from ws_main.contacts where deleted_at is null order by 1"
)
WHOLE = (
    "select 'contacts', to_jsonb(t) - 'version' - 'updated_at' from ws_main.contacts t "
    "where deleted_at is null union all select 'positions', to_jsonb(t) - 'version' - "
    "'updated_at' from ws_main.positions t where deleted_at is null union all select 'companies', "
    "to_jsonb(t) - 'version' - 'updated_at' from ws_main.companies t where deleted_at is null "
    "order by 1, 2"
)
LINKS = (
    "select c.external_ids->>'crm', o.name from ws_main.positions p "
    "join ws_main.contacts c on c.id = p.contact_id "
    "join ws_main.companies o on o.id = p.company_id "
    "where p.deleted_at is null order by 1, 2"
)
ONCE = (
    "select count(*) from (select record_id, operation_id from ws_main.changes "
    "where operation_id is not null group by 1, 2 having count(*) > 1) twice"
)
Serve = Callable[..., Server]


class Worker:
    """The worker that everybody runs."""

    def __init__(self, installation: Installation, log: Path, redis: str | None = None) -> None:
        self._environment = without_ours(os.environ) | {
            "CEREBRO_DATABASE_URL": installation.url,
            "CEREBRO_SECRET_KEY": SECRET,
            "CEREBRO_JOB_LEASE_SECONDS": "2",
            **({"CEREBRO_REDIS_URL": redis} if redis else {}),
        }
        self._log = log
        self.start()

    def start(self) -> None:
        self.process = Program("cerebro_server", "worker", env=self._environment, log=self._log)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE)


@pytest.fixture
def work(tmp_path: Path) -> Iterator[Callable[..., Worker]]:
    started: list[Worker] = []

    def start(installation: Installation, redis: str | None = None) -> Worker:
        worker = Worker(installation, tmp_path / f"worker-{len(started)}.log", redis)
        started.append(worker)
        return worker

    yield start
    for worker in started:
        worker.stop()


@pytest.fixture(scope="module")
def file() -> bytes:
    """Contacts with companies: most right, some wrong, some twice."""
    dice = random.Random(3)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["external_ids.crm", "first_name", "last_name", "Mail", "job_title", "company"])
    for number in range(ROWS):
        key = number if dice.random() > 0.01 else dice.randrange(number + 1)
        writer.writerow(
            [
                f"C{key:06}",
                dice.choice(["Ada", "Grace", ""]),
                f"Name {number}" if dice.random() > 0.01 else "",
                f"c{key}@x.example" if dice.random() > 0.2 else "",
                dice.choice(["", "Boss", "Clerk"]),
                f"Company {dice.randrange(50)}" if dice.random() > 0.5 else "",
            ]
        )
    return text.getvalue().encode()


@pytest.fixture(scope="module")
def undisturbed(
    own_postgres: Store, file: bytes, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Any]]:
    """What the file brings when nobody interferes."""
    for installation in installed(own_postgres):
        folder = tmp_path_factory.mktemp("calm")
        worker = Worker(installation, folder / "worker.log")
        server = Server(installation, folder / "log").ready()
        try:
            begun(installation)
            operation = start(server, file)
            ended(server, operation)
        finally:
            server.stop()
            worker.stop()
        yield [ask(installation, CONTACTS), ask(installation, LINKS)]


def ask(installation: Installation, statement: str) -> list[Any]:
    with psycopg.connect(installation.url) as connection:
        return connection.execute(statement.encode()).fetchall()


def begun(installation: Installation) -> list[Any]:
    """Put contacts in that the import changes; return all there is."""
    with psycopg.connect(installation.url) as connection:
        connection.execute("set local search_path = ws_main; set local cerebro.actor = 'system'")
        connection.execute(
            "insert into contacts (id, last_name, emails, external_ids) select gen_random_uuid(), "
            "'Old ' || n, jsonb_build_array(jsonb_build_object('address', 'old' || n || "
            "'@x.example')), jsonb_build_object('crm', 'C' || lpad(n::text, 6, '0')) "
            "from generate_series(0, %s, 3) n",
            (ROWS,),
        )
    return ask(installation, WHOLE)


def start(server: Server, content: bytes) -> str:
    """Ask for the import, and return its operation."""
    with server.client() as client:
        headers = {"Content-Type": "application/octet-stream"}
        upload = client.put("/v1/uploads", content=content, headers=headers).json()
        asked = {"upload_id": upload["id"], "key": "external_ids.crm"}
        body = {"kind": "contacts.import", "input": asked, "options": {"yes": True}}
        reply = client.post(URL, json=body)
    assert reply.status_code == 202, reply.text
    return str(reply.json()["id"])


def undo(server: Server, operation: str) -> str:
    with server.client() as client:
        reply = client.post(f"{URL}/{operation}/undo", json={"yes": True})
    assert reply.status_code == 202, reply.text
    return str(reply.json()["id"])


def state(server: Server, operation: str) -> dict[str, Any]:
    with server.client() as client:
        try:
            reply = client.get(f"{URL}/{operation}")
        except httpx.TransportError:
            return {}
    return reply.json() if reply.status_code == 200 else {}


def ended(server: Server, operation: str) -> dict[str, Any]:
    """Wait for the end of an operation."""
    deadline = time.monotonic() + (1_800 if TORTURE else 120)
    while time.monotonic() < deadline:
        found = state(server, operation)
        if found.get("state") in ("applied", "failed"):
            assert found["state"] == "applied", found["problem"]
            return found
        time.sleep(0.1)
    with server.client() as client:
        jobs = client.get("/v1/jobs").json()["items"]
    raise AssertionError(f"it did not end: {state(server, operation)['state']}, jobs: {jobs}")


class Everybody:
    """All that runs; each of them can be killed, and comes back."""

    def __init__(
        self,
        stores: Mapping[str, Store],
        installation: Installation,
        serve: Serve,
        work: Callable[..., Worker],
    ) -> None:
        self._stores = stores
        redis = stores["Redis"].url
        self._serve = lambda: serve(installation, CEREBRO_REDIS_URL=redis)
        self.server = self._serve()
        self.worker = work(installation, redis)

    def kill(self, victim: str) -> None:
        if victim == "server":
            self.server.kill()
            self.server = self._serve()
        else:
            thing = self._stores.get(victim, self.worker)
            thing.kill()
            thing.start()

    def disturb(self, victim: str, dice: random.Random, operation: str) -> dict[str, Any]:
        """Kill one of them at random moments of an operation, and wait for its end."""
        kills = 0
        while kills < KILLS:
            time.sleep(dice.uniform(0.2, 1.5))
            if state(self.server, operation).get("state") in ("applied", "failed"):
                break
            self.kill(victim)
            kills += 1
        assert kills, "it ended before anybody was killed"
        return ended(self.server, operation)


@pytest.mark.parametrize("victim", ["worker", "server", "PostgreSQL", "Redis"])
class TestKilled:
    def test_at_random_moments_the_end_is_the_same(
        self,
        victim: str,
        own_postgres: Store,
        own_redis: Store,
        own_database: Installation,
        serve: Serve,
        work: Callable[..., Worker],
        file: bytes,
        undisturbed: list[Any],
    ) -> None:
        dice = random.Random(victim)
        before = begun(own_database)
        stores = {"PostgreSQL": own_postgres, "Redis": own_redis}
        everybody = Everybody(stores, own_database, serve, work)
        operation = start(everybody.server, file)
        everybody.disturb(victim, dice, operation)
        assert [ask(own_database, CONTACTS), ask(own_database, LINKS)] == undisturbed
        back = undo(everybody.server, operation)
        done = everybody.disturb(victim, dice, back)
        assert (done["plan"]["error"], done["done"]["left"]) == (0, 0)
        assert ask(own_database, WHOLE) == before
        assert ask(own_database, ONCE) == [(0,)]
