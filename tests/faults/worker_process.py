"""A worker with handlers and a subscriber of the tests', as a process of its own."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from cerebro_server import worker
from cerebro_server.kernel import clock
from cerebro_server.kernel.config import Settings
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.ids import uuid7
from cerebro_server.kernel.journal.subscriber import Change, Subscriber, Wish
from cerebro_server.kernel.telemetry import configure_logs
from cerebro_server.kernel.worker import Work


async def effect(work: Work) -> None:
    """Make a company, after some time in which this process may be killed or stopped."""
    if place := work.payload.get("begun"):
        Path(place).write_text(str(os.getpid()))
    await asyncio.sleep(work.payload.get("seconds", 0.01))
    async with work.finishing() as context:
        transaction = await context.write()
        name = work.payload["name"]
        await transaction.rows(
            Sql("insert into companies (id, name) values (%s, %s)", (uuid7(), name))
        )


def news(changes: Sequence[Change]) -> list[Wish]:
    """Ask for a job that nobody runs, so that it can be counted."""
    return [Wish("told", None, {"record": str(change.record_id)}) for change in changes]


def turn_clock(seconds: float) -> None:
    """Let every clock of this process be wrong by so much."""
    right, right_ns, now = time.time, time.time_ns, clock.now
    time.time = lambda: right() + seconds
    time.time_ns = lambda: right_ns() + int(seconds * 1e9)
    clock.now = lambda: now() + timedelta(seconds=seconds)


if __name__ == "__main__":
    turn_clock(float(os.environ.get("CLOCK_IS_WRONG_BY", "0")))
    settings = Settings()
    configure_logs(level="warning", form="json")
    subscriber = Subscriber("news", news, frozenset({"contacts"}), frozenset({"created"}))
    asyncio.run(worker.run(settings, also={"effect": effect}, subscribers=[subscriber]))
