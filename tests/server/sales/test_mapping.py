"""The lead mapping: what may be mapped, and what a conversion makes of it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.server.sales.converting import ADA, converted, lead, refused
from tests.server.search.conftest import make

URL = "/v1/lead_mapping"


async def define(api: httpx.AsyncClient, noun: str, key: str, type_: str, **more: Any) -> None:
    body = {"record_type": noun, "key": key, "type": type_, **more}
    reply = await api.post("/v1/fields", json=body)
    assert reply.status_code == 201, reply.text


@pytest_asyncio.fixture
async def fields(api: httpx.AsyncClient) -> None:
    await define(api, "leads", "budget", "integer")
    await define(api, "leads", "tier", "select", options=["a", "b"])
    await define(api, "contacts", "grade", "select", options=["a", "b", "c"])
    await define(api, "contacts", "narrow", "select", options=["a"])
    await define(api, "companies", "means", "integer")
    await define(api, "companies", "notes", "text")
    await define(api, "deals", "worth", "integer")


@pytest.mark.usefixtures("fields")
class TestSet:
    async def test_is_kept_and_replaced(self, api: httpx.AsyncClient) -> None:
        body = {"contacts": {"grade": "tier"}, "companies": {"means": "budget"}}
        reply = await api.put(URL, json=body)
        assert reply.status_code == 200, reply.text
        assert reply.json() == (await api.get(URL)).json() == {**body, "deals": {}}
        await api.put(URL, json={"contacts": {"grade": "tier"}})
        assert (await api.get(URL)).json()["companies"] == {}

    @pytest.mark.parametrize(
        ("body", "pointer", "code"),
        [
            ({"contacts": {"grad": "tier"}}, "/contacts/grad", "unknown_field"),
            ({"contacts": {"grade": "teir"}}, "/contacts/grade", "unknown_field"),
            ({"companies": {"notes": "budget"}}, "/companies/notes", "type_mismatch"),
            ({"contacts": {"narrow": "tier"}}, "/contacts/narrow", "type_mismatch"),
        ],
    )
    async def test_refuses_what_does_not_fit(
        self, api: httpx.AsyncClient, body: dict[str, Any], pointer: str, code: str
    ) -> None:
        reply = await api.put(URL, json=body)
        assert reply.status_code == 422, reply.text
        [error] = reply.json()["errors"]
        assert (error["pointer"], error["code"]) == (pointer, code)
        assert (await api.get(URL)).json() == {"contacts": {}, "companies": {}, "deals": {}}


@pytest.mark.usefixtures("fields")
class TestConversion:
    async def test_hands_values_on(self, api: httpx.AsyncClient) -> None:
        body = {"contacts": {"grade": "tier"}, "companies": {"means": "budget"}}
        await api.put(URL, json={**body, "deals": {"worth": "budget"}})
        one = await lead(api, **ADA, custom={"tier": "b", "budget": 5000})
        found = await converted(api, one)
        assert found["contact"]["custom"]["grade"] == "b"
        assert found["company"]["custom"]["means"] == 5000
        assert found["deal"]["custom"]["worth"] == 5000

    async def test_fills_only_what_is_empty(self, api: httpx.AsyncClient) -> None:
        await api.put(URL, json={"companies": {"means": "budget"}})
        firm = await make(api, "companies", name="Full", custom={"means": 1})
        empty = await make(api, "companies", name="Empty")
        for company, means in ((firm, 1), (empty, 7)):
            one = await lead(api, last_name=f"Of {company}", custom={"budget": 7})
            found = await converted(api, one, company=company)
            assert found["company"]["custom"]["means"] == means

    async def test_a_mapping_whose_field_went_loses_nothing(self, api: httpx.AsyncClient) -> None:
        await api.put(URL, json={"contacts": {"grade": "tier"}})
        await api.delete("/v1/fields/contacts.grade")
        problem = await refused(api, await lead(api, **ADA, custom={"tier": "b"}))
        assert problem["errors"][0]["code"] == "mapping_broken"
        found = await converted(api, await lead(api, last_name="Byron"))
        assert found["contact"] is not None
