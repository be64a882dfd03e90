"""Sends one request over one connection: HTTP/1.1 (RFC 9112), spoken by hand.

By way of ssl and email, `import http.client` would add 15 to 40 ms to a command that may take 240.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator
from typing import Any

from cerebro_sdk._http.wire import (
    PIECE,
    Address,
    Body,
    BrokenError,
    LateError,
    Reply,
    Request,
    Sender,
    UnreachableError,
    remaining,
)

_LONGEST_LINE = 65_536
_MOST_HEADERS = 200


class OneShot:
    """Sends each request over a connection of its own, without importing httpx.

    For programs that end after a call or two: httpx takes 155 ms to import. Where the environment
    names a proxy for the server, httpx is used all the same.

    >>> crm = Cerebro(sender=OneShot())
    """

    def __init__(self) -> None:
        self._proxied: Sender | None = None

    def send(self, request: Request) -> Reply:
        """Connect and send one request."""
        if _has_proxy(request.address):
            from cerebro_sdk._http.pooled import HttpxSender  # brings asyncio and httpx

            self._proxied = self._proxied or HttpxSender()
            return self._proxied.send(request)
        head = _head(request)
        sock = _connected(request)
        try:
            _send(sock, head, request)
            return _OneShotReply(sock, request)
        except BaseException:
            sock.close()
            raise

    def close(self) -> None:
        """Close what a proxy made necessary; else nothing is kept open."""
        if self._proxied:
            self._proxied.close()


class _OneShotReply:
    def __init__(self, sock: socket.socket, request: Request) -> None:
        self._sock = sock
        self._timeout = request.timeout
        self._file = sock.makefile("rb")
        self.status = 100
        try:
            while 100 <= self.status < 200:  # 103 Early Hints and the like
                self.status = self._status(request.until)
                self.headers = self._fields(request.until)
        except BaseException:
            self._file.close()
            raise

    def chunks(self, until: float | None = None) -> Iterator[bytes]:
        coding = self.headers.get("transfer-encoding", "").lower()
        length = self.headers.get("content-length", "")
        if self.status in (204, 304):
            return
        if coding == "chunked":
            yield from self._chunked(until)
        elif coding:
            raise BrokenError(f"the reply has an unknown transfer coding: {coding[:40]!r}")
        elif length:
            yield from self._exactly(_number(length, 10), until)
        else:
            while piece := self._read(PIECE, until):
                yield piece

    def close(self) -> None:
        self._file.close()
        self._sock.close()

    def _status(self, until: float | None) -> int:
        line = self._line(until)
        version, _, rest = line.partition(" ")
        if not version.startswith("HTTP/1."):
            raise BrokenError(f"the answer is no HTTP: {line[:40]!r}")
        return _number(rest[:3], 10)

    def _fields(self, until: float | None) -> dict[str, str]:
        fields: dict[str, str] = {}
        for _ in range(_MOST_HEADERS):
            line = self._line(until)
            if not line:
                return fields
            name, _, value = line.partition(":")
            fields[name.strip().lower()] = value.strip()
        raise BrokenError("the reply has too many headers")

    def _chunked(self, until: float | None) -> Iterator[bytes]:
        while size := _number(self._line(until).partition(";")[0].strip(), 16):
            yield from self._exactly(size, until)
            if self._line(until):
                raise BrokenError("the reply's chunks are malformed")
        while self._line(until):
            pass

    def _exactly(self, size: int, until: float | None) -> Iterator[bytes]:
        while size:
            piece = self._read(min(size, PIECE), until)
            if not piece:
                raise BrokenError(f"the reply broke off {size} bytes before its end")
            size -= len(piece)
            yield piece

    def _read(self, most: int, until: float | None) -> bytes:
        with _told():
            self._sock.settimeout(remaining(self._timeout, until))
            return self._file.read1(most)

    def _line(self, until: float | None) -> str:
        with _told():
            self._sock.settimeout(remaining(self._timeout, until))
            line = self._file.readline(_LONGEST_LINE)
        if not line.endswith(b"\n"):
            raise BrokenError("the reply broke off" if line else "closed without an answer")
        return line.decode("latin-1").rstrip("\r\n")


def _head(request: Request) -> bytes:
    address = request.address
    lines = [f"{request.method} {address.base}{request.target} HTTP/1.1"]
    headers = {
        "Host": address.origin.partition("://")[2],
        **request.sized_headers(),
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if any("\r" in line or "\n" in line for line in lines):
        raise ValueError("a header must not hold a line break")
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _connected(request: Request) -> socket.socket:
    address = request.address
    wait = request.wait()
    try:
        if address.socket:
            return _unix(address.socket, wait)
        # a str would load the codec for names beyond ASCII: 5 ms
        host: Any = address.host.encode() if address.host.isascii() else address.host
        sock = socket.create_connection((host, address.port), wait)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return _secured(sock, address.host) if address.scheme == "https" else sock
    except TimeoutError as error:
        raise LateError("no connection in time") from error
    except (OSError, UnicodeError) as error:
        raise UnreachableError(getattr(error, "strerror", None) or str(error)) from error


def _unix(path: str, wait: float | None) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX)
    try:
        sock.settimeout(wait)
        sock.connect(path)
    except BaseException:
        sock.close()
        raise
    return sock


def _secured(sock: socket.socket, host: str) -> socket.socket:
    import ssl  # 17 ms

    try:
        return ssl.create_default_context().wrap_socket(sock, server_hostname=host)
    except BaseException:
        sock.close()
        raise


def _send(sock: socket.socket, head: bytes, request: Request) -> None:
    body = request.body
    if not isinstance(body, bytes) and body is not None:
        with _told():
            sock.sendall(head)
        _send_pieces(sock, body, request)
        return
    # a server may refuse and close before it has read everything; its answer is read all the same
    with contextlib.suppress(BrokenError), _told():
        sock.sendall(head + (body or b""))


def _send_pieces(sock: socket.socket, body: Body, request: Request) -> None:
    is_chunked = body.size is None
    for piece in body.chunks():  # reading a file may fail too, and that is no fault of the line
        try:
            with _told():
                sock.settimeout(request.wait())
                sock.sendall(b"%x\r\n%b\r\n" % (len(piece), piece) if is_chunked else piece)
        except BrokenError:
            return
    if is_chunked:
        with contextlib.suppress(BrokenError), _told():
            sock.sendall(b"0\r\n\r\n")


def _number(text: str, base: int) -> int:
    digits = "0123456789abcdef"[:base]
    if not text or len(text) > 18 or any(c not in digits for c in text.lower()):
        raise BrokenError(f"the reply holds {text[:20]!r} in place of a number")
    return int(text, base)


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Turn what a socket raises into a SendError."""
    try:
        yield
    except TimeoutError as error:
        raise LateError("no answer in time") from error
    except OSError as error:
        raise BrokenError(error.strerror or str(error)) from error


def _has_proxy(address: Address) -> bool:
    if address.is_local or address.socket:
        return False
    return any(
        os.environ.get(name) or os.environ.get(name.upper())
        for name in (f"{address.scheme}_proxy", "all_proxy")
    )
