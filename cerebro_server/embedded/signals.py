"""The signals a supervisor lives by: remembered, and told to whoever waits in `select`."""

from __future__ import annotations

import os
import signal
import time
from types import FrameType
from typing import Any, Self

_WANTED_STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_DOUBLE_SECONDS = 1.0  # a wrapper may pass on the Ctrl-C that the terminal sent already


class Signals:
    """While entered, the first stop signal sets `stop_requested`; a later one interrupts."""

    def __init__(self) -> None:
        self.stop_requested = False
        self._asked_at = 0.0
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        self.wakes, self._wake = os.pipe()
        for end in (self.wakes, self._wake):
            os.set_blocking(end, False)
        self._fd_before = signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        for number in _WANTED_STOP:
            if number == signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
                continue  # nohup
            self._before[number] = signal.signal(number, self._on_stop)
        # Without a handler the end of a child would wake nobody.
        self._before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._fd_before)
        os.close(self.wakes)
        os.close(self._wake)

    def _on_stop(self, _number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if self.stop_requested and now - self._asked_at > _DOUBLE_SECONDS:
            raise KeyboardInterrupt
        if not self.stop_requested:
            self._asked_at = now
        self.stop_requested = True

    def drain(self) -> None:
        """Forget what woke us."""
        try:
            while os.read(self.wakes, 512):
                pass
        except BlockingIOError:
            pass
