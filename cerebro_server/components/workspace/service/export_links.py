"""Links to exported files: signed, good for a while, and without signing in."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote, urlencode
from uuid import UUID

from pydantic_core import to_json

from cerebro_sdk.schemas.workspace.exports import ExportLinkCreate
from cerebro_server.components.identity.service import derived_keys, sign_in
from cerebro_server.components.workspace.service import exports
from cerebro_server.kernel import clock
from cerebro_server.kernel.access import Actor
from cerebro_server.kernel.config import Settings
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Database, Scope, Sql
from cerebro_server.kernel.errors import Forbidden, LinkExpired, NotAuthenticated, NotFound

PATH: Final = "/v1/downloads"
_PURPOSE: Final = "export links"
_MAKER: Final = "select actor from exports where id = %s and state = 'ready' and expires_at > now()"
Enter = Callable[[Actor, str, Scope], Context]
"""Makes a context in a workspace, for an actor who has shown who they are."""


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
    links = [{"path": path, "url": _url(context, found.id, path, until)} for path in paths]
    return to_json({"links": links, "expires_at": until})


async def followed(
    database: Database,
    settings: Settings,
    enter: Enter,
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
    said = _said(workspace, export_id, path, expires)
    known = (_signature(key, said) for key in derived_keys.keys(settings, _PURPOSE))
    if not any(hmac.compare_digest(each.encode(), signature.encode()) for each in known):
        raise Forbidden("This link was changed, or is another server's; ask for a new one.")
    if datetime.fromtimestamp(expires, UTC) <= clock.now():
        raise LinkExpired("This link has expired; ask whoever sent it for a new one.")
    scope = await sign_in.scope_of(database, workspace)
    rows = [] if scope is None else await database.read(scope, Sql(_MAKER, (export_id,)))
    if scope is None or not rows:
        raise NotFound("The export is there no more.")
    try:
        actor = await sign_in.recall(database, scope, rows[0][0], "")
    except NotAuthenticated:
        raise NotFound("Whoever asked for this export may not sign in any more.") from None
    context = enter(actor, workspace, scope)
    _, file = await exports.readable(context, str(export_id), path)
    return context, file


def _url(context: Context, export_id: UUID, path: str, until: datetime) -> str:
    expires = int(until.timestamp())
    key = derived_keys.keys(context.settings, _PURPOSE)[0]
    signature = _signature(key, _said(context.workspace, export_id, path, expires))
    query = urlencode({"expires": expires, "signature": signature})
    place = f"{PATH}/{context.workspace}/{export_id}/{quote(path)}"
    return f"{context.settings.public_url}{place}?{query}"


def _said(workspace: str, export_id: UUID, path: str, expires: int) -> bytes:
    return "\0".join((workspace, str(export_id), path, str(expires))).encode()


def _signature(key: bytes, said: bytes) -> str:
    return base64.urlsafe_b64encode(hmac.digest(key, said, "sha256")).rstrip(b"=").decode()
