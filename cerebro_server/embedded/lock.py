"""The lock on a data directory: one supervisor at a time, and what it says about itself."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from pathlib import Path
from typing import Any, Self

from cerebro_server.embedded.errors import AlreadyRunningError, EmbeddedError

NAME = "cerebro.lock"
_PATIENCE_SECONDS = 0.5  # `doctor` touches the lock for a moment
_STOP_SECONDS = 60.0


class DataDirLock:
    """Held by the kernel for the life of the process: `kill -9` frees it, a reboot too."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / NAME
        try:
            self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise EmbeddedError(f"{data_dir} cannot be written: {error.strerror}") from None
        self.previous = self._acquire(data_dir)
        self.describe(state="starting")

    def _acquire(self, data_dir: Path) -> dict[str, Any]:
        """Take the lock and return what the last holder wrote; wait for one that is stopping."""
        began = time.monotonic()
        while not _taken(self._handle, fcntl.LOCK_EX):
            holder = _read(self._handle)
            stopping = holder.get("state") == "stopping"
            if time.monotonic() - began > (_STOP_SECONDS if stopping else _PATIENCE_SECONDS):
                os.close(self._handle)
                raise AlreadyRunningError(f"{data_dir} is in use", holder=holder)
            time.sleep(0.05)
        return _read(self._handle)

    def describe(self, **facts: Any) -> None:
        """Write who holds the lock, for those who find it taken."""
        text = json.dumps({"pid": os.getpid(), **facts}).encode()
        with contextlib.suppress(OSError):  # a full disk: the lock itself holds all the same
            os.pwrite(self._handle, text.ljust(512), 0)  # one write: nobody reads a half
            os.ftruncate(self._handle, max(512, len(text)))

    def release(self) -> None:
        """Give the directory free; what was written stays, as a trace of the last run."""
        os.close(self._handle)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def holder_of(data_dir: Path) -> dict[str, Any] | None:
    """Return what the running supervisor says about itself, or None when none runs."""
    try:
        handle = os.open(data_dir / NAME, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        return None if _taken(handle, fcntl.LOCK_SH) else _read(handle)
    finally:
        os.close(handle)


def _taken(handle: int, kind: int) -> bool:
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read(handle: int) -> dict[str, Any]:
    try:
        found = json.loads(os.pread(handle, 65536, 0) or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
