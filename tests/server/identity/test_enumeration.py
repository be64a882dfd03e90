"""Nobody finds out who has an account: not by what is answered, nor by what it costs."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from cerebro_server.app import create_app
from tests.fixtures.server import serving
from tests.fixtures.stores import Installation
from tests.server.identity.conftest import OTHER, Members, redeemed, sign_in


@pytest.fixture
async def api(installation: Installation) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(installation, key_cache_seconds=0) as client:
        await sign_in(client, "warm.up@cerebro.test")
        yield client


async def cost(api: httpx.AsyncClient) -> tuple[int, ...]:
    """Return round trips and statements so far, as the server's own counters have it."""
    text = (await api.get("/metrics")).text
    return tuple(
        int(float(re.findall(rf"(?m)^cerebro_database_{name}_total (\S+)", text)[0]))
        for name in ("round_trips", "statements")
    )


async def test_signing_in_costs_the_same_for_unknown_wrong_disabled_and_without_password(
    api: httpx.AsyncClient, members: Members
) -> None:
    for name in ("wrong", "disabled"):
        members.member(name)
    members.member("without", password=None)
    members.connection.execute(
        "update users set disabled_at = now() where email = 'disabled@cerebro.test'"
    )
    costs = set()
    for name in ("nobody", "wrong", "disabled", "without"):
        for _ in range(3):
            before = await cost(api)
            reply = await sign_in(api, f"{name}@cerebro.test", OTHER)
            assert reply.status_code == 401
            after = await cost(api)
            costs.add(tuple(b - a for a, b in zip(before, after, strict=True)))
    assert len(costs) == 1, costs


async def test_a_reset_begins_when_its_reply_has_gone(
    installation: Installation, members: Members
) -> None:
    email = members.member("ann")
    sent: list[tuple[str, int]] = []
    body = json.dumps({"email": email}).encode()
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/v1/auth/password-reset",
        "raw_path": b"/v1/auth/password-reset",
        "root_path": "",
        "query_string": b"",
        "headers": [(b"host", b"x"), (b"content-type", b"application/json")],
        "client": ("127.0.0.1", 1),
        "server": ("x", 80),
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append((message["type"], len(members.mails(email))))

    app = create_app(installation.settings)
    async with app.router.lifespan_context(app):
        await app(scope, receive, send)  # type: ignore[arg-type]
    assert sent == [("http.response.start", 0), ("http.response.body", 0)]
    assert len(members.mails(email)) == 1


async def test_a_reset_that_fails_is_answered_all_the_same(
    api: httpx.AsyncClient, members: Members
) -> None:
    email = members.member("ann")
    members.connection.execute("alter table outgoing_mail rename to elsewhere")
    reply = await api.post("/v1/auth/password-reset", json={"email": email})
    assert reply.status_code == 202
    members.connection.execute("alter table elsewhere rename to outgoing_mail")
    assert members.rows("select 1 from one_time_tokens") == []


async def test_who_was_stopped_may_sign_in_after_a_reset(
    api: httpx.AsyncClient, members: Members
) -> None:
    email = members.member("ann")
    for _ in range(5):
        await sign_in(api, email, OTHER)
    assert (await sign_in(api, email)).status_code == 429
    assert (await redeemed(api, members, email, OTHER)).status_code == 200
    assert (await sign_in(api, email, OTHER)).status_code == 200
