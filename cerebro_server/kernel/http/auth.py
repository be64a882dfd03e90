"""From the request's key to a context, and from the reply to the commit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute

from cerebro_server.kernel.access import Actor
from cerebro_server.kernel.config import Settings
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Database, Scope
from cerebro_server.kernel.errors import NotAuthenticated

Authenticate = Callable[[Database, Settings, str], Awaitable[tuple[Actor, str, Scope]]]
"""From a token to the actor, the workspace's slug and the scope; raises `NotAuthenticated`."""


async def context(request: Request) -> Context:
    """Authenticate, and hand out the context that `Route` commits."""
    state = request.app.state
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotAuthenticated(
            "Send your API key in the header `Authorization: Bearer cbr_…`.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    actor, workspace, entry = await state.authenticate(
        state.database, state.settings, token.strip()
    )
    scope = Scope(
        entry.schema, entry.role, actor.tag, actor.behalf, request.scope["cerebro.request_id"]
    )
    return Context(state.database, state.settings, actor, workspace, scope, state.catalog)


Caller = Annotated[Context, Depends(context)]
"""The second parameter of every endpoint; `Route` fills it in."""


class Route(APIRoute):
    """A route whose endpoint takes the request and its context, and whose reply waits for the
    commit; what raised is rolled back.

    FastAPI would find out for each request what an endpoint needs. Ours all need the same two, so
    it is spared that: 0.15 ms of a read's 0.6, and 0.25 more where a dependency yields.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        endpoint: Callable[[Request, Context], Awaitable[Response]] = self.endpoint

        async def answer(request: Request) -> Response:
            async with await context(request) as made:
                return await endpoint(request, made)

        return answer
