"""Links that are good for a while and without signing in: what is signed, and how it is checked."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import quote, urlencode

from cerebro_server.components.identity.service import derived_keys, sign_in
from cerebro_server.kernel import clock
from cerebro_server.kernel.access import Actor
from cerebro_server.kernel.config import Settings
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Database, Scope
from cerebro_server.kernel.errors import Forbidden, LinkExpired, NotAuthenticated, NotFound

Enter = Callable[[Actor, str, Scope], Context]
"""Makes a context in a workspace, for an actor who has shown who they are."""


class Doors(NamedTuple):
    """What is needed to follow a link."""

    database: Database
    settings: Settings
    enter: Enter


def url(
    settings: Settings,
    purpose: str,
    path: Sequence[str],
    until: datetime,
    *,
    base: str,
    **more: str,
) -> str:
    """Return a link: below `base` the parts of `path`, signed with what else it says."""
    expires = int(until.timestamp())
    said = _said(path, expires, more.values())
    signature = _signature(derived_keys.keys(settings, purpose)[0], said)
    query = urlencode({**more, "expires": expires, "signature": signature})
    place = "/".join(map(quote, path))
    return f"{settings.public_url}{base}/{place}?{query}"


def check(
    settings: Settings,
    purpose: str,
    path: Sequence[str],
    expires: int,
    signature: str,
    *more: str,
) -> None:
    """Raise `Forbidden` for a link that nobody signed, `LinkExpired` for one that was good once."""
    said = _said(path, expires, more)
    known = (_signature(key, said) for key in derived_keys.keys(settings, purpose))
    if not any(hmac.compare_digest(each.encode(), signature.encode()) for each in known):
        raise Forbidden("This link was changed, or is another server's; ask for a new one.")
    if datetime.fromtimestamp(expires, UTC) <= clock.now():
        raise LinkExpired("This link has expired; ask whoever sent it for a new one.")


async def entered(doors: Doors, workspace: str, scope: Scope, tag: str, what: str) -> Context:
    """Return a context of whoever a link was made by, as they are now. Raises `NotFound`."""
    try:
        actor = await sign_in.recall(doors.database, scope, tag, "")
    except NotAuthenticated:
        raise NotFound(f"Whoever {what} may not sign in any more.") from None
    return doors.enter(actor, workspace, scope)


def _said(path: Sequence[str], expires: int, more: Iterable[str]) -> bytes:
    return "\0".join((*path, str(expires), *more)).encode()


def _signature(key: bytes, said: bytes) -> str:
    return base64.urlsafe_b64encode(hmac.digest(key, said, "sha256")).rstrip(b"=").decode()
