"""Leads: what they are, their statuses, and when one is there already."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.server.operations.doing import done, errors, imported, undone
from tests.server.search.conftest import make

ADA = {
    "first_name": "Ada",
    "last_name": "Lovelace",
    "email": "ada@analytical.example",
    "company_name": "Analytical Engines",
    "amount": "1250.50",
    "currency": "eur",
    "utm_source": "newsletter",
}


async def status(api: httpx.AsyncClient, name: str) -> str:
    reply = await api.get(f"/v1/lead_statuses/{name}")
    assert reply.status_code == 200, reply.text
    return str(reply.json()["id"])


async def lead(api: httpx.AsyncClient, **values: Any) -> dict[str, Any]:
    params = {"allow_duplicates": "true"}
    reply = await api.post("/v1/leads", json=values, params=params)
    assert reply.status_code == 201, reply.text
    found: dict[str, Any] = reply.json()
    return found


def codes(reply: httpx.Response) -> list[str]:
    assert reply.status_code == 422, reply.text
    return [error["code"] for error in reply.json()["errors"]]


class TestCreate:
    async def test_begins_with_the_first_open_status(self, api: httpx.AsyncClient) -> None:
        found = await lead(api, **ADA)
        assert found["full_name"] == "Ada Lovelace"
        assert found["status_id"] == await status(api, "new")
        assert (found["amount"], found["currency"]) == ("1250.50", "EUR")
        assert found["converted_at"] is None

    async def test_takes_a_status_by_name(self, api: httpx.AsyncClient) -> None:
        found = await lead(api, last_name="Byron", status_id="in_process")
        assert found["status_id"] == await status(api, "in_process")

    @pytest.mark.parametrize(
        ("values", "called"),
        [
            ({"company_name": "Acme"}, "Acme"),
            ({"email": "info@acme.example"}, "info@acme.example"),
            ({"first_name": "Ada", "email": "ada@x.example"}, "Ada"),
        ],
    )
    async def test_is_called_by_what_is_known(
        self, api: httpx.AsyncClient, values: dict[str, Any], called: str
    ) -> None:
        assert (await lead(api, **values))["full_name"] == called

    async def test_refuses_one_that_says_nothing_of_who_it_is(self, api: httpx.AsyncClient) -> None:
        reply = await api.post("/v1/leads", json={"source": "fair"})
        assert codes(reply) == ["missing"]
        found = await lead(api, last_name="Byron")
        reply = await api.patch(f"/v1/leads/{found['id']}", json={"last_name": None})
        assert codes(reply) == ["missing"]

    async def test_refuses_the_status_of_converted_ones(self, api: httpx.AsyncClient) -> None:
        reply = await api.post("/v1/leads", json={**ADA, "status_id": "converted"})
        assert codes(reply) == ["only_by_convert"]
        found = await lead(api, **ADA)
        reply = await api.patch(f"/v1/leads/{found['id']}", json={"status_id": "converted"})
        assert codes(reply) == ["only_by_convert"]

    async def test_refuses_what_is_no_currency(self, api: httpx.AsyncClient) -> None:
        reply = await api.post("/v1/leads", json={**ADA, "currency": "euros"})
        assert reply.status_code == 422
        assert reply.json()["errors"][0]["pointer"] == "/currency"


class TestFinding:
    async def test_by_filter_status_and_address(self, api: httpx.AsyncClient) -> None:
        found = await lead(api, **ADA)
        await lead(api, last_name="Byron", status_id="dead")
        where = "status.type = open and amount > 1000"
        reply = await api.get("/v1/leads", params={"where": where})
        assert [each["id"] for each in reply.json()["items"]] == [found["id"]]
        reply = await api.get("/v1/leads/ada@analytical.example")
        assert reply.json()["id"] == found["id"]

    async def test_by_search(self, api: httpx.AsyncClient) -> None:
        found = await lead(api, **ADA)
        reply = await api.get("/v1/search", params={"q": "analyt eng"})
        assert [each["record_id"] for each in reply.json()["items"]] == [found["id"]]


class TestDuplicates:
    async def test_are_found_among_leads_by_address(self, api: httpx.AsyncClient) -> None:
        found = await lead(api, **ADA)
        reply = await api.post("/v1/leads", json={"last_name": "L", "email": ADA["email"].upper()})
        assert (reply.status_code, reply.json()["code"]) == (409, "possible_duplicate")
        [candidate] = reply.json()["candidates"]
        assert (candidate["record_type"], candidate["id"]) == ("leads", found["id"])
        assert candidate["reasons"] == ["same e-mail"]

    async def test_are_found_among_contacts_by_any_address(self, api: httpx.AsyncClient) -> None:
        addresses = ["ada@home.example", "ada@analytical.example"]
        person = await make(api, "contacts", last_name="King", emails=addresses)
        reply = await api.post("/v1/leads", json=ADA)
        assert (reply.status_code, reply.json()["code"]) == (409, "possible_duplicate")
        [candidate] = reply.json()["candidates"]
        assert (candidate["record_type"], candidate["id"]) == ("contacts", person)

    async def test_may_be_made_all_the_same(self, api: httpx.AsyncClient) -> None:
        await lead(api, **ADA)
        assert (await lead(api, **ADA))["version"] == 1


class TestMany:
    async def test_are_imported_and_taken_back(self, api: httpx.AsyncClient) -> None:
        content = "Full name,E-mail,Company,status_id\nAda Lovelace,ada@x.example,Acme,dead\n"
        done_ = await imported(api, "leads", content)
        reply = await api.get("/v1/leads", params={"where": "status.name = dead"})
        [found] = reply.json()["items"]
        assert (found["first_name"], found["company_name"]) == ("Ada", "Acme")
        await undone(api, done_)
        assert (await api.get("/v1/leads")).json()["items"] == []

    async def test_are_changed_by_filter(self, api: httpx.AsyncClient) -> None:
        await lead(api, **ADA)
        await lead(api, last_name="Byron")
        how = {"where": "amount > 0", "values": {"status_id": "recycled"}}
        await done(api, "leads.update", **how)
        reply = await api.get("/v1/leads", params={"where": "status.name = recycled"})
        assert [each["last_name"] for each in reply.json()["items"]] == ["Lovelace"]

    async def test_are_not_made_won_by_filter(self, api: httpx.AsyncClient) -> None:
        await lead(api, **ADA)
        op = await done(api, "leads.update", values={"status_id": "converted"})
        [error] = await errors(api, op)
        assert error["problem"]["code"] == "only_by_convert"


class TestStatuses:
    async def test_are_there_from_the_start(self, api: httpx.AsyncClient) -> None:
        reply = await api.get("/v1/lead_statuses", params={"sort": "position"})
        found = [(each["label"], each["type"]) for each in reply.json()["items"]]
        assert found == [
            ("New", "open"),
            ("Assigned", "open"),
            ("In Process", "ongoing"),
            ("Recycled", "on_hold"),
            ("Dead", "lost"),
            ("Converted", "won"),
        ]

    async def test_are_added_last(self, api: httpx.AsyncClient) -> None:
        body = {"name": "nurtured", "label": "Nurtured", "type": "ongoing"}
        reply = await api.post("/v1/lead_statuses", json=body)
        assert (reply.status_code, reply.json()["position"]) == (201, 7)

    async def test_stay_while_leads_have_them(self, api: httpx.AsyncClient) -> None:
        await lead(api, **ADA)
        assert codes(await api.delete("/v1/lead_statuses/new")) == ["in_use"]
        reply = await api.patch("/v1/lead_statuses/new", json={"type": "lost"})
        assert codes(reply) == ["in_use"]
        assert (await api.delete("/v1/lead_statuses/dead")).status_code == 200
        reply = await api.post("/v1/leads", json={"last_name": "Byron", "status_id": "dead"})
        assert codes(reply) == ["unknown_reference"]
