"""Conversion: what is made, what is chosen and completed, what is refused."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.fixtures.people import People
from tests.server.sales.converting import ADA, converted, count, get, lead, refused
from tests.server.search.conftest import make

BOTH = ("company", "contact")
DEAL = ("deal", "deal_contact")


class TestNew:
    async def test_makes_contact_company_and_position(self, api: httpx.AsyncClient) -> None:
        one = await lead(api, **ADA)
        found = await converted(api, one)
        assert found["made"] == [*BOTH, "position", *DEAL]
        contact, company = found["contact"], found["company"]
        for name in ("first_name", "last_name", "email", "phone", "job_title", "source", "tags"):
            assert contact[name] == one[name], name
        assert (company["name"], company["domain"]) == ("Analytical Engines", "analytical.example")
        assert contact["owner_id"] == company["owner_id"] == one["owner_id"]
        position = await get(api, "positions", found["position_id"])
        assert (position["contact_id"], position["company_id"]) == (contact["id"], company["id"])
        assert (position["role"], position["is_current"]) == ("Countess", True)

    async def test_keeps_the_lead_with_links_and_a_won_status(self, api: httpx.AsyncClient) -> None:
        one = await lead(api, **ADA)
        found = await converted(api, one)
        kept = await get(api, "leads", one["id"])
        assert kept == found["lead"]
        assert kept["converted_at"] is not None
        assert kept["converted_contact_id"] == found["contact"]["id"]
        assert kept["converted_company_id"] == found["company"]["id"]
        reply = await api.get("/v1/leads", params={"where": "status.type = won"})
        assert [each["id"] for each in reply.json()["items"]] == [one["id"]]
        where = "contact.last_name = Lovelace and company.domain = analytical.example"
        reply = await api.get("/v1/leads", params={"where": where})
        assert [each["id"] for each in reply.json()["items"]] == [one["id"]]

    async def test_takes_values_and_owner_that_are_given(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        mate = str(main.user("mate", "agent"))
        one = await lead(api, **ADA)
        how = {"contact": {"job_title": "Analyst", "email": "ada@new.example"}, "company": False}
        found = await converted(api, one, owner_id=mate, **how)
        assert found["company"] is None and found["position_id"] is None
        contact = found["contact"]
        assert (contact["job_title"], contact["owner_id"]) == ("Analyst", mate)
        assert [each["address"] for each in contact["emails"]] == ["ada@new.example"]

    @pytest.mark.parametrize(
        ("values", "made"),
        [
            ({"company_name": "Acme"}, ["company", "deal"]),
            ({"last_name": "Byron"}, ["contact", *DEAL]),
            ({"email": "byron@x.example", "company_name": "Acme"}, None),
        ],
    )
    async def test_makes_what_the_lead_says_enough_of(
        self, api: httpx.AsyncClient, values: dict[str, Any], made: list[str] | None
    ) -> None:
        found = await converted(api, await lead(api, **values))
        assert found["made"] == (made or [*BOTH, "position", *DEAL])

    async def test_a_dry_run_tells_and_writes_nothing(self, api: httpx.AsyncClient) -> None:
        one = await lead(api, **ADA)
        found = await converted(api, one, dry_run=True)
        assert found["dry_run"] and found["contact"]["email"] == ADA["email"]
        assert await get(api, "leads", one["id"]) == one
        assert await count(api, "contacts") == await count(api, "companies") == 0

    @pytest.mark.parametrize("asked", [({"dry_run": True}, {}), ({}, {"dry_run": "true"})])
    async def test_a_dry_run_uses_no_number_up(
        self, api: httpx.AsyncClient, asked: tuple[dict[str, Any], dict[str, str]]
    ) -> None:
        first = (await converted(api, await lead(api, **ADA)))["deal"]["number"]
        one = await lead(api, last_name="King", company_name="Engines")
        body, params = asked
        for _ in range(2):
            reply = await api.post(f"/v1/leads/{one['id']}/convert", json=body, params=params)
            assert (reply.status_code, reply.headers["cerebro-dry-run"]) == (200, "true")
            assert reply.json()["deal"]["number"] == first + 1
        assert (await converted(api, one))["deal"]["number"] == first + 1


class TestChosen:
    async def test_completes_what_is_empty_and_leaves_the_rest(
        self, api: httpx.AsyncClient
    ) -> None:
        values = {"last_name": "King", "job_title": "Lady", "source": "web"}
        person = await make(api, "contacts", **values)
        firm = await make(api, "companies", name="Engines Ltd")
        found = await converted(api, await lead(api, **ADA), contact=person, company=firm)
        assert found["made"] == ["position", *DEAL]
        contact, company = found["contact"], found["company"]
        assert (contact["id"], contact["first_name"]) == (person, "Ada")
        assert {name: contact[name] for name in values} == values
        assert (contact["email"], contact["phone"]) == (ADA["email"], "+442079460999")
        assert (company["name"], company["website"]) == ("Engines Ltd", ADA["website"])

    async def test_overwrites_the_source_when_told(self, api: httpx.AsyncClient) -> None:
        person = await make(api, "contacts", last_name="King", source="web")
        one = await lead(api, **ADA)
        found = await converted(api, one, contact=person, company=False, overwrite_source=True)
        assert found["contact"]["source"] == "fair"

    async def test_takes_the_position_that_is_there(self, api: httpx.AsyncClient) -> None:
        person = await make(api, "contacts", last_name="King", email="king@x.example")
        firm = await make(api, "companies", name="Engines", domain="engines.example")
        position = await make(api, "positions", contact_id=person, company_id=firm, role="CTO")
        one = await lead(api, last_name="King")
        found = await converted(api, one, contact="king@x.example", company="engines.example")
        assert (found["made"], found["position_id"]) == ([*DEAL], position)

    async def test_an_unknown_one_is_refused_by_name(self, api: httpx.AsyncClient) -> None:
        problem = await refused(api, await lead(api, **ADA), contact="nobody@x.example")
        [error] = problem["errors"]
        assert (error["pointer"], error["code"]) == ("/contact", "unknown_reference")

    async def test_a_locked_one_is_refused_and_nothing_is_made(
        self, api: httpx.AsyncClient
    ) -> None:
        person = await make(api, "contacts", last_name="King")
        await api.post(f"/v1/contacts/{person}/lock")
        one = await lead(api, **ADA)
        problem = await refused(api, one, 409, contact=person)
        assert problem["code"] == "record_locked"
        assert await count(api, "companies") == 0
        assert (await get(api, "leads", one["id"]))["converted_at"] is None


class TestDeal:
    async def test_is_made_with_amount_source_and_campaign(self, api: httpx.AsyncClient) -> None:
        utm = {"utm_source": "news", "utm_medium": "email", "utm_campaign": "spring"}
        one = await lead(api, **ADA, **utm, amount="1250.50", currency="USD")
        found = await converted(api, one)
        deal = found["deal"]
        assert (deal["name"], deal["amount"], deal["currency"]) == (
            "Analytical Engines",
            "1250.50",
            "USD",
        )
        assert {name: deal[name] for name in utm} == utm
        assert (deal["source"], deal["company_id"]) == ("fair", found["company"]["id"])
        assert (deal["status"], deal["owner_id"]) == ("open", one["owner_id"])
        assert found["lead"]["converted_deal_id"] == deal["id"]
        where = f"deals.name = 'Analytical Engines' and id = {found['contact']['id']}"
        reply = await api.get("/v1/contacts", params={"where": where})
        assert len(reply.json()["items"]) == 1
        [part] = (await api.get("/v1/deal_contacts")).json()["items"]
        assert part["is_primary"] is True

    async def test_takes_name_amount_and_stage_that_are_given(self, api: httpx.AsyncClient) -> None:
        how = {"name": "Big one", "amount": "9.00", "stage": "proposal"}
        deal = (await converted(api, await lead(api, **ADA, amount="5"), deal=how))["deal"]
        assert {name: deal[name] for name in how} == how
        problem = await refused(api, await lead(api, last_name="B"), deal={"stage": "nowhere"})
        assert problem["errors"][0]["pointer"] == "/deal/stage"
        assert await count(api, "contacts") == 1

    async def test_may_be_one_that_is_there(self, api: httpx.AsyncClient) -> None:
        deal = await make(api, "deals", name="Old", source="web")
        for name in ("Lovelace", "Byron"):
            one = await lead(api, last_name=name, amount="5", currency="USD", source="fair")
            found = await converted(api, one, deal=deal)
            assert found["made"] == ["contact", "deal_contact"]
            held = found["deal"]
            assert (held["name"], held["source"]) == ("Old", "web")
            assert (held["amount"], held["currency"]) == ("5.00", "USD")
        assert await count(api, "deal_contacts") == 2

    async def test_is_left_out_when_told(self, api: httpx.AsyncClient) -> None:
        found = await converted(api, await lead(api, **ADA), deal=False)
        assert (found["deal"], found["made"]) == (None, [*BOTH, "position"])
        assert await count(api, "deals") == 0


class TestDuplicates:
    async def test_of_the_address_are_refused_with_candidates(self, api: httpx.AsyncClient) -> None:
        person = await make(api, "contacts", last_name="King", email=ADA["email"])
        one = await lead(api, **ADA)
        problem = await refused(api, one, 409)
        assert problem["code"] == "possible_duplicate"
        [candidate] = problem["candidates"]
        assert (candidate["record_type"], candidate["id"]) == ("contacts", person)
        assert await count(api, "companies") == 0, "nothing is half made"
        assert (await converted(api, one, contact=person))["contact"]["id"] == person

    @pytest.mark.parametrize(
        "firm",
        [{"name": "ANALYTICAL ENGINES"}, {"name": "Other", "domain": "analytical.example"}],
    )
    async def test_of_the_company_are_refused_with_candidates(
        self, api: httpx.AsyncClient, firm: dict[str, str]
    ) -> None:
        record_id = await make(api, "companies", **firm)
        one = await lead(api, **ADA)
        problem = await refused(api, one, 409)
        [candidate] = problem["candidates"]
        assert (candidate["record_type"], candidate["id"]) == ("companies", record_id)
        found = await converted(api, one, allow_duplicates=True)
        assert found["company"]["id"] != record_id


class TestRefusals:
    async def test_a_second_time(self, api: httpx.AsyncClient) -> None:
        one = await lead(api, **ADA)
        found = await converted(api, one)
        problem = await refused(api, one, 409)
        assert problem["code"] == "lead_converted"
        assert problem["contact_id"] == found["contact"]["id"]

    async def test_of_two_at_once_one_is_second(self, api: httpx.AsyncClient) -> None:
        one = await lead(api, **ADA)
        url = f"/v1/leads/{one['id']}/convert"
        replies = await asyncio.gather(*(api.post(url, json={}) for _ in range(3)))
        assert sorted(reply.status_code for reply in replies) == [200, 409, 409]
        assert await count(api, "contacts") == 1

    async def test_a_status_that_is_not_won(self, api: httpx.AsyncClient) -> None:
        problem = await refused(api, await lead(api, **ADA), status_id="dead")
        assert problem["errors"][0]["code"] == "not_won"

    async def test_neither_contact_nor_company(self, api: httpx.AsyncClient) -> None:
        problem = await refused(api, await lead(api, **ADA), contact=False, company=False)
        assert problem["errors"][0]["pointer"] == "/contact"

    async def test_values_that_do_not_fit_by_where_they_are(self, api: httpx.AsyncClient) -> None:
        one = await lead(api, **ADA)
        problem = await refused(api, one, contact={"birthday": "soon"})
        assert problem["errors"][0]["pointer"] == "/contact/birthday"
        problem = await refused(api, one, contact={"color": "red"})
        assert problem["errors"][0]["pointer"] == "/contact/color"

    async def test_without_the_right(self, api: httpx.AsyncClient, main: People) -> None:
        one = await lead(api, **ADA)
        rights = ("leads:read", "leads:convert", "companies:create", "positions:create")
        key = main.key(*rights)
        main.connection.commit()
        headers = {"Authorization": f"Bearer {key}"}
        url = f"/v1/leads/{one['id']}/convert"
        reply = await api.post(url, json={}, headers=headers)
        assert reply.status_code == 403, reply.text
        assert await count(api, "companies") == 0

    async def test_changes_of_the_lead_afterwards(self, api: httpx.AsyncClient) -> None:
        one = await lead(api, **ADA)
        await converted(api, one)
        for change in ({"job_title": "Other"}, {"status_id": "new"}, {"tags": []}):
            reply = await api.patch(f"/v1/leads/{one['id']}", json=change)
            assert reply.status_code == 422, reply.text
            assert reply.json()["errors"][0]["code"] == "lead_converted"
        body = {"kind": "leads.update", "input": {"values": {"source": "x"}}}
        reply = await api.post("/v1/operations", json={**body, "options": {"yes": True}})
        assert reply.json()["done"].get("updated", 0) == 0
        assert (await get(api, "leads", one["id"]))["source"] == "fair"
