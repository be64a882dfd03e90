"""Workers, Redis and PostgreSQL die, or stop for a while: every job's effect happens once."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg
import pytest

from cerebro_server.kernel.ids import uuid7
from cerebro_server.kernel.worker import ringing
from tests.faults.conftest import PATIENCE, Store, until
from tests.fixtures.processes import Program, without_ours
from tests.fixtures.stores import SECRET, Installation

ROOT = Path(__file__).parents[2]
KILLS = 12 if os.environ.get("CEREBRO_TORTURE") else 3
JOBS = 2_000 if os.environ.get("CEREBRO_TORTURE") else 300


class WorkerProcess:
    """A running worker."""

    def __init__(self, installation: Installation, log: Path, **environment: str) -> None:
        known = without_ours(os.environ) | {
            "CEREBRO_DATABASE_URL": installation.url,
            "CEREBRO_SECRET_KEY": SECRET,
            "CEREBRO_JOB_LEASE_SECONDS": "2",
            "PYTHONPATH": str(ROOT),
        }
        self._log = log
        self.process = Program("tests.faults.worker_process", env=known | environment, log=log)

    def said(self) -> str:
        return self._log.read_text()

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.send(signal.SIGCONT)
            self.process.terminate()
            self.process.wait(PATIENCE)


@pytest.fixture
def work(tmp_path: Path) -> Iterator[Callable[..., WorkerProcess]]:
    """Start workers that end with the test."""
    started: list[WorkerProcess] = []

    def start(installation: Installation, **environment: str) -> WorkerProcess:
        log = tmp_path / f"worker-{len(started)}.log"
        made = WorkerProcess(installation, log, **environment)
        started.append(made)
        return made

    yield start
    for worker in started:
        worker.stop()


class Books:
    """What is asked for, and what came of it; every call is a connection of its own."""

    def __init__(self, url: str) -> None:
        self._url = url

    def rows(self, statement: str, *params: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute("set search_path = ws_main; set cerebro.actor = 'system'")
            cursor = connection.execute(statement, params or None)
            return cursor.fetchall() if cursor.description else []

    def ask(self, *payloads: Mapping[str, Any]) -> None:
        self.rows(
            "insert into jobs (id, kind, payload, actor) select u.id, 'effect', u.payload, "
            "'system' from unnest(%s::uuid[], %s::jsonb[]) as u(id, payload)",
            [uuid7() for _ in payloads],
            [json.dumps(payload) for payload in payloads],
        )
        self.rows("select pg_notify('cerebro_commits', 'ws_main')")

    def names(self) -> list[str]:
        return [name for (name,) in self.rows("select name from companies order by name")]

    def left(self) -> int:
        return int(self.rows("select count(*) from jobs where kind = 'effect'")[0][0])


def numbered(first: int, count: int) -> list[dict[str, Any]]:
    return [{"name": f"C{number:05}"} for number in range(first, first + count)]


class TestKilled:
    def test_a_worker_at_random_moments(
        self, installation: Installation, work: Callable[..., WorkerProcess]
    ) -> None:
        """Accounts: as many companies as jobs, each once, whenever its worker was killed."""
        seed = random.randrange(10_000)
        print("seed", seed)
        moments = random.Random(seed)
        books = Books(installation.url)
        books.ask(*numbered(0, JOBS))
        for _ in range(KILLS):
            worker = work(installation)
            begun = len(books.names())
            until(lambda begun=begun: len(books.names()) > begun, "the worker works")
            time.sleep(moments.uniform(0, 0.3))
            worker.kill()
        work(installation)
        until(lambda: books.left() == 0, "all jobs are done")
        assert books.names() == [payload["name"] for payload in numbered(0, JOBS)]

    def test_a_relay_at_random_moments(
        self, installation: Installation, work: Callable[..., WorkerProcess]
    ) -> None:
        """Accounts: one job for each contact that was made, none for one that was taken back."""
        seed = random.randrange(10_000)
        print("seed", seed)
        moments = random.Random(seed)
        books = Books(installation.url)
        insert = (
            "insert into contacts (id, last_name) select gen_random_uuid(), 'C' || n "
            "from generate_series(1, 1500) n"
        )
        told = "select count(*) from jobs where kind = 'told'"
        for _ in range(KILLS):
            worker = work(installation)
            before = books.rows(told)
            books.rows(insert)
            until(lambda before=before: books.rows(told) != before, "it is told")
            time.sleep(moments.uniform(0, 0.1))
            worker.kill()
        work(installation)
        wanted = [(1_500 * KILLS,)]
        until(lambda: books.rows(told) == wanted, "all are told")
        time.sleep(1)
        assert books.rows(told) == wanted
        once = "select count(distinct payload ->> 'record') from jobs where kind = 'told'"
        assert books.rows(once) == wanted


class TestStopped:
    def test_a_worker_beyond_its_lease_writes_nothing_when_it_wakes(
        self, installation: Installation, work: Callable[..., WorkerProcess], tmp_path: Path
    ) -> None:
        books = Books(installation.url)
        begun = tmp_path / "begun"
        first = work(installation)
        books.ask({"name": "Acme", "begun": str(begun), "seconds": 2})
        until(begun.exists, "the first has begun")
        assert begun.read_text() == str(first.process.pid)
        first.send(signal.SIGSTOP)
        second = work(installation)
        until(lambda: books.names() == ["Acme"], "the second has taken over, and is done")
        assert begun.read_text() == str(second.process.pid)
        first.send(signal.SIGCONT)
        until(lambda: "lease_lost" in first.said(), "the first is told that it is too late")
        assert books.names() == ["Acme"]
        books.ask({"name": "Bolt"})
        until(lambda: books.names() == ["Acme", "Bolt"], "work goes on")
        assert books.left() == 0


class TestClock:
    @pytest.mark.parametrize("seconds", [-600, 600])
    def test_of_a_worker_being_wrong_runs_no_job_early_and_loses_no_lease(
        self, installation: Installation, work: Callable[..., WorkerProcess], seconds: int
    ) -> None:
        books = Books(installation.url)
        right, wrong = work(installation), work(installation, CLOCK_IS_WRONG_BY=str(seconds))
        until(lambda: books.rows("select count(*) from public.workers") == [(2,)], "both work")
        insert = (
            "insert into jobs (id, kind, actor, due_at, payload) select gen_random_uuid(), "
            "'effect', 'system', clock_timestamp() + interval '3 seconds', "
            "jsonb_build_object('name', 'C' || n, 'seconds', 3) from generate_series(1, 20) n "
            "returning due_at"
        )
        first_due = min(due for (due,) in books.rows(insert))
        books.ask({"name": "wakes them"})
        until(lambda: books.left() == 0, "all are done")
        [(count, earliest)] = books.rows(
            "select count(*), min(created_at) from companies where name like 'C%'"
        )
        assert count == 20, "each once, though it took longer than a lease"
        assert earliest >= first_due
        assert "lease_lost" not in right.said() + wrong.said()


class TestBell:
    async def test_rings_again_once_redis_is_back(self, own_redis: Store) -> None:
        """What is rung for meanwhile is lost, and nobody is told of an error."""
        heard: list[str] = []
        bell = ringing.Bell(own_redis.url)
        answering = asyncio.create_task(ringing.answer(own_redis.url, heard.append))

        async def rung(schema: str) -> None:
            for _ in range(300):
                await bell.ring([schema])
                if schema in heard:
                    return
                await asyncio.sleep(0.1)
            raise AssertionError(f"nobody heard of {schema}")

        await rung("ws_one")
        own_redis.kill()
        await bell.ring(["ws_lost"])
        own_redis.start()
        await rung("ws_two")
        answering.cancel()
        await asyncio.wait({answering})


class TestStores:
    def test_redis_is_killed_and_comes_back_empty(
        self,
        installation: Installation,
        own_redis: Store,
        work: Callable[..., WorkerProcess],
    ) -> None:
        books = Books(installation.url)
        worker = work(installation, CEREBRO_REDIS_URL=own_redis.url)
        books.ask(*numbered(0, 20))
        until(lambda: len(books.names()) == 20, "it works with Redis")
        books.ask(*numbered(20, 200))
        own_redis.kill()
        until(lambda: len(books.names()) == 220, "nothing that was asked for is lost")
        books.ask(*numbered(220, 20))
        until(lambda: len(books.names()) == 240, "it works without Redis")
        own_redis.start()
        books.ask(*numbered(240, 20))
        until(lambda: len(books.names()) == 260, "it works after Redis came back")
        assert worker.process.poll() is None, "it was never started again"
        assert books.left() == 0

    def test_postgres_is_killed(
        self,
        own_postgres: Store,
        own_database: Installation,
        work: Callable[..., WorkerProcess],
    ) -> None:
        books = Books(own_database.url)
        worker = work(own_database)
        books.ask(*numbered(0, 400))
        until(lambda: len(books.names()) > 50, "it works")
        own_postgres.kill()
        time.sleep(1)
        own_postgres.start()
        until(lambda: books.left() == 0, "the rest is done once the database is back")
        assert books.names() == [payload["name"] for payload in numbered(0, 400)]
        books.ask({"name": "Last"})
        until(lambda: "Last" in books.names(), "work goes on")
        assert worker.process.poll() is None, "it was never started again"
