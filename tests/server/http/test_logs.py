"""The log's two forms, fed with text that would steer a terminal or forge a line."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys

import pytest

from cerebro_server.kernel.http.middleware import without_tokens

EVIL = '/v1/\x1b[31m\r\n{"event": "forged"}\x9b\u2028'
PROGRAM = f"""
import logging, sys
from cerebro_server.kernel.telemetry import configure_logs, log_request
import structlog
configure_logs(level="info", form=sys.argv[1])
log_request(request_id="one", path={EVIL!r}, status=200)
structlog.get_logger("cerebro.test").error("two", path={EVIL!r})
logging.getLogger("elsewhere").error("three %s", {EVIL!r})
"""


def written(form: str) -> bytes:
    done = subprocess.run([sys.executable, "-c", PROGRAM, form], capture_output=True, check=True)
    return done.stderr


def test_json_is_one_object_a_line() -> None:
    lines = [json.loads(line) for line in written("json").splitlines()]
    assert [line["event"].split(" ")[0] for line in lines] == ["request", "two", "three"]
    assert lines[0]["path"] == lines[1]["path"] == EVIL


@pytest.mark.parametrize("form", ["json", "console"])
def test_no_line_steers_the_terminal_or_breaks_in_two(form: str) -> None:
    log = written(form)
    assert not any(mark in log for mark in (b"\x1b", b"\r"))
    assert len(log.splitlines()) == 3


def test_a_link_that_opens_something_is_logged_without_what_opens_it() -> None:
    secret = secrets.token_urlsafe(32)
    for path in (f"/v1/quotes/public/main.{secret}", f"/v1/quotes/public/main.{secret}/accept"):
        told = without_tokens(path)
        assert secret not in told and told.startswith("/v1/quotes/public/main.")
    assert without_tokens("/v1/companies/acme.example") == "/v1/companies/acme.example"
