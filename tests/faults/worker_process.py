"""A worker with handlers and a subscriber of the tests', as a process of its own."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

from cerebro_server import worker
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


if __name__ == "__main__":
    settings = Settings()
    configure_logs(level="warning", form="json")
    subscriber = Subscriber("news", news, frozenset({"contacts"}), frozenset({"created"}))
    asyncio.run(worker.run(settings, also={"effect": effect}, subscribers=[subscriber]))
