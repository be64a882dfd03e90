"""The worker's loop: claim what is due, run it, write down what came of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from uuid import UUID

import psycopg
import structlog

from cerebro_server.kernel.db import Workspace
from cerebro_server.kernel.errors import NotAuthenticated, Problem
from cerebro_server.kernel.ids import uuid7
from cerebro_server.kernel.jobs import Job, claiming, settling
from cerebro_server.kernel.jobs.settling import Outcome
from cerebro_server.kernel.journal.listening import listen
from cerebro_server.kernel.worker import presence
from cerebro_server.kernel.worker.agenda import LONGEST_SECONDS, Agenda
from cerebro_server.kernel.worker.lanes import Lanes
from cerebro_server.kernel.worker.presence import Presence
from cerebro_server.kernel.worker.relay import Relay
from cerebro_server.kernel.worker.timetable import Timetable
from cerebro_server.kernel.worker.trying import attempt
from cerebro_server.kernel.worker.work import Handler, Site, Work

_DRAIN_SECONDS = 10.0
_PAUSE_SECONDS = 1.0  # after an error of the database's
_log = structlog.get_logger("cerebro.worker")


class Engine:
    """Runs the jobs of every workspace until it is stopped. PostgreSQL being away is no end."""

    def __init__(
        self,
        site: Site,
        handlers: Mapping[str, Handler],
        *,
        relay: Relay,
        timetable: Timetable,
        url: str,
    ) -> None:
        self.id = uuid7()
        self.site = site
        self._handlers = {**handlers, **relay.handlers}
        self._relay = relay
        self._timetable = timetable
        self._url = url
        self._kinds = sorted(self._handlers)
        self._lease = site.settings.job_lease_seconds
        self._presence = Presence(site.database, self.id, self._kinds, self._lease)
        self._agenda = Agenda()
        self._lanes = Lanes(self._kinds, site.settings.worker_concurrency)
        self._blocked: dict[str, None] = {}  # in the order in which they came
        self._tasks: dict[asyncio.Task[None], Job] = {}
        self._outcomes: list[tuple[Workspace, Outcome]] = []
        self._woken = asyncio.Event()
        self._ended = asyncio.Event()
        self._settling = asyncio.Lock()
        self._stopping = asyncio.Event()

    @property
    def workspaces(self) -> list[Workspace]:
        """Every workspace that it knows of."""
        return self._agenda.all()

    def stop(self) -> None:
        """Claim nothing more, let what runs come to its end, and return from `run`."""
        self._stopping.set()
        self._woken.set()

    def wake(self, schema: str) -> None:
        """Look into a workspace at once, for jobs and for changes."""
        self._relay.wake(schema)
        if self._agenda.knows(schema):
            self._agenda.at_once([schema])
            self._woken.set()

    async def run(self) -> None:
        """Work until `stop` is called."""
        async with asyncio.TaskGroup() as group:
            helpers = [
                group.create_task(helper)
                for helper in (
                    listen(self._url, on_commit=self.wake, on_change=self._hears),
                    self._often(self._lease / 6, self._beat),
                    self._often(LONGEST_SECONDS / 2, self._look_around),
                    self._settle(),
                    self._relay.run(),
                    self._timetable.run(),
                )
            ]
            await self._claim()
            await self._drain()
            for helper in helpers:
                helper.cancel()
        await self._leave()

    def _hears(self, is_told: bool) -> None:
        self._agenda.is_told = is_told
        self._agenda.at_once(workspace.schema for workspace in self._agenda.all())
        self._woken.set()

    async def _claim(self) -> None:
        # before the first claim: the leases of a worker that nobody knows look like a dead one's
        while not self._stopping.is_set() and not await self._unharmed(self._look_around()):
            pass
        while not self._stopping.is_set():
            self._woken.clear()
            for workspace in self._agenda.ripe():
                await self._unharmed(self._look_into(workspace))
                if self._stopping.is_set():
                    return
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._agenda.pause() or 0.001):
                    await self._woken.wait()

    async def _look_into(self, workspace: Workspace) -> None:
        """Start what is due in a workspace and has a place, and note when to look in again."""
        schema = workspace.schema
        self._agenda.later(schema, _PAUSE_SECONDS)  # unless it turns out otherwise
        shares = self._lanes.shares(schema)
        if not shares:
            self._blocked[schema] = None
            return
        try:
            jobs, next_in = await claiming.claim(
                *(self.site.database, workspace.scope, shares),
                kinds=self._kinds,
                worker_id=self.id,
                lease_seconds=self._lease,
            )
        except NotAuthenticated:  # the workspace was removed
            await self._know_workspaces()
            return
        hungry = self._lanes.took(schema, shares, [job.kind for job in jobs])
        for job in jobs:
            task = asyncio.create_task(self._try(workspace, job))
            self._tasks[task] = job
            task.add_done_callback(self._tasks.pop)
        waits = next_in is not None and next_in <= 0
        if (hungry or waits) and jobs:
            self._agenda.at_once([schema])
        elif waits:  # others hold them, or there is no place
            self._blocked[schema] = None
        else:
            self._agenda.later(schema, next_in)

    async def _try(self, workspace: Workspace, job: Job) -> None:
        outcome = await attempt(self._handlers[job.kind], Work(job, workspace, self.site))
        self._lanes.left(workspace.schema, job.kind)
        if outcome is not None:
            self._outcomes.append((workspace, outcome))
            self._ended.set()
        if self._blocked:
            self._agenda.at_once(self._blocked)
            self._blocked.clear()
            self._woken.set()

    async def _settle(self) -> None:
        while True:
            await self._ended.wait()
            self._ended.clear()
            async with self._settling:
                await self._settle_all()

    async def _settle_all(self) -> None:
        """Write down what came of jobs, many at once; what cannot be written yet is kept."""
        by_workspace: defaultdict[Workspace, list[Outcome]] = defaultdict(list)
        for workspace, outcome in self._outcomes:
            by_workspace[workspace].append(outcome)
        for workspace, found in by_workspace.items():
            done = await self._unharmed(settling.settle(self.site.database, workspace.scope, found))
            if not done:
                self._ended.set()
                continue
            written = set(map(id, found))
            self._outcomes = [each for each in self._outcomes if id(each[1]) not in written]
            if any(outcome.verdict == "retry" for outcome in found):
                self.wake(workspace.schema)  # to learn when it is due

    async def _often(self, seconds: float, step: Callable[[], Awaitable[None]]) -> None:
        while True:
            await self._unharmed(step())
            await asyncio.sleep(seconds)

    async def _beat(self) -> None:
        """Say that this worker lives, and take over from those that do not."""
        living, silent = await self._presence.here()
        if silent and not await self._take_back(living):
            await self._presence.gone(silent)

    async def _look_around(self) -> None:
        """Learn of new workspaces, and take back jobs that nobody runs."""
        await self._know_workspaces()
        living, _ = await self._presence.here()
        await self._take_back(living)
        for workspace in self._agenda.all():
            await self._presence.report(workspace)
        await self._relay.skip()

    async def _take_back(self, living: Sequence[UUID]) -> bool:
        """Take back leases that are over; tell whether some are left that are not."""
        is_left = False
        held = [*self._tasks.values(), *(outcome.job for _, outcome in self._outcomes)]
        for workspace in self._agenda.all():
            count, left = await claiming.take_back(
                *(self.site.database, workspace.scope),
                living=living,
                me=self.id,
                held=[job.id for job in held],
            )
            is_left |= left
            if count:
                _log.warning("jobs_taken_over", workspace=workspace.slug, count=count)
                self.wake(workspace.schema)
        return is_left

    async def _know_workspaces(self) -> None:
        workspaces = await presence.workspaces(self.site.database)
        self._agenda.know(workspaces)
        self._relay.know(workspaces)
        self._timetable.know(workspaces)
        self._woken.set()

    async def _drain(self) -> None:
        """Let what runs come to its end; what takes too long is given back."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=_DRAIN_SECONDS)
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=1)
        async with self._settling:
            await self._settle_all()

    async def _leave(self) -> None:
        await self._unharmed(self._presence.gone([self.id]))

    async def _unharmed(self, step: Awaitable[None]) -> bool:
        """Run a step; wait a little where the database is in its way, and tell whether it went."""
        try:
            await step
        except (Problem, psycopg.Error) as error:
            _log.warning("database_in_the_way", error=str(error))
            await asyncio.sleep(_PAUSE_SECONDS)
            return False
        return True
