"""Routes of sessions besides those that every noun has."""

from __future__ import annotations

from fastapi import Request, Response

from cerebro_server.components.identity import records
from cerebro_server.components.identity.service import ending
from cerebro_server.kernel.crud.nouns import of_noun
from cerebro_server.kernel.crud.parameters import REFERENCE
from cerebro_server.kernel.http.auth import Caller, Route
from cerebro_server.kernel.http.etags import etag
from cerebro_server.kernel.http.operations import json_reply
from cerebro_server.kernel.http.routing import Router

router = Router(prefix="/v1/sessions", tags=["sessions"], route_class=Route)


@of_noun(
    router,
    records.sessions,
    "POST",
    "/{reference:path}/end",
    "end",
    reply=json_reply("Session", etag=True),
    refusals=(404, 409),
    parameters=[REFERENCE],
)
async def end(request: Request, context: Caller) -> Response:
    """End {a_one}: sign somebody out.
    Its tokens are worthless within a second."""
    done = await ending.end(context, request.path_params["reference"])
    return Response(done.json, 200, {"ETag": etag(done.version)}, "application/json")
