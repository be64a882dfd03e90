"""Who works where: links between contacts and companies, seen by whoever sees both ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.fixtures.people import People, people
from tests.fixtures.stores import Installation

URL = "/v1/positions"
CTO = {"contact_id": "ada@work.example", "company_id": "acme.example", "role": "CTO"}


@pytest.fixture
def main(installation: Installation) -> Iterator[People]:
    with people(installation.url) as found:
        yield found


@pytest.fixture
async def ends(api: httpx.AsyncClient) -> tuple[str, str]:
    """A contact and two companies; returns the ids of the contact and of the first company."""
    contact = {"last_name": "Lovelace", "emails": ["ada@work.example", "ada@home.example"]}
    company = {"name": "Acme", "domain": "acme.example", "external_ids": {"crm": "a:1"}}
    made = [
        await api.post("/v1/contacts", json=contact),
        await api.post("/v1/companies", json=company),
        await api.post("/v1/companies", json={"name": "Other", "domain": "other.example"}),
    ]
    return made[0].json()["id"], made[1].json()["id"]


async def create(api: httpx.AsyncClient, **fields: Any) -> httpx.Response:
    return await api.post(URL, json={**CTO, **fields})


async def listed(api: httpx.AsyncClient, **asked: Any) -> list[str]:
    return [item["id"] for item in (await api.get(URL, **asked)).json()["items"]]


class TestCreate:
    async def test_names_its_ends_in_every_way(
        self, api: httpx.AsyncClient, ends: tuple[str, str]
    ) -> None:
        for contact, company in (
            ("ada@work.example", "ACME.example"),
            ("ada@home.example", "crm:a:1"),
            ends,
        ):
            made = await create(api, contact_id=contact, company_id=company, is_current=False)
            assert made.status_code == 201, made.text
            assert (made.json()["contact_id"], made.json()["company_id"]) == ends

    async def test_a_contact_belongs_to_several_companies(
        self, api: httpx.AsyncClient, ends: tuple[str, str]
    ) -> None:
        await create(api)
        past = {"is_current": False, "started_on": "2019-01-01", "ended_on": "2020-12-31"}
        assert (await create(api, company_id="other.example", role="Analyst", **past)).is_success
        where = f"contact_id = {ends[0]} and is_current = true"
        [current] = (await api.get(URL, params={"where": where})).json()["items"]
        assert (current["role"], current["company_id"]) == ("CTO", ends[1])
        where = f"contact_id = {ends[0]} and ended_on < 2021-01-01"
        [before] = (await api.get(URL, params={"where": where})).json()["items"]
        assert (before["role"], before["ended_on"]) == ("Analyst", "2020-12-31")

    async def test_is_held_once_at_a_time(
        self, api: httpx.AsyncClient, ends: tuple[str, str]
    ) -> None:
        made = (await create(api)).json()
        reply = await create(api, role="cto")
        assert (reply.status_code, reply.json()["code"]) == (409, "duplicate_key")
        assert (await create(api, role="Board member")).status_code == 201
        assert (await create(api, is_current=False)).status_code == 201
        await api.delete(f"{URL}/{made['id']}")
        again = await create(api)
        assert again.status_code == 201
        assert (await api.post(f"{URL}/{made['id']}/restore")).status_code == 409

    @pytest.mark.parametrize("field", ["contact_id", "company_id"])
    async def test_refuses_what_is_not_there(
        self, api: httpx.AsyncClient, ends: tuple[str, str], field: str
    ) -> None:
        for reference in (str(uuid4()), "nobody.example", "crm:9", "x" * 200):
            reply = await create(api, **{field: reference})
            assert reply.status_code == 422
            [error] = reply.json()["errors"]
            assert (error["pointer"], error["code"]) == (f"/{field}", "unknown_reference")

    async def test_refuses_what_is_deleted(
        self, api: httpx.AsyncClient, ends: tuple[str, str]
    ) -> None:
        await api.delete(f"/v1/companies/{ends[1]}")
        assert (await create(api, company_id=ends[1])).status_code == 422

    async def test_ends_after_it_begins(
        self, api: httpx.AsyncClient, ends: tuple[str, str]
    ) -> None:
        reply = await create(api, started_on="2026-02-01", ended_on="2026-01-01")
        assert reply.json()["errors"][0]["code"] == "ends_before_start"
        made = (await create(api, started_on="2026-02-01")).json()
        reply = await api.patch(f"{URL}/{made['id']}", json={"ended_on": "2026-01-31"})
        assert reply.status_code == 422
        reply = await api.patch(f"{URL}/{made['id']}", json={"ended_on": "2026-02-30"})
        assert reply.status_code == 422
        reply = await api.patch(
            f"{URL}/{made['id']}", json={"ended_on": "2026-03-01", "is_current": False}
        )
        assert reply.status_code == 200


class TestRights:
    """Somebody who sees their own contacts and companies sees links between these alone."""

    @pytest.fixture
    def limited(self, main: People) -> dict[str, str]:
        every = ("read", "create", "update", "delete", "restore")
        main.role(
            "limited",
            [
                *(f"positions:{action}" for action in every),
                *("contacts:read:own", "companies:read", "contacts:create", "changes:read"),
            ],
            row_rules={"companies": "domain = acme.example"},
        )
        return main.signed("lim", "limited")

    async def test_hold_for_both_ends(
        self, api: httpx.AsyncClient, ends: tuple[str, str], limited: dict[str, str]
    ) -> None:
        body = {"last_name": "Mine", "email": "mine@b.example"}
        await api.post("/v1/contacts", json=body, headers=limited)
        foreign = (await create(api)).json()["id"]
        elsewhere = await create(api, contact_id="mine@b.example", company_id="other.example")
        mine = (await create(api, contact_id="mine@b.example")).json()["id"]
        assert await listed(api, headers=limited) == [mine]
        for hidden in (foreign, elsewhere.json()["id"]):
            for reply in (
                await api.get(f"{URL}/{hidden}", headers=limited),
                await api.patch(f"{URL}/{hidden}", json={"role": "X"}, headers=limited),
                await api.delete(f"{URL}/{hidden}", headers=limited),
            ):
                assert reply.status_code == 404
        journal = await api.get("/v1/changes", params={"record_type": "positions"}, headers=limited)
        assert [item["record_id"] for item in journal.json()["items"]] == [mine]

    async def test_an_end_that_one_does_not_see_is_unknown(
        self, api: httpx.AsyncClient, ends: tuple[str, str], limited: dict[str, str]
    ) -> None:
        body = {"last_name": "Mine", "email": "mine@b.example"}
        await api.post("/v1/contacts", json=body, headers=limited)
        for fields in (
            {"contact_id": ends[0]},
            {"contact_id": "mine@b.example", "company_id": "other.example"},
        ):
            reply = await api.post(URL, json={**CTO, **fields}, headers=limited)
            assert reply.json()["errors"][0]["code"] == "unknown_reference"
        made = await api.post(URL, json={**CTO, "contact_id": "mine@b.example"}, headers=limited)
        assert made.status_code == 201
        reply = await api.patch(
            f"{URL}/{made.json()['id']}", json={"contact_id": ends[0]}, headers=limited
        )
        assert reply.json()["errors"][0]["code"] == "unknown_reference"

    async def test_without_reading_an_end_there_is_nothing(
        self, api: httpx.AsyncClient, ends: tuple[str, str], main: People
    ) -> None:
        await create(api)
        main.role("links", ["positions:read", "contacts:read"])
        assert await listed(api, headers=main.signed("only", "links")) == []


class TestEnds:
    async def test_that_are_deleted_take_it_along_until_they_are_back(
        self, api: httpx.AsyncClient, ends: tuple[str, str]
    ) -> None:
        made = (await create(api)).json()["id"]
        await api.delete(f"/v1/contacts/{ends[0]}")
        assert await listed(api) == []
        await api.post(f"/v1/contacts/{ends[0]}/restore")
        assert await listed(api) == [made]
