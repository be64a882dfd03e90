"""The commands as a person runs them: real processes, an empty home, a free port."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.fixtures import processes

PATIENCE = 90


class Machine:
    """A machine with nothing on it: `run` a command to its end, or bring Cerebro `up`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data_dir = folder / "data"
        self.environment = processes.without_ours(os.environ) | {
            "CEREBRO_CONFIG_DIR": str(folder / "config"),
            "HOME": str(folder),
        }
        self.servers: list[Up] = []

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command; the data directory is this machine's."""
        known = {"CEREBRO_DATA_DIR": str(self.data_dir), **self.environment, **environment}
        return processes.run("cerebro_server", *arguments, env=known, timeout=PATIENCE)

    def up(self, *arguments: str, data_dir: Path | None = None) -> Up:
        """Start `cerebro up` on a free port."""
        place = data_dir or self.data_dir
        server = Up(["--data-dir", str(place), "--port", "0", *arguments], self.environment)
        self.servers.append(server)
        return server

    @property
    def profiles(self) -> dict[str, Any]:
        found = json.loads((self.folder / "config" / "profiles.json").read_text())
        return found if isinstance(found, dict) else {}


class Up:
    """A running `cerebro up`; `said` is everything that it printed so far."""

    def __init__(self, arguments: list[str], environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cerebro_server", "up", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
            start_new_session=True,  # a process group of its own, as a shell makes it
        )
        self.said = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line

    def ready(self) -> Up:
        deadline = time.monotonic() + PATIENCE
        while "is ready at" not in self.said:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(self.said)
            time.sleep(0.05)
        return self

    @property
    def url(self) -> str:
        match = re.search(r"is ready at (\S+)", self.said)
        assert match is not None
        return match[1]

    def everyone(self) -> list[psutil.Process]:
        head = psutil.Process(self.process.pid)
        return [head, *head.children(recursive=True)]

    def interrupt(self) -> int:
        """Press Ctrl-C: the terminal sends SIGINT to the whole process group."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.wait()

    def wait(self) -> int:
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return code


@pytest.fixture
def machine() -> Iterator[Machine]:
    """A machine of the test's own."""
    with bare_machine() as made:
        yield made


@contextmanager
def bare_machine() -> Iterator[Machine]:
    """Make a machine with nothing on it; in the end all that runs on it is stopped."""
    folder = Path(tempfile.mkdtemp(prefix="cerebro-test-", dir="/tmp"))
    folder.chmod(0o755)  # root's stores run as another user, who has to get in
    made = Machine(folder)
    yield made
    for server in made.servers:
        if server.process.poll() is None:
            server.process.terminate()
        server.wait()
    if made.data_dir.exists():
        made.run("reset", "--yes")
    shutil.rmtree(folder, ignore_errors=True)
