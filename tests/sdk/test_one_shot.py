"""HTTP/1.1 as other people's servers and proxies speak it, and what is no HTTP at all."""

from __future__ import annotations

import json
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cerebro_sdk import Cerebro, ConnectionFailedError, HttpxSender, OneShot
from cerebro_sdk._http import Address, Request, SendError
from cerebro_sdk._http.one_shot import _head, _OneShotReply
from tests.sdk.conftest import KEY
from tests.sdk.fake import Answer, Fake, running
from tests.sdk.records import company

BODY = json.dumps(company()).encode()
SIZED = b"content-length: %d\r\n\r\n%b" % (len(BODY), BODY)


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\n" + SIZED,
        b"HTTP/1.1 200\r\n" + SIZED,
        b"HTTP/1.0 200 OK\r\n\r\n" + BODY,
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + BODY,
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n"
        + SIZED,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n%X;a=1\r\n%b\r\n0\r\nT: 1\r\n\r\n"
        % (len(BODY), BODY),
    ],
    ids=["sized", "no-reason", "http-1.0", "until-close", "interim", "chunked"],
)
def test_forms_of_a_reply(crm: Cerebro, fake: Fake, raw: bytes) -> None:
    fake.says(Answer(raw=raw))
    assert crm.companies.raw.get("x") == company()


@pytest.mark.parametrize(
    "raw",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 20_000,
        b"HTTP/1.1 200 OK\r\nA: " + b"x" * 200_000,
    ],
    ids=["ssh", "status", "length", "headers", "chunk", "coding", "many-headers", "long-header"],
)
def test_what_is_no_reply_is_a_broken_connection(crm: Cerebro, fake: Fake, raw: bytes) -> None:
    fake.says(Answer(raw=raw))
    with pytest.raises(ConnectionFailedError):
        crm.with_options(max_retries=0).companies.raw.get("x")


def request(**more: object) -> Request:
    said = {"method": "GET", "address": Address.parse("http://x"), "target": "/", "headers": {}}
    return Request(**{**said, **more})  # type: ignore[arg-type]


REPLIES = st.builds(
    lambda status, head, body: b"HTTP/1.1 " + status + b"\r\n" + head + b"\r\n\r\n" + body,
    st.sampled_from([b"200 OK", b"404", b"204 No", b"100 C"]) | st.binary(max_size=9),
    st.sampled_from([b"content-length: 3", b"transfer-encoding: chunked", b"a:b"])
    | st.binary(max_size=20),
    st.sampled_from([b"3\r\nabc\r\n0\r\n\r\n", b"abc", b""]) | st.binary(max_size=40),
)


@given(REPLIES | st.binary(max_size=200))
def test_no_bytes_break_it(raw: bytes) -> None:
    here, there = socket.socketpair()
    with here, there:
        there.sendall(raw)
        there.shutdown(socket.SHUT_WR)
        try:
            reply = _OneShotReply(here, request(timeout=1.0))
        except SendError:
            return
        try:
            assert all(isinstance(piece, bytes) for piece in reply.chunks())
        except SendError:
            pass
        finally:
            reply.close()


def test_a_header_with_a_line_break_is_refused() -> None:
    with pytest.raises(ValueError, match="line break"):
        _head(request(headers={"If-Match": '"1"\r\nX-Evil: 1'}))


def test_the_host_names_the_port_unless_it_is_usual() -> None:
    for url, host in (("http://x", b"x"), ("http://x:81", b"x:81"), ("http://[::1]:1", b"[::1]:1")):
        assert b"\r\nHost: %b\r\n" % host in _head(request(address=Address.parse(url)))


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[str]:
    """A server on https://localhost with a certificate of its own; its file is `tmp_path/c.pem`."""
    if (openssl := shutil.which("openssl")) is None:
        pytest.skip("makes its certificate with openssl")
    made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    made += ["-addext", "subjectAltName=DNS:localhost"]
    files = ["-keyout", str(tmp_path / "k.pem"), "-out", str(tmp_path / "c.pem")]
    subprocess.run([openssl, *made, *files], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "c.pem", tmp_path / "k.pem")
    with running() as fake:
        fake.says(Answer(200, BODY))
        fake.secure(context)
        yield fake.url.replace("http://127.0.0.1", "https://localhost")


@pytest.mark.parametrize("sender", [OneShot, HttpxSender])
class TestTls:
    def test_a_certificate_that_is_known(
        self,
        secured: str,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        sender: type[OneShot],
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "c.pem"))
        with Cerebro(secured, KEY, sender=sender()) as crm:
            assert crm.companies.raw.get("x") == company()

    def test_one_that_is_not(self, secured: str, sender: type[OneShot]) -> None:
        with (
            Cerebro(secured, KEY, sender=sender(), max_retries=0) as crm,
            pytest.raises(ConnectionFailedError, match=r"Cannot reach https.*CERTIFICATE"),
        ):
            crm.companies.raw.get("x")
