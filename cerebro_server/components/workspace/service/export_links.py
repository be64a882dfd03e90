"""Links to exported files: signed, good for a while, and without signing in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from pydantic_core import to_json

from cerebro_sdk.schemas.workspace.exports import ExportLinkCreate
from cerebro_server.components.identity.service import sign_in
from cerebro_server.components.workspace.service import exports, signed_links
from cerebro_server.kernel import clock
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.errors import NotFound

PATH: Final = "/v1/downloads"
_PURPOSE: Final = "export links"
_MAKER: Final = "select actor from exports where id = %s and state = 'ready' and expires_at > now()"


async def create(context: Context, reference: str, asked: ExportLinkCreate) -> bytes:
    """Return links to the files of an export of the caller's as JSON.

    Raises as `exports.readable` does.
    """
    found = await exports.find(context, reference)
    exports.check_rights(context, found.nouns)
    paths = [file["path"] for file in found.files] if asked.path is None else [asked.path]
    for path in paths or [""]:
        found.file(path)
    until = min(found.expires_at, clock.now() + timedelta(seconds=asked.seconds))
    until = until.replace(microsecond=0)
    links = []
    for path in paths:
        parts = (context.workspace, str(found.id), path)
        url = signed_links.url(context.settings, _PURPOSE, parts, until, base=PATH)
        links.append({"path": path, "url": url})
    return to_json({"links": links, "expires_at": until})


async def followed(
    doors: signed_links.Doors,
    *,
    workspace: str,
    export_id: UUID,
    path: str,
    expires: int,
    signature: str,
) -> tuple[Context, dict[str, Any]]:
    """Return whose the file behind a link is, and what is known of it.

    It is there as long as whoever asked for the export may have it themselves. Raises `Forbidden`
    for a link that nobody signed, `LinkExpired`, `NotFound`.
    """
    parts = (workspace, str(export_id), path)
    signed_links.check(doors.settings, _PURPOSE, parts, expires, signature)
    scope = await sign_in.scope_of(doors.database, workspace)
    rows = [] if scope is None else await doors.database.read(scope, Sql(_MAKER, (export_id,)))
    if scope is None or not rows:
        raise NotFound("The export is there no more.")
    asked = "asked for this export"
    context = await signed_links.entered(doors, workspace, scope, rows[0][0], asked)
    _, file = await exports.readable(context, str(export_id), path)
    return context, file
