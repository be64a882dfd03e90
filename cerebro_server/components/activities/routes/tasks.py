"""Routes of tasks besides those that every noun has."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from fastapi import Request, Response
from pydantic import BaseModel

from cerebro_sdk.schemas.activities.task_verbs import TaskComplete, TaskReopen
from cerebro_server.components.activities.records.tasks import tasks as tasks_type
from cerebro_server.components.activities.service import tasks
from cerebro_server.kernel.crud.nouns import of_noun
from cerebro_server.kernel.crud.parameters import IF_MATCH, REFERENCE
from cerebro_server.kernel.http.auth import Caller, Route
from cerebro_server.kernel.http.body import read_json
from cerebro_server.kernel.http.etags import etag, if_match
from cerebro_server.kernel.http.operations import json_body, json_reply
from cerebro_server.kernel.http.routing import Router
from cerebro_server.kernel.records.validation import parse_payload
from cerebro_server.kernel.records.writer import Written

P = TypeVar("P", bound=BaseModel)
router = Router(prefix="/v1/tasks", tags=["tasks"], route_class=Route)


def _verb(verb: str, body: type[BaseModel]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a verb on one task."""
    return of_noun(
        router,
        tasks_type,
        "POST",
        f"/{{reference:path}}/{verb}",
        verb,
        reply=json_reply("Task", etag=True),
        refusals=(404, 409, 412, 413, 415, 422),
        parameters=[REFERENCE, IF_MATCH],
        body={**json_body(body.__name__), "required": False},
    )


async def _done(
    request: Request,
    context: Caller,
    schema: type[P],
    act: Callable[..., Awaitable[Written]],
) -> Response:
    said = parse_payload(schema, await read_json(request) or b"{}")
    reference, version = request.path_params["reference"], if_match(request)
    written = await act(context, reference, said, version=version)
    headers = {"ETag": etag(written.version)}
    return Response(written.json, 200, headers, "application/json")


@_verb("complete", TaskComplete)
async def complete(request: Request, context: Caller) -> Response:
    """Complete a {one}.
    It gets the time of its completion: now, or the one that is sent. One that is completed stays as
    it is."""
    return await _done(request, context, TaskComplete, tasks.complete)


@_verb("reopen", TaskReopen)
async def reopen(request: Request, context: Caller) -> Response:
    """Open a {one} again.
    The time of its completion is emptied; one that is open stays as it is."""
    return await _done(request, context, TaskReopen, tasks.reopen)
