"""Tasks: done, and open again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic

from cerebro_sdk._async.nouns import AsyncFiledResource, AsyncRawFiled
from cerebro_sdk._async.resource import AsyncCalls, Plain, R, if_match, tried
from cerebro_sdk._async.transport import Call

if TYPE_CHECKING:  # the classes below name these in strings
    from cerebro_sdk.schemas.activities.tasks import Task, TaskCreate, TaskUpdate  # noqa: F401

_BODIES = "activities.task_verbs"


class AsyncTaskVerbs(AsyncCalls, Generic[R]):
    """What is particular to tasks."""

    async def complete(
        self, ref: object, version: int | None = None, *, dry_run: bool = False, **fields: Any
    ) -> R:
        """Complete a task, now or at `completed_at`. With `version`, only if the record still has
        it; one that is completed stays as it is.

        >>> task = await crm.tasks.complete("0a1b2c3d")
        >>> print(task.status, task.completed_at)
        """
        return await self._do("complete", "TaskComplete", ref, version, fields, dry_run=dry_run)

    async def reopen(
        self, ref: object, version: int | None = None, *, dry_run: bool = False, **fields: Any
    ) -> R:
        """Open a task again that was completed or cancelled; `status` may be `in_progress`.

        >>> await crm.tasks.reopen("0a1b2c3d")
        """
        return await self._do("reopen", "TaskReopen", ref, version, fields, dry_run=dry_run)

    async def _do(
        self,
        verb: str,
        schema: str,
        ref: object,
        version: int | None,
        fields: dict[str, Any],
        *,
        dry_run: bool,
    ) -> R:
        body = self._body(f"{_BODIES}:{schema}", None, fields)
        call = Call(
            "POST",
            f"{self._at(ref)}/{verb}",
            params=tried(dry_run),
            headers=if_match(version),
            body=body,
        )
        record: R = await self._ask(call)
        return record


class AsyncRawTasks(AsyncRawFiled, AsyncTaskVerbs[Plain]):
    """Tasks as plain dicts."""


class AsyncTasks(AsyncFiledResource["Task", "TaskCreate", "TaskUpdate"], AsyncTaskVerbs["Task"]):
    """Tasks: what somebody has to do, until when.

    >>> async for task in crm.tasks.list("owner = me and due_at < now and status = open"):
    ...     print(task.due_at, task.subject)
    """

    @property
    def raw(self) -> AsyncRawTasks:
        """The same with plain dicts, without importing pydantic.

        >>> task = await crm.tasks.raw.get("0a1b2c3d")
        """
        return AsyncRawTasks(self._transport, self._name, self._schema)
