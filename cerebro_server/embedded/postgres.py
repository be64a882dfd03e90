"""One PostgreSQL cluster of our own: made, configured, started, asked whether it is ready.

Who may connect: the socket's folder has mode 0700 and nothing listens on TCP, so only the owner of
the data (and root) reaches the server at all, and both could read the files anyway. So `trust` is
what pg_hba.conf says of local connections: a password there would guard an unlocked room. The
application login has one all the same, for the servers where it counts.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from cerebro_server.embedded import leftovers
from cerebro_server.embedded.account import Account
from cerebro_server.embedded.binaries import PostgresBinaries
from cerebro_server.embedded.errors import EmbeddedError
from cerebro_server.embedded.processes import Service, die_with

SUPERUSER = "cerebro"
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "jit": "off",  # compiling costs more than our short statements take
    "synchronous_commit": "on",
    "fsync": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "logging_collector": "off",
    "max_logical_replication_workers": "0",  # one idle process less
}
# Without workers of their own, reads are done by who asks, as up to 17: three processes less.
_SETTINGS_18 = {"io_method": "sync"}
_CARELESS = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


@dataclass(frozen=True)
class Cluster:
    """Where a cluster lives and who runs it. `durable=False` is for data that nobody will miss."""

    binaries: PostgresBinaries
    data: Path
    sockets: Path
    account: Account
    durable: bool = True

    @property
    def url(self) -> str:
        """Return the address of the superuser, for psycopg and SQLAlchemy alike."""
        return url_of(self.sockets)

    def initialise(self) -> bool:
        """Make the cluster and return True, unless it is there.

        It is made beside its place and moved there when whole: a killed initdb leaves nothing that
        looks like data.
        """
        if (self.data / "PG_VERSION").exists():
            return False
        half = self.data.with_name(self.data.name + ".half")
        leftovers.await_end(half)
        try:
            shutil.rmtree(half, ignore_errors=True)
            self.account.make_folder(half)
            self._initdb(half)
            half.replace(self.data)
            _sync_folder(self.data.parent)
        except OSError as error:
            raise EmbeddedError(f"PostgreSQL's data cannot be written: {error}") from None
        return True

    def _initdb(self, target: Path) -> None:
        command = [self.binaries["initdb"], "-D", str(target), "-U", SUPERUSER, "-E", "UTF8"]
        command += ["--auth-local=trust", "--auth-host=reject", "--locale=C.UTF-8"]
        if self.binaries.major >= 17:  # the same order and case rules on every machine
            command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if not self.durable:
            command += ["--no-sync"] + ["--no-data-checksums"] * (self.binaries.major >= 18)
        done = self._run(command)
        if done.returncode != 0 and "locale" in done.stderr and self.binaries.major < 17:
            shutil.rmtree(target, ignore_errors=True)
            self.account.make_folder(target)
            done = self._run([*command[:-1], "--locale=C"])
        if done.returncode != 0:
            said = re.search(r"(?:FATAL|PANIC|error): *(.+)", done.stderr)
            reason = said[1] if said else done.stderr.strip() or f"ended with {done.returncode}"
            raise EmbeddedError(f"PostgreSQL's data cannot be made in {target.parent}: {reason}")

    def _run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(  # noqa: S603
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                cwd="/",
                env=_environment(),
                start_new_session=True,
                preexec_fn=die_with(os.getpid(), signal.SIGTERM),
                **self.account.identity(),
            )
        except OSError as error:
            raise EmbeddedError(f"{command[0]} cannot be run: {error}") from None

    def service(self, log: Path | None = None) -> Service:
        """Return how to run the server. SIGINT is its fast shutdown: clients are sent away."""
        settings = dict(_SETTINGS)
        settings["unix_socket_directories"] = str(self.sockets)
        if self.binaries.major >= 18:
            settings |= _SETTINGS_18
        if not self.durable:
            settings |= _CARELESS
        command = [self.binaries["postgres"], "-D", str(self.data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        return Service(
            name="postgres",
            command=command,
            stop_signal=signal.SIGINT,
            account=self.account,
            env=_environment(),
            log=log,
            before_start=self._clear_leftovers,
        )

    def _clear_leftovers(self) -> None:
        """Wait for what is left of a killed run, then remove its lock files.

        PostgreSQL refuses to start while the process id in them is alive, and after a reboot or in
        a container that may be anybody's.
        """
        pid_file = self.data / "postmaster.pid"
        if not pid_file.exists():
            return
        leftovers.await_end(self.data)
        pid_file.unlink(missing_ok=True)
        for name in (".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
            (self.sockets / name).unlink(missing_ok=True)

    def is_ready(self) -> bool:
        """Say whether the server takes connections; it writes so itself, as pg_ctl reads it."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except (OSError, UnicodeDecodeError):
            return False
        return len(lines) > 7 and lines[7].strip() == "ready"

    def await_ready(self, process: subprocess.Popen[bytes], *, seconds: float = 60.0) -> None:
        """Wait until the server takes connections."""
        deadline = time.monotonic() + seconds
        while not self.is_ready():
            if process.poll() is not None:
                raise EmbeddedError(f"PostgreSQL ended with {process.returncode} while starting.")
            if time.monotonic() > deadline:
                raise EmbeddedError(f"PostgreSQL was not ready after {seconds:.0f} seconds.")
            time.sleep(0.01)


def url_of(sockets: Path) -> str:
    """Return the superuser's address of the server that listens in a folder."""
    return f"postgresql:///postgres?host={quote(str(sockets), safe='/')}&user={SUPERUSER}"


def major_of(data: Path) -> int | None:
    """Return the major version that wrote a cluster, None where there is none."""
    try:
        return int((data / "PG_VERSION").read_text().strip())
    except (OSError, ValueError):
        return None


def _environment() -> dict[str, str]:
    """Return the environment without what would change PostgreSQL's mind, PGDATA or LC_ALL."""
    kept = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
    return {"LC_ALL": "C", **{name: os.environ[name] for name in kept if name in os.environ}}


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
