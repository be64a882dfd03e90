"""`cerebro up`: everything on this machine, in one command, under one supervisor."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from cerebro_cli import output
from cerebro_cli.exits import FAILED, Stop
from cerebro_sdk.profiles import ProfileError
from cerebro_server.commands import credentials
from cerebro_server.embedded import AlreadyRunningError, listening, processes
from cerebro_server.embedded.lock import DataDirLock
from cerebro_server.embedded.places import default_data_dir, make_data_dir
from cerebro_server.embedded.processes import Service
from cerebro_server.embedded.signals import Signals
from cerebro_server.embedded.stores import Stores, prepare
from cerebro_server.embedded.supervisor import Supervisor

# This process lives as long as the server does: no fastapi, no pydantic, 25 MB.
app = typer.Typer(rich_markup_mode=None, add_completion=False)

PUBLIC_URL = "CEREBRO_PUBLIC_URL"
_STOP_SECONDS = 15.0
_LEFTOVER_SECONDS = 15.0  # the API of a killed run ends its requests first


@app.command()
def up(
    port: Annotated[
        int, typer.Option(min=0, max=65535, envvar="CEREBRO_PORT", help="Port; 0 takes a free one.")
    ] = 8080,
    host: Annotated[
        str, typer.Option(envvar="CEREBRO_HOST", help="Address to listen on.")
    ] = "127.0.0.1",
    data_dir: Annotated[
        Path | None,
        typer.Option(help="Where the data lives; else CEREBRO_DATA_DIR, else your data directory."),
    ] = None,
    demo: Annotated[
        bool,
        typer.Option("--demo", help="Fill a new workspace with a small firm's sales year."),
    ] = False,
) -> None:
    """Start PostgreSQL, Redis, the API and a worker, and keep them running until Ctrl-C.

    The first start makes workspace `main`, prints its owner's credentials and saves them as a
    profile, so that `cerebro` commands work at once. A stop that was asked for ends with 0.

    Example: cerebro up --port 8081
    """
    began = time.monotonic()
    place = make_data_dir(data_dir or default_data_dir())
    try:
        lock = DataDirLock(place)
    except AlreadyRunningError as error:
        _say(_already(place, error.holder))
        return
    with lock, Signals() as signals:
        ours_before = lock.previous.get("port") == port
        patience = _LEFTOVER_SECONDS if ours_before else 0.0
        listener = listening.bind(host, port, patience_seconds=patience)
        with listener:
            url = listening.url(host, listener.getsockname()[1])
            lock.describe(state="starting", port=listener.getsockname()[1], url=url)
            Run(place, url, lock, signals, began, demo=demo).until_stopped(listener)


class Run:
    """One run of the stores, the API and a worker on a data directory."""

    def __init__(
        self,
        place: Path,
        url: str,
        lock: DataDirLock,
        signals: Signals,
        began: float,
        *,
        demo: bool = False,
    ) -> None:
        self._place = place
        self._url = url
        self._lock = lock
        self._began = began
        self._signals = signals
        self._state = "starting"
        self._has_worker = False
        self._wants_demo = demo
        self._new_key: str | None = None
        """The owner's key, where the workspace was made just now."""
        self._demo: subprocess.Popen[bytes] | None = None
        self._supervisor = Supervisor(signals, say=_say, on_restart=self._describe)

    def until_stopped(self, listener: socket.socket) -> None:
        """Run until a signal, or until a child cannot be kept alive; leave no process."""
        stores = self._stores = prepare(self._place, say=_say)
        # what the environment says of it wins: there may be a proxy in front
        self._environment = {PUBLIC_URL: self._url, **stores.environment()}
        reports, pipe = os.pipe()
        self._pipe = pipe
        try:
            for service in stores.services():
                self._supervisor.start(service)
            # Not when they are ready but now: its second of imports overlaps with their start.
            self._supervisor.start(
                _api(self._environment, stores, self._place, listener.fileno(), pipe)
            )
            self._describe()
            self._supervisor.watch(reports, self._on_report)
            _say("Stopping.")
        except KeyboardInterrupt:
            self._supervisor.kill()
        finally:
            self._stop()
            stores.places.tidy()
            os.close(reports)
            os.close(pipe)

    def _stop(self) -> None:
        self._state = "stopping"
        self._describe()
        if self._demo is not None and self._demo.poll() is None:
            processes.kill_group(self._demo)
        try:
            self._supervisor.stop()
        except KeyboardInterrupt:  # asked twice
            self._supervisor.kill()
        _say("Everything is stopped; the data is safe.")

    def _on_report(self, report: dict[str, Any]) -> None:
        if report["event"] == "failed" and self._state == "starting":
            raise Stop(f"The API cannot start. {report['detail']}", FAILED)
        if report["event"] == "installed":
            self._on_installed(report)
            self._start_worker()
        elif report["event"] == "ready":
            if self._state != "ready":
                took = time.monotonic() - self._began
                _say(f"Cerebro is ready at {self._url} after {took:.1f} s.")
                _say(f"API: {self._url}/docs   logs: {self._place / 'logs'}   stop: Ctrl-C")
            self._state = "ready"
            self._describe()
            self._load_demo()
        elif report["event"] == "demo":
            _say(f"Demo data was loaded: {report['detail']}. Take it out: cerebro demo clear")

    def _load_demo(self) -> None:
        """Fill a workspace that was made just now, in a process of its own that ends by itself."""
        key, self._new_key = self._new_key, None
        if key is not None and self._wants_demo:
            self._demo = processes.spawn(_loading(self._stores, self._url, key, self._pipe))

    def _start_worker(self) -> None:
        """Start the worker, now that its tables are there; an API that comes back finds it."""
        if not self._has_worker:
            self._has_worker = True
            self._supervisor.start(_worker(self._environment, self._stores))
            self._describe()

    def _on_installed(self, report: dict[str, Any]) -> None:
        for warning in report["warnings"]:
            _say(f"Warning: {warning}")
        if report["applied"] and not report["created"]:
            _say(f"The database was brought to revision {report['revision']}.")
        self._new_key = report["api_key"] if report["created"] else None
        if report["api_key"]:
            made = f"Workspace {report['workspace']} was made. Its owner, shown this once:"
            lost = "No profile has this server's key; the owner gets a new one, shown this once:"
            _say(made if report["created"] else lost)
            output.write(f"owner    {report['owner']}\napi key  {report['api_key']}\n")
            output.flush()
        try:
            name = credentials.keep(
                self._place,
                url=self._url,
                workspace=report["workspace"],
                api_key=report["api_key"],
            )
        except ProfileError as error:
            _say(f"The key could not be saved as a profile: {error}")
            return
        if name is not None and report["api_key"]:
            _say(f"The key is saved as profile {name}.")
        if name is not None and not credentials.is_current(name):
            _say(f"Another profile is current; reach this server with --profile {name}.")

    def _describe(self) -> None:
        port = int(self._url.rpartition(":")[2])
        pids = self._supervisor.pids
        self._lock.describe(state=self._state, port=port, url=self._url, children=pids)


def _say(text: str) -> None:
    # The terminal may be gone (SIGHUP), and what runs is to be stopped in order even then.
    with contextlib.suppress(OSError):
        output.note(text)


def _api(
    environment: dict[str, str], stores: Stores, place: Path, listener: int, pipe: int
) -> Service:
    return Service(
        name="api",
        # -P: a folder called `fastapi` where we happen to be started is not imported
        command=[
            *(sys.executable, "-P", "-m", "cerebro_server", "serve", "--upgrade"),
            *("--listen-fd", str(listener), "--report-fd", str(pipe)),
            *("--profile-of", str(place)),  # without one, the owner gets a new key
        ],
        stop_signal=signal.SIGTERM,
        env=environment,
        log=stores.places.log("api"),
        pass_fds=(listener, pipe),
        stop_seconds=_STOP_SECONDS,
    )


def _worker(environment: dict[str, str], stores: Stores) -> Service:
    return Service(
        name="worker",
        command=[sys.executable, "-P", "-m", "cerebro_server", "worker"],
        stop_signal=signal.SIGTERM,
        env=environment,
        log=stores.places.log("worker"),
        stop_seconds=_STOP_SECONDS,
    )


def _loading(stores: Stores, url: str, key: str, pipe: int) -> Service:
    return Service(
        name="demo",
        command=[
            *(sys.executable, "-P", "-m", "cerebro_server", "demo", "load"),
            *("--report-fd", str(pipe)),
        ],
        stop_signal=signal.SIGTERM,
        env={**stores.environment(), "CEREBRO_URL": url, "CEREBRO_API_KEY": key},
        log=stores.places.log("demo"),
        pass_fds=(pipe,),
        stop_seconds=_STOP_SECONDS,
    )


def _already(place: Path, holder: dict[str, Any]) -> str:
    where = f" at {holder['url']}" if "url" in holder else ""
    who = f" (process {holder['pid']})" if "pid" in holder else ""
    return f"Cerebro already runs{where}{who} with the data of {place}."
