"""What a request may be: its depth, size and time, its headers, and what a server keeps shut."""

from __future__ import annotations

import asyncio
import json
import resource
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from tests.fixtures.server import serving
from tests.fixtures.stores import Installation
from tests.server.http.conftest import Process, process_of
from tests.server.http.test_wire import body, head, status

URL = "/v1/companies"
JSON = {"content-type": "application/json"}
PATIENCE = 60.0
SLOW_SECONDS = 2
MEGABYTES = 50

DEEP = {
    "open arrays": b"[" * 10_000,
    "open objects": b'{"a":' * 10_000,
    "as many as a body holds": b"[" * 1_000_000,
    "closed arrays": b"[" * 10_000 + b"]" * 10_000,
    "in a field": b'{"name":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    "in a field of objects": b'{"name":"x","external_ids":'
    + b'{"a":' * 10_000
    + b"1"
    + b"}" * 10_000
    + b"}",
    "in an unknown field": b'{"name":"x","y":' + b"[" * 400_000 + b"]" * 400_000 + b"}",
}
WIDE = {
    "unknown fields": b'{"name":"x",%s}' % b",".join(b'"k%d":1' % n for n in range(90_000)),
    "the same field": b'{"name":"x",%s}' % b",".join([b'"name":1'] * 100_000),
    "digits": b'{"name":"x","employees":' + b"9" * 1_000_000 + b"}",
    "an exponent": b'{"name":"x","employees":1e99999999}',
    "escapes": b'{"name":"' + b"\\u0041" * 150_000 + b'"}',
    "items": b'{"name":"x","external_ids":{%s}}' % b",".join(b'"k%d":1' % n for n in range(80_000)),
}


def peak() -> int:
    """Return the most memory that this process ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


class TestJson:
    @pytest.mark.parametrize("case", DEEP)
    @pytest.mark.parametrize("method", ["POST", "PATCH"])
    async def test_that_is_deep_is_refused_and_takes_no_memory(
        self, reader: httpx.AsyncClient, method: str, case: str
    ) -> None:
        path = URL if method == "POST" else f"{URL}/acme.example"
        before = peak()
        reply = await reader.request(method, path, content=DEEP[case], headers=JSON)
        assert (reply.status_code, reply.json()["code"]) == (400, "malformed_json"), reply.text
        assert peak() - before < MEGABYTES
        assert len(reply.content) < 2_000

    @pytest.mark.parametrize("case", WIDE)
    async def test_that_is_wide_is_refused_with_a_short_reply(
        self, reader: httpx.AsyncClient, case: str
    ) -> None:
        before = peak()
        reply = await reader.post(URL, content=WIDE[case], headers=JSON)
        assert reply.status_code in (400, 422), reply.text[:200]
        assert peak() - before < 2 * MEGABYTES
        assert len(reply.content) < 200_000

    @pytest.mark.parametrize("coding", ["gzip", "br", "deflate", "gzip, identity", "x", "é"])
    async def test_that_is_packed_is_refused_unopened(
        self, reader: httpx.AsyncClient, coding: str
    ) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-encoding", coding.encode())]
        for path in (URL, f"{URL}/import"):
            kind = [headers[0] if path == URL else (b"content-type", b"text/csv"), headers[1]]
            reply = await reader.post(path, content=b"\x1f\x8b", headers=kind)
            assert (reply.status_code, reply.json()["code"]) == (415, "unsupported_media_type")

    @pytest.mark.parametrize("query", ["(" * 10_000, "not " * 10_000, "a = 1 and " * 5_000])
    async def test_a_filter_that_is_deep_is_refused(
        self, reader: httpx.AsyncClient, query: str
    ) -> None:
        reply = await reader.get(URL, params={"where": query})
        assert reply.status_code == 422
        assert len(reply.content) < 20_000


class TestRows:
    async def test_of_a_page_are_at_most_500(self, reader: httpx.AsyncClient) -> None:
        for limit in (501, 10**6, 0, -1):
            reply = await reader.get(URL, params={"limit": limit})
            assert (reply.status_code, reply.json()["code"]) == (422, "validation_failed")

    async def test_of_a_file_are_as_many_as_fit_into_its_bytes(self, shared: Installation) -> None:
        async with serving(shared, max_import_bytes=1_024) as client:
            file = b"name\n" + b"x\n" * 1_000
            reply = await client.post(
                f"{URL}/import", content=file, headers={"content-type": "text/csv"}
            )
            assert (reply.status_code, reply.json()["limit"]) == (413, 1_024)


class TestHeaders:
    @pytest.mark.parametrize(
        "path", [URL, f"{URL}/none.example", "/v1/nothing", "/nothing", "/livez", "/openapi.json"]
    )
    async def test_let_no_browser_make_a_page_of_data(
        self, reader: httpx.AsyncClient, path: str
    ) -> None:
        headers = (await reader.get(path)).headers
        assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert "camera=()" in headers["permissions-policy"]
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["x-content-type-options"] == "nosniff"

    async def test_come_once_and_the_reference_has_its_own(self, reader: httpx.AsyncClient) -> None:
        for path in (URL, "/docs", "/docs/start.js", "/docs/assets/swagger-ui.css"):
            headers = (await reader.get(path)).headers
            names = [name for name, _ in headers.multi_items()]
            assert len(names) == len(set(names))
            assert "permissions-policy" in names
        assert "'self'" in (await reader.get("/docs")).headers["content-security-policy"]

    async def test_are_there_when_the_request_was_refused(self, reader: httpx.AsyncClient) -> None:
        del reader.headers["authorization"]
        headers = (await reader.post(URL, content=b"{")).headers
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["cache-control"] == "no-store"


class TestTrace:
    @pytest.mark.parametrize("path", [URL, "/livez", "/docs", "/openapi.json", "/nothing"])
    async def test_is_off_and_echoes_nothing(self, reader: httpx.AsyncClient, path: str) -> None:
        for method in ("TRACE", "TRACK", "CONNECT"):
            reply = await reader.request(method, path, headers={"X-Canary": "canary"})
            assert reply.status_code in (404, 405)
            assert "canary" not in reply.text
            assert "authorization" not in reply.text.lower()


class TestClosing:
    async def test_the_reference_can_be_closed(self, shared: Installation) -> None:
        async with serving(shared, public_docs=False) as client:
            for path in ("/", "/docs", "/docs/start.js", "/docs/assets/x.js", "/openapi.json"):
                reply = await client.get(path)
                assert (reply.status_code, reply.json()["code"]) == (404, "not_found")
            assert (await client.get(URL)).status_code == 200
            assert (await client.get("/livez")).status_code == 200

    async def test_nothing_then_names_the_version(self, shared: Installation) -> None:
        async with serving(shared, public_docs=False) as client:
            version = client._transport.app.version  # type: ignore[attr-defined]
            for path in ("/", "/livez", "/readyz", "/metrics", "/nothing", URL):
                reply = await client.get(path, headers={"authorization": ""})
                assert version not in reply.text
                assert version not in str(reply.headers)

    async def test_the_measures_can_ask_for_a_token(self, shared: Installation) -> None:
        token = "t" * 40
        async with serving(shared, metrics_token=SecretStr(token)) as client:
            own = client.headers["authorization"]
            for given in ("", "Bearer", f"Bearer {token}x", f"Basic {token}", token, own):
                reply = await client.get("/metrics", headers={"authorization": given})
                assert (reply.status_code, reply.json()["code"]) == (401, "not_authenticated")
                assert "cerebro_" not in reply.text
            right = {"authorization": f"Bearer {token}"}
            assert "cerebro_" in (await client.get("/metrics", headers=right)).text
            assert (await client.get("/readyz", headers={"authorization": ""})).status_code == 200


@pytest.fixture(scope="module")
def hasty(shared: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """A server that gives slow clients two seconds."""
    log = tmp_path_factory.mktemp("hasty") / "log"
    with process_of(shared, log, CEREBRO_SLOW_CLIENT_SECONDS=str(SLOW_SECONDS)) as made:
        yield made


class Slow:
    """A client that sends ten bytes a second, for ever."""

    def __init__(self, port: int, start: bytes) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self._socket.sendall(start)
        self._socket.setblocking(False)
        self.received = b""
        self.is_closed = False

    def drip(self) -> None:
        """Send one more byte, and take what came."""
        try:
            self._socket.send(b"a")
            self._read()
        except BlockingIOError:
            pass
        except ConnectionError:
            self.is_closed = True

    def _read(self) -> None:
        while part := self._socket.recv(65_536):
            self.received += part
        self.is_closed = True

    def close(self) -> None:
        self._socket.close()


def drip_until_closed(clients: list[Slow]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not all(client.is_closed for client in clients):
        assert time.monotonic() < deadline, "a slow client was never cut off"
        for client in clients:
            if not client.is_closed:
                client.drip()
        time.sleep(0.1)


class TestSlowClients:
    def starts(self, key: str) -> dict[str, bytes]:
        signed = f"Host: x\r\nAuthorization: Bearer {key}\r\n".encode()
        post = b"POST /v1/companies HTTP/1.1\r\n" + signed
        long = b"Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
        file = b"POST /v1/companies/import HTTP/1.1\r\n" + signed
        return {
            "head": b"GET /v1/companies HTTP/1.1\r\nX-Slow: ",
            "request line": b"GET /v1/",
            "body": post + long + b'{"name":"',
            "chunks": file
            + b"Content-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nnam",
            "file": file + b"Content-Type: text/csv\r\nContent-Length: 100000\r\n\r\nname\n",
            "second head": b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\nGET /livez HTTP/1.1\r\nX-Slow: ",
        }

    def test_are_cut_off_and_told_why(self, hasty: Process) -> None:
        starts = self.starts(hasty.api_key)
        with ExitStack() as stack:
            clients = {
                name: stack.enter_context(closing(Slow(hasty.port, start)))
                for name, start in starts.items()
            }
            drip_until_closed(list(clients.values()))
        for name in ("head", "request line", "body", "file"):
            told = clients[name].received
            assert status(told) == 408, (name, told)
            assert b"application/problem+json" in head(told)
            assert json.loads(body(told))["status"] == 408
        assert clients["second head"].received.count(b"HTTP/1.1 200") == 1

    def test_who_says_nothing_is_cut_off_without_a_word(self, hasty: Process) -> None:
        with (
            closing(socket.create_connection(("127.0.0.1", hasty.port), PATIENCE)) as silent,
            closing(socket.create_connection(("127.0.0.1", hasty.port), PATIENCE)) as blank,
        ):
            blank.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
            reply = b""
            while not reply.endswith(b"}"):
                reply += blank.recv(65_536)
            assert status(reply) == 200
            blank.sendall(b"\r\n")
            for client in (silent, blank):
                assert client.recv(65_536) == b""

    def test_do_not_stop_others(self, hasty: Process) -> None:
        with ExitStack() as stack:
            clients = [
                stack.enter_context(closing(Slow(hasty.port, start)))
                for start in self.starts(hasty.api_key).values()
                for _ in range(20)
            ]
            for _ in range(5):
                for client in clients:
                    client.drip()
                assert status(hasty.ask(b"GET /v1/companies")) == 200
                assert status(hasty.ask(b"GET /readyz")) == 200
            drip_until_closed(clients)
        assert status(hasty.ask(b"GET /v1/companies")) == 200

    def test_who_is_steady_may_take_longer(self, hasty: Process) -> None:
        """A file that arrives at 10 kB a second takes more than twice the patience, and is read."""
        rows = b"".join(b"Steady %05d\n" % n for n in range(4_000))
        start = b"POST /v1/companies/import?dry_run=true HTTP/1.1\r\nHost: x\r\n"
        start += b"Authorization: Bearer " + hasty.api_key.encode() + b"\r\nConnection: close\r\n"
        start += b"Content-Type: text/csv\r\nContent-Length: %d\r\n\r\n" % (len(rows) + 5)
        with socket.create_connection(("127.0.0.1", hasty.port), PATIENCE) as client:
            client.sendall(start + b"name\n")
            for place in range(0, len(rows), 1_000):
                client.sendall(rows[place : place + 1_000])
                time.sleep(0.1)
            reply = b""
            while part := client.recv(65_536):
                reply += part
        assert status(reply) == 200, reply
        assert json.loads(body(reply))["rows"] == 4_000


async def test_a_body_that_never_ends_waits_for_no_connection(shared: Installation) -> None:
    """Twenty bodies on their way, with a pool of one connection: reading needs none of it."""
    never = asyncio.Event()

    async def endless() -> Any:
        yield b'{"name":"'
        await never.wait()

    async with serving(shared, pool_size=1) as client:
        waiting = [
            asyncio.create_task(client.post(URL, content=endless(), headers=JSON))
            for _ in range(20)
        ]
        await asyncio.sleep(0.1)
        for _ in range(5):
            assert (await client.get(URL)).status_code == 200
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
