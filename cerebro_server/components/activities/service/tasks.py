"""The verbs of tasks. What follows from each, the rules derive, as from any other change."""

from __future__ import annotations

from typing import Any

from cerebro_sdk.schemas.activities.task_verbs import TaskComplete, TaskReopen
from cerebro_server.components.activities.records.tasks import tasks
from cerebro_server.components.activities.rules.tasks import COMPLETED
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.errors import Forbidden
from cerebro_server.kernel.records import writer
from cerebro_server.kernel.records.writer import Written


async def complete(
    context: Context, reference: str, said: TaskComplete, *, version: int | None
) -> Written:
    """Complete a task. Needs `tasks:complete`; one that is completed stays as it is, unless another
    time is said."""
    at = {} if said.completed_at is None else {"completed_at": said.completed_at}
    return await _act(context, reference, "complete", {"status": COMPLETED, **at}, version)


async def reopen(
    context: Context, reference: str, said: TaskReopen, *, version: int | None
) -> Written:
    """Open a task again. Needs `tasks:reopen`."""
    return await _act(context, reference, "reopen", {"status": said.status or "open"}, version)


async def _act(
    context: Context, reference: str, action: str, values: dict[str, Any], version: int | None
) -> Written:
    context.actor.require(f"tasks:{action}")
    shown = context.seen(tasks)
    if closed := sorted({"status", *values} & (shown.closed | shown.hidden)):
        said = f"You may not change {', '.join(closed)} of tasks."
        raise Forbidden(said, permission="tasks:update")
    return await writer.change(context, tasks, reference, values, action=action, version=version)
