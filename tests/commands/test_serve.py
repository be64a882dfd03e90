"""`cerebro serve` and `cerebro db` against a database that they are told of."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cerebro_server.embedded import Throwaway, throwaway
from tests.commands.conftest import PATIENCE, Machine

SECRET = "a secret of tests, long enough: 0123456789abcdef"


@pytest.fixture
def stores() -> Iterator[Throwaway]:
    with throwaway(redis=False) as running:
        yield running


class TestSettings:
    @pytest.mark.parametrize("command", [("serve",), ("db", "upgrade"), ("db", "current")])
    def test_without_a_database_says_what_to_set(
        self, machine: Machine, command: tuple[str, ...]
    ) -> None:
        refused = machine.run(*command)
        assert refused.returncode == 2
        assert "CEREBRO_DATABASE_URL" in refused.stderr

    def test_a_wrong_setting_is_named(self, machine: Machine) -> None:
        refused = machine.run("serve", CEREBRO_POOL_SIZE="many")
        assert refused.returncode == 2
        assert "CEREBRO_POOL_SIZE" in refused.stderr

    def test_a_database_that_is_not_there_is_unavailable(self, machine: Machine) -> None:
        url = "postgresql://nobody@127.0.0.1:1/none"
        refused = machine.run("db", "current", CEREBRO_DATABASE_URL=url, CEREBRO_SECRET_KEY=SECRET)
        assert refused.returncode == 7
        assert "Traceback" not in refused.stderr


class TestDb:
    def test_upgrade_gives_the_key_once(self, machine: Machine, stores: Throwaway) -> None:
        settings = {"CEREBRO_DATABASE_URL": stores.database_url, "CEREBRO_SECRET_KEY": SECRET}
        first = machine.run("db", "upgrade", **settings)
        assert first.returncode == 0, first.stderr
        assert "cbr_main_" in first.stdout
        second = machine.run("db", "upgrade", **settings)
        assert second.returncode == 0
        assert second.stdout == ""
        current = machine.run("db", "current", "--json", **settings)
        assert json.loads(current.stdout)["code"]


class TestServe:
    def test_listens_on_a_socket_and_drains_on_sigterm(
        self, machine: Machine, stores: Throwaway
    ) -> None:
        path = machine.folder / "api.sock"
        settings = {"CEREBRO_DATABASE_URL": stores.database_url, "CEREBRO_SECRET_KEY": SECRET}
        process = subprocess.Popen(
            [sys.executable, "-m", "cerebro_server", "serve", "--upgrade", "--uds", str(path)],
            env=machine.environment | settings,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            assert ask(path, "/readyz") == 200
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 0
        finally:
            process.kill()
            process.wait()


def ask(path: Path, target: str) -> int:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            connection = http.client.HTTPConnection("localhost")
            connection.sock = socket.socket(socket.AF_UNIX)
            connection.sock.connect(str(path))
            connection.request("GET", target)
            return connection.getresponse().status
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        finally:
            connection.close()
