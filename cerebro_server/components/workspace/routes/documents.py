"""Routes about the workspace itself."""

from __future__ import annotations

import json

from fastapi import Request, Response

from cerebro_server.kernel.http.auth import Caller, Route
from cerebro_server.kernel.http.customized import customized
from cerebro_server.kernel.http.operations import SIGNED_IN, operation
from cerebro_server.kernel.http.routing import Router

router = Router(prefix="/v1/openapi", tags=["workspace"], route_class=Route)


@operation(
    router,
    "GET",
    "",
    "workspace.openapi",
    reply={"content": {"application/json": {"schema": {"type": "object"}}}},
    refusals=(),
    needs=SIGNED_IN,
)
async def workspace_document(request: Request, context: Caller) -> Response:
    """Get the OpenAPI document of this workspace.
    The workspace's own fields, as the caller sees them, are typed properties of `custom`."""
    seen = [
        context.seen(record_type)
        for name, record_type in context.catalog.items()
        if any(context.actor.may(f"{name}:{action}") for action in ("read", "create", "update"))
    ]
    document = customized(request.app.openapi(), seen)
    return Response(json.dumps(document), media_type="application/json")
