"""The journal: lists of changes, and the feed that goes on for ever."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from cerebro_sdk import errors, policy
from cerebro_sdk._async.history import When, moment
from cerebro_sdk._async.pages import AsyncPages
from cerebro_sdk._async.replies import mapping, read
from cerebro_sdk._async.transport import AsyncTransport, Call

if TYPE_CHECKING:
    from cerebro_sdk.schemas.workspace.changes import Change

R = TypeVar("R")

_PATH = "/v1/changes"
_WAIT_SECONDS = 25.0
Actions = str | Sequence[str]


class AsyncChangePages(AsyncPages[R]):
    """Changes from a cursor on, oldest first, up to the newest that there is."""

    _goes_on_by = "after"

    async def pages(self) -> AsyncIterator[policy.Page[R]]:
        """Go through the pages; each one's `next_cursor` can be kept, and goes on behind it.

        >>> async for page in crm.changes.list(after="start").pages():
        ...     print(len(page), "changes; to go on:", page.next_cursor)
        """
        seen = 0
        cursor: str | None = None
        while size := policy.next_size(self._limit, self._page_size, seen=seen):
            page = await self._fetch(size, cursor)
            if not page.items:
                return
            seen += len(page)
            yield page
            cursor = page.next_cursor


class AsyncChangeFeed(Generic[R]):
    """Changes as they happen, each exactly once; it never ends by itself.

    Where the server is away for a while it waits and goes on, and nothing is lost. Only its first
    request fails as others do, and so does whatever the server refuses. Keep `cursor`, or that of
    each change, and begin there the next time.

    >>> feed = crm.changes.follow(after=kept, record_type="contacts")
    >>> async for change in feed:
    ...     print(change.action, change.record_id, change.diff)
    ...     kept = change.cursor
    """

    def __init__(
        self,
        transport: AsyncTransport,
        *,
        read: Callable[[Any], R],
        params: Mapping[str, Any],
        after: str,
    ) -> None:
        self._transport = transport
        self._read = read
        self._params = params
        self._cursor = after
        self._has_begun = False
        self._ready: deque[tuple[R, str]] = deque()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} after {self._cursor}>"

    @property
    def cursor(self) -> str:
        """Where to go on: behind the last change that was handed out."""
        return self._cursor

    async def begin(self) -> Self:
        """Begin now and not when it is first asked: `now` becomes the present moment.

        >>> feed = await crm.changes.follow().begin()
        >>> feed.cursor
        """
        if not self._has_begun:
            await self._fetch()
        return self

    def __aiter__(self) -> Self:
        return self

    async def wait(self) -> Self:
        """Wait until there is a change to be handed out, and leave it for the next step.

        >>> await feed.wait()
        """
        while not self._ready:
            await self._fetch()
        return self

    async def __anext__(self) -> R:
        await self.wait()
        change, self._cursor = self._ready.popleft()
        return change

    async def _fetch(self) -> None:
        # without a wait at first: `now` has to become a cursor before anything can be missed
        transport, wait = self._transport, None
        if self._has_begun:
            options = _patient(transport.options)
            transport, wait = transport.but(options), _wait(options)
        asked = {"limit": policy.PAGE_SIZE, "after": self._cursor, "wait": wait}
        call = Call("GET", _PATH, params={**self._params, **asked}, is_repeatable=True)
        page = mapping(await transport.json(call))
        items, following = page.get("items"), page.get("next_cursor")
        if not isinstance(items, list) or not isinstance(following, str):
            raise errors.unexpected(200, "The server does not answer with a feed; is it older?")
        self._has_begun = True
        self._ready.extend((self._read(item), str(item["cursor"])) for item in items)
        if not items:
            self._cursor = following


class AsyncChangeCalls(Generic[R]):
    """What can be asked of the journal."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    def list(
        self,
        record: str | None = None,
        record_type: str | None = None,
        limit: int | None = None,
        *,
        actor: object = None,
        action: Actions | None = None,
        since: When | None = None,
        until: When | None = None,
        after: str | None = None,
    ) -> AsyncPages[R]:
        """List changes, newest first: of one record, of one kind of record, or of all.

        `actor` is `me`, `system`, a user by id or address, or a key by id; `since` and `until` are
        days, times with their zone, `now - 30d` or `seq:812`. With `after` (`start`, `now`, or a
        cursor that was kept) they come oldest first, from there on.

        >>> async for change in crm.changes.list(record="companies/acme.com"):
        ...     print(change.at, change.actor.name, change.diff)
        """
        params = _asked(record, record_type, actor=actor, action=action)
        params |= {"since": moment(since), "until": moment(until)}
        if after is None:
            return AsyncPages(self._transport, _PATH, read=self._read, params=params, limit=limit)
        params |= {"after": after}
        return AsyncChangePages(self._transport, _PATH, read=self._read, params=params, limit=limit)

    def follow(
        self,
        after: str = "now",
        *,
        record: str | None = None,
        record_type: str | None = None,
        actor: object = None,
        action: Actions | None = None,
    ) -> AsyncChangeFeed[R]:
        """Follow changes as they happen, from `now` (when it is first asked), from the `start`, or
        from a cursor that was kept; each comes exactly once, and it never ends by itself.

        >>> async for change in crm.changes.follow(record_type="contacts", action="created"):
        ...     print(change.at, change.actor.name, change.record_id)
        """
        params = _asked(record, record_type, actor=actor, action=action)
        return AsyncChangeFeed(self._transport, read=self._read, params=params, after=after)

    def _read(self, value: Any) -> R:
        raise NotImplementedError


class AsyncRawChanges(AsyncChangeCalls[dict[str, Any]]):
    """The journal as plain dicts."""

    def _read(self, value: Any) -> dict[str, Any]:
        return mapping(value)


class AsyncChanges(AsyncChangeCalls["Change"]):
    """The journal: one entry for every change of every record."""

    @property
    def raw(self) -> AsyncRawChanges:
        """The same with plain dicts, without importing pydantic.

        >>> [change["diff"] async for change in crm.changes.raw.list(limit=10)]
        """
        return AsyncRawChanges(self._transport)

    def _read(self, value: Any) -> Change:
        found: Change = read("workspace.changes:Change", value)
        return found


def _asked(
    record: str | None, record_type: str | None, *, actor: object, action: Actions | None
) -> dict[str, Any]:
    return {
        "record": record,
        "record_type": record_type,
        "actor": None if actor is None else str(actor),
        "action": action if action is None or isinstance(action, str) else ",".join(action),
    }


def _patient(options: policy.Options) -> policy.Options:
    """Return options that never give up where waiting may help."""
    return options._replace(max_retries=sys.maxsize, deadline=None)


def _wait(options: policy.Options) -> float:
    """Say how long the server may wait: shorter than the client does."""
    return _WAIT_SECONDS if options.timeout is None else min(_WAIT_SECONDS, options.timeout / 2)
