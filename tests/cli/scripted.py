"""An HTTP server that answers as it was told, so that every reply can be had, hostile ones too."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit


class Asked(NamedTuple):
    """A request that arrived."""

    method: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Told(NamedTuple):
    """A reply to give."""

    status: int
    body: bytes
    headers: Mapping[str, str]


class Script:
    """What the server answers, in order for each method and path; the last one again and again."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.asked: list[Asked] = []
        self._told: dict[str, list[Told]] = {}

    def tell(
        self, call: str, body: Any, *, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        """Answer `GET /v1/companies` with a value as JSON, or with bytes."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        kind = "text/csv" if isinstance(body, bytes) else "application/json"
        told = Told(status, raw, {"Content-Type": kind, **(headers or {})})
        self._told.setdefault(call, []).append(told)

    def problem(self, call: str, status: int, code: str, detail: str, **members: Any) -> None:
        body = {"status": status, "code": code, "detail": detail, "errors": [], **members}
        self.tell(call, {"request_id": "req-1", **body}, status=status)

    def answer(self, asked: Asked) -> Told:
        self.asked.append(asked)
        told = self._told.get(f"{asked.method} {asked.path}")
        if not told:
            missing = {"status": 404, "code": "not_found", "detail": f"Nothing at {asked.path}."}
            return Told(404, json.dumps(missing).encode(), {"Content-Type": "application/json"})
        return told.pop(0) if len(told) > 1 else told[0]


@contextmanager
def serving() -> Iterator[Script]:
    """Run a scripted server on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            parts = urlsplit(self.path)
            params = {name: held[0] for name, held in parse_qs(parts.query).items()}
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            told = script.answer(Asked(self.command, parts.path, params, headers, body))
            self.send_response(told.status)
            for name, value in told.headers.items():
                self.send_header(name, value)
            # a reply may promise more than it holds, as one that breaks off does
            promised = told.headers.get("X-Break", len(told.body))
            self.send_header("Content-Length", str(promised))
            self.end_headers()
            self.wfile.write(told.body)
            self.close_connection = True

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _any  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    script = Script(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
