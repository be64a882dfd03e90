"""A database that a whole file shares, and clients that are not signed in or not checked."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from tests.fixtures.processes import Program, without_ours
from tests.fixtures.server import free_port, serving
from tests.fixtures.stores import SECRET, Installation


@pytest_asyncio.fixture
async def reader(shared: Installation) -> AsyncIterator[httpx.AsyncClient]:
    """A client signed in as the owner, on the file's database."""
    async with serving(shared) as client:
        yield client


@dataclass
class Process:
    """A server of its own, spoken to in bytes."""

    port: int
    api_key: str
    log: Path
    installation: Installation

    def send(self, data: bytes) -> bytes:
        """Send bytes on a connection of their own; return all that comes back."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(data)
            parts = []
            while part := connection.recv(65536):
                parts.append(part)
        return b"".join(parts)

    def ask(self, line: bytes, *headers: bytes, body: bytes = b"") -> bytes:
        """Send one signed request; return the whole reply."""
        signed = b"Authorization: Bearer " + self.api_key.encode()
        given = (b"Host: cerebro.test", signed, b"Connection: close", *headers)
        return self.send(b"\r\n".join((line + b" HTTP/1.1", *given, b"", body)))


@pytest.fixture(scope="module")
def process(shared: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """A real server process whose log is kept, at its most talkative."""
    with process_of(shared, tmp_path_factory.mktemp("server") / "log") as made:
        yield made


@contextmanager
def process_of(installation: Installation, log: Path, **more: str) -> Iterator[Process]:
    """Run a real server process; `more` is its environment besides the usual."""
    port = free_port()
    environment = without_ours(os.environ) | {
        "CEREBRO_DATABASE_URL": installation.url,
        "CEREBRO_SECRET_KEY": SECRET,
        "CEREBRO_LOG_LEVEL": "debug",
    }
    command = ("cerebro_server", "serve", "--port", str(port))
    server = Program(*command, env=environment | more, log=log)
    made = Process(port, installation.api_key, log, installation)
    try:
        _await(made, server)
        yield made
    finally:
        server.terminate()
        server.wait(20)


def _await(process: Process, server: Program) -> None:
    for _ in range(300):
        assert server.poll() is None, process.log.read_text()
        try:
            if b" 200 " in process.ask(b"GET /readyz")[:20]:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise AssertionError("the server did not become ready")
