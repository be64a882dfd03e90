"""Links to attached files: signed, good for a while, and without signing in."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from pydantic_core import to_json

from cerebro_server.components.identity.service import sign_in
from cerebro_server.components.workspace.service import files, signed_links
from cerebro_server.kernel import clock
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.errors import NotFound

PATH: Final = "/v1/attachments"
_PURPOSE: Final = "file links"


async def create(context: Context, reference: str, seconds: int) -> bytes:
    """Return a link to a file that the caller may read, as JSON. Raises as `files.find` does."""
    held = await files.find(context, reference)
    until = (clock.now() + timedelta(seconds=seconds)).replace(microsecond=0)
    parts = (context.workspace, str(held.id))
    by = context.actor.tag
    url = signed_links.url(context.settings, _PURPOSE, parts, until, base=PATH, by=by)
    return to_json({"url": url, "expires_at": until})


async def followed(
    doors: signed_links.Doors,
    *,
    workspace: str,
    file_id: UUID,
    by: str,
    expires: int,
    signature: str,
) -> tuple[Context, files.Held]:
    """Return whose the link is, and the file: it is there as long as they may read it themselves.

    Raises `Forbidden` for a link that nobody signed, `LinkExpired`, `NotFound`.
    """
    parts = (workspace, str(file_id))
    signed_links.check(doors.settings, _PURPOSE, parts, expires, signature, by)
    scope = await sign_in.scope_of(doors.database, workspace)
    if scope is None:
        raise NotFound("The file is there no more.")
    context = await signed_links.entered(doors, workspace, scope, by, "made this link")
    return context, await files.find(context, str(file_id))
