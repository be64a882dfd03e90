"""`cerebro worker` and `cerebro relay` as processes: they start, work, and end in order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import psycopg
import pytest

from cerebro_server.kernel.ids import uuid7
from tests.fixtures.processes import without_ours
from tests.fixtures.stores import SECRET, Installation

PATIENCE = 60


@pytest.fixture
def start(installation: Installation) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []

    def run(*arguments: str, **environment: str) -> subprocess.Popen[str]:
        known = without_ours(os.environ)
        process = subprocess.Popen(
            [sys.executable, "-m", "cerebro_server", *arguments],
            env={**known, "CEREBRO_SECRET_KEY": SECRET, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.wait()


def until(url: str, statement: str, wanted: object) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("set search_path = ws_main")
        deadline = time.monotonic() + PATIENCE
        while (found := connection.execute(statement).fetchone()) != (wanted,):
            assert time.monotonic() < deadline, found
            time.sleep(0.05)


class TestWorker:
    def test_runs_jobs_and_ends_with_0_when_asked_to(
        self, installation: Installation, start: Callable[..., subprocess.Popen[str]]
    ) -> None:
        url = installation.url
        worker = start("worker", "--concurrency", "2", CEREBRO_DATABASE_URL=url)
        until(url, "select count(*) from public.workers", 1)
        with psycopg.connect(url) as connection:
            connection.execute(
                "insert into ws_main.jobs (id, kind, actor) values (%s, 'tidy', 'system')",
                (uuid7(),),
            )
        # nobody notified it: it finds the job by itself, or at the next notice
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("notify cerebro_commits, 'ws_main'")
        until(url, "select count(*) from jobs", 0)
        worker.send_signal(signal.SIGTERM)
        said, _ = worker.communicate(timeout=PATIENCE)
        assert (worker.returncode, said) == (0, "The worker is stopped.\n")
        until(url, "select count(*) from public.workers", 0)

    @pytest.mark.parametrize("command", ["worker", "relay"])
    def test_without_a_database_says_what_to_set(
        self, start: Callable[..., subprocess.Popen[str]], command: str
    ) -> None:
        process = start(command)
        said, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 2
        assert "CEREBRO_DATABASE_URL" in said


class TestRelay:
    def test_reads_until_it_is_stopped(
        self, installation: Installation, start: Callable[..., subprocess.Popen[str]]
    ) -> None:
        url = installation.url
        relay = start("relay", CEREBRO_DATABASE_URL=url)
        # nobody subscribes: it moves on to the present
        until(url, "select xid > '0' from relay_cursor", True)
        relay.send_signal(signal.SIGINT)
        said, _ = relay.communicate(timeout=PATIENCE)
        assert (relay.returncode, said) == (0, "The relay is stopped.\n")
