"""Routes of tasks besides those that every noun has."""

from __future__ import annotations

from fastapi import Request, Response

from cerebro_sdk.schemas.activities.task_verbs import TaskComplete, TaskReopen
from cerebro_server.components.activities.records.tasks import tasks as tasks_type
from cerebro_server.components.activities.service import tasks
from cerebro_server.kernel.crud.verbs import perform, verb
from cerebro_server.kernel.http.auth import Caller, Route
from cerebro_server.kernel.http.routing import Router

router = Router(prefix="/v1/tasks", tags=["tasks"], route_class=Route)


@verb(router, tasks_type, "complete", body=TaskComplete)
async def complete(request: Request, context: Caller) -> Response:
    """Complete {a_one}.
    It gets the time of its completion: now, or the one that is sent. One that is completed stays as
    it is."""
    return await perform(request, context, TaskComplete, tasks.complete)


@verb(router, tasks_type, "reopen", body=TaskReopen)
async def reopen(request: Request, context: Caller) -> Response:
    """Open {a_one} again.
    The time of its completion is emptied; one that is open stays as it is."""
    return await perform(request, context, TaskReopen, tasks.reopen)
