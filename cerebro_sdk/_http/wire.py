"""What a request and a reply are, and what sends them."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import NamedTuple, Protocol
from urllib.parse import unquote, urlsplit

PIECE = 65_536
"""Bytes of a body that are read at a time."""


class SendError(Exception):
    """No whole reply came; the text says why."""


class UnreachableError(SendError):
    """No connection could be made: nothing was sent."""


class BrokenError(SendError):
    """The connection broke on the way: the server may have acted."""


class LateError(SendError):
    """Time ran out."""


class Address(NamedTuple):
    """Where a server listens."""

    scheme: str
    host: str
    port: int
    base: str = ""
    """What stands before `/v1` in the path, without a slash at its end."""
    socket: str | None = None
    """Path of a unix socket, in place of host and port."""

    @classmethod
    def parse(cls, url: str) -> Address:
        """Read `https://host[:port][/base]`, `unix:///path.sock` or `http+unix://%2Fpath.sock`."""
        parts = urlsplit(url.strip())
        if "@" in parts.netloc:
            raise ValueError("a server's URL must not hold a user name or password")
        if parts.query or parts.fragment:
            raise ValueError(f"{url!r} must end before ? and #")
        if parts.scheme == "unix" and parts.path.strip("/"):
            return cls("http", "localhost", 80, "", unquote(parts.path))
        if parts.scheme == "http+unix" and parts.netloc:
            return cls("http", "localhost", 80, parts.path.rstrip("/"), unquote(parts.netloc))
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is not an address such as https://crm.example.com")
        port = parts.port if parts.port is not None else (443 if parts.scheme == "https" else 80)
        return cls(parts.scheme, parts.hostname, port, parts.path.rstrip("/"))

    @property
    def origin(self) -> str:
        """Scheme, host and port, as a URL begins."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = 443 if self.scheme == "https" else 80
        return f"{self.scheme}://{host}" + ("" if self.port == usual else f":{self.port}")

    @property
    def is_local(self) -> bool:
        """True for this machine, to which no proxy leads."""
        return self.host == "localhost" or self.host.startswith("127.") or self.host == "::1"

    def __str__(self) -> str:
        return f"unix://{self.socket}{self.base}" if self.socket else f"{self.origin}{self.base}"


class Body(Protocol):
    """A request body that is sent in pieces."""

    @property
    def size(self) -> int | None:
        """Its length in bytes, if that is known before reading it."""

    def chunks(self) -> Iterator[bytes]:
        """Read it once, piece by piece."""


class Request(NamedTuple):
    """One try of one call."""

    method: str
    address: Address
    target: str
    """Path and query, percent-encoded, from the address's base on."""
    headers: Mapping[str, str]
    body: bytes | Body | None = None
    timeout: float | None = None
    """Seconds for each wait."""
    until: float | None = None
    """Moment of `time.monotonic()` at which the whole call ends."""

    def wait(self) -> float | None:
        """Seconds that the next wait may last."""
        return remaining(self.timeout, self.until)

    def sized_headers(self) -> dict[str, str]:
        """Return the headers, with the length of the body or chunked framing."""
        headers = dict(self.headers)
        size = len(self.body) if isinstance(self.body, bytes) else self.body and self.body.size
        if size is not None:
            headers["Content-Length"] = str(size)
        elif self.body is not None:
            headers["Transfer-Encoding"] = "chunked"
        elif self.method != "GET":
            headers["Content-Length"] = "0"  # some proxies answer 411 without it
        return headers


class Reply(Protocol):
    """A reply whose body has not been read."""

    status: int
    headers: dict[str, str]
    """With names in lower case."""

    def chunks(self, until: float | None = None) -> Iterator[bytes]:
        """Read the body once, piece by piece; SendError if it breaks off."""

    def close(self) -> None:
        """Give the connection back, or close it."""


class AsyncReply(Protocol):
    """The same, awaited."""

    status: int
    headers: dict[str, str]

    def chunks(self, until: float | None = None) -> AsyncIterator[bytes]:
        """Read the body once, piece by piece; SendError if it breaks off."""

    async def close(self) -> None:
        """Give the connection back, or close it."""


class Sender(Protocol):
    """What a `Cerebro` sends its requests through; bring your own to change how."""

    def send(self, request: Request) -> Reply:
        """Send one request and return once status and headers are there; SendError if not."""

    def close(self) -> None:
        """Close all connections."""


class AsyncSender(Protocol):
    """The same for an `AsyncCerebro`."""

    async def send(self, request: Request) -> AsyncReply:
        """Send one request and return once status and headers are there; SendError if not."""

    async def close(self) -> None:
        """Close all connections."""


def remaining(timeout: float | None, until: float | None) -> float | None:
    """Say how long the next wait may last; LateError once it is too late."""
    if until is None:
        return timeout
    left = until - time.monotonic()
    if left <= 0:
        raise LateError("the deadline has passed")
    return left if timeout is None else min(timeout, left)
