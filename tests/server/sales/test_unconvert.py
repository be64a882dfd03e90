"""Taking a conversion back, whole, and doing it again."""

from __future__ import annotations

from typing import Any

import httpx
import psycopg

from tests.fixtures.stores import Installation
from tests.server.operations.doing import ask, errors, everything
from tests.server.sales.converting import ADA, converted, count, get, lead
from tests.server.search.conftest import make

NOUNS = ("leads", "contacts", "companies", "positions", "deals", "deal_contacts")


async def take_back(api: httpx.AsyncClient, what: str | None = None) -> dict[str, Any]:
    found: dict[str, Any] = await ask(api, "/v1/undo", {"what": what, "yes": True})
    assert found["state"] == "applied", found
    return found


class TestUndo:
    async def test_brings_everything_back_as_it_was(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        person = await make(api, "contacts", last_name="King")
        deal = await make(api, "deals", name="Old")
        one, two = await lead(api, **ADA), await lead(api, **ADA, amount="5")
        before = everything(installation, *NOUNS)
        await converted(api, one, contact=person)
        await take_back(api)
        assert everything(installation, *NOUNS) == before
        await converted(api, two, contact=person, deal=deal)
        assert everything(installation, *NOUNS) != before
        undo = await take_back(api)
        assert await errors(api, undo) == []
        assert everything(installation, *NOUNS) == before

    async def test_by_the_lead_takes_all_back(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        one = await lead(api, **ADA)
        before = everything(installation, *NOUNS)
        await converted(api, one)
        await make(api, "contacts", last_name="Later")
        [row] = [
            each
            for each in (await api.get("/v1/changes", params={"limit": 50})).json()["items"]
            if each["record_type"] == "leads" and each["action"] == "updated"
        ]
        await take_back(api, row["request_id"])
        later = everything(installation, *NOUNS)
        assert {name: later[name] for name in before if name != "keys"} == {
            name: row for name, row in before.items() if name != "keys"
        }
        assert await count(api, "companies") == 0

    async def test_lets_the_lead_be_changed_and_converted_again(
        self, api: httpx.AsyncClient
    ) -> None:
        one = await lead(api, **ADA)
        await converted(api, one)
        await take_back(api)
        reply = await api.patch(f"/v1/leads/{one['id']}", json={"job_title": "Analyst"})
        assert reply.status_code == 200, reply.text
        found = await converted(api, one)
        assert found["contact"]["job_title"] == "Analyst"

    async def test_is_undone_itself(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        one = await lead(api, **ADA)
        await converted(api, one)
        after = everything(installation, *NOUNS)
        undo = await take_back(api)
        await take_back(api, undo["id"])
        assert everything(installation, *NOUNS) == after

    async def test_leaves_and_tells_of_a_contact_that_somebody_changed(
        self, api: httpx.AsyncClient
    ) -> None:
        one = await lead(api, **ADA)
        found = await converted(api, one)
        await api.patch(f"/v1/contacts/{found['contact']['id']}", json={"job_title": "Lady"})
        undo = await take_back(api, f"leads/{one['id']}")
        assert [each["problem"]["code"] for each in await errors(api, undo)] == ["changed"]
        assert (await get(api, "leads", one["id"]))["converted_at"] is None

    async def test_of_an_edit_from_before_leaves_a_converted_lead(
        self, api: httpx.AsyncClient
    ) -> None:
        one = await lead(api, **ADA)
        reply = await api.patch(f"/v1/leads/{one['id']}", json={"description": "Called"})
        request = reply.headers["x-request-id"]
        await converted(api, one)
        undo = await take_back(api, request)
        assert undo["done"].get("updated", 0) == 0
        assert (await get(api, "leads", one["id"]))["description"] == "Called"


async def test_all_of_a_conversion_is_one_transaction(
    api: httpx.AsyncClient, installation: Installation
) -> None:
    await converted(api, await lead(api, **ADA))
    with psycopg.connect(installation.url) as connection:
        rows = connection.execute(
            "select record_type from ws_main.changes where xid = (select xid from "
            "ws_main.changes order by seq desc limit 1) order by 1"
        ).fetchall()
    assert [noun for (noun,) in rows] == sorted(NOUNS)


async def test_what_it_became_follows_a_merge(api: httpx.AsyncClient) -> None:
    one = await lead(api, **ADA)
    found = await converted(api, one)
    other = await make(api, "contacts", last_name="King", email="king@x.example")
    asked = {"records": [found["contact"]["id"]], "into": other}
    body = {"kind": "contacts.merge", "input": asked, "options": {"yes": True}}
    reply = await api.post("/v1/operations", json=body)
    assert reply.status_code == 202 and reply.json()["state"] == "applied", reply.text
    assert (await get(api, "leads", one["id"]))["converted_contact_id"] == other
