"""Routes of jobs."""

from __future__ import annotations

from typing import Any, Final

from fastapi import Request, Response
from pydantic import Field

from cerebro_server.components.workspace.service import jobs
from cerebro_server.kernel.crud.parameters import Cursor, Limit
from cerebro_server.kernel.http.auth import Caller, Route
from cerebro_server.kernel.http.operations import json_reply, operation
from cerebro_server.kernel.http.parameters import Parameters, read_parameters
from cerebro_server.kernel.http.routing import Router

router = Router(prefix="/v1/jobs", tags=["jobs"], route_class=Route)
_ID: Final[dict[str, Any]] = {
    "name": "job",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "maxLength": 60},
    "description": "The job's id, or its last 6 or more characters.",
}


class JobsQuery(Parameters):
    """Which jobs."""

    state: str | None = Field(
        default=None,
        max_length=100,
        description="In these states, comma-separated: `pending`, `leased`, `dead`, `cancelled`.",
    )
    kind: str | None = Field(
        default=None, max_length=60, pattern=r"^[a-z][a-z0-9_.]*$", description="Of one kind."
    )
    limit: int = Limit
    cursor: str | None = Cursor


@operation(
    router,
    "GET",
    "",
    "jobs.list",
    reply=json_reply("JobPage"),
    refusals=(422,),
    needs="jobs:read",
    query=JobsQuery,
)
async def list_jobs(request: Request, context: Caller) -> Response:
    """List jobs.
    What happens later, what runs, and what failed for good; the newest first. Done jobs are gone.
    """
    query = read_parameters(request, JobsQuery)
    page = await jobs.page(
        context, state=query.state, kind=query.kind, limit=query.limit, cursor=query.cursor
    )
    return _json(page)


@operation(
    router,
    "GET",
    "/stats",
    "jobs.stats",
    reply=json_reply("JobStats"),
    refusals=(),
    needs="jobs:read",
)
async def stats(request: Request, context: Caller) -> Response:
    """Count jobs.
    How many there are by kind and state, how long the oldest waits, and how many workers live."""
    return _json(await jobs.stats(context))


@operation(
    router,
    "GET",
    "/{job}",
    "jobs.get",
    reply=json_reply("Job"),
    refusals=(404, 409),
    needs="jobs:read",
    parameters=[_ID],
)
async def get(request: Request, context: Caller) -> Response:
    """Get a job.
    With its payload and its last error; one that is done is not found."""
    return _json(await jobs.get(context, request.path_params["job"]))


@operation(
    router,
    "POST",
    "/{job}/retry",
    "jobs.retry",
    reply=json_reply("Job"),
    refusals=(404, 409),
    needs="jobs:retry",
    parameters=[_ID],
)
async def retry(request: Request, context: Caller) -> Response:
    """Run a job again.
    One that is dead or cancelled gets all its tries anew; one that waits is due at once."""
    return _json(await jobs.retry(context, request.path_params["job"]))


@operation(
    router,
    "POST",
    "/{job}/cancel",
    "jobs.cancel",
    reply=json_reply("Job"),
    refusals=(404, 409),
    needs="jobs:cancel",
    parameters=[_ID],
)
async def cancel(request: Request, context: Caller) -> Response:
    """Cancel a job.
    It never runs, unless somebody runs it again. One that runs already cannot be cancelled."""
    return _json(await jobs.cancel(context, request.path_params["job"]))


def _json(body: bytes) -> Response:
    return Response(body, media_type="application/json")
