"""The change feed: the journal read on from a cursor, in pages or as it is written."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass
from typing import Final

import structlog

from cerebro_server.components.workspace.service import changes
from cerebro_server.components.workspace.service.changes import Selection
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.errors import Problem
from cerebro_server.kernel.journal import reading
from cerebro_server.kernel.journal.reading import Cursor, Stretch
from cerebro_server.kernel.journal.waiting import Bell, Commits
from cerebro_server.kernel.records import feed_cursors, reader
from cerebro_server.kernel.records.journal import ACTOR_JOINS
from cerebro_server.kernel.turns import turn

HEARTBEAT_SECONDS: Final = 15.0
"""How often a stream says that it lives."""
_FIRST_PAUSE_SECONDS = 0.005  # while something waits for an older transaction
_LONGEST_PAUSE_SECONDS = 0.2
_log = structlog.get_logger("cerebro.feed")


@dataclass(frozen=True, slots=True)
class Feed:
    """Changes from a cursor on, oldest first, for one caller."""

    renewed: Callable[[], Awaitable[Context]]
    """Returns the caller's context with the rights that they have now."""
    commits: Commits
    selection: Selection
    limit: int
    """Most changes that are read at a time."""


async def page(feed: Feed, context: Context, after: str, *, seconds: float) -> bytes:
    """Return what follows a cursor as JSON, and the cursor behind it: of nothing, too.

    Waits that many seconds for something that fits. Raises as `changes.page` does.
    """
    cursor = await feed_cursors.read(context, after)
    if seconds > 0:
        async with _place(context):
            found = await _awaited(feed, context, cursor, seconds=seconds)
    else:
        found = await _settled(feed, context, cursor)
    place = feed_cursors.writer(context)
    items = b",".join(_with(change, place(cursor)) for change, cursor in found.items)
    return reader.envelope(items.decode(), place(found.cursor))


async def events(feed: Feed, context: Context, after: str) -> AsyncGenerator[bytes, None]:
    """Yield changes as server-sent events, as they come, until the server stops.

    Nothing of the database is held while it waits or while the client takes its time. What is wrong
    from the beginning is raised before the first piece, as `page` does; later it ends the stream,
    as does a caller who may no longer read.
    """
    async with _place(context):
        cursor = await feed_cursors.read(context, after)
        await changes.chosen(context, feed.selection)
        yield b"retry: 1000\n" + _heartbeat(context, cursor)
        try:
            async with aclosing(_following(feed, context, cursor)) as pieces:
                async for piece in pieces:
                    yield piece
        except Problem as problem:
            _log.info("stream_ended", code=problem.code, detail=problem.detail)


async def _following(feed: Feed, context: Context, cursor: Cursor) -> AsyncGenerator[bytes, None]:
    while not feed.commits.is_stopping:
        found = await _awaited(feed, context, cursor, seconds=HEARTBEAT_SECONDS)
        cursor = found.cursor
        if found.items:
            place = feed_cursors.writer(context)
            yield b"".join(_event(change, place(cursor)) for change, cursor in found.items)
        else:
            yield _heartbeat(context, cursor)


async def _awaited(feed: Feed, context: Context, cursor: Cursor, *, seconds: float) -> Stretch:
    """Read on until something fits, or the time is over, or the server stops."""
    ends = time.monotonic() + seconds
    pause = _FIRST_PAUSE_SECONDS
    with feed.commits.bell(context.scope.schema) as bell:
        while True:
            bell.still()
            found = await _settled(feed, await feed.renewed(), cursor)
            cursor = found.cursor
            left = ends - time.monotonic()
            if found.items or left <= 0 or feed.commits.is_stopping:
                return found
            pause = await _pause(bell, found, min(pause, left), left)


async def _pause(bell: Bell, found: Stretch, pause: float, left: float) -> float:
    """Wait for a commit, or shortly where one waits for others; return the next short pause."""
    if not found.is_unsettled:
        await bell.wait(left)
        return _FIRST_PAUSE_SECONDS
    await asyncio.sleep(pause)
    return min(pause * 2, _LONGEST_PAUSE_SECONDS)


async def _settled(feed: Feed, context: Context, cursor: Cursor) -> Stretch:
    """Read on until something fits, or all is read that is settled."""
    where, row = await changes.chosen(context, feed.selection), changes.shown(context)
    while True:
        statement = reading.stretch_statement(
            cursor, row=row, joins=ACTOR_JOINS, where=where, most=feed.limit
        )
        rows = await context.read(reading.IN_ORDER, statement)
        found = reading.read_stretch(rows, cursor, most=feed.limit)
        if found.items or found.is_end:
            return found
        cursor = found.cursor


def _place(context: Context) -> AbstractAsyncContextManager[None]:
    """Let only so many wait at a time: each of them is a connection and a task."""
    return turn(context.database, "followers of changes", most=context.settings.max_followers)


def _event(change: bytes, place: str) -> bytes:
    return b"id: %b\nevent: change\ndata: %b\n\n" % (place.encode(), _with(change, place))


def _with(change: bytes, place: str) -> bytes:
    """Return a change with the cursor behind it as its last member."""
    return b'%b,"cursor":"%b"}' % (change[:-1], place.encode())


def _heartbeat(context: Context, cursor: Cursor) -> bytes:
    """Return a comment, with the id from which to go on: what did not fit is not read again."""
    return b": waiting\nid: %b\n\n" % feed_cursors.written(context, cursor).encode()
