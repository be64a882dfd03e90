"""Every error leaves as an RFC 9457 problem, whoever raised it."""

from __future__ import annotations

from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from pydantic_core import from_json, to_json
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match, Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cerebro_server.kernel.errors import (
    BadRequest,
    InternalError,
    MethodNotAllowed,
    NotFound,
    Problem,
    VersionMismatch,
)

MEDIA_TYPE = "application/problem+json"
_log = structlog.get_logger("cerebro.http")


def reply(problem: Problem, *, instance: str, request_id: str) -> Response:
    """Render a problem."""
    members = dict(problem.members)
    if isinstance(problem, VersionMismatch) and isinstance(members.get("current"), bytes):
        members["current"] = from_json(members["current"])
    body: dict[str, Any] = {
        "type": f"urn:cerebro:problem:{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "instance": instance,
        "code": problem.code,
        "request_id": request_id,
        **members,
    }
    if problem.errors:
        body["errors"] = problem.errors
    # text that came in with the request may hold lone surrogates; they must not break the reply
    content = to_json(_printable(body))
    return Response(content, problem.status, problem.headers, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every exception of the application with a problem."""

    for kind in (Problem, HTTPException, ClientDisconnect):
        app.add_exception_handler(kind, _answer)
    app.add_middleware(_Defects)
    # an address with a slash too many is unknown; the redirect would go where the Host header says
    app.router.redirect_slashes = False


class _Defects:
    """Answers what nobody expected. Starlette's own place for it is outside of all middleware,
    where a reply gets neither request id nor headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:
            if scope["type"] != "http":
                raise
            response = await _answer(Request(scope), error)
            if begun:  # too late for a reply: the server closes the connection
                raise
            await response(scope, receive, send)


async def _answer(request: Request, error: Exception) -> Response:
    request_id = str(request.scope.get("cerebro.request_id", ""))
    # not `request.url`: it is put together from the Host header, which may be malformed
    return reply(_problem(error, request), instance=request.scope["path"], request_id=request_id)


def _problem(error: Exception, request: Request) -> Problem:
    if isinstance(error, Problem):
        return error
    if isinstance(error, HTTPException):
        return _from_http(error, request)
    if isinstance(error, ClientDisconnect):
        return BadRequest("The connection was closed before the body had arrived.")
    request_id = request.scope.get("cerebro.request_id")
    _log.error("defect", request_id=request_id, error=type(error).__name__, exc_info=error)
    return InternalError("This is a defect of ours; the request id finds it in the logs.")


def _from_http(error: HTTPException, request: Request) -> Problem:
    """Turn Starlette's own errors (no such route, wrong method) into ours."""
    where = f"{request.method} {request.scope['path']}"
    if error.status_code == 404:
        return NotFound(f"There is nothing at {where}; see /docs for what there is.")
    if error.status_code == 405:
        allow = {"Allow": _allowed(request)}
        return MethodNotAllowed(f"{where} is not offered; see /docs.", headers=allow)
    return BadRequest(f"{where} cannot be read: {error.detail}.", headers=error.headers)


def _allowed(request: Request) -> str:
    """Return the methods of an address; Starlette would name those of its first route only."""
    routes = [route for route in request.app.routes if not isinstance(route, Mount)]
    methods = [
        method
        for method in ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
        if any(r.matches({**request.scope, "method": method})[0] is Match.FULL for r in routes)
    ]
    return ", ".join(methods or ("GET", "HEAD"))  # mounted is nothing but files


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_printable(key): _printable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(item) for item in value]
    return value
