"""Jobs: what happens later, or did not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Generic, TypeVar

from cerebro_sdk._async.pages import AsyncPages
from cerebro_sdk._async.resource import AsyncCalls, AsyncPlainCalls, AsyncTypedCalls, Plain, R
from cerebro_sdk._async.transport import Call

if TYPE_CHECKING:
    from cerebro_sdk.schemas.workspace.jobs import Job, JobStats  # noqa: F401 -- in strings

S = TypeVar("S")


class AsyncJobCalls(AsyncCalls, Generic[R, S]):
    """What can be done with jobs."""

    def list(
        self,
        state: str | Sequence[str] | None = None,
        kind: str | None = None,
        limit: int | None = None,
        page_size: int | None = None,
    ) -> AsyncPages[R]:
        """List jobs, the newest first: those that wait, run, or failed for good.

        >>> async for job in crm.jobs.list(state="dead"):
        ...     print(job.kind, job.attempts, job.last_error)
        """
        states = state if state is None or isinstance(state, str) else ",".join(state)
        return AsyncPages(
            self._transport,
            self._path,
            read=lambda value: self._read(f"{self._schema}:Job", value),
            params={"state": states, "kind": kind},
            limit=limit,
            page_size=page_size,
        )

    async def get(self, ref: object) -> R:
        """Fetch a job by its id, or the last 6 or more characters of it.

        >>> job = await crm.jobs.get("1a2b3c4d")
        """
        return await self._one(Call("GET", self._at(ref), is_repeatable=True))

    async def retry(self, ref: object, *, dry_run: bool = False) -> R:
        """Run a job again that is dead or cancelled, or one that waits at once; a `dry_run`, here
        and below, checks everything and writes nothing.

        >>> async for job in crm.jobs.list(state="dead"):
        ...     await crm.jobs.retry(job.id)
        """
        return await self._one(self._verb(ref, "retry", dry_run=dry_run))

    async def cancel(self, ref: object, *, dry_run: bool = False) -> R:
        """Cancel a job that does not run yet.

        >>> await crm.jobs.cancel("1a2b3c4d")
        """
        return await self._one(self._verb(ref, "cancel", dry_run=dry_run))

    async def stats(self) -> S:
        """Count jobs by kind and state, and the workers that live.

        >>> stats = await crm.jobs.stats()
        >>> print(stats.due, "due,", stats.workers, "workers")
        """
        call = Call("GET", f"{self._path}/stats", is_repeatable=True)
        found: S = await self._ask(call, f"{self._schema}:JobStats")
        return found

    async def _one(self, call: Call) -> R:
        job: R = await self._ask(call, f"{self._schema}:Job")
        return job


class AsyncRawJobs(AsyncPlainCalls, AsyncJobCalls[Plain, Plain]):
    """Jobs as plain dicts."""


class AsyncJobs(AsyncTypedCalls, AsyncJobCalls["Job", "JobStats"]):
    """Jobs: what happens later, or did not."""

    @property
    def raw(self) -> AsyncRawJobs:
        """The same with plain dicts, without importing pydantic.

        >>> (await crm.jobs.raw.stats())["due"]
        """
        return AsyncRawJobs(self._transport, self._name, self._schema)
