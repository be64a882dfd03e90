"""`local()`: a whole Cerebro for as long as a block lasts, for notebooks, tests and scripts.

Not called `local`, since a module of that name would hide the function in the package.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import structlog
import uvicorn
from fastapi import FastAPI

from cerebro_sdk import AsyncCerebro, Cerebro, NotSignedInError
from cerebro_server import registry
from cerebro_server.app import create_app
from cerebro_server.embedded.errors import EmbeddedError
from cerebro_server.embedded.keeping import API_SOCKET
from cerebro_server.embedded.kept import Kept, kept
from cerebro_server.kernel.config import Settings
from cerebro_server.kernel.worker.engine import Engine
from cerebro_server.worker import working

_KEY_FILE = "local_key"
_DRAIN_SECONDS = 5


class _Served(NamedTuple):
    """Where the API listens, and the owner's key."""

    url: str
    api_key: str


@contextmanager
def local(data_dir: str | os.PathLike[str] | None = None) -> Iterator[Cerebro]:
    """Run Cerebro for as long as the block lasts, and give a client signed in as the owner.

    PostgreSQL runs in a process of its own, the API and a worker in threads of this one, on unix
    sockets in a folder that nobody else can enter; there is no Redis, which one process does not
    need, and `CEREBRO_…` variables do not count. The data is temporary, unless `data_dir` says
    where to keep it; two processes cannot share one, and the second is refused with
    `AlreadyRunningError`.

    It may be called from any thread, also while an event loop runs. However the block ends, and
    even if the whole program is killed, no process stays and no temporary folder.

    >>> with local() as crm:
    ...     crm.companies.create(name="Acme", domain="acme.com")
    """
    with _served(data_dir) as served, Cerebro(served.url, served.api_key) as crm:
        yield crm


@asynccontextmanager
async def local_async(
    data_dir: str | os.PathLike[str] | None = None,
) -> AsyncIterator[AsyncCerebro]:
    """Do the same for `async with`; the event loop goes on while it starts and stops.

    >>> async with local_async() as crm:
    ...     await crm.companies.create(name="Acme", domain="acme.com")
    """
    server = _served(data_dir)
    starting = asyncio.ensure_future(asyncio.to_thread(server.__enter__))
    try:
        served = await asyncio.shield(starting)
        async with AsyncCerebro(served.url, served.api_key) as crm:
            yield crm
    finally:
        await asyncio.shield(_ended(server, starting))


async def _ended(
    server: contextlib.AbstractContextManager[_Served], starting: asyncio.Future[_Served]
) -> None:
    """Stop the server, also one that was still starting when the block was cancelled."""
    await asyncio.wait([starting])
    if not starting.cancelled() and starting.exception() is None:
        await asyncio.to_thread(server.__exit__, None, None, None)


@contextmanager
def _served(data_dir: str | os.PathLike[str] | None) -> Iterator[_Served]:
    """Run the stores and the API."""
    with kept(None if data_dir is None else Path(data_dir)) as stores:
        settings = _settings(stores)
        api_key = registry.install(settings).api_key
        with _logs_left_alone():
            app = create_app(settings)
        with _listening(app, stores.sockets / API_SOCKET) as url, _working(settings):
            yield _Served(url, _owners_key(settings, stores, url, made=api_key))


def _settings(stores: Kept) -> Settings:
    chosen: dict[str, Any] = {
        "database_url": stores.database_url,
        "secret_key": stores.secret_key,
        "log_level": "warning",
        "rate_limit_per_minute": 0,  # there is nobody but the caller
        "_env_prefix": "nothing in the environment: ",  # that is for other servers
    }
    return Settings(**chosen)


@contextmanager
def _listening(app: FastAPI, path: Path) -> Iterator[str]:
    """Answer requests in a thread of their own; return once the last one is answered."""
    with socket.socket(socket.AF_UNIX) as listener:
        path.unlink(missing_ok=True)  # of a run that was killed
        listener.bind(str(path))
        listener.listen(128)
        server = _Server(app)
        thread = threading.Thread(
            target=server.answer, args=(listener,), name="cerebro-api", daemon=True
        )
        thread.start()
        try:
            server.settled.wait()
            if not server.started:
                raise EmbeddedError("The API did not start; its log says why.")
            yield f"unix://{path}"
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def _working(settings: Settings) -> Iterator[None]:
    """Run jobs in a thread of their own."""
    worker = _Worker(settings)
    thread = threading.Thread(target=worker.run, name="cerebro-worker", daemon=True)
    thread.start()
    try:
        yield
    finally:
        worker.stop()
        thread.join()


class _Worker:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._has_begun = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._engine: Engine | None = None

    def run(self) -> None:
        """Work until `stop` is called."""
        try:
            asyncio.run(self._work())
        finally:
            self._has_begun.set()

    async def _work(self) -> None:
        async with working(self._settings) as engine:
            self._loop, self._engine = asyncio.get_running_loop(), engine
            self._has_begun.set()
            await engine.run()

    def stop(self) -> None:
        """Let what runs come to its end."""
        self._has_begun.wait()
        if self._loop is not None and self._engine is not None:
            with contextlib.suppress(RuntimeError):  # it has ended by itself
                self._loop.call_soon_threadsafe(self._engine.stop)


class _Server(uvicorn.Server):
    def __init__(self, app: FastAPI) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                access_log=False,
                log_config=None,
                server_header=False,
                timeout_graceful_shutdown=_DRAIN_SECONDS,
            )
        )
        self._api = app
        self.settled = threading.Event()

    def answer(self, listener: socket.socket) -> None:
        """Serve until `should_exit` is set."""
        try:
            self.run(sockets=[listener])
        finally:
            self.settled.set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.settled.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._api.state.commits.stop()  # or those who wait for changes would hold up the end
        await super().shutdown(sockets=sockets)


def _owners_key(settings: Settings, stores: Kept, url: str, *, made: str | None) -> str:
    """Return a key of the owner's: the first one, the one of the last time, or a new one."""
    if stores.data_dir is None:
        return made or registry.issue_key(settings)
    file = stores.data_dir / _KEY_FILE
    if made is None and (known := _kept_key(file)) is not None:
        with Cerebro(url, known) as crm, contextlib.suppress(NotSignedInError):
            crm.auth.raw.whoami()
            return known
    key = made or registry.issue_key(settings)
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(f"{key}\n")
    return key


def _kept_key(file: Path) -> str | None:
    try:
        return file.read_text(encoding="utf-8").strip() or None
    except OSError:
        return None


@contextmanager
def _logs_left_alone() -> Iterator[None]:
    """Keep the program's own logging as it is: `create_app` is used to having its process alone."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configured = structlog.get_config() if structlog.is_configured() else None
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        logging.getLogger("cerebro").setLevel(logging.WARNING)
        if configured is not None:
            structlog.configure(**configured)
