"""Destroying: a permission of its own, for deleted records only, and for good."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.fixtures.people import People, people
from tests.fixtures.stores import Installation

URL = "/v1/contacts"


@pytest.fixture
def main(installation: Installation) -> Iterator[People]:
    with people(installation.url) as found:
        yield found


async def deleted(api: httpx.AsyncClient) -> str:
    body = {"last_name": "B", "email": "b@b.example"}
    made = (await api.post(URL, json=body)).json()["id"]
    await api.delete(f"{URL}/{made}")
    return str(made)


class TestDestroy:
    async def test_removes_the_record_and_keeps_its_journal(self, api: httpx.AsyncClient) -> None:
        record = await deleted(api)
        reply = await api.post(f"{URL}/{record}/destroy")
        assert (reply.status_code, reply.json()["email"]) == (200, "b@b.example")
        assert (await api.get(f"{URL}/{record}?deleted=include")).status_code == 404
        assert (await api.post(f"{URL}/{record}/restore")).status_code == 404
        assert (await api.post(f"{URL}/{record}/destroy")).status_code == 404
        params = {"record": f"contacts/{record}"}
        items = (await api.get("/v1/changes", params=params)).json()["items"]
        assert [item["action"] for item in items] == ["destroyed", "deleted", "created"]
        assert items[0]["diff"]["emails"] == [[{"address": "b@b.example"}], None]

    async def test_wants_it_deleted_first(self, api: httpx.AsyncClient) -> None:
        made = (await api.post(URL, json={"last_name": "B"})).json()["id"]
        reply = await api.post(f"{URL}/{made}/destroy")
        assert (reply.status_code, reply.json()["code"]) == (409, "not_deleted")
        assert (await api.get(f"{URL}/{made}")).status_code == 200

    async def test_takes_its_links_along(self, api: httpx.AsyncClient) -> None:
        contact = (await api.post(URL, json={"last_name": "B"})).json()["id"]
        company = (await api.post("/v1/companies", json={"name": "Acme"})).json()["id"]
        below = {"name": "Below", "parent_id": company}
        child = (await api.post("/v1/companies", json=below)).json()["id"]
        link = {"contact_id": contact, "company_id": company}
        position = (await api.post("/v1/positions", json=link)).json()["id"]
        await api.delete(f"/v1/companies/{company}")
        assert (await api.post(f"/v1/companies/{company}/destroy")).status_code == 200
        params = {"record": f"positions/{position}"}
        items = (await api.get("/v1/changes", params=params)).json()["items"]
        assert [item["action"] for item in items] == ["destroyed", "created"]
        after = (await api.get(f"/v1/companies/{child}")).json()
        assert (after["parent_id"], after["version"]) == (None, 2)

    async def test_what_became_of_links_is_for_whoever_reads_everything(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        contact = (await api.post(URL, json={"last_name": "B"})).json()["id"]
        company = (await api.post("/v1/companies", json={"name": "Acme"})).json()["id"]
        link = {"contact_id": contact, "company_id": company}
        position = (await api.post("/v1/positions", json=link)).json()["id"]
        await api.delete(f"/v1/positions/{position}")
        await api.post(f"/v1/positions/{position}/destroy")
        main.role("some", ["changes:read", "positions:read", "contacts:read", "companies:read:own"])
        params = {"record_type": "positions"}
        replies = [
            await api.get("/v1/changes", params=params, headers=headers)
            for headers in (None, main.signed("sam", "some"))
        ]
        assert [len(reply.json()["items"]) for reply in replies] == [3, 0]
        assert (await api.get(f"{URL}/{contact}")).status_code == 200


class TestRights:
    @pytest.mark.parametrize(
        ("role", "status"),
        [("owner", 200), ("admin", 200), ("manager", 403), ("agent", 403), ("read_only", 403)],
    )
    async def test_are_the_administrators(
        self, api: httpx.AsyncClient, main: People, role: str, status: int
    ) -> None:
        record = await deleted(api)
        headers = main.signed("somebody", role)
        reply = await api.post(f"{URL}/{record}/destroy", headers=headers)
        assert reply.status_code == status

    async def test_are_apart_from_deleting_and_restoring(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        main.role("cleaner", ["contacts:read", "contacts:destroy:own"])
        main.role("keeper", ["contacts:read", "contacts:restore"])
        main.role("blind", ["contacts:read:own", "contacts:destroy"])
        record = await deleted(api)
        cleaner, keeper, blind = (
            main.signed(name, name) for name in ("cleaner", "keeper", "blind")
        )
        for headers, status in ((keeper, 403), (cleaner, 403), (blind, 404)):
            reply = await api.post(f"{URL}/{record}/destroy", headers=headers)
            assert reply.status_code == status
        assert (await api.post(f"{URL}/{record}/restore", headers=cleaner)).status_code == 403
        assert (await api.delete(f"{URL}/{record}", headers=cleaner)).status_code == 403
        assert (await api.post(f"{URL}/{record}/restore", headers=keeper)).status_code == 200
