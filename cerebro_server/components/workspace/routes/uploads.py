"""Routes of uploads: files for operations."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response
from pydantic import Field

from cerebro_sdk.schemas.workspace.mappings import MappingSuggest
from cerebro_server.components.workspace.service import mappings, uploads
from cerebro_server.kernel.errors import NotFound
from cerebro_server.kernel.http.auth import Caller, Route
from cerebro_server.kernel.http.body import chunks, read_json
from cerebro_server.kernel.http.operations import SIGNED_IN, json_body, json_reply, operation
from cerebro_server.kernel.http.parameters import Parameters, read_parameters
from cerebro_server.kernel.http.routing import Router
from cerebro_server.kernel.ids import read_id
from cerebro_server.kernel.records.validation import parse_payload

router = Router(prefix="/v1/uploads", tags=["uploads"], route_class=Route)
_NO_DRY_RUN = "What arrives of a file is kept piece by piece; after 7 days it is gone."
_JSON = "application/json"
_BINARY = ("application/octet-stream",)
_ID = [
    {
        "name": "upload_id",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "format": "uuid"},
        "description": "The upload's id.",
    }
]


class UploadQuery(Parameters):
    """Where what is sent belongs."""

    name: str | None = Field(
        default=None, max_length=255, description="What the file is called, for people."
    )
    upload_id: UUID | None = Field(
        default=None, description="The upload to go on with; a new one if left out."
    )
    offset: int = Field(
        default=0, ge=0, description="How many bytes of it have arrived, as its `size` says."
    )


@operation(
    router,
    "PUT",
    "",
    "uploads.put",
    no_dry_run=_NO_DRY_RUN,
    reply=json_reply("Upload"),
    refusals=(404, 409, 413, 415, 422),
    needs=SIGNED_IN,
    query=UploadQuery,
    body={
        "required": True,
        "content": {_BINARY[0]: {"schema": {"type": "string", "format": "binary"}}},
    },
)
async def put_upload(request: Request, context: Caller) -> Response:
    """Send a file, for an operation to read.
    It may be of any kind. What has arrived stays if the connection breaks: ask for its `size`, and
    go on from there with `upload_id` and `offset`. Uploads are yours alone, and are kept for 7
    days."""
    query = read_parameters(request, UploadQuery)
    # of the whole file; what has arrived is `offset`, or this is refused
    limit = max(0, context.settings.max_import_bytes - query.offset)
    found = await uploads.put(
        context,
        chunks(request, types=_BINARY, limit=limit),
        name=query.name,
        upload_id=query.upload_id,
        offset=query.offset,
    )
    return Response(found, media_type=_JSON)


@operation(
    router,
    "GET",
    "/{upload_id}",
    "uploads.get",
    reply=json_reply("Upload"),
    refusals=(404, 422),
    needs=SIGNED_IN,
    parameters=_ID,
)
async def get_upload(request: Request, context: Caller) -> Response:
    """Get an upload.
    Its `size` is how many bytes have arrived."""
    return Response(await uploads.get(context, _id(request)), media_type=_JSON)


@operation(
    router,
    "POST",
    "/{upload_id}/mapping",
    "uploads.mapping",
    reply=json_reply("SuggestedMapping"),
    refusals=(404, 413, 415, 422),
    needs=SIGNED_IN,
    parameters=_ID,
    body=json_body(MappingSuggest.__name__),
)
async def suggest_mapping(request: Request, context: Caller) -> Response:
    """Suggest a mapping.
    What an import would take the columns of an upload for, how surely and why, with what the others
    may be; found by presets, by names in many languages, and by what the values look like. It needs
    the permission `<noun>:import`. Nothing is planned, and nothing but the mapping is saved, with
    `save_mapping`."""
    asked = parse_payload(MappingSuggest, await read_json(request))
    return Response(await mappings.suggest(context, _id(request), asked), media_type=_JSON)


def _id(request: Request) -> UUID:
    found = read_id(request.path_params["upload_id"])
    if found is None:
        raise NotFound("That is not the id of an upload.")
    return found
