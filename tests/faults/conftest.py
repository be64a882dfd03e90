"""Stores and servers as real processes that a test may kill, freeze and start again."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
import pytest

from cerebro_server import registry
from cerebro_server.embedded import account as accounts
from cerebro_server.embedded import places, processes
from cerebro_server.embedded.binaries import find_postgres, find_redis
from cerebro_server.embedded.errors import EmbeddedError
from cerebro_server.embedded.postgres import Cluster
from cerebro_server.embedded.processes import Service
from cerebro_server.embedded.redis import RedisServer
from tests.fixtures.processes import Program, without_ours
from tests.fixtures.server import free_port
from tests.fixtures.stores import SECRET, Installation, drop_database, make_database, settings

PATIENCE = 60
TIMEOUT = httpx.Timeout(20)


def until(condition: Callable[[], Any], what: str) -> Any:
    """Wait for a condition, and return what it came to."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.02)
    raise AssertionError(f"in {PATIENCE} s it did not happen that {what}")


class Store:
    """A PostgreSQL or a Redis of the test's own."""

    def __init__(self, made: Cluster | RedisServer, service: Service) -> None:
        self._made = made
        self._service = service
        self.url = made.url
        self.start()

    def start(self) -> None:
        self._process = processes.spawn(self._service)
        self._made.await_ready(self._process)

    def kill(self) -> None:
        """Kill its first process; PostgreSQL's others notice and end."""
        self._process.kill()
        self._process.wait()

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """Stop every process of it from running, as a machine does whose disk hangs."""
        head = psutil.Process(self._process.pid)
        everyone = [head, *head.children(recursive=True)]
        for process in everyone:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.suspend()
        try:
            yield
        finally:
            for process in everyone:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.resume()

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(self._service.stop_signal)
            processes.stop(self._process, self._service)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder that the stores' account can enter."""
    made = places.make_temporary(accounts.choose(Path(os.devnull)))
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="module")
def own_postgres(folder: Path) -> Iterator[Store]:
    """A PostgreSQL that keeps what it has confirmed, as in production."""
    account = accounts.choose(Path(os.devnull))
    try:
        binaries = find_postgres(account)
    except EmbeddedError:
        pytest.skip("needs PostgreSQL's programs")
    cluster = Cluster(binaries, folder / "postgres", folder, account)
    cluster.initialise()
    store = Store(cluster, cluster.service(folder / "postgres.log"))
    yield store
    store.stop()


@pytest.fixture(scope="module")
def own_redis(folder: Path) -> Iterator[Store]:
    account = accounts.choose(Path(os.devnull))
    program = find_redis(account)
    if program is None:
        pytest.skip("needs a Redis server")
    server = RedisServer(program, folder, folder, account)
    store = Store(server, server.service(folder / "redis.log"))
    yield store
    store.stop()


@pytest.fixture
def own_database(own_postgres: Store) -> Iterator[Installation]:
    """An installed database on the PostgreSQL that the test may kill."""
    yield from installed(own_postgres)


def installed(store: Store) -> Iterator[Installation]:
    url = make_database(store.url)
    api_key = registry.install(settings(url)).api_key
    assert api_key is not None
    yield Installation(url, api_key)
    until(lambda: answers(url), "PostgreSQL is back")
    drop_database(url)


def answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


class Server:
    """A running API server."""

    def __init__(self, installation: Installation, log: Path, **environment: str) -> None:
        port = free_port()
        known = without_ours(os.environ) | {
            "CEREBRO_DATABASE_URL": installation.url,
            "CEREBRO_SECRET_KEY": SECRET,
            "CEREBRO_LOG_LEVEL": "warning",
        }
        self._log = log
        command = ("cerebro_server", "serve", "--port", str(port))
        self.process = Program(*command, env=known | environment, log=log)
        self.url = f"http://127.0.0.1:{port}"
        self._headers = {"Authorization": f"Bearer {installation.api_key}"}

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, headers=self._headers, timeout=TIMEOUT)

    def ready(self) -> Server:
        until(lambda: self.probe("readyz") == 200, "the server is ready")
        return self

    def probe(self, name: str) -> int | None:
        """Return the status of a probe; None while nobody listens."""
        assert self.process.poll() is None, self.said()
        try:
            return httpx.get(f"{self.url}/{name}", timeout=TIMEOUT).status_code
        except httpx.TransportError:
            return None

    def said(self) -> str:
        return self._log.read_text()[-5_000:]

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start servers that end with the test."""
    started: list[Server] = []

    def start(installation: Installation, **environment: str) -> Server:
        server = Server(installation, tmp_path / "server.log", **environment)
        started.append(server)
        return server.ready()

    yield start
    for server in started:
        server.stop()
