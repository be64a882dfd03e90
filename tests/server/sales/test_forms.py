"""Web forms: leads from pages of allowed origins, and nothing else with the key."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.fixtures.people import People
from tests.fixtures.server import serving
from tests.fixtures.stores import Installation
from tests.server.sales.converting import count

ORIGIN = "https://acme.example"
ENTRY = {"last_name": "Lovelace", "email": "ada@x.example", "utm_campaign": "spring"}


async def form(api: httpx.AsyncClient, **values: Any) -> dict[str, Any]:
    body = {"name": "Contact us", "allowed_origins": [ORIGIN], "honeypot": "fax", **values}
    reply = await api.post("/v1/lead_forms", json=body)
    assert reply.status_code == 201, reply.text
    found: dict[str, Any] = reply.json()
    return found


async def send(
    api: httpx.AsyncClient, one: dict[str, Any], body: dict[str, Any], **headers: str
) -> httpx.Response:
    """Send a form as a page does, without a sign-in."""
    sent = {"Authorization": "", "Origin": ORIGIN, **headers}
    return await api.post(f"/v1/forms/{one['key']}/leads", json=body, headers=sent)


class TestSubmit:
    async def test_makes_a_lead_of_the_forms_owner(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        mate = str(main.user("mate", "agent"))
        main.connection.commit()
        one = await form(api, owner_id=mate, source="web")
        reply = await send(api, one, ENTRY, Referer=f"{ORIGIN}/prices")
        assert (reply.status_code, reply.json()) == (202, {"accepted": True})
        assert reply.headers["access-control-allow-origin"] == ORIGIN
        [lead] = (await api.get("/v1/leads")).json()["items"]
        assert (lead["email"], lead["utm_campaign"]) == ("ada@x.example", "spring")
        assert (lead["source"], lead["owner_id"]) == ("web", mate)
        assert lead["referer"] == f"{ORIGIN}/prices"
        assert lead["status_id"] is not None

    async def test_tells_nothing_of_what_is_there(self, api: httpx.AsyncClient) -> None:
        one = await form(api)
        first, second = await send(api, one, ENTRY), await send(api, one, ENTRY)
        assert first.json() == second.json()
        assert await count(api, "leads") == 2

    async def test_refuses_a_honeypot_that_people_fill_in(self, api: httpx.AsyncClient) -> None:
        for trap in ("last_name", "custom"):
            body = {"name": "x", "allowed_origins": [ORIGIN], "honeypot": trap}
            reply = await api.post("/v1/lead_forms", json=body)
            assert (reply.status_code, reply.json()["errors"][0]["pointer"]) == (422, "/honeypot")

    async def test_drops_what_fell_into_the_honeypot(self, api: httpx.AsyncClient) -> None:
        one = await form(api)
        reply = await send(api, one, {**ENTRY, "fax": "cheap pills"})
        assert (reply.status_code, reply.json()) == (202, {"accepted": True})
        assert await count(api, "leads") == 0
        assert (await send(api, one, {**ENTRY, "fax": ""})).status_code == 202
        assert await count(api, "leads") == 1

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({"email": "no address"}, "/email"),
            ({**ENTRY, "owner_id": "me"}, "/owner_id"),
            ({"utm_source": "x"}, "/last_name"),
        ],
    )
    async def test_says_what_is_wrong_to_the_page(
        self, api: httpx.AsyncClient, body: dict[str, Any], pointer: str
    ) -> None:
        reply = await send(api, await form(api), body)
        assert reply.status_code == 422, reply.text
        assert [error["pointer"] for error in reply.json()["errors"]] == [pointer]
        assert reply.headers["access-control-allow-origin"] == ORIGIN


class TestRefusals:
    async def test_pages_of_other_origins(self, api: httpx.AsyncClient) -> None:
        one = await form(api)
        for origin in ("https://evil.example", "null", "https://acme.example.evil.example"):
            reply = await send(api, one, ENTRY, Origin=origin)
            assert reply.status_code == 403
            assert "access-control-allow-origin" not in reply.headers
        assert await count(api, "leads") == 0

    async def test_forms_that_take_none(self, api: httpx.AsyncClient) -> None:
        off, gone = await form(api, is_active=False), await form(api)
        await api.delete(f"/v1/lead_forms/{gone['id']}")
        for one in (off, gone, {"key": "main.none"}, {"key": "none"}):
            assert (await send(api, one, ENTRY)).status_code == 404

    async def test_the_key_opens_nothing_else(self, api: httpx.AsyncClient) -> None:
        one = await form(api)
        headers = {"Authorization": f"Bearer {one['key']}"}
        assert (await api.get("/v1/leads", headers=headers)).status_code == 401

    async def test_origins_that_are_none(self, api: httpx.AsyncClient) -> None:
        body = {"name": "X", "allowed_origins": ["*"]}
        reply = await api.post("/v1/lead_forms", json=body)
        assert reply.status_code == 422
        assert reply.json()["errors"][0]["code"] == "origin"

    async def test_more_than_the_budget_of_an_address(self, installation: Installation) -> None:
        async with serving(installation, rate_limit_per_minute=4) as api:
            one = await form(api)
            # the budgets of two minutes, should one end meanwhile, and one more
            seen = [(await send(api, one, ENTRY)).status_code for _ in range(9)]
        assert seen.count(429) >= 1 and seen[0] == 202

    @pytest.mark.parametrize("others", [0, 1_000], ids=["no other limit", "beside the other"])
    async def test_more_than_a_form_takes_of_an_address(
        self, installation: Installation, others: int
    ) -> None:
        limits: dict[str, Any] = {"form_entries_per_minute": 3, "rate_limit_per_minute": others}
        async with serving(installation, **limits) as api:
            one, two = await form(api), await form(api)
            trapped = {**ENTRY, "fax": "1"}
            seen = [await send(api, one, entry) for entry in (ENTRY, trapped, ENTRY, ENTRY)]
            other = await send(api, two, ENTRY)
        assert [reply.status_code for reply in seen] == [202, 202, 202, 429]
        last = seen[-1]
        assert last.json()["violated-policies"] == ["form"]
        assert last.headers["access-control-allow-origin"] == ORIGIN
        assert 0 < int(last.headers["retry-after"]) <= 60
        assert other.status_code == 202, "each form has a budget of its own"
        assert other.headers["ratelimit-policy"] == '"form";q=3;w=60'


class TestPreflight:
    async def test_lets_pages_of_allowed_origins_send(self, api: httpx.AsyncClient) -> None:
        one = await form(api)
        asked = {"Authorization": "", "Access-Control-Request-Method": "POST"}
        url = f"/v1/forms/{one['key']}/leads"
        api.event_hooks["response"] = []  # it is no operation, and in no document
        reply = await api.options(url, headers={**asked, "Origin": ORIGIN})
        assert reply.status_code == 204
        assert reply.headers["access-control-allow-origin"] == ORIGIN
        assert reply.headers["access-control-allow-headers"] == "content-type"
        reply = await api.options(url, headers={**asked, "Origin": "https://evil.example"})
        assert reply.status_code == 403
        assert "access-control-allow-origin" not in reply.headers
