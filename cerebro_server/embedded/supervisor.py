"""Keep children running: start them, start again what dies, stop all in order."""

from __future__ import annotations

import json
import os
import select
import subprocess
import time
from collections.abc import Callable
from typing import Any

from cerebro_server.embedded import processes
from cerebro_server.embedded.errors import EmbeddedError
from cerebro_server.embedded.processes import Service, tail
from cerebro_server.embedded.signals import Signals

_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 5.0
_QUICK_SECONDS = 30.0  # a child that lived longer was well
_QUICK_DEATHS = 5


class Child:
    """A service and its process, while it has one."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.process: subprocess.Popen[bytes] | None = None
        self.start_at = 0.0
        self._started_at = 0.0
        self._deaths = 0

    def start(self) -> None:
        """Start the process."""
        self._started_at = time.monotonic()
        self.process = processes.spawn(self.service)

    def has_died(self) -> bool:
        """Reap the process when it ended."""
        if self.process is None or self.process.poll() is None:
            return False
        processes.kill_group(self.process)  # what it started and left
        self.process = None
        return True

    def plan_restart(self) -> None:
        """Set when to start again, later after each quick death; give up after several."""
        now = time.monotonic()
        quick = now - self._started_at < _QUICK_SECONDS
        self._deaths = self._deaths + 1 if quick else 1
        if self._deaths > _QUICK_DEATHS:
            said = tail(self.service.log)
            raise EmbeddedError(
                f"{self.service.name} ended {self._deaths} times within seconds, so this gives up."
                + (f" It said last:\n{said}" if said else "")
            )
        pause = _FIRST_PAUSE_SECONDS * 3 ** (self._deaths - 1)
        self.start_at = now + min(pause, _LONGEST_PAUSE_SECONDS)


class Supervisor:
    """Children in the order they were added; they are stopped in the opposite order.

    It lives in the main thread, and needs no other.
    """

    def __init__(
        self,
        signals: Signals,
        *,
        say: Callable[[str], None],
        on_restart: Callable[[], None] = lambda: None,
    ) -> None:
        self._signals = signals
        self._say = say
        self._on_restart = on_restart
        self._children: list[Child] = []

    def start(self, service: Service) -> None:
        """Start a service and keep it running from now on; returns without waiting for it."""
        child = Child(service)
        self._children.append(child)
        child.start()

    def watch(self, reports: int, on_report: Callable[[dict[str, Any]], None]) -> None:
        """Restart what dies until a stop is asked for; `reports` is a pipe of JSON lines."""
        rest = b""
        os.set_blocking(reports, False)
        while not self._signals.stop_requested:
            readable, _, _ = select.select([self._signals.wakes, reports], [], [], self._pause())
            if self._signals.wakes in readable:
                self._signals.drain()
            if reports in readable:
                *lines, rest = (rest + os.read(reports, 65536)).split(b"\n")
                for line in lines:
                    on_report(json.loads(line))
            self._mend()

    def _pause(self) -> float | None:
        waiting = [child.start_at for child in self._children if child.process is None]
        return max(0.0, min(waiting) - time.monotonic()) if waiting else None

    def _mend(self) -> None:
        for child in self._children:
            if child.process is not None and child.has_died():
                child.plan_restart()
                self._say(f"{child.service.name} ended unexpectedly; it is started again.")
            if child.process is None and child.start_at <= time.monotonic():
                child.start()
                self._on_restart()

    def stop(self) -> None:
        """Stop all children, the last one first, each when the one before has ended."""
        for child in reversed(self._children):
            if child.process is not None and child.process.poll() is None:
                child.process.send_signal(child.service.stop_signal)
                processes.stop(child.process, child.service)

    def kill(self) -> None:
        """Kill all children; the data survives it, the next start takes a little longer."""
        for child in self._children:
            if child.process is not None and child.process.poll() is None:
                processes.kill_group(child.process)
                child.process.wait()

    @property
    def pids(self) -> dict[str, int]:
        """Return the process ids of what runs."""
        return {c.service.name: c.process.pid for c in self._children if c.process is not None}
