"""Cursors of the change feed as others keep them: they stay good, and fit one workspace."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.errors import InvalidCursor
from cerebro_server.kernel.journal import reading
from cerebro_server.kernel.journal.reading import Cursor
from cerebro_server.kernel.query import Signing, decode_cursor, encode_cursor

_FEED: Final = "Begin with `after=start`, or with `after=now`."
_EXPORT: Final = "Export everything anew, and go on from the cursor of that."
_AHEAD: Final = Sql(
    "select %s::integer > n.era or (%s::integer = n.era "
    "and %s::xid8 > pg_snapshot_xmax(pg_current_snapshot())) from " + reading.HERE
)


def written(context: Context, cursor: Cursor) -> str:
    """Return a cursor for others to keep."""
    return writer(context)(cursor)


def writer(context: Context) -> Callable[[Cursor], str]:
    """Return what writes cursors for others to keep: what they share is looked up once."""
    return partial(encode_cursor, bound=_bound(context), signing=_signing(context, _FEED))


async def read(context: Context, text: str, *, restart: str = _FEED) -> Cursor:
    """Read a cursor, or the words `start` and `now`. Raises `InvalidCursor`."""
    if text == "start":
        return reading.START
    if text == "now":
        return await end(context)
    signing = _signing(context, restart)
    return Cursor(*decode_cursor(text, bound=_bound(context), signing=signing))


async def read_since(context: Context, text: str) -> Cursor:
    """Read the cursor from which an export goes on.

    Raises `InvalidCursor`, also where it lies ahead of what was ever written here: it is from
    before an older state of the database was restored.
    """
    cursor = await read(context, text, restart=_EXPORT)
    asked = Sql(_AHEAD.text, (cursor.era, cursor.era, cursor.xid))
    if (await context.read(asked))[0][0]:
        said = "This cursor lies ahead of the journal: the database is an older one, restored."
        raise InvalidCursor(f"{said} {_EXPORT}")
    return cursor


async def end(context: Context) -> Cursor:
    """Return the cursor behind all that is settled."""
    return Cursor(*(await context.read(reading.END))[0])


def _bound(context: Context) -> list[str]:
    return [context.workspace, "changes feed"]


def _signing(context: Context, restart: str) -> Signing:
    return Signing(context.settings.signing_key, context.now, None, restart=restart)
