"""Routes about who may do what."""

from __future__ import annotations

from fastapi import Request, Response
from pydantic import Field

from cerebro_server.components.identity.service import access
from cerebro_server.kernel.http.auth import Caller, Route
from cerebro_server.kernel.http.operations import SIGNED_IN, json_reply, operation
from cerebro_server.kernel.http.parameters import Parameters, read_parameters
from cerebro_server.kernel.http.routing import Router

router = Router(prefix="/v1/access", tags=["access"], route_class=Route)


class ExplainQuery(Parameters):
    """Who, which record, and what is to be done with it."""

    user: str = Field(
        default="me", max_length=300, description="The user: id, e-mail address, or `me`."
    )
    record: str = Field(max_length=300, description="The record: `companies/acme.com`.")
    action: str = Field(default="read", max_length=40, description="`read`, `update`, `delete` …")


@operation(
    router,
    "GET",
    "/explain",
    "access.explain",
    reply=json_reply("Explanation"),
    refusals=(404, 409, 422),
    needs=SIGNED_IN,
    query=ExplainQuery,
)
async def explain(request: Request, context: Caller) -> Response:
    """Explain why a user may do something with a record, or may not.
    What each role says, and which fields are not plain. About oneself anybody may ask; about others
    it needs access:read."""
    query = read_parameters(request, ExplainQuery)
    found = await access.explain(
        context,
        user=query.user,
        record=query.record,
        action=query.action,
        sentences=request.app.state.permissions,
    )
    return Response(found.model_dump_json(), media_type="application/json")


@operation(
    router,
    "GET",
    "/matrix",
    "access.matrix",
    reply=json_reply("Matrix"),
    refusals=(),
    needs="access:read",
)
async def matrix(request: Request, context: Caller) -> Response:
    """Show every permission with the roles that have it.
    `own`, `team` or `all` by role; roles' rules for rows and fields narrow it further."""
    found = await access.matrix(context, request.app.state.permissions)
    return Response(found.model_dump_json(), media_type="application/json")
