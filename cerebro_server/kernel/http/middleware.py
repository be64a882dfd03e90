"""What surrounds every request: its id, its log line, its measure, the headers of every reply."""

from __future__ import annotations

import re
import time
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cerebro_server.kernel.ids import uuid7
from cerebro_server.kernel.telemetry import log_request, measure

_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_TOKEN: Final = re.compile(r"\.[\w-]{43}(?=/|$)")
"""The 256 random bits of a link, behind the name of its workspace."""
_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"permissions-policy", b"camera=(), display-capture=(), geolocation=(), microphone=()"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
_DATA = [
    *_HEADERS,
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]
_API = [*_DATA, (b"cache-control", b"no-store")]


class Surround:
    """Pure ASGI: Starlette's own middleware class costs a task and a stream for each request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        scope["cerebro.request_id"] = request_id
        started, status = time.perf_counter(), 500
        path: str = scope["path"]
        is_api = path.startswith("/v1/")
        # the reference is a page with scripts, and has a policy of its own
        always = _API if is_api else _HEADERS if path.startswith("/docs") else _DATA

        async def stamped(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [*message.get("headers", ()), *always]
                headers.append((b"x-request-id", request_id.encode()))
                if is_api:
                    headers += scope["app"].state.limits.headers(scope)
                message["headers"] = headers
            await send(message)

        try:
            await self._app(scope, receive, stamped)
        finally:
            _account(scope, status, time.perf_counter() - started)


def _account(scope: Scope, status: int, seconds: float) -> None:
    operation = getattr(scope.get("route"), "operation_id", None) or "none"
    measure(operation, scope["method"], status, seconds)
    if scope["path"].startswith("/v1/"):
        log_request(
            request_id=scope["cerebro.request_id"],
            method=scope["method"],
            path=without_tokens(scope["path"]),
            operation=operation,
            status=status,
            ms=round(seconds * 1000, 2),
        )


def without_tokens(path: str) -> str:
    """Return a path as logs have it: of a link that opens something, without what opens it."""
    return _TOKEN.sub(".…", path)


def _request_id(scope: Scope) -> str:
    """Take the caller's id over where it is a plain one; else make one."""
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    for name, value in headers:
        if name == b"x-request-id" and _ID.fullmatch(value):
            return value.decode()
    return str(uuid7())
