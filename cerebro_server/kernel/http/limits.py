"""Rate limits: counted in the process, settled with Redis in batches; no request waits for it.

Fixed windows of a minute, by Redis' clock where there is a Redis: processes on machines whose
clocks differ then agree on where a window ends, and `Retry-After` holds on all of them. Without
Redis each process counts for itself.

Headers as draft-ietf-httpapi-ratelimit-headers has them; 429 and Retry-After: RFC 6585, 9110.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Hashable
from contextlib import suppress
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Any

from starlette.types import Scope

from cerebro_server.kernel.config import Settings
from cerebro_server.kernel.errors import RateLimited
from cerebro_server.kernel.redis import Counters

WINDOW_SECONDS = 60
SETTLE_SECONDS = 0.2
_HEADERS = "cerebro.limits"  # where a request's scope holds the headers of its reply
_MOST_ADDRESSES = 100_000  # in one window; what comes after them shares one counter
_AWAY_SECONDS = 1.0  # between two tries while Redis does not answer
_MARGIN_SECONDS = 0.05  # by how much the clock may be set back while somebody waits
_DEFAULT = "default"

Header = tuple[bytes, bytes]


class _Counter:
    """What one principal has used of the window."""

    __slots__ = ("name", "unsettled", "used")

    def __init__(self, name: str) -> None:
        self.name = name
        self.used = 0
        self.unsettled = 0


class Limits:
    """The counters of one process."""

    def __init__(self, settings: Settings, *, window_seconds: int = WINDOW_SECONDS) -> None:
        self._quota = settings.rate_limit_per_minute
        self._url = settings.redis_url
        # servers of one installation share their counters; others on this Redis do not
        self._prefix = hashlib.sha256(settings.signing_key).hexdigest()[:12]
        self._ahead = time.time() - time.monotonic()
        self._window = 0
        self._counters: dict[Hashable, _Counter] = {}
        self._addresses = 0
        self._dirty: list[_Counter] = []
        self._window_seconds = window_seconds
        self._settling: asyncio.Task[None] | None = None
        self._is_stopping = asyncio.Event()

    def count(self, scope: Scope, principal: tuple[Hashable, ...]) -> None:
        """Count a request of somebody who is signed in. Raises `RateLimited`.

        `principal` is who asks, in words that are the same on every server: workspace and actor.
        """
        if self._quota:
            self._count(scope, principal, self._quota)

    def count_address(self, scope: Scope) -> None:
        """Count a request of nobody in particular against its address. Raises `RateLimited`."""
        if self._quota:
            self._count(scope, self._address(scope), self._quota)

    def count_for(self, scope: Scope, policy: str, what: str, quota: int) -> None:
        """Count a request of an address against what it may ask of one thing; with a quota of 0 it
        may ask what it likes. Raises `RateLimited`."""
        if quota:
            self._count(scope, self._address(scope, policy, what), quota, policy)

    def headers(self, scope: Scope) -> tuple[Header, ...]:
        """Return the headers of a reply. A request that nothing was counted for, since no route has
        its address, is counted here; too late to refuse it, and it cost next to nothing."""
        if self._quota and _HEADERS not in scope:
            with suppress(RateLimited):
                self._count(scope, self._address(scope), self._quota)
        found: tuple[Header, ...] = scope.get(_HEADERS, ())
        return found

    def _count(
        self, scope: Scope, principal: tuple[Hashable, ...], quota: int, policy: str = _DEFAULT
    ) -> None:
        now = time.monotonic() + self._ahead
        if int(now) // self._window_seconds != self._window:
            self._turn(int(now) // self._window_seconds)
        counter = self._counters.get(principal)
        if counter is None:
            counter = self._open(principal)
        left = quota - counter.used - 1
        seconds = (self._window + 1) * self._window_seconds - now
        # rounded up, and then a little: who sleeps that long is in the next window
        resets = min(int(seconds + _MARGIN_SECONDS) + 1, self._window_seconds)
        named = policy.encode()
        scope[_HEADERS] = (
            (b"ratelimit-policy", b'"%b";q=%d;w=%d' % (named, quota, self._window_seconds)),
            (b"ratelimit", b'"%b";r=%d;t=%d' % (named, max(left, 0), resets)),
        )
        if left < 0:
            violated: dict[str, Any] = {"violated-policies": [policy]}
            raise RateLimited(
                f"The budget of {quota:,} requests is spent; go on in {resets} s.",
                headers={"Retry-After": str(resets)},
                **violated,
            )
        counter.used += 1
        counter.unsettled += 1
        if counter.unsettled == 1:
            self._dirty.append(counter)

    def _turn(self, window: int) -> None:
        """Begin a window. A clock that was set back a little does not begin the last one again."""
        if window == self._window - 1:
            return
        self._window = window
        self._counters = {}
        self._addresses = 0
        self._dirty = []

    def _open(self, principal: tuple[Hashable, ...]) -> _Counter:
        text = ":".join(map(str, principal))
        counter = _Counter(f"cerebro:{self._prefix}:rate:{self._window}:{text}")
        self._counters[principal] = counter
        return counter

    def _address(self, scope: Scope, *asks: str) -> tuple[Hashable, ...]:
        """Return the principal that an address is, by what it asks of."""
        host: str = (scope.get("client") or ("local",))[0]
        principal = (*asks, "address", _network(host) if ":" in host else host)
        if principal not in self._counters:
            if self._addresses >= _MOST_ADDRESSES:
                return (*asks, "address", "others")
            self._addresses += 1
        return principal

    async def start(self) -> None:
        """Begin to settle, where there is a Redis."""
        if self._url is not None:
            counters = Counters(self._url.get_secret_value())
            self._settling = asyncio.create_task(self._settle_for_ever(counters))

    async def stop(self) -> None:
        """Stop settling. Not by cancelling: redis-py may swallow that (5.3, in a pipeline)."""
        self._is_stopping.set()
        if self._settling is not None:
            await self._settling

    async def _settle_for_ever(self, counters: Counters) -> None:
        try:
            while not await self._stopped_within(SETTLE_SECONDS):
                if self._dirty:
                    await self._settle(counters)
        finally:
            await counters.close()

    async def _stopped_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._is_stopping.wait(), seconds)
        return self._is_stopping.is_set()

    async def _settle(self, counters: Counters) -> None:
        """Tell Redis what was counted here, and learn what was counted everywhere."""
        window, dirty, self._dirty = self._window, self._dirty, []
        amounts = {counter.name: counter.unsettled for counter in dirty}
        for counter in dirty:
            counter.unsettled = 0
        answer = await counters.add(amounts, kept_ms=2_000 * self._window_seconds)
        if answer is None:
            self._take_back(window, dirty, amounts)
            await self._stopped_within(_AWAY_SECONDS)
            return
        clock, totals = answer
        self._ahead = clock - time.monotonic()
        for counter in dirty:
            # never less than was known: a Redis that lost everything begins at nought
            counter.used = max(counter.used, totals[counter.name] + counter.unsettled)

    def _take_back(self, window: int, dirty: list[_Counter], amounts: dict[str, int]) -> None:
        """Keep what could not be settled; a window that has ended needs no settling."""
        if window != self._window:
            return
        for counter in dirty:
            if counter.unsettled == 0:
                self._dirty.append(counter)
            counter.unsettled += amounts[counter.name]


@lru_cache(10_000)
def _network(host: str) -> str:
    """Return the network of an IPv6 address: who has one of its addresses has 2^64."""
    try:
        found = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or IPv6Address(int(found) >> 64 << 64))
    return host
