"""What the handler of a job gets, and how it says what came of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from cerebro_server.kernel.access import Actor
from cerebro_server.kernel.config import Settings
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Database, Scope, Sql, Transaction, Workspace
from cerebro_server.kernel.fields import Catalog
from cerebro_server.kernel.jobs import Job
from cerebro_server.kernel.jobs.settling import END, FENCE


class Retry(Exception):  # noqa: N818 - says what to do
    """The job is to be tried again after so many seconds."""

    def __init__(self, after_seconds: float, message: str = "It asked to be tried again.") -> None:
        super().__init__(message)
        self.after_seconds = after_seconds


class Dead(Exception):  # noqa: N818 - the state it leads to
    """No further try can help: the job is parked, with this message."""


class Fenced(Exception):  # noqa: N818 - the usual word
    """Another worker has taken the job over; nothing of this transaction is kept."""


class Recall(Protocol):
    """From the tags that a job was asked for with to the actor as they are now."""

    async def __call__(self, database: Database, scope: Scope, tag: str, behalf: str) -> Actor:
        """Return who it is. Raises `NotAuthenticated` for whoever may not sign in any more."""


@dataclass(frozen=True, slots=True)
class Site:
    """What all jobs of a worker share."""

    database: Database
    settings: Settings
    catalog: Catalog
    known_permissions: frozenset[str]
    recall: Recall


class Work:
    """One try of a job.

    An effect happens exactly once when it is written in the block of `finishing`: it commits
    together with the end of the job. What `transaction` writes is kept when a later step fails, and
    the whole job comes again: such a handler has to know how far it came.
    """

    def __init__(self, job: Job, workspace: Workspace, site: Site) -> None:
        self.job = job
        self.workspace = workspace
        self.site = site
        self.has_ended = False
        """Whether a transaction of its own has ended the job."""
        self._actor: Actor | None = None

    @property
    def payload(self) -> Mapping[str, Any]:
        """What was asked for."""
        return self.job.payload

    async def actor(self) -> Actor:
        """Return who asked for the job, with the rights that they have now."""
        if self._actor is None:
            self._actor = await self.site.recall(
                *(self.site.database, self.workspace.scope),
                *(self.job.actor, self.job.on_behalf_of or ""),
            )
        return self._actor

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Context]:
        """Open a transaction of whoever asked; commit at the end of the block.

        It locks the job first, and extends its lease. Raises `Fenced`.
        """
        async with await self._context() as context:
            await self._fence(await context.write())
            yield context

    @asynccontextmanager
    async def finishing(self) -> AsyncIterator[Context]:
        """Do the same for the last transaction of a job: it ends the job, too."""
        async with await self._context() as context:
            transaction = await context.write()
            await self._fence(transaction)
            yield context
            await transaction.rows(Sql(END, (self.job.id, self.job.id)))
        self.has_ended = True

    async def _context(self) -> Context:
        actor = await self.actor()
        workspace, job, site = self.workspace, self.job, self.site
        behalf = job.on_behalf_of or ""
        scope = Scope(workspace.schema, workspace.role, job.actor, behalf, job.request_id or "")
        return Context(
            *(site.database, site.settings, actor, workspace.slug, scope, site.catalog),
            known_permissions=site.known_permissions,
        )

    async def _fence(self, transaction: Transaction) -> None:
        seconds = self.site.settings.job_lease_seconds
        held = await transaction.row(Sql(FENCE, (seconds, self.job.id, self.job.token)))
        if held is None:
            raise Fenced(f"Another worker has taken over the job {self.job.id}.")


Handler = Callable[[Work], Awaitable[None]]
"""Runs a job; whatever it raises but `Retry` and `Dead` leads to another try."""
