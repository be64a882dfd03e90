"""Routes of attached files besides what every record has: their bytes, in and out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from cerebro_sdk.schemas.workspace.files import BytesNamed, FileLinkCreate
from cerebro_server.components.workspace.service import file_links, files
from cerebro_server.components.workspace.service.signed_links import Doors
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.crud.parameters import REFERENCE, GetQuery
from cerebro_server.kernel.errors import Invalid, NotFound
from cerebro_server.kernel.files import looks
from cerebro_server.kernel.http.auth import Anybody, Caller, PublicRoute, Route
from cerebro_server.kernel.http.body import begun, chunks, read_json
from cerebro_server.kernel.http.etags import etag
from cerebro_server.kernel.http.operations import PUBLIC, json_body, json_reply, operation
from cerebro_server.kernel.http.parameters import Parameters, read_parameters
from cerebro_server.kernel.http.ranges import RANGE, asked_span, bytes_reply
from cerebro_server.kernel.http.routing import Router
from cerebro_server.kernel.ids import read_id
from cerebro_server.kernel.records.validation import parse_payload

router = Router(prefix="/v1/files", tags=["files"], route_class=Route)
public_router = Router(prefix=file_links.PATH, tags=["files"], route_class=PublicRoute)
_JSON: Final = "application/json"
_BINARY: Final = ("application/octet-stream",)
_BYTES: Final[dict[str, Any]] = {
    "required": False,
    "content": {_BINARY[0]: {"schema": {"type": "string", "format": "binary"}}},
}
_RELATIONS: Final = ("contact", "company", "deal", "lead", "quote")
_FILE: Final = bytes_reply("*/*", _BINARY[0])
_PART: Final[dict[int | str, Any]] = {
    206: {"description": "The bytes that were asked for.", **_FILE}
}


def _in_path(name: str, says: str, **schema: Any) -> dict[str, Any]:
    described = {"name": name, "in": "path", "required": True, "description": says}
    return {**described, "schema": {"type": "string", **schema}}


class BytesQuery(Parameters):
    """Where the bytes are."""

    upload_id: UUID | None = Field(
        default=None,
        description="An upload that is whole, in place of a body: large files are sent so, since "
        "an upload can be gone on with.",
    )


class AddQuery(BytesQuery):
    """A new file, but for its bytes."""

    name: str = Field(min_length=1, max_length=1_000, description="What it is called.")
    content_type: str | None = Field(
        default=None, max_length=127, description="What it is, where its bytes do not tell."
    )
    description: str | None = Field(default=None, max_length=32_000, description="What it is for.")
    contact: str | None = Field(
        default=None, max_length=300, description="The contact that it is attached to."
    )
    company: str | None = Field(
        default=None, max_length=300, description="The company that it is attached to."
    )
    deal: str | None = Field(
        default=None, max_length=300, description="The deal that it is attached to: `12`."
    )
    lead: str | None = Field(
        default=None, max_length=300, description="The lead that it is attached to."
    )
    quote: str | None = Field(
        default=None, max_length=300, description="The quote that it is attached to: `7`."
    )
    owner: str | None = Field(
        default=None, max_length=300, description="Whose it is: a user, or `me`, as if left out."
    )
    team: str | None = Field(default=None, max_length=40, description="The team that shares it.")


class SharedQuery(Parameters):
    """What makes a link good."""

    by: str = Field(max_length=200, description="Who made it.")
    expires: int = Field(ge=0, le=253_402_300_799, description="Until when, in Unix seconds.")
    signature: str = Field(max_length=200, description="The server's signature of all of it.")


@operation(
    router,
    "PUT",
    "",
    "files.add",
    reply=json_reply("File", etag=True),
    status=201,
    refusals=(404, 409, 413, 415, 422),
    needs="files:create",
    query=AddQuery,
    body=_BYTES,
)
async def add_file(request: Request, context: Caller) -> Response:
    """Add a file with its bytes.
    The body is the file, whatever it is; the rest is said by parameters. It is attached to as many
    records as are named, of which you must be able to read each. What the bytes look like counts
    more than `content_type`. A new version of a file is a new file."""
    query = read_parameters(request, AddQuery)
    said: dict[str, Any] = {
        name: getattr(query, name)
        for name in ("name", "content_type", "description", "team")
        if getattr(query, name) is not None
    }
    named = {f"{name}_id": getattr(query, name) for name in _RELATIONS}
    named["owner_id"] = query.owner
    said |= {name: value for name, value in named.items() if value is not None}
    written = await files.add(context, said, await _sent(request, context, query.upload_id))
    headers = {"ETag": etag(written.version), "Location": f"{router.prefix}/{written.id}"}
    return Response(written.json, 201, headers, _JSON)


@operation(
    router,
    "PUT",
    "/content",
    "files.store",
    reply=json_reply("StoredBytes"),
    refusals=(404, 409, 413, 415, 422),
    needs="files:create",
    query=BytesQuery,
    body=_BYTES,
)
async def store_bytes(request: Request, context: Caller) -> Response:
    """Send bytes for files to come.
    The reply says their `sha256`, which new files name, alone or in an import. What no file names
    is removed after a while."""
    query = read_parameters(request, BytesQuery)
    found = await files.store(context, await _sent(request, context, query.upload_id))
    return Response(found, media_type=_JSON)


@operation(
    router,
    "POST",
    "/content/missing",
    "files.missing",
    reply=json_reply("BytesMissing"),
    refusals=(413, 415, 422),
    needs="files:create",
    body=json_body(BytesNamed.__name__),
)
async def missing_bytes(request: Request, context: Caller) -> Response:
    """Ask which bytes have to be sent for files to come.
    Up to 1 000 at a time, by their SHA-256. What you sent before, or may read as a file, need not
    be sent again. What only others may read is missing like what is not there."""
    asked = parse_payload(BytesNamed, await read_json(request))
    return Response(await files.missing(context, asked.sha256), media_type=_JSON)


@operation(
    router,
    "GET",
    "/{reference:path}/content",
    "files.download",
    reply=_FILE,
    others=_PART,
    refusals=(404, 409, 416, 422),
    needs="files:read",
    parameters=[REFERENCE, *RANGE],
    query=GetQuery,
)
async def file_content(request: Request, context: Caller) -> Response:
    """Fetch the bytes of a file.
    Always to be saved, never to be shown: what browsers might run is sent as
    `application/octet-stream`. With a `Range` from where a download broke off."""
    query = read_parameters(request, GetQuery)
    if query.as_of is not None:
        said = "The bytes of a file never change: leave out `as_of`."
        raise Invalid(said, errors=[{"parameter": "as_of", "code": "not_here", "detail": said}])
    reference = request.path_params["reference"]
    held = await files.find(context, reference, deleted_too=query.deleted == "include")
    return await _handed_out(request, context, held)


@operation(
    router,
    "POST",
    "/{reference:path}/link",
    "files.link",
    reply=json_reply("FileLink"),
    refusals=(404, 409, 413, 415, 422),
    needs="files:read",
    parameters=[REFERENCE],
    body=json_body(FileLinkCreate.__name__),
)
async def link_file(request: Request, context: Caller) -> Response:
    """Make a link to a file.
    Whoever has it fetches the file without signing in, until it expires, the file is deleted, or
    you may not read it yourself any more."""
    asked = parse_payload(FileLinkCreate, await read_json(request))
    link = await file_links.create(context, request.path_params["reference"], asked.seconds)
    return Response(link, media_type=_JSON)


@operation(
    public_router,
    "GET",
    "/{workspace}/{file_id}",
    "files.shared",
    reply=_FILE,
    others=_PART,
    refusals=(403, 404, 410, 416, 422),
    needs=PUBLIC,
    parameters=[
        _in_path("workspace", "The workspace."),
        _in_path("file_id", "The file's id.", format="uuid"),
        *RANGE,
    ],
    query=SharedQuery,
)
async def shared_file(request: Request, visitor: Anybody) -> Response:
    """Fetch a file by a link.
    Nobody has to be signed in: the link is signed, and good for a while."""
    query = read_parameters(request, SharedQuery)
    file_id = read_id(request.path_params["file_id"])
    if file_id is None:
        raise NotFound("That is not the id of a file.")
    context, held = await file_links.followed(
        Doors(visitor.database, visitor.settings, visitor.context),
        workspace=request.path_params["workspace"],
        file_id=file_id,
        by=query.by,
        expires=query.expires,
        signature=query.signature,
    )
    return await _handed_out(request, context, held)


async def _sent(request: Request, context: Context, upload_id: UUID | None) -> AsyncIterator[bytes]:
    """Return the bytes that a request brings, or the upload that it names."""
    if upload_id is None:
        return chunks(request, types=_BINARY, limit=context.settings.max_file_bytes)
    if request.headers.get("content-length", "0") != "0":
        said = "Send the bytes as the body, or name an upload that has them; not both."
        raise Invalid(said, errors=[{"parameter": "upload_id", "code": "both", "detail": said}])
    return await files.uploaded(context, upload_id)


async def _handed_out(request: Request, context: Context, held: files.Held) -> Response:
    tag = f'"{held.sha256}"'
    span = asked_span(request, size=held.size, etag=tag)
    content = files.content(context, held, first=span.first, end=span.end)
    headers = {
        "Content-Disposition": _disposition(held.name),
        "Content-Security-Policy": "sandbox; default-src 'none'",
        **span.headers(size=held.size, etag=tag),
    }
    status = 206 if span.is_part else 200
    kind = looks.served(held.content_type)
    reply = StreamingResponse(await begun(content), status, headers)
    reply.headers["Content-Type"] = kind  # as it is: a charset would be a guess
    return reply


def _disposition(name: str) -> str:
    """Return the header that has a file saved under its name (RFC 6266, RFC 8187)."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
