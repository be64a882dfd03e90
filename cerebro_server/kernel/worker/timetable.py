"""Schedules: what happens at certain times, by the database's clock."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

import psycopg
import structlog
from cronsim import CronSim

from cerebro_server.kernel.db import Database, Scope, Sql, Transaction, Workspace
from cerebro_server.kernel.errors import Problem
from cerebro_server.kernel.jobs import enqueue

_LOOK_SECONDS = 20.0
_PUNCTUAL_SECONDS = 120.0
_MOST_MISSED = 1_000
_log = structlog.get_logger("cerebro.worker")
_NOW: Final = Sql("select clock_timestamp()")
_KNOW: Final = """
insert into schedules (name, last_tick_at) select name, clock_timestamp()
from unnest(%s::text[]) as s(name) on conflict do nothing
"""
_HOLD: Final = """
select name, last_tick_at, clock_timestamp() from schedules where name = any(%s)
order by name for update skip locked
"""
_TICKED: Final = "update schedules set last_tick_at = %s where name = %s"


@dataclass(frozen=True)
class Schedule:
    """A job that every workspace has run at certain times."""

    name: str
    cron: str
    """Minute, hour, day, month, weekday; on days when clocks change as Debian's cron: a time that
    is left out runs right after the jump, one that comes twice runs once."""
    kind: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    zone: str = "UTC"
    missed: Literal["once", "all", "skip"] = "once"
    """What becomes of times at which no worker ran: one job for all of them, one for each (the last
    thousand), or none."""


def ticks(schedule: Schedule, after: datetime, until: datetime) -> Iterator[datetime]:
    """Yield the times of a schedule after one moment up to another."""
    for tick in CronSim(schedule.cron, after.astimezone(ZoneInfo(schedule.zone))):
        if tick > until:
            return
        yield tick


def due(schedule: Schedule, last: datetime, now: datetime) -> tuple[list[datetime], datetime]:
    """Return the ticks to run by now, and the newest that is settled with that."""
    passed = list(ticks(schedule, last, now))
    if not passed:
        return [], last
    newest = passed[-1]
    if schedule.missed == "all":
        return passed[-_MOST_MISSED:], newest
    is_late = now - newest > timedelta(seconds=_PUNCTUAL_SECONDS)
    return ([] if schedule.missed == "skip" and is_late else [newest]), newest


class Timetable:
    """Asks for the jobs of schedules. Any number may run: a workspace's row is held by one."""

    def __init__(self, database: Database, schedules: Sequence[Schedule]) -> None:
        self._database = database
        self._schedules = {schedule.name: schedule for schedule in schedules}
        self._workspaces: list[Workspace] = []
        self._settled: dict[str, datetime] = {}

    def know(self, workspaces: Iterable[Workspace]) -> None:
        """Take over the list of workspaces."""
        self._workspaces = list(workspaces)

    async def run(self) -> None:
        """Keep the times until cancelled; the database being away is no end."""
        while self._schedules:
            try:
                pause = await self.look()
            except (Problem, psycopg.Error) as error:
                _log.warning("database_in_the_way", error=str(error))
                pause = 1.0
            await asyncio.sleep(pause)

    async def look(self) -> float:
        """Ask for what is due in each workspace; return how many seconds to wait."""
        control = await self._database.control()
        [(now,)] = await self._database.read(control, _NOW)
        for workspace in self._workspaces:
            since = self._settled.get(workspace.schema)
            if since is None or any(self._next(each, since) <= now for each in self._all):
                scope = Scope(workspace.schema, workspace.role, "system")
                async with self._database.transaction(scope) as transaction:
                    await self.tick(transaction)
                self._settled[workspace.schema] = now
        pause: float = min((self._next(each, now) - now).total_seconds() for each in self._all)
        return max(0.05, min(pause, _LOOK_SECONDS))

    async def tick(self, transaction: Transaction) -> None:
        """Ask for what is due in the transaction's workspace."""
        names = list(self._schedules)
        rows = (await transaction.batch(Sql(_KNOW, (names,)), Sql(_HOLD, (names,))))[-1]
        for name, last, now in rows:
            schedule = self._schedules[name]
            wanted, newest = due(schedule, last, now)
            for tick in wanted:
                at = tick.isoformat()
                await enqueue(
                    transaction,
                    kind=schedule.kind,
                    key=f"{name}@{at}" if schedule.missed == "all" else name,
                    payload={**schedule.payload, "tick": at},
                )
            if newest != last:
                await transaction.rows(Sql(_TICKED, (newest, name)))

    @property
    def _all(self) -> Iterable[Schedule]:
        return self._schedules.values()

    def _next(self, schedule: Schedule, after: datetime) -> datetime:
        return next(CronSim(schedule.cron, after.astimezone(ZoneInfo(schedule.zone))))
