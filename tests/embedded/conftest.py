"""Supervisors as real processes, on data directories that other users can enter."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from cerebro_server.embedded import places
from cerebro_server.embedded.account import Account
from cerebro_server.embedded.lock import holder_of
from cerebro_server.embedded.postgres import url_of
from tests.fixtures.processes import without_ours

KEEPER = Path(__file__).with_name("keeper.py")
ROOT = Path(__file__).parents[2]
PATIENCE = 60


def interpreter(user: str | None) -> str | None:
    """Return a Python that a user can run; root's own often lies in a closed folder."""
    if user is None:
        return sys.executable
    account = Account(user, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
    trial = f"import sys; sys.path[:0] = {_paths()!r}; import psutil, cerebro_server.embedded"
    usual = [f"{folder}/python3" for folder in ("/usr/bin", "/usr/local/bin")]
    same = (f"import sys; assert sys.version_info[:2] == {sys.version_info[:2]}\n" + trial,)
    found = (p for p in [sys.executable, *usual] if account.can_run([p, "-c", *same]))
    return next(found, None)


def _paths() -> list[str]:
    return [str(ROOT), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]


def until(condition: Callable[[], Any], what: str) -> Any:
    """Wait for a condition, and return what it came to."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError(f"in {PATIENCE} s it did not happen that {what}")


class Keeper:
    """A running tests/embedded/keeper.py."""

    def __init__(self, data_dir: Path, *extra: str, user: str | None = None) -> None:
        self.data_dir = data_dir
        identity: dict[str, Any] = {}
        if user is not None:
            entry = pwd.getpwnam(user)
            identity = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        environment = without_ours(os.environ)
        environment["PYTHONPATH"] = os.pathsep.join(
            [*os.environ.get("PYTHONPATH", "").split(os.pathsep), *_paths()]
        ).strip(os.pathsep)
        self.process = subprocess.Popen(
            [interpreter(user) or sys.executable, str(KEEPER), str(data_dir), *extra],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd="/",
            env=environment,
            **identity,
        )
        self.head = psutil.Process(self.process.pid)

    def running(self) -> Keeper:
        """Wait until PostgreSQL answers."""
        until(self.answers, "PostgreSQL answers")
        return self

    def answers(self) -> bool:
        if self.process.poll() is not None:
            raise AssertionError(self.process.stdout.read() if self.process.stdout else "")
        try:
            return self.query("select 1") == 1
        except psycopg.OperationalError:
            return False

    def query(self, statement: str) -> Any:
        holder = holder_of(self.data_dir) or {}
        with psycopg.connect(url_of(Path(holder.get("sockets", "/nowhere")))) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchone()[0] if cursor.description else None

    def child(self, name: str) -> psutil.Process | None:
        """Return the direct child whose program has this name."""
        for child in self.head.children():
            try:
                if Path(child.exe()).name == name:
                    return child
            except psutil.Error:
                continue
        return None

    def everyone(self) -> list[psutil.Process]:
        return [self.head, *self.head.children(recursive=True)]

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(PATIENCE)


def nobody_left(processes: list[psutil.Process]) -> bool:
    """Say whether all these processes have ended."""
    return not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in processes)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every user can enter, unlike pytest's own for root."""
    path = Path(tempfile.mkdtemp(prefix="cerebro-test-", dir="/tmp"))
    path.chmod(0o777)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def keep(folder: Path) -> Iterator[Callable[..., Keeper]]:
    """Start keepers that end with the test: keep(data_dir=…, user=…)."""
    started: list[Keeper] = []

    def start(*extra: str, data_dir: Path | None = None, user: str | None = None) -> Keeper:
        keeper = Keeper(data_dir or folder / "data", *extra, user=user)
        started.append(keeper)
        return keeper

    yield start
    for keeper in started:
        keeper.stop()
        if keeper.process.stdout:
            keeper.process.stdout.close()
        if keeper.data_dir.exists():
            found = places.find(keeper.data_dir)
            shutil.rmtree(found.sockets, ignore_errors=True)
            if found.stores != found.data_dir:
                shutil.rmtree(found.stores, ignore_errors=True)
