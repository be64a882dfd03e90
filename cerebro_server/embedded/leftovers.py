"""What a killed run may leave for a moment: processes that still work in a folder."""

from __future__ import annotations

import contextlib
import signal
import time
from pathlib import Path

import psutil

from cerebro_server.embedded.errors import EmbeddedError

_PATIENCE_SECONDS = 60.0  # a shutdown may have much to write
_ORPHAN_SECONDS = 5.0  # a backend without its postmaster has nothing more to say


def await_end(folder: Path) -> None:
    """Wait until no process works in a folder, and end those that would stay.

    The caller holds the lock of the data directory, so whoever is there is nobody's any more. A
    postmaster gets the time of an orderly shutdown, its orphans less.
    """
    began = time.monotonic()
    asked: set[int] = set()
    while found := _working_in(folder):
        waited = time.monotonic() - began
        heads = [process for process in found if _ppid(process) not in {p.pid for p in found}]
        for process in heads:
            with contextlib.suppress(psutil.NoSuchProcess):
                if process.pid not in asked:
                    process.send_signal(signal.SIGINT)
                    asked.add(process.pid)
                elif len(found) == len(heads) and waited > _ORPHAN_SECONDS:
                    process.kill()
        if waited > _PATIENCE_SECONDS:
            pids = ", ".join(str(process.pid) for process in found)
            raise EmbeddedError(
                f"Processes of an earlier run still use {folder}: {pids}. End them."
            )
        time.sleep(0.05)


def _working_in(folder: Path) -> list[psutil.Process]:
    """Return the living processes whose working directory is the folder, as PostgreSQL's is."""
    place = str(folder.resolve())
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.cwd() == place and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def _ppid(process: psutil.Process) -> int:
    with contextlib.suppress(psutil.Error):
        return int(process.ppid())
    return 0
