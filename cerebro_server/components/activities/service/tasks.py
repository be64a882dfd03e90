"""The verbs of tasks. What follows from each, the rules derive, as from any other change."""

from __future__ import annotations

from cerebro_sdk.schemas.activities.task_verbs import TaskComplete, TaskReopen
from cerebro_server.components.activities.records.tasks import tasks
from cerebro_server.components.activities.rules.tasks import COMPLETED
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.records.acting import act
from cerebro_server.kernel.records.writer import Written


async def complete(
    context: Context, reference: str, said: TaskComplete, *, version: int | None
) -> Written:
    """Complete a task. Needs `tasks:complete`; one that is completed stays as it is, unless another
    time is said."""
    at = {} if said.completed_at is None else {"completed_at": said.completed_at}
    return await act(
        context, tasks, reference, {"status": COMPLETED, **at}, action="complete", version=version
    )


async def reopen(
    context: Context, reference: str, said: TaskReopen, *, version: int | None
) -> Written:
    """Open a task again. Needs `tasks:reopen`."""
    return await act(
        context,
        tasks,
        reference,
        {"status": said.status or "open"},
        action="reopen",
        version=version,
    )
