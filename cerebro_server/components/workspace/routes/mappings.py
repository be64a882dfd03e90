"""Routes of mappings: what the columns of files are."""

from __future__ import annotations

from typing import Any, Final

from fastapi import Request, Response
from pydantic import Field

from cerebro_server.components.workspace.service import mappings
from cerebro_server.kernel.http.auth import Caller, Route
from cerebro_server.kernel.http.operations import SIGNED_IN, json_reply, operation
from cerebro_server.kernel.http.parameters import Parameters, read_parameters
from cerebro_server.kernel.http.routing import Router

router = Router(prefix="/v1/mappings", tags=["mappings"], route_class=Route)
_JSON = "application/json"
_ONE: Final[list[dict[str, Any]]] = [
    {
        "name": "noun",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "maxLength": 60},
        "description": "The noun that its files are of: `contacts`.",
    },
    {
        "name": "name",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "minLength": 1, "maxLength": 100},
        "description": "What it was saved as.",
    },
]


class MappingsQuery(Parameters):
    """Which mappings."""

    noun: str | None = Field(
        default=None, max_length=60, description="Of files of one noun: `contacts`."
    )


@operation(
    router,
    "GET",
    "",
    "mappings.list",
    reply=json_reply("ImportMappings"),
    refusals=(422,),
    needs=SIGNED_IN,
    query=MappingsQuery,
)
async def list_mappings(request: Request, context: Caller) -> Response:
    """List saved mappings.
    All of them, of the nouns that you may import; everybody who may can use them."""
    query = read_parameters(request, MappingsQuery)
    return Response(await mappings.listed(context, query.noun), media_type=_JSON)


@operation(
    router,
    "GET",
    "/{noun}/{name:path}",
    "mappings.get",
    reply=json_reply("ImportMapping"),
    refusals=(404, 422),
    needs=SIGNED_IN,
    parameters=_ONE,
)
async def get_mapping(request: Request, context: Caller) -> Response:
    """Get a saved mapping.
    With what each column becomes."""
    path = request.path_params
    return Response(await mappings.get(context, path["noun"], path["name"]), media_type=_JSON)


@operation(
    router,
    "DELETE",
    "/{noun}/{name:path}",
    "mappings.delete",
    reply=json_reply("ImportMapping"),
    refusals=(404, 422),
    needs=SIGNED_IN,
    parameters=_ONE,
)
async def delete_mapping(request: Request, context: Caller) -> Response:
    """Delete a saved mapping.
    It needs the permission `<noun>:import`, and answers with what it was. What was imported by it
    stays."""
    path = request.path_params
    return Response(await mappings.delete(context, path["noun"], path["name"]), media_type=_JSON)
