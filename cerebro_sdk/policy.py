"""Pure decisions: what to try again and when, how long to wait, how large a page to ask for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

R = TypeVar("R")

FIRST_PAUSE = 0.5
"""Upper end of the first pause, in seconds; each further one doubles it."""
LONGEST_PAUSE = 8.0
LONGEST_ASKED = 60.0
"""A server that asks for more gets no second try; the error says how long it asked for."""
LONGEST_IMPORT = 900.0
"""How long an import's answer is waited for at least: the server reads the whole file first."""
PAGE_SIZE = 200

AGAIN = frozenset({408, 425, 429, 502, 503, 504})
"""Statuses that pass. A plain 500 is a defect, which the same request meets again."""


class Options(NamedTuple):
    """How patient a client is."""

    timeout: float | None = 30.0
    """Seconds for each wait: for the connection, for the reply, for its next piece."""
    max_retries: int = 2
    """Tries after the first one."""
    deadline: float | None = None
    """Seconds for the whole call, with all its tries and pauses."""

    def checked(self) -> Options:
        """Return these options, or raise ValueError naming the one that makes no sense."""
        for name in ("timeout", "deadline"):
            seconds = getattr(self, name)
            if seconds is not None and not 0 < seconds < float("inf"):
                raise ValueError(f"{name} must be a number of seconds above 0, or None")
        if self.max_retries < 0:
            raise ValueError("max_retries must not be negative")
        return self


class Outcome(NamedTuple):
    """How a try ended: with a status, or (None) without any reply."""

    status: int | None
    code: str = ""
    retry_after: float | None = None


def passes(outcome: Outcome) -> bool:
    """Tell whether the same request may succeed a little later."""
    if outcome.status == 409:
        return outcome.code == "in_flight"  # the first try of this very call is still at work
    return outcome.status is None or outcome.status in AGAIN


def pause(
    options: Options,
    outcome: Outcome,
    *,
    repeatable: bool,
    tries: int,
    elapsed: float,
    chance: float,
) -> float | None:
    """Say how many seconds to wait before the next try; None means: give up.

    `tries` counts those made so far; `chance` lies between 0 and 1. Full jitter: see
    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """
    if not repeatable or tries > options.max_retries or not passes(outcome):
        return None
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(tries - 1, 10))
    seconds = chance * longest
    if outcome.retry_after is not None:
        if outcome.retry_after > LONGEST_ASKED:
            return None
        # never earlier than asked, and not all clients in the same moment
        seconds = outcome.retry_after + chance * min(FIRST_PAUSE, outcome.retry_after)
    if options.deadline is not None and elapsed + seconds >= options.deadline:
        return None
    return seconds


def asked_pause(headers: Mapping[str, str], *, now: float) -> float | None:
    """Read `Retry-After` (RFC 9110, 10.2.3): seconds, or a date, which is set against `Date`.

    `headers` have lower-case names; `now` is this machine's time, for a reply without a date.
    """
    asked = headers.get("retry-after", "").strip()
    if asked.isascii() and asked.isdigit():
        return float(asked[:9])
    moment = _moment(asked)
    if moment is None:
        return None
    sent = _moment(headers.get("date", ""))
    return max(0.0, moment - (now if sent is None else sent))


def _moment(text: str) -> float | None:
    if not text:
        return None
    from email.utils import parsedate_to_datetime  # rare, and 10 ms

    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return None


class Page(Generic[R]):
    """One page of a list: `items`, and `next_cursor`, which is None on the last one.

    `count` is how many there are on all pages together, where that was asked for; without
    `count_is_exact` it is told from a sample.
    """

    __slots__ = ("count", "count_is_exact", "items", "next_cursor")

    def __init__(
        self,
        items: list[R],
        next_cursor: str | None,
        count: int | None = None,
        count_is_exact: bool | None = None,
    ) -> None:
        self.items = items
        self.next_cursor = next_cursor
        self.count = count
        self.count_is_exact = count_is_exact

    def __iter__(self) -> Iterator[R]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __repr__(self) -> str:
        return f"Page({len(self.items)} items, next_cursor={self.next_cursor!r})"

    def __eq__(self, other: Any) -> bool:
        if not isinstance(other, Page):
            return NotImplemented
        return (self.items, self.next_cursor) == (other.items, other.next_cursor)

    __hash__ = None  # type: ignore[assignment]


def check_paging(limit: int | None, page_size: int | None) -> None:
    """Raise ValueError for a limit or page size that makes no sense."""
    if limit is not None and limit < 0:
        raise ValueError("limit must not be negative; None means all")
    if page_size is not None and page_size < 1:
        raise ValueError("page_size must be at least 1")


def next_size(limit: int | None, page_size: int | None, *, seen: int) -> int:
    """Say how many records to ask for next; 0 when the limit is reached."""
    size = page_size or PAGE_SIZE
    return size if limit is None else max(0, min(size, limit - seen))
