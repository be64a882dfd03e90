"""The server as bytes on a socket: requests that no client library would send, and the log."""

from __future__ import annotations

import json
import re

import psycopg
import pytest

from tests.server.http.conftest import Process

COMPANIES = b"GET /v1/companies"


def status(reply: bytes) -> int:
    return int(reply.split(b" ", 2)[1])


def head(reply: bytes) -> bytes:
    return reply.partition(b"\r\n\r\n")[0].lower()


def body(reply: bytes) -> bytes:
    return reply.partition(b"\r\n\r\n")[2]


def lines(process: Process) -> list[dict[str, object]]:
    """Return the log so far; every line of it is one JSON object."""
    process.ask(b"GET /livez")  # a line is written right after its reply: this one's is not logged
    found = []
    for line in process.log.read_bytes().splitlines():
        parsed = json.loads(line)
        assert isinstance(parsed, dict), line
        found.append(parsed)
    return found


def test_a_head_that_does_not_end_is_cut_off(process: Process) -> None:
    try:
        reply = process.send(b"GET /livez HTTP/1.1\r\nHost: a\r\nX-Long: " + b"a" * 10_000_000)
    except ConnectionError:  # more came after the answer than the server took
        reply = b""
    assert reply == b"" or status(reply) == 431
    assert status(process.ask(b"GET /livez")) == 200


def test_a_body_that_comes_with_its_head_is_no_long_head(process: Process) -> None:
    content = b'{"name":"Long","description":"' + b"x" * 200_000 + b'"}'
    length = b"Content-Length: %d" % len(content)
    kind = b"Content-Type: application/json"
    assert status(process.ask(b"POST /v1/companies", length, kind, body=content)) == 422


@pytest.mark.parametrize(
    ("line", "headers", "expected"),
    [
        (b"GET /v1/companies/%zz", (), 404),
        (b"GET /v1/companies/%", (), 404),
        (b"GET /v1/companies/%ff%fe", (), 404),
        (b"GET /v1/companies?where=%ff%fe", (), 422),
        (b"GET /v1/companies?where=%zz", (), 422),
        (b"GET /v1/companies?%zz", (), 422),
        (b"GET /v1/companies?limit=%00", (), 422),
        (b"GET /v1/companies?cursor=%C3%A9", (), 422),
        (b"TRACE /v1/companies", (), 405),
        (b"OPTIONS *", (), 404),
        (b"GET http://elsewhere.example/v1/nothing", (), 404),
        (b"GET /v1/nothing", (b"Host: [",), 404),
        (b"GET /docs/assets/../../../../../../etc/passwd", (), 404),
        (b"GET /docs/assets/%2e%2e%2f%2e%2e%2fpyproject.toml", (), 404),
        (b"GET /docs/assets/%00", (), 404),
        (b"GET /docs/assets/" + b"a" * 5000, (), 404),
        (b"PATCH /v1/companies/x", (b"If-Match: \xff\xfe", b"Content-Length: 0"), 400),
        (b"POST /v1/companies", (b"Content-Length: 99999999999",), 413),
        (b"POST /v1/companies", (b"Content-Type: \xff", b"Content-Length: 0"), 415),
        (COMPANIES, (b"X-Request-Id: \x80\xff",), 200),
        (COMPANIES, (b"X-Request-Id: " + b"a" * 5000,), 200),
        (COMPANIES, (b"Accept: \xff", b"Cookie: \xff=\xff; a", b"Range: bytes=9-1"), 200),
        (COMPANIES, tuple(b"X-%d: a" % number for number in range(1000)), 200),
    ],
)
def test_absurd_requests_get_an_answer(
    process: Process, line: bytes, headers: tuple[bytes, ...], expected: int
) -> None:
    reply = process.ask(line, *headers)
    assert status(reply) == expected, reply
    assert re.search(rb"\r\nx-request-id: [a-z0-9-]{36}(\r|$)", head(reply))
    assert b"\r\nserver:" not in head(reply)
    if expected >= 400:
        assert b"\r\ncontent-type: application/problem+json" in head(reply)
        assert json.loads(body(reply))["status"] == expected


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /v1/companies?where=\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /v1/companies HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: a\x00b\r\n\r\n",
    ],
)
def test_what_is_no_http_is_refused_before_it_is_a_request(process: Process, data: bytes) -> None:
    # uvicorn's own reply: there is no request yet that could have an id
    assert status(process.send(data)) == 400


def test_the_reply_to_head_has_no_body(process: Process) -> None:
    reply = process.ask(b"HEAD /v1/companies")
    assert (status(reply), body(reply)) == (405, b"")


def test_header_values_cannot_be_smuggled_into_the_reply(process: Process) -> None:
    reply = process.ask(b"POST /v1/companies/%0d%0aX-Evil:%201/restore", b"Content-Length: 0")
    assert status(reply) == 404
    assert b"\r\nx-evil" not in head(reply)


def test_every_line_of_the_log_is_one_object(process: Process) -> None:
    before = len(lines(process))
    evil = b"%0d%0a%7b%22event%22:%22forged%22%7d%1b%5b31m%E2%80%A8"
    process.ask(
        b"GET /v1/companies/" + evil, b"User-Agent: \xff\xc2\x85", b"X-Request-Id: \xc2\x9b2Jabcd"
    )
    process.ask(b"GET /v1/companies?where=" + evil)
    process.ask(b"GET /v1/nothing", b"X-Request-Id: my.request-1")
    process.send(b"\x1b[31m\r\n\r\n")
    written = lines(process)[before:]
    assert [line["event"] for line in written].count("request") == 3
    assert "forged" not in [line["event"] for line in written]
    assert "my.request-1" in [line.get("request_id") for line in written]
    process.ask(COMPANIES, b"User-Agent: \x1b[31m")  # no HTTP: control characters
    assert b"\x1b" not in process.log.read_bytes()


def test_the_log_holds_no_key(process: Process) -> None:
    secret = process.api_key.rpartition("_")[2]
    wrong = process.api_key[:-1] + ("a" if process.api_key[-1] != "a" else "b")
    assert status(process.ask(COMPANIES)) == 200
    process.send(COMPANIES + b" HTTP/1.1\r\nAuthorization: Bearer " + wrong.encode() + b"\r\n\x00")
    line = COMPANIES + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: "
    assert status(process.send(line + wrong.encode() + b"\r\n\r\n")) == 401
    assert status(process.send(line + b"Bearer " + wrong.encode() + b"\r\n\r\n")) == 401
    assert secret[:20].encode() not in process.log.read_bytes()
    assert lines(process)


def test_a_defect_of_ours_is_told_to_the_log_and_to_nobody_else(process: Process) -> None:
    owner = psycopg.connect(process.installation.url, autocommit=True)
    owner.execute("alter table ws_main.companies rename column phone to telephone")
    try:
        reply = process.ask(COMPANIES, b"X-Request-Id: provoked-1")
        created = process.ask(b"POST /v1/companies", b"Content-Length: 15", body=b'{"name":"Acme"}')
        exported = process.ask(b"GET /v1/companies/export", b"X-Request-Id: provoked-2")
    finally:
        owner.execute("alter table ws_main.companies rename column telephone to phone")
        owner.close()
    for answer in (reply, created):
        problem = json.loads(body(answer))
        assert (status(answer), problem["code"]) == (500, "internal_error")
        assert f"x-request-id: {problem['request_id']}".encode() in head(answer)
        assert b"x-content-type-options: nosniff" in head(answer)
        for word in (b"select", b"phone", b"psycopg", b"Traceback", b".py", b"UndefinedColumn"):
            assert word not in answer.replace(b"microphone", b"")  # of Permissions-Policy
        [told] = [
            line
            for line in lines(process)
            if line["event"] == "defect" and line["request_id"] == problem["request_id"]
        ]
        assert "UndefinedColumn" in str(told["exception"])
        assert "reader.py" in str(told["exception"]) or "writer.py" in str(told["exception"])
    assert json.loads(body(reply))["request_id"] == "provoked-1"
    assert b"phone" not in exported.replace(b"microphone", b""), (
        "a file that fails after its first byte just ends"
    )
    assert "provoked-2" in [line.get("request_id") for line in lines(process)]
    assert status(process.ask(COMPANIES)) == 200, "the connections are as good as before"
