"""Every error is one problem, complete, and nothing but what the caller may know."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from cerebro_server.components.identity.service.keys import new_key

URL = "/v1/companies"
KEY = new_key("main")[0]
HEADERS = {
    "none": None,
    "empty": "",
    "scheme only": "Bearer",
    "scheme and blank": "Bearer ",
    "another scheme": "Basic dXNlcjpwYXNz",
    "no scheme": KEY,
    "whole, and of nobody": f"Bearer {KEY}",
    "too short": f"Bearer {KEY[:-1]}",
    "wrong checksum": f"Bearer {KEY[:-1]}{'a' if KEY[-1] != 'a' else 'b'}",
    "unknown workspace": f"Bearer {new_key('nowhere')[0]}",
    "a schema that is no workspace": f"Bearer {new_key('public')[0]}",
    "twice": f"Bearer {KEY} {KEY}",
    "long": f"Bearer {'x' * 10_000}",
    "not ASCII": "Bearer é",
    "SQL": "Bearer cbr_main'; drop table users; --",
}
MEMBERS = {"type", "title", "status", "detail", "instance", "code", "request_id"}


def check(reply: httpx.Response, status: int, code: str, path: str) -> dict[str, Any]:
    """Hold a reply to what every problem has; return it."""
    problem: dict[str, Any] = reply.json()
    assert (reply.status_code, problem["code"]) == (status, code), reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    assert problem.keys() >= MEMBERS
    assert all(isinstance(problem[name], str) and problem[name] for name in MEMBERS - {"status"})
    assert problem["type"] == f"urn:cerebro:problem:{code}"
    assert problem["status"] == status
    assert problem["instance"] == path
    assert problem["request_id"] == reply.headers["x-request-id"]
    return problem


@pytest.mark.parametrize(
    "path", ["/nowhere", "/v1", "/v1/", "/v1/dragons", "/livez/", "/docs/", "//v1/companies", "/é"]
)
async def test_an_unknown_address(reader: httpx.AsyncClient, path: str) -> None:
    reply = await reader.get(f"http://cerebro.test{path}")
    problem = check(reply, 404, "not_found", path)
    assert path in problem["detail"]


async def test_a_trailing_slash_names_no_record(reader: httpx.AsyncClient) -> None:
    check(await reader.get(f"{URL}/"), 404, "not_found", f"{URL}/")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", URL, "GET, POST"),
        ("DELETE", URL, "GET, POST"),
        ("TRACE", URL, "GET, POST"),
        ("OPTIONS", URL, "GET, POST"),
        ("PROPFIND", URL, "GET, POST"),
        ("POST", f"{URL}/acme.example", "DELETE, GET, PATCH"),
        ("POST", "/v1/changes", "GET"),
        ("POST", "/livez", "GET"),
        ("PUT", "/openapi.json", "GET, HEAD"),
        ("POST", "/docs/assets/swagger-ui.css", "GET, HEAD"),
    ],
)
async def test_a_method_that_is_not_offered_names_those_that_are(
    reader: httpx.AsyncClient, method: str, path: str, allowed: str
) -> None:
    reply = await reader.request(method, path)
    check(reply, 405, "method_not_allowed", path)
    assert reply.headers["allow"] == allowed


async def _endless() -> AsyncIterator[bytes]:
    while True:
        yield b" " * 65536


class TestBody:
    async def test_is_refused_by_its_declared_size(self, reader: httpx.AsyncClient) -> None:
        headers = {"content-type": "application/json", "content-length": str(10**12)}
        reply = await reader.post(URL, content=b"{", headers=headers)
        check(reply, 413, "payload_too_large", URL)

    @pytest.mark.parametrize("method", ["POST", "PATCH"])
    async def test_is_refused_while_it_streams(
        self, reader: httpx.AsyncClient, method: str
    ) -> None:
        path = URL if method == "POST" else f"{URL}/acme.example"
        headers = {"content-type": "application/json"}
        reply = await reader.request(method, path, content=_endless(), headers=headers)
        assert "content-length" not in reply.request.headers
        assert check(reply, 413, "payload_too_large", path)["limit"] == 1_048_576

    @pytest.mark.parametrize(
        "media_type",
        ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", "é", "/", ";"],
    )
    async def test_of_another_type_is_refused(
        self, reader: httpx.AsyncClient, media_type: str
    ) -> None:
        headers = {b"content-type": media_type.encode("latin-1")}
        reply = await reader.post(URL, content=b'{"name": "Acme"}', headers=headers)
        check(reply, 415, "unsupported_media_type", URL)

    @pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"name": "\\ud800"}', b"[" * 9999])
    async def test_that_is_no_json_is_refused(self, reader: httpx.AsyncClient, body: bytes) -> None:
        headers = {"content-type": "application/json"}
        check(await reader.post(URL, content=body, headers=headers), 400, "malformed_json", URL)

    async def test_with_wrong_fields_names_each_of_them(self, reader: httpx.AsyncClient) -> None:
        reply = await reader.post(URL, json={"employees": "x", "a/b~c": 1})
        problem = check(reply, 422, "validation_failed", URL)
        pointers = {error["pointer"] for error in problem["errors"]}
        assert pointers == {"/name", "/employees", "/a~1b~0c"}

    async def test_shows_no_more_than_was_sent(self, reader: httpx.AsyncClient) -> None:
        reply = await reader.post(URL, json={"name": "x" * 100_000})
        check(reply, 422, "validation_failed", URL)
        assert len(reply.content) < 2000


class TestParameters:
    @pytest.mark.parametrize(
        ("query", "name", "code"),
        [
            ("limt=5", "limt", "extra_forbidden"),
            ("limit=1&limit=2", "limit", "repeated"),
            ("limit=1&limit=1", "limit", "repeated"),
            ("where=a&x=1&where=b", "where", "repeated"),
            ("limit=", "limit", "int_parsing"),
            ("limit=1e3", "limit", "int_parsing"),
            ("limit=99999999999999999999999999", "limit", "less_than_equal"),
            ("=5", "", "extra_forbidden"),
            ("LIMIT=5", "LIMIT", "extra_forbidden"),
            ("%FF=5", "\ufffd", "extra_forbidden"),
        ],
    )
    async def test_that_are_wrong_are_named(
        self, reader: httpx.AsyncClient, query: str, name: str, code: str
    ) -> None:
        problem = check(await reader.get(f"{URL}?{query}"), 422, "validation_failed", URL)
        found = {(error["parameter"], error["code"]) for error in problem["errors"]}
        assert (name, code) in found

    @pytest.mark.parametrize("path", [f"{URL}/acme.example", f"{URL}/export", "/v1/changes"])
    async def test_that_are_unknown_are_refused_everywhere(
        self, reader: httpx.AsyncClient, path: str
    ) -> None:
        check(await reader.get(f"{path}?dragons=1"), 422, "validation_failed", path)


class TestKey:
    @pytest.mark.parametrize("case", HEADERS)
    async def test_that_is_not_valid_says_no_more_than_that(
        self, reader: httpx.AsyncClient, case: str
    ) -> None:
        header = HEADERS[case]
        request = reader.build_request("GET", URL)
        del request.headers["authorization"]
        if header is not None:
            request.headers = httpx.Headers(
                [*request.headers.raw, (b"authorization", header.encode("latin-1"))]
            )
        reply = await reader.send(request)
        problem = check(reply, 401, "not_authenticated", URL)
        assert reply.headers["www-authenticate"].startswith("Bearer")
        assert not header or len(header) < 60 or header not in str(problem)
        assert "workspace" not in problem["detail"], "nobody learns which workspaces there are"

    async def test_is_asked_for_before_anything_is_read(self, reader: httpx.AsyncClient) -> None:
        request = reader.build_request("POST", f"{URL}?dragons=1", content=_endless())
        del request.headers["authorization"]
        check(await reader.send(request), 401, "not_authenticated", URL)


class TestReferences:
    @pytest.mark.parametrize("path", ["%00", "%ff%fe", "%C0%AF", "..%2f..%2fetc", "%0d%0aX: y"])
    async def test_that_nobody_would_type_are_not_found(
        self, reader: httpx.AsyncClient, path: str
    ) -> None:
        for method, rest in (("GET", ""), ("DELETE", ""), ("POST", "/restore")):
            reply = await reader.request(method, f"{URL}/{path}{rest}")
            assert (reply.status_code, reply.json()["code"]) == (404, "not_found")


class TestEtag:
    @pytest.mark.parametrize(
        "given", ["three", "3", 'W/"3"', '"1", "2"', '"-1"', '"1e3"', f'"{"9" * 30}"', '"٣"', "é"]
    )
    async def test_that_is_none_of_ours_is_refused(
        self, reader: httpx.AsyncClient, given: str
    ) -> None:
        path = f"{URL}/acme.example"
        for method in ("PATCH", "DELETE"):
            content = b"{}" if method == "PATCH" else None
            headers = [(b"if-match", given.encode())]
            reply = await reader.request(method, path, content=content, headers=headers)
            check(reply, 400, "bad_request", path)
