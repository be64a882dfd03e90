"""Routes of exports: many nouns as files, in the background."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from cerebro_sdk.schemas.workspace.exports import ExportCreate, ExportLinkCreate
from cerebro_server.components.workspace.service import export_links, exports
from cerebro_server.components.workspace.service.signed_links import Doors
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.crud.parameters import Cursor, Limit
from cerebro_server.kernel.errors import NotFound
from cerebro_server.kernel.http.auth import Anybody, Caller, PublicRoute, Route
from cerebro_server.kernel.http.body import begun, read_json
from cerebro_server.kernel.http.operations import (
    PUBLIC,
    SIGNED_IN,
    json_body,
    json_reply,
    operation,
)
from cerebro_server.kernel.http.parameters import Parameters, read_parameters
from cerebro_server.kernel.http.ranges import RANGE, asked_span, bytes_reply
from cerebro_server.kernel.http.routing import Router
from cerebro_server.kernel.ids import read_id
from cerebro_server.kernel.records.exporting import pieces
from cerebro_server.kernel.records.validation import parse_payload

router = Router(prefix="/v1/exports", tags=["exports"], route_class=Route)
_NO_DRY_RUN = "An export changes no records; delete it where it is not wanted."
public_router = Router(prefix=export_links.PATH, tags=["exports"], route_class=PublicRoute)
_JSON = "application/json"
_BINARY = "application/octet-stream"


def _in_path(name: str, says: str, **schema: Any) -> dict[str, Any]:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "schema": {"type": "string", **schema},
        "description": says,
    }


_ID: Final = _in_path(
    "export_id", "The export's id, or the last 6 or more characters of it.", minLength=1
)
_WHOLE_ID: Final = _in_path("export_id", "The export's id.", format="uuid")
_PATH: Final = _in_path("path", "The file: `contacts.jsonl`.", maxLength=200)
_FILE: Final = bytes_reply(_BINARY)
_PART: Final[dict[int | str, Any]] = {
    206: {"description": "The bytes that were asked for.", **_FILE}
}


class ExportsQuery(Parameters):
    """A page of exports."""

    limit: int = Limit
    cursor: str | None = Cursor


class LinkQuery(Parameters):
    """What makes a link good."""

    expires: int = Field(ge=0, le=253_402_300_799, description="Until when, in Unix seconds.")
    signature: str = Field(max_length=200, description="The server's signature of all of it.")


@operation(
    router,
    "POST",
    "",
    "exports.create",
    no_dry_run=_NO_DRY_RUN,
    reply=json_reply("Export"),
    status=202,
    refusals=(409, 413, 415, 422),
    needs=SIGNED_IN,
    body=json_body(ExportCreate.__name__),
)
async def create_export(request: Request, context: Caller) -> Response:
    """Export many nouns, or all, as files.
    It needs `<noun>:export` of each. All files show one and the same moment; `cursor` is that of
    the change feed then. Up to 1 000 records are written when the reply comes; a worker does more,
    with the rights that you have when it begins. Ask for its `state` until it is `ready`."""
    asked = parse_payload(ExportCreate, await read_json(request))
    return Response(await exports.create(context, asked), 202, media_type=_JSON)


@operation(
    router,
    "GET",
    "",
    "exports.list",
    reply=json_reply("ExportPage"),
    refusals=(422,),
    needs=SIGNED_IN,
    query=ExportsQuery,
)
async def list_exports(request: Request, context: Caller) -> Response:
    """List exports.
    Your own, newest first, as long as they are kept."""
    query = read_parameters(request, ExportsQuery)
    page = await exports.page(context, limit=query.limit, cursor=query.cursor)
    return Response(page, media_type=_JSON)


@operation(
    router,
    "GET",
    "/{export_id}",
    "exports.get",
    reply=json_reply("Export"),
    refusals=(404, 409),
    needs=SIGNED_IN,
    parameters=[_ID],
)
async def get_export(request: Request, context: Caller) -> Response:
    """Get an export.
    With how far it is, and its files."""
    return Response(await exports.get(context, _named(request)), media_type=_JSON)


@operation(
    router,
    "DELETE",
    "/{export_id}",
    "exports.delete",
    reply=json_reply("Export"),
    refusals=(404, 409),
    needs=SIGNED_IN,
    parameters=[_ID],
)
async def delete_export(request: Request, context: Caller) -> Response:
    """Delete an export.
    With its files, and while it runs, too. Links to it lead nowhere from now on."""
    return Response(await exports.delete(context, _named(request)), media_type=_JSON)


@operation(
    router,
    "POST",
    "/{export_id}/link",
    "exports.link",
    reply=json_reply("ExportLinks"),
    refusals=(404, 409, 413, 415, 422),
    needs=SIGNED_IN,
    parameters=[_ID],
    body=json_body(ExportLinkCreate.__name__),
)
async def link_export(request: Request, context: Caller) -> Response:
    """Make links to an export's files.
    Whoever has one fetches the file without signing in, until it expires, the export is deleted, or
    you may not have it yourself any more."""
    asked = parse_payload(ExportLinkCreate, await read_json(request))
    return Response(await export_links.create(context, _named(request), asked), media_type=_JSON)


@operation(
    router,
    "GET",
    "/{export_id}/files/{path}",
    "exports.file",
    reply=_FILE,
    others=_PART,
    refusals=(404, 409, 416),
    needs=SIGNED_IN,
    parameters=[_ID, _PATH, *RANGE],
)
async def export_file(request: Request, context: Caller) -> Response:
    """Fetch a file of an export.
    Once it is ready, and with a `Range` from where a download broke off."""
    found, file = await exports.readable(context, _named(request), request.path_params["path"])
    return await _sent(request, context, found.id, file)


@operation(
    public_router,
    "GET",
    "/{workspace}/{export_id}/{path}",
    "exports.download",
    reply=_FILE,
    others=_PART,
    refusals=(403, 404, 409, 410, 416, 422),
    needs=PUBLIC,
    parameters=[_in_path("workspace", "The workspace."), _WHOLE_ID, _PATH, *RANGE],
    query=LinkQuery,
)
async def download_export(request: Request, visitor: Anybody) -> Response:
    """Fetch a file by a link.
    Nobody has to be signed in: the link is signed, and good for a while. With a `Range` from where
    a download broke off."""
    query = read_parameters(request, LinkQuery)
    export_id = read_id(request.path_params["export_id"])
    if export_id is None:
        raise NotFound("That is not the id of an export.")
    context, file = await export_links.followed(
        Doors(visitor.database, visitor.settings, visitor.context),
        workspace=request.path_params["workspace"],
        export_id=export_id,
        path=request.path_params["path"],
        expires=query.expires,
        signature=query.signature,
    )
    return await _sent(request, context, export_id, file)


async def _sent(
    request: Request, context: Context, export_id: UUID, file: dict[str, Any]
) -> Response:
    size, etag = file["size"], f'"{file["sha256"]}"'
    span = asked_span(request, size=size, etag=etag)
    content = pieces.read(context, export_id, file["path"], first=span.first, end=span.end)
    name = {"Content-Disposition": f'attachment; filename="{file["path"]}"'}
    return StreamingResponse(
        await begun(content),
        206 if span.is_part else 200,
        {**name, **span.headers(size=size, etag=etag)},
        _BINARY,
    )


def _named(request: Request) -> str:
    reference: str = request.path_params["export_id"]
    return reference
