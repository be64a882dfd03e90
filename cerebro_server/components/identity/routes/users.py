"""Routes of users besides those that every noun has."""

from __future__ import annotations

from fastapi import Request, Response

from cerebro_server.components.identity import records
from cerebro_server.components.identity.service import users
from cerebro_server.kernel.crud.nouns import of_noun
from cerebro_server.kernel.crud.parameters import REFERENCE
from cerebro_server.kernel.http.auth import Caller, Route
from cerebro_server.kernel.http.etags import etag
from cerebro_server.kernel.http.operations import json_reply, operation
from cerebro_server.kernel.http.routing import Router

router = Router(prefix="/v1/users", tags=["users"], route_class=Route)


@of_noun(
    router,
    records.users,
    "POST",
    "/{reference:path}/invite",
    "invite",
    reply=json_reply("Invitation"),
    refusals=(404, 409, 422),
    parameters=[REFERENCE],
)
async def invite(request: Request, context: Caller) -> Response:
    """Send {a_one} an invitation to choose a password.
    Its link is good for 72 hours, once, and replaces older ones."""
    found = await users.invite(context, request.path_params["reference"])
    return Response(found.model_dump_json(), media_type="application/json")


@of_noun(
    router,
    records.users,
    "POST",
    "/{reference:path}/disable",
    "disable",
    reply=json_reply("User", etag=True),
    refusals=(404, 409, 422),
    parameters=[REFERENCE],
)
async def disable(request: Request, context: Caller) -> Response:
    """Keep {a_one} from signing in.
    Their sessions end and their keys stop working within a second. Their records stay."""
    done = await users.disable(context, request.path_params["reference"])
    return Response(done.json, 200, {"ETag": etag(done.version)}, "application/json")


@operation(
    router,
    "POST",
    "/{reference:path}/enable",
    "users.enable",
    reply=json_reply("User", etag=True),
    refusals=(404, 409, 422),
    needs="users:disable",
    parameters=[REFERENCE],
)
async def enable(request: Request, context: Caller) -> Response:
    """Let a disabled user sign in again.
    Their keys work again; sessions begin anew."""
    done = await users.enable(context, request.path_params["reference"])
    return Response(done.json, 200, {"ETag": etag(done.version)}, "application/json")
