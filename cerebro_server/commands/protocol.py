"""HTTP/1.1 as uvicorn speaks it, with an end to how long a request's head may be."""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_HEAD_BYTES = 65_536
_REFUSAL = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: application/problem+json\r\nconnection: close\r\n\r\n"
    b'{"type":"urn:cerebro:problem:bad_request","title":"The request cannot be read","status":431,'
    b'"detail":"The request line and headers may have 65536 bytes together.","code":"bad_request"}'
)


class BoundedHead(HttpToolsProtocol):
    """Counts a head's bytes as they come: the parser itself would take a hundred megabytes."""

    _head: int | None = None  # bytes of the head so far; None where none has begun

    def data_received(self, data: bytes) -> None:
        """Take what came; close the connection where a head does not come to its end."""
        super().data_received(data)
        if self._head is None:
            return
        self._head += len(data)
        if self._head > MOST_HEAD_BYTES and not self.transport.is_closing():
            self.transport.write(_REFUSAL)
            self.transport.close()

    def on_message_begin(self) -> None:
        """Begin to count."""
        self._head = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Stop counting: bodies have limits of their own."""
        self._head = None
        super().on_headers_complete()
