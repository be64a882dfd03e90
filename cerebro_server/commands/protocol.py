"""HTTP/1.1 as uvicorn speaks it, with an end to how long a request may be and take to arrive."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_HEAD_BYTES = 65_536
LEAST_BYTES_PER_SECOND = 1_000
_CHECKS = 6  # the patience with a slow client is spent in so many parts
_REPLY = (
    "HTTP/1.1 {status}\r\ncontent-type: application/problem+json\r\nconnection: close\r\n\r\n"
    '{{"type":"urn:cerebro:problem:bad_request","title":"The request cannot be read",'
    '"status":{number},"detail":"{detail}","code":"bad_request"}}'
)


def _reply(status: str, detail: str) -> bytes:
    return _REPLY.format(status=status, number=status[:3], detail=detail).encode()


_TOO_LONG = _reply(
    "431 Request Header Fields Too Large",
    f"The request line and headers may have {MOST_HEAD_BYTES} bytes together.",
)
_TOO_SLOW = _reply("408 Request Timeout", "The request arrives too slowly.")


class BoundedRequest(HttpToolsProtocol):
    """Counts a request's bytes as they come.

    The parser would take a head of a hundred megabytes, and wait for ever for the rest of any
    request: who sends a byte a second would hold a connection for each.
    """

    patience_seconds = 30.0

    _head: int | None = None  # bytes of the head so far; None where none has begun
    _is_receiving = True  # a request is expected, or on its way; not while it is answered
    _received = 0  # since the last check
    _strikes = 0
    _check: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to look at how fast requests arrive: one timer for the whole connection."""
        super().connection_made(transport)
        self._look_again()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop looking."""
        if self._check is not None:
            self._check.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came; close the connection where a head does not come to its end."""
        self._received += len(data)
        if self.cycle is None or self.cycle.response_complete:
            self._is_receiving = True  # be it a blank line, after which nothing comes
        super().data_received(data)
        if self._head is None:
            return
        self._head += len(data)
        if self._head > MOST_HEAD_BYTES:
            self._end(_TOO_LONG)

    def on_message_begin(self) -> None:
        """Begin to count."""
        self._head = 0
        self._is_receiving = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Stop counting the head: bodies have limits of their own."""
        self._head = None
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Be patient again: what takes time now is the answer."""
        self._is_receiving = False
        self._strikes = 0
        super().on_message_complete()

    def _look_again(self) -> None:
        self._received = 0
        seconds = self.patience_seconds / _CHECKS
        self._check = self.loop.call_later(seconds, self._look)

    def _look(self) -> None:
        least = LEAST_BYTES_PER_SECOND * self.patience_seconds / _CHECKS
        # a body that we do not read fast enough is not the client's fault
        if self._is_receiving and not self.flow.read_paused and self._received < least:
            self._strikes += 1
        else:
            self._strikes = 0
        if self._strikes >= _CHECKS:
            self._end(_TOO_SLOW)
        else:
            self._look_again()

    def _end(self, reply: bytes) -> None:
        """Close the connection, with a reply where there is a request that has none."""
        if self.transport.is_closing():
            return
        is_open = self.cycle is not None and not self.cycle.response_complete
        if self._head is not None:
            may_reply = not is_open
        else:
            may_reply = is_open and not self.cycle.response_started
        if may_reply:
            self.transport.write(reply)
        self.transport.close()


def bounded(patience: float) -> type[BoundedRequest]:
    """Return the protocol with this much patience, in seconds."""

    class Bounded(BoundedRequest):
        patience_seconds = patience

    return Bounded
