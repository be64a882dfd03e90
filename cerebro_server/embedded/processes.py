"""Start children that never outlive us, and stop them."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cerebro_server.embedded.account import Account
from cerebro_server.embedded.errors import EmbeddedError

_PR_SET_PDEATHSIG = 1
_LOG_BYTES = 5_000_000
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Service:
    """A child to keep running."""

    name: str
    command: Sequence[str]
    stop_signal: signal.Signals = signal.SIGTERM
    account: Account | None = None
    env: Mapping[str, str] | None = None
    log: Path | None = None  # None: our own stdout and stderr
    pass_fds: Sequence[int] = ()
    stop_seconds: float = 30.0
    before_start: Callable[[], None] = lambda: None


def spawn(service: Service) -> subprocess.Popen[bytes]:
    """Start a service. It gets its stop signal when we die, even by `kill -9` (Linux)."""
    if threading.current_thread() is not threading.main_thread():
        # The kernel watches the thread that forks: its end, not the process's, kills the child.
        raise EmbeddedError("The embedded stores have to be started by the main thread.")
    service.before_start()
    output = _open_log(service.log) if service.log else None
    identity = service.account.identity() if service.account else {}
    try:
        return subprocess.Popen(  # noqa: S603
            service.command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            env=None if service.env is None else dict(service.env),
            pass_fds=service.pass_fds,
            # A session of its own: Ctrl-C at the terminal reaches us only, and we keep the order.
            start_new_session=True,
            preexec_fn=die_with(os.getpid(), service.stop_signal),  # noqa: PLW1509
            **identity,
        )
    except OSError as error:
        raise EmbeddedError(f"{service.name} cannot be started: {error}") from None
    finally:
        if output is not None:
            os.close(output)


def die_with(parent: int, stop: signal.Signals) -> Callable[[], None]:
    """Return what a child calls between fork and exec to be stopped when its parent dies.

    subprocess calls it after setuid; before, a change of identity would clear the wish (prctl(2)).
    """

    def prepare() -> None:
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, int(stop), 0, 0, 0)
            if os.getppid() != parent:  # it died before we asked
                os._exit(1)

    return prepare


def stop(process: subprocess.Popen[bytes], service: Service) -> None:
    """Stop a child in peace, and after its time by force; the stop signal was sent before."""
    try:
        process.wait(service.stop_seconds)
        return
    except subprocess.TimeoutExpired:
        pass
    kill_group(process)
    process.wait()


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill a child and what it started; each child leads a process group."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        process.kill()


def tail(log: Path | None, lines: int = 8) -> str:
    """Return the last lines of a log, for an error message."""
    if log is None:
        return ""
    try:
        text = log.read_bytes()[-8192:].decode(errors="replace")
    except OSError:
        return ""
    return "\n".join(text.rstrip().splitlines()[-lines:])


def _open_log(path: Path) -> int:
    if path.exists() and path.stat().st_size > _LOG_BYTES:
        path.replace(path.with_suffix(".log.1"))
    try:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise EmbeddedError(f"{path} cannot be written: {error.strerror}") from None
