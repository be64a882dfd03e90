"""A Redis of our own: unix socket only, nothing on disk, since losing it all loses nothing."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from cerebro_server.embedded.account import Account
from cerebro_server.embedded.errors import EmbeddedError
from cerebro_server.embedded.processes import Service

_SOCKET = "redis.sock"


@dataclass(frozen=True)
class RedisServer:
    """Where Redis runs and who runs it."""

    program: Path
    folder: Path
    sockets: Path
    account: Account

    @property
    def url(self) -> str:
        """Return the address, as redis-py reads it."""
        return f"unix://{quote(str(self.sockets / _SOCKET), safe='/')}"

    def service(self, log: Path | None = None) -> Service:
        """Return how to run the server."""
        settings = {
            "port": "0",
            "unixsocket": str(self.sockets / _SOCKET),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "save": "",
            "appendonly": "no",
            "daemonize": "no",
            "databases": "16",
            "maxmemory": "64mb",
            "maxmemory-policy": "allkeys-lru",
            "loglevel": "warning",
        }
        command = [str(self.program)]
        for name, value in settings.items():
            command += [f"--{name}", value]
        return Service(
            name="redis",
            command=command,
            stop_signal=signal.SIGTERM,
            account=self.account,
            env={"LC_ALL": "C"},
            log=log,
            stop_seconds=5.0,
        )

    def is_ready(self) -> bool:
        """Say whether the server answers."""
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(1.0)
                client.connect(str(self.sockets / _SOCKET))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def await_ready(self, process: subprocess.Popen[bytes], *, seconds: float = 20.0) -> None:
        """Wait until the server answers."""
        deadline = time.monotonic() + seconds
        while not self.is_ready():
            if process.poll() is not None:
                raise EmbeddedError(f"Redis ended with {process.returncode} while starting.")
            if time.monotonic() > deadline:
                raise EmbeddedError(f"Redis was not ready after {seconds:.0f} seconds.")
            time.sleep(0.01)
