"""Probes, measures and the reference: what anybody may see, and no more than that."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.fixtures.server import serving
from tests.fixtures.stores import Installation, settings


@pytest.fixture
def nobody(reader: httpx.AsyncClient) -> httpx.AsyncClient:
    """A client without a key."""
    del reader.headers["authorization"]
    return reader


async def series(client: httpx.AsyncClient) -> set[str]:
    """Return the names and labels of all measures."""
    text = (await client.get("/metrics")).text
    return {line.rpartition(" ")[0] for line in text.splitlines() if not line.startswith("#")}


class TestProbes:
    async def test_answer_without_a_key(self, nobody: httpx.AsyncClient) -> None:
        assert (await nobody.get("/livez")).json() == {"status": "ok"}
        reply = await nobody.get("/readyz")
        assert reply.json() == {
            "status": "ok",
            "checks": {"database": "ok", "redis": "not configured"},
        }

    async def test_say_that_the_database_is_away_and_not_where_it_was(self) -> None:
        away = Installation("postgresql://someone:hidden@127.0.0.1:9/nothing", "none")
        chosen = {"database_app_url": settings(away.url).database_url}
        async with serving(away, **chosen) as client:
            client.event_hooks = {}
            assert (await client.get("/livez")).status_code == 200
            reply = await client.get("/readyz")
            assert (reply.status_code, reply.json()["status"]) == (503, "unavailable")
            assert not re.search(r"hidden|someone|127\.0\.0\.1|nothing", reply.text)
            assert "cerebro_database_connections" in (await client.get("/metrics")).text


class TestMetrics:
    async def test_count_by_operation(self, reader: httpx.AsyncClient) -> None:
        await reader.get("/v1/companies")
        wanted = (
            'cerebro_request_seconds_count{method="GET",operation="companies.list",status="2xx"}'
        )
        assert wanted in await series(reader)

    async def test_do_not_grow_with_what_strangers_send(self, nobody: httpx.AsyncClient) -> None:
        async def knock(number: int) -> None:
            await nobody.get(f"/nothing/{number}")
            await nobody.get(f"/v1/companies/{number}")
            await nobody.request(f"KNOCK{number}", "/v1/companies")
            await nobody.request(f"KNOCK{number}", f"/{number}")

        await knock(0)
        before = await series(nobody)
        for number in range(1, 20):
            await knock(number)
        assert await series(nobody) == before

    async def test_name_no_workspace_and_no_record(self, reader: httpx.AsyncClient) -> None:
        await reader.get("/v1/companies/canary.example")
        text = (await reader.get("/metrics")).text
        assert "canary" not in text
        assert "main" not in text


class TestHeaders:
    @pytest.mark.parametrize(
        "path", ["/v1/companies", "/v1/nothing", "/docs", "/livez", "/nothing"]
    )
    async def test_of_every_reply_keep_browsers_careful(
        self, reader: httpx.AsyncClient, path: str
    ) -> None:
        headers = (await reader.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert ("no-store" in headers.get("cache-control", "")) == path.startswith("/v1/")
        assert not headers.keys() & {"server", "x-powered-by", "access-control-allow-origin"}

    async def test_no_other_origin_is_let_in(self, reader: httpx.AsyncClient) -> None:
        asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"}
        for method in ("GET", "OPTIONS"):
            reply = await reader.request(method, "/v1/companies", headers=asked)
            assert "access-control-allow-origin" not in reply.headers


class TestReference:
    async def test_loads_files_of_our_own_only(self, nobody: httpx.AsyncClient) -> None:
        page = await nobody.get("/docs")
        assert page.headers["content-type"].startswith("text/html")
        found = re.findall(r'(?:src|href)="([^"]+)"', page.text)
        assert len(found) >= 4
        for address in found:
            if not address.startswith("data:"):
                assert address.startswith("/docs/")
                assert (await nobody.get(address)).status_code == 200
        style = (await nobody.get("/docs/assets/swagger-ui.css")).text
        assert not re.search(r"url\((?!\s*[\"']?data:)", style)
        assert "@import" not in style

    async def test_asks_no_validator_elsewhere(self, nobody: httpx.AsyncClient) -> None:
        start = (await nobody.get("/docs/start.js")).text
        assert "validatorUrl: null" in start
        assert "//" not in start

    async def test_may_load_nothing_else(self, nobody: httpx.AsyncClient) -> None:
        policy = (await nobody.get("/docs")).headers["content-security-policy"]
        rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
        assert rules["default-src"] == "'self'"
        assert "script-src" not in rules
        assert "unsafe" not in rules["default-src"]
        assert rules["frame-ancestors"] == "'none'"

    async def test_the_root_leads_there(self, nobody: httpx.AsyncClient) -> None:
        for host in ("cerebro.test", "evil.example", "["):
            reply = await nobody.get("/", headers={"Host": host})
            assert reply.headers["location"] == "/docs"

    async def test_every_operation_asks_for_a_key(self, nobody: httpx.AsyncClient) -> None:
        document = (await nobody.get("/openapi.json")).json()
        assert document["openapi"].startswith("3.")
        assert all(
            operation.get("security") or operation["x-permission"] == "public"
            for path, operations in document["paths"].items()
            if path.startswith("/v1/")
            for operation in operations.values()
        )
