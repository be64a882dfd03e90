"""The journal through the API."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from tests.fixtures.people import People, bearer

URL = "/v1/changes"


async def company(api: httpx.AsyncClient, **fields: object) -> str:
    reply = await api.post("/v1/companies", json={"name": "Acme", **fields})
    assert reply.status_code == 201
    return str(reply.json()["id"])


async def test_says_who_changed_what_and_by_which_request(api: httpx.AsyncClient) -> None:
    record = await company(api, domain="acme.example", external_ids={"crm": "1"})
    reply = await api.patch(
        f"/v1/companies/{record}",
        json={"employees": 3, "domain": None, "external_ids": {"crm": "2", "erp": "x"}},
        headers={"X-Request-Id": "my-request-1"},
    )
    assert reply.headers["x-request-id"] == "my-request-1"
    await api.delete(f"/v1/companies/{record}")
    await api.post(f"/v1/companies/{record}/restore")
    items = (await api.get(URL, params={"record": f"companies/{record}"})).json()["items"]
    assert [item["action"] for item in items] == ["restored", "deleted", "updated", "created"]
    assert [item["version"] for item in items] == [4, 3, 2, 1]
    updated, created = items[2], items[3]
    assert updated["diff"] == {
        "domain": ["acme.example", None],
        "employees": [None, 3],
        "external_ids": {"crm": ["1", "2"], "erp": [None, "x"]},
    }
    assert created["diff"] == {
        "owner_id": created["diff"]["owner_id"],
        "name": [None, "Acme"],
        "domain": [None, "acme.example"],
        "external_ids": {"crm": [None, "1"]},
    }
    assert updated["request_id"] == "my-request-1"
    assert updated["actor"]["type"] == "key"
    assert updated["actor"]["name"] == "Owner (first key)"


async def test_is_listed_by_reference_and_by_noun(api: httpx.AsyncClient) -> None:
    await company(api, domain="acme.example")
    await company(api, domain="b.example")
    one = (await api.get(URL, params={"record": "companies/acme.example"})).json()["items"]
    assert len(one) == 1
    assert len((await api.get(URL, params={"record_type": "companies"})).json()["items"]) == 2


async def test_is_paged(api: httpx.AsyncClient) -> None:
    for _ in range(5):
        await company(api)
    seen, cursor = [], None
    while True:
        params = {"limit": "2", "record_type": "companies"} | ({"cursor": cursor} if cursor else {})
        page = (await api.get(URL, params=params)).json()
        seen += [item["seq"] for item in page["items"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 5


@pytest.mark.parametrize(
    ("params", "status", "code"),
    [
        ({"record": "companies"}, 422, "invalid"),
        ({"record": "compnies/a.example"}, 422, "invalid"),
        ({"record_type": "dragons"}, 422, "invalid"),
        ({"record": "companies/none.example"}, 404, "not_found"),
        ({"cursor": "x"}, 422, "invalid_cursor"),
        ({"record": "companies/a\u0000b"}, 404, "not_found"),
    ],
)
async def test_says_what_is_wrong(
    api: httpx.AsyncClient, params: dict[str, str], status: int, code: str
) -> None:
    reply = await api.get(URL, params=params)
    assert (reply.status_code, reply.json()["code"]) == (status, code)


async def test_a_refused_write_leaves_no_trace(api: httpx.AsyncClient) -> None:
    await company(api, domain="acme.example")
    await asyncio.gather(
        *(api.post("/v1/companies", json={"name": "B", "domain": "acme.example"}) for _ in range(9))
    )
    assert len((await api.get(URL, params={"record_type": "companies"})).json()["items"]) == 1


class TestFilters:
    """Who, when and what."""

    async def versions(self, api: httpx.AsyncClient, **asked: str) -> list[int]:
        params = {"record_type": "companies", **asked}
        reply = await api.get(URL, params=params)
        assert reply.status_code == 200, reply.text
        return [item["version"] for item in reply.json()["items"]]

    async def test_by_who(self, api: httpx.AsyncClient, main: People) -> None:
        record = await company(api)
        ada = main.user("ada", "owner")
        token = main.key("*", user=ada)
        await api.patch(f"/v1/companies/{record}", json={"name": "B"}, headers=bearer(token))
        main.connection.execute("update companies set name = 'C', version = version + 1")
        [key] = main.connection.execute("select id from keys where user_id = %s", (ada,)).fetchall()
        for ref in (str(ada), "ada@cerebro.test", f"user:{ada}", str(ada)[-8:], f"key:{key[0]}"):
            assert await self.versions(api, actor=ref) == [2], ref
        assert await self.versions(api, actor="me") == [1]
        assert await self.versions(api, actor="system") == [3]
        reply = await api.get(URL, params={"actor": "nobody@cerebro.test"})
        assert reply.status_code == 404

    async def test_who_somebody_is_is_told_only_to_those_who_see_users(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        await company(api)
        main.role("auditor", ["companies:read", "changes:read"])
        headers = main.signed("aud", "auditor")
        for ref in ("aud@cerebro.test", "nobody@cerebro.test"):
            reply = await api.get(URL, params={"actor": ref}, headers=headers)
            assert reply.status_code == 403
        reply = await api.get(URL, params={"actor": "me"}, headers=headers)
        assert (reply.status_code, reply.json()["items"]) == (200, [])

    async def test_by_what(self, api: httpx.AsyncClient) -> None:
        record = await company(api)
        await api.patch(f"/v1/companies/{record}", json={"name": "B"})
        await api.delete(f"/v1/companies/{record}")
        assert await self.versions(api, action="updated") == [2]
        assert await self.versions(api, action="deleted,created") == [3, 1]

    async def test_by_when(self, api: httpx.AsyncClient) -> None:
        record = await company(api)
        await asyncio.sleep(0.01)
        await api.patch(f"/v1/companies/{record}", json={"name": "B"})
        items = (await api.get(URL, params={"record_type": "companies"})).json()["items"]
        for moment in (items[1]["at"], f"seq:{items[1]['seq']}"):
            assert await self.versions(api, since=moment) == [2]
            assert await self.versions(api, until=moment) == [1]
        assert await self.versions(api, since="today", until="today") == [2, 1]
        assert await self.versions(api, since="now - 1h") == [2, 1]
        assert await self.versions(api, until="now - 1h") == []
        assert await self.versions(api, since="today + 1d") == []

    @pytest.mark.parametrize(
        "params", [{"action": "exploded"}, {"since": "3"}, {"until": "soon"}, {"since": "v3"}]
    )
    async def test_say_what_is_wrong(self, api: httpx.AsyncClient, params: dict[str, str]) -> None:
        reply = await api.get(URL, params=params)
        assert (reply.status_code, reply.json()["code"]) == (422, "invalid")
        assert reply.json()["errors"][0]["parameter"] == next(iter(params))
