"""Programs that use `local()`, as processes of their own, and what they leave behind."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.embedded.conftest import ROOT, interpreter, nobody_left, until

PROGRAM = """
import sys
sys.path[:0] = {path!r}
import psutil
from cerebro_server import local

with local({data_dir!r}) as crm:
    folder = str(crm).partition("unix://")[2].partition("/api.sock")[0]
    everyone = [p.pid for p in psutil.Process().children(recursive=True)]
    print(folder, *everyone, flush=True)
{body}
"""


class Program:
    """A running program; `folder` is where its sockets are."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert process.stdout is not None
        folder, *pids = process.stdout.readline().split()
        self.folder = Path(folder)
        self.everyone: list[psutil.Process] = []
        for pid in pids:
            with contextlib.suppress(psutil.NoSuchProcess):  # a backend that served its worker
                self.everyone.append(psutil.Process(int(pid)))

    def ends(self, number: signal.Signals | None = None) -> int:
        """Wait for its end, after a signal if one is named; nothing may be left."""
        if number is not None:
            self.process.send_signal(number)
        code = self.process.wait(60)
        until(lambda: nobody_left(self.everyone), "nobody is left")
        until(lambda: not self.folder.exists(), "the folder is gone")
        return code


@pytest.fixture
def program() -> Iterator[Callable[..., Program]]:
    """Start a program with a body inside `with local() as crm:`."""
    started: list[subprocess.Popen[str]] = []

    def start(body: str, *, data_dir: Path | None = None, user: str | None = None) -> Program:
        identity: dict[str, Any] = {}
        if user is not None:
            entry = pwd.getpwnam(user)
            identity = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        site = [folder for folder in sys.path if folder.endswith("site-packages")]
        text = PROGRAM.format(
            path=[str(ROOT), *site],
            data_dir=data_dir and str(data_dir),
            body=textwrap.indent(textwrap.dedent(body), "    "),
        )
        environment = {k: v for k, v in os.environ.items() if k not in ("HOME", "PYTHONPATH")}
        process = subprocess.Popen(
            [interpreter(user) or sys.executable, "-c", text],
            stdout=subprocess.PIPE,
            text=True,
            cwd="/",
            env={**environment, "HOME": "/nonexistent"},
            **identity,
        )
        started.append(process)
        return Program(process)

    yield start
    for process in started:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every user can enter, unlike pytest's own for root."""
    path = Path(tempfile.mkdtemp(prefix="cerebro-test-", dir="/tmp"))
    path.chmod(0o777)
    yield path
    shutil.rmtree(path, ignore_errors=True)
