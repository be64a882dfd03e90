"""A small real HTTP server that answers as the test scripts it and remembers what it was asked."""

from __future__ import annotations

import json
import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import BufferedIOBase
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit


class Seen(NamedTuple):
    """One request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def params(self) -> dict[str, str]:
        return {k: v[0] for k, v in parse_qs(urlsplit(self.target).query).items()}

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Answer(NamedTuple):
    """One reply, or a way of not giving one."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = MappingProxyType({})
    chunks: list[bytes] | None = None
    """Send chunked, these."""
    short: bool = False
    """Break off before the end that was announced."""
    wait: float = 0
    pause: float = 0
    """Seconds between chunks."""
    drop: bool = False
    """Break the connection without a word."""
    early: bool = False
    """Answer before reading the body."""
    raw: bytes = b""
    """Send exactly this, then close."""


def ok(value: Any, **headers: str) -> Answer:
    return Answer(200, json.dumps(value).encode(), {"Content-Type": "application/json", **headers})


def problem(
    status: int, code: str, detail: str = "no", *, headers: Any = None, **more: Any
) -> Answer:
    body = {"status": status, "code": code, "detail": detail, "request_id": "req-1", **more}
    return Answer(
        status,
        json.dumps(body).encode(),
        {"Content-Type": "application/problem+json", **(headers or {})},
    )


def page(items: list[Any], next_cursor: str | None = None) -> Answer:
    return ok({"items": items, "next_cursor": next_cursor})


Step = Answer | Callable[[Seen], Answer]


class Fake:
    """Answers with the steps of its script, one after the other; the last one for good."""

    def __init__(self) -> None:
        self.script: list[Step] = []
        self.seen: list[Seen] = []
        self.url = ""
        self.connections = 0
        self.context: ssl.SSLContext | None = None
        self._lock = threading.Lock()

    def says(self, *steps: Step) -> None:
        self.script = list(steps)

    def secure(self, context: ssl.SSLContext) -> None:
        """Speak TLS from now on."""
        self.context = context

    def next_step(self) -> Step:
        with self._lock:
            if not self.script:
                return problem(500, "unscripted")
            return self.script.pop(0) if len(self.script) > 1 else self.script[0]


class _Handler(socketserver.StreamRequestHandler):
    def setup(self) -> None:
        if context := self.server.fake.context:  # type: ignore[attr-defined]
            self.request = context.wrap_socket(self.request, server_side=True)
        super().setup()

    def handle(self) -> None:
        fake: Fake = self.server.fake  # type: ignore[attr-defined]
        fake.connections += 1
        try:
            while self._one(fake):
                pass
        except ConnectionError:
            pass

    def _one(self, fake: Fake) -> bool:
        line = self.rfile.readline().decode("latin-1").split()
        if not line:
            return False
        headers: dict[str, str] = {}
        while (text := self.rfile.readline().decode("latin-1").strip()) != "":
            name, _, value = text.partition(":")
            headers[name.lower()] = value.strip()
        step = fake.next_step()
        early = isinstance(step, Answer) and step.early
        body = b"" if early else _body(self.rfile, headers)
        seen = Seen(line[0], line[1], headers, body)
        fake.seen.append(seen)
        answer = step if isinstance(step, Answer) else step(seen)
        time.sleep(answer.wait)
        if answer.drop:
            return False
        if answer.raw:
            self.wfile.write(answer.raw)
            return False
        self._send(answer)
        return not answer.short and not early and headers.get("connection") != "close"

    def _send(self, answer: Answer) -> None:
        head = [f"HTTP/1.1 {answer.status} X"]
        head += [f"{name}: {value}" for name, value in answer.headers.items()]
        if answer.chunks is None:
            head.append(f"Content-Length: {len(answer.body) + (10 if answer.short else 0)}")
        else:
            head.append("Transfer-Encoding: chunked")
        self.wfile.write("\r\n".join([*head, "", ""]).encode("latin-1") + answer.body)
        for chunk in answer.chunks or ():
            self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
            self.wfile.flush()
            time.sleep(answer.pause)
        if answer.chunks is not None and not answer.short:
            self.wfile.write(b"0\r\n\r\n")


def _body(file: BufferedIOBase, headers: dict[str, str]) -> bytes:
    if "chunked" not in headers.get("transfer-encoding", ""):
        return file.read(int(headers.get("content-length", 0)))
    parts = []
    while size := int(file.readline(), 16):
        parts.append(file.read(size))
        file.readline()
    file.readline()
    return b"".join(parts)


class _Tcp(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


class _Unix(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


@contextmanager
def running(unix: Path | None = None) -> Iterator[Fake]:
    server: Any = _Unix(str(unix), _Handler) if unix else _Tcp(("127.0.0.1", 0), _Handler)
    server.fake = fake = Fake()
    server.block_on_close = False
    fake.url = f"unix://{unix}" if unix else f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
