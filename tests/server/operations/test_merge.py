"""Merging records: one stays, with what all had; the ids of the others lead to it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.fixtures.people import People
from tests.fixtures.stores import Installation

from .doing import URL, apply, ask, contact, done, everything, plan, redone, undone

KIND = "contacts.merge"


async def got(api: httpx.AsyncClient, ref: str, noun: str = "contacts") -> dict[str, Any]:
    """Return a record."""
    reply = await api.get(f"/v1/{noun}/{ref}")
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


async def made(api: httpx.AsyncClient, noun: str, **fields: Any) -> str:
    """Make a record; return its id."""
    reply = await api.post(f"/v1/{noun}", json=fields)
    assert reply.status_code == 201, reply.text
    return str(reply.json()["id"])


async def positions(api: httpx.AsyncClient, contact_id: str) -> list[tuple[str, str | None]]:
    """Return company and role of the positions of a contact."""
    params = {"where": f"contact_id = {contact_id}", "sort": "created_at"}
    items = (await api.get("/v1/positions", params=params)).json()["items"]
    return [(each["company_id"], each["role"]) for each in items]


async def refused(
    api: httpx.AsyncClient, code: int, kind: str = KIND, **asked: Any
) -> dict[str, Any]:
    """Ask for a merge that cannot be."""
    found: dict[str, Any] = await ask(api, URL, {"kind": kind, "input": asked}, code)
    return found


class TestFields:
    async def test_keeps_its_own_and_gets_what_it_lacks(self, api: httpx.AsyncClient) -> None:
        ada = await contact(api, "Ada", job_title="Countess")
        eve = await contact(api, "Eve", job_title="Boss", city="Rome")
        bob = await contact(api, "Bob", city="Paris", department="Sales")
        op = await done(api, KIND, into=ada, records=[eve, bob])
        assert (op["done"]["updated"], op["done"]["deleted"]) == (1, 2)
        found = await got(api, ada)
        assert (found["last_name"], found["job_title"]) == ("Ada", "Countess")
        assert (found["city"], found["department"]) == ("Rome", "Sales")

    async def test_shows_what_changes_and_what_is_lost_before(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        ada = await contact(api, "Ada", external_ids={"crm": "1"})
        eve = await contact(api, "Eve", job_title="Boss", external_ids={"crm": "2", "erp": "9"})
        before = everything(installation)
        op = await plan(api, KIND, into=ada, records=[eve])
        assert everything(installation) == before
        rows = (await api.get(f"{URL}/{op['id']}/plan")).json()["items"]
        assert [(row["action"], row["label"]) for row in rows] == [
            ("delete", "Eve"),
            ("update", "Ada"),
        ]
        changes = {each["field"]: each["text"] for each in rows[1]["changes"]}
        assert changes["job_title"] == "Job title: Boss"
        lost = {each["field"]: each["value"] for each in op["report"]["lost"]}
        assert lost == {"last_name": "Eve", "external_ids.crm": "2"}
        await apply(api, op)
        assert (await got(api, ada))["external_ids"] == {"crm": "1", "erp": "9"}

    async def test_takes_what_is_said_from_whom_is_said(self, api: httpx.AsyncClient) -> None:
        body = {"record_type": "contacts", "key": "tier", "label": "Tier", "type": "text"}
        assert (await api.post("/v1/fields", json=body)).status_code == 201
        ada = await contact(api, "Ada", job_title="Countess", custom={"tier": "gold"})
        eve = await contact(api, "Eve", job_title="Boss", custom={"tier": "silver"})
        take = {"job_title": "eve@x.example", "tier": eve, "email": eve}
        op = await done(api, KIND, into=ada, records=[eve], take=take, values={"department": "R&D"})
        found = await got(api, ada)
        assert (found["job_title"], found["department"]) == ("Boss", "R&D")
        assert found["custom"] == {"tier": "silver"}
        assert [each["address"] for each in found["emails"]] == ["eve@x.example", "ada@x.example"]
        assert op["input"]["take"]["job_title"] == eve

    async def test_unites_lists(self, api: httpx.AsyncClient) -> None:
        phones = ["+49 30 1234567", "+49 30 7654321"]
        ada = await contact(api, "Ada", phones=phones[:1], tags=["vip"], city="Rome")
        eve = await contact(
            api, "Eve", phones=phones, tags=["press", "VIP"], addresses=[{"city": "Oslo"}]
        )
        await done(api, KIND, into=ada, records=[eve])
        found = await got(api, ada)
        assert [each["address"] for each in found["emails"]] == ["ada@x.example", "eve@x.example"]
        assert [each["number"] for each in found["phones"]] == ["+49301234567", "+49307654321"]
        assert [each["city"] for each in found["addresses"]] == ["Rome", "Oslo"]
        assert found["tags"] == ["vip", "press"]

    async def test_no_cent_is_lost(self, api: httpx.AsyncClient) -> None:
        one = await made(api, "companies", name="One")
        two = await made(api, "companies", name="Two", annual_revenue="1234567890123456.91")
        await done(api, "companies.merge", into=one, records=[two])
        assert (await got(api, one, "companies"))["annual_revenue"] == "1234567890123456.91"

    @pytest.mark.parametrize(
        ("own", "other", "found"),
        [
            ("given", "withdrawn", "withdrawn"),
            ("given", "none", "none"),
            ("withdrawn", "given", "withdrawn"),
            ("given", "given", "given"),
        ],
    )
    async def test_consent_is_that_which_allows_least(
        self, api: httpx.AsyncClient, own: str, other: str, found: str
    ) -> None:
        ada = await contact(api, "Ada", consent=own)
        eve = await contact(api, "Eve", consent=other)
        stands = {each["consent"]: each["consent_at"] for each in [await got(api, eve)]}
        stands[own] = (await got(api, ada))["consent_at"]
        await done(api, KIND, into=ada, records=[eve])
        record = await got(api, ada)
        assert (record["consent"], record["consent_at"]) == (found, stands[found])

    async def test_consent_is_nobodys_choice(self, api: httpx.AsyncClient) -> None:
        ada, eve = await contact(api, "Ada"), await contact(api, "Eve", consent="given")
        for how in ({"values": {"consent": "given"}}, {"take": {"consent": eve}}):
            problem = await refused(api, 422, into=ada, records=[eve], **how)
            assert problem["errors"][0]["code"] == "settled_by_rule"


class TestLinks:
    async def test_what_named_the_others_names_it(self, api: httpx.AsyncClient) -> None:
        acme = await made(api, "companies", name="Acme", domain="acme.example")
        ada, eve = await contact(api, "Ada"), await contact(api, "Eve")
        await made(api, "positions", contact_id=eve, company_id=acme, role="CTO")
        await done(api, KIND, into=ada, records=[eve])
        assert await positions(api, ada) == [(acme, "CTO")]

    async def test_two_that_say_the_same_are_one(self, api: httpx.AsyncClient) -> None:
        acme = await made(api, "companies", name="Acme")
        people = [await contact(api, name) for name in ("Ada", "Eve", "Bob")]
        roles = (None, "CTO", "cto")
        for each, role in zip(people, roles, strict=True):
            await made(api, "positions", contact_id=each, company_id=acme, role=role)
        await made(api, "positions", contact_id=people[2], company_id=acme, role="Founder")
        op = await done(api, KIND, into=people[0], records=people[1:])
        assert await positions(api, people[0]) == [(acme, "CTO"), (acme, "Founder")]
        counts = {each["record_type"]: each["done"] for each in op["nouns"]}
        assert counts["positions"]["deleted"] == 2

    async def test_past_positions_are_kept(self, api: httpx.AsyncClient) -> None:
        acme = await made(api, "companies", name="Acme")
        ada, eve = await contact(api, "Ada"), await contact(api, "Eve")
        for each, day in ((ada, "2001-01-01"), (eve, "2002-01-01")):
            fields = {"contact_id": each, "company_id": acme, "is_current": False}
            await made(api, "positions", **fields, role="CTO", started_on=day)
        await done(api, KIND, into=ada, records=[eve])
        assert len(await positions(api, ada)) == 2

    async def test_companies_with_all_that_is_below_them(self, api: httpx.AsyncClient) -> None:
        one = await made(api, "companies", name="One")
        two = await made(api, "companies", name="Two", parent_id=one, domain="two.example")
        sub = await made(api, "companies", name="Sub", parent_id=two)
        ada = await contact(api, "Ada")
        await made(api, "positions", contact_id=ada, company_id=two)
        await done(api, "companies.merge", into=one, records=[two])
        assert (await got(api, sub, "companies"))["parent_id"] == one
        found = await got(api, one, "companies")
        assert (found["parent_id"], found["domain"]) == (None, "two.example")
        assert await positions(api, ada) == [(one, None)]

    async def test_a_company_does_not_come_to_be_above_itself(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        two = await made(api, "companies", name="Two")
        mid = await made(api, "companies", name="Mid", parent_id=two)
        one = await made(api, "companies", name="One", parent_id=mid)
        before = everything(installation)
        op = await done(api, "companies.merge", into=one, records=[two])
        assert (await got(api, mid, "companies"))["parent_id"] == one
        assert (await got(api, one, "companies"))["parent_id"] is None
        await undone(api, op)
        assert everything(installation) == before


class TestAliases:
    async def test_old_ids_lead_to_it(self, api: httpx.AsyncClient) -> None:
        acme = await made(api, "companies", name="Acme")
        ada, eve = await contact(api, "Ada"), await contact(api, "Eve", external_ids={"crm": "2"})
        await done(api, KIND, into=ada, records=[eve])
        for ref in (eve, eve[-12:], "eve@x.example", "crm:2"):
            assert (await got(api, ref))["id"] == ada
        reply = await api.patch(f"/v1/contacts/{eve}", json={"phone": "+49 30 1234567"})
        assert (reply.json()["id"], reply.json()["phone"]) == (ada, "+49301234567")
        await made(api, "positions", contact_id=eve, company_id=acme)
        assert await positions(api, ada) == [(acme, None)]
        assert (await api.delete(f"/v1/contacts/{eve}")).status_code == 404
        deleted = await api.get(f"/v1/contacts/{eve}", params={"deleted": "include"})
        assert deleted.json()["id"] == eve

    async def test_through_chains_and_back(self, api: httpx.AsyncClient) -> None:
        ada, eve, bob = [await contact(api, name) for name in ("Ada", "Eve", "Bob")]
        await done(api, KIND, into=eve, records=[bob])
        second = await done(api, KIND, into=ada, records=[bob])
        assert second["input"]["records"] == [eve]
        assert (await got(api, bob))["id"] == ada
        undo = await undone(api, second)
        assert (await got(api, bob))["id"] == eve
        await redone(api, second)
        assert (await got(api, bob))["id"] == (await got(api, eve))["id"] == ada
        assert (await api.get(f"{URL}/{undo['id']}")).json()["state"] == "undone"

    async def test_a_record_that_is_deleted_by_hand_leads_nowhere(
        self, api: httpx.AsyncClient
    ) -> None:
        ada, eve = await contact(api, "Ada"), await contact(api, "Eve")
        await undone(api, await done(api, KIND, into=ada, records=[eve]))
        assert (await api.delete(f"/v1/contacts/{eve}")).status_code == 200
        reply = await api.get(f"/v1/contacts/{eve}")
        assert (reply.status_code, reply.json()["code"]) == (404, "record_deleted")

    async def test_only_for_whoever_may_read_it(self, main: People, api: httpx.AsyncClient) -> None:
        ada = await contact(api, "Ada", department="Secret")
        eve = await contact(api, "Eve")
        await done(api, KIND, into=ada, records=[eve])
        role = {
            "key": "narrow",
            "name": "Narrow",
            "permissions": ["contacts:read"],
            "row_rules": {"contacts": "department is empty"},
        }
        assert (await api.post("/v1/roles", json=role)).status_code == 201
        narrow = main.signed("nina", "narrow")
        reply = await api.get(f"/v1/contacts/{eve}", headers=narrow)
        assert (reply.status_code, ada in reply.text) == (404, False)


class TestRefusals:
    async def test_of_one_named_twice_or_with_itself(self, api: httpx.AsyncClient) -> None:
        ada, eve = await contact(api, "Ada"), await contact(api, "Eve")
        for records in ([ada], [eve, "eve@x.example"], [eve, "ada@x.example"]):
            problem = await refused(api, 422, into=ada, records=records)
            assert problem["errors"][0]["code"] == "same_record"
        await refused(api, 404, into=ada, records=["nobody@x.example"])
        await refused(api, 422, into=ada, records=[])
        await refused(api, 422, into=ada, records=[eve], take={"nonsense": eve})
        bob = await contact(api, "Bob")
        problem = await refused(api, 422, into=ada, records=[eve], take={"job_title": bob})
        assert problem["errors"][0]["code"] == "not_merged"
        assert (await api.get(URL)).json()["items"] == []

    async def test_of_locked_records(self, api: httpx.AsyncClient) -> None:
        ada, eve = await contact(api, "Ada"), await contact(api, "Eve")
        await api.post(f"/v1/contacts/{eve}/lock")
        for into, other in ((ada, eve), (eve, ada)):
            problem = await refused(api, 409, into=into, records=[other])
            assert problem["code"] == "record_locked"

    async def test_where_linked_records_are_locked(self, api: httpx.AsyncClient) -> None:
        one, two = [await made(api, "companies", name=name) for name in ("One", "Two")]
        sub = await made(api, "companies", name="Sub", parent_id=two)
        await api.post(f"/v1/companies/{sub}/lock")
        problem = await refused(api, 409, "companies.merge", into=one, records=[two])
        assert problem["detail"].startswith("1 companies that name a record")

    async def test_without_the_right_to_what_it_does(
        self, main: People, api: httpx.AsyncClient
    ) -> None:
        ada, eve = await contact(api, "Ada"), await contact(api, "Eve")
        reader, agent = main.signed("rita", "read_only"), main.signed("anna", "agent")
        body = {"kind": KIND, "input": {"into": ada, "records": [eve]}}
        reply = await api.post(URL, json=body, headers=reader)
        assert (reply.status_code, reply.json()["permission"]) == (403, "contacts:update")
        reply = await api.post(URL, json=body, headers=agent)  # they are others'
        assert reply.status_code == 403

    async def test_where_linked_records_are_not_the_callers_to_change(
        self, main: People, api: httpx.AsyncClient
    ) -> None:
        one, two = [await made(api, "companies", name=name) for name in ("One", "Two")]
        await made(api, "companies", name="Sub", parent_id=two, industry="Secret")
        role = {
            "key": "narrow",
            "name": "Narrow",
            "permissions": [f"companies:{verb}" for verb in ("read", "update", "delete")],
            "row_rules": {"companies": "industry is empty"},
        }
        assert (await api.post("/v1/roles", json=role)).status_code == 201
        narrow = main.signed("nina", "narrow")
        body = {"kind": "companies.merge", "input": {"into": one, "records": [two]}}
        reply = await api.post(URL, json=body, headers=narrow)
        assert reply.status_code == 403
        assert reply.json()["detail"].startswith("1 companies name a record that would go")


class TestWhole:
    async def test_is_refused_when_a_record_has_changed_since(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        ada, eve = await contact(api, "Ada"), await contact(api, "Eve")
        op = await plan(api, KIND, into=ada, records=[eve])
        await api.patch(f"/v1/contacts/{eve}", json={"city": "Rome"})
        before = everything(installation)
        problem = await ask(api, f"{URL}/{op['id']}/apply", {}, 409)
        assert problem["code"] == "plan_drifted"
        problem = await ask(api, f"{URL}/{op['id']}/apply", {"on_drift": "skip"}, 409)
        assert problem["code"] == "not_whole"
        assert everything(installation) == before

    async def test_leaves_no_link_behind_that_came_since(self, api: httpx.AsyncClient) -> None:
        acme = await made(api, "companies", name="Acme")
        ada, eve = await contact(api, "Ada"), await contact(api, "Eve")
        op = await plan(api, KIND, into=ada, records=[eve])
        await made(api, "positions", contact_id=eve, company_id=acme, role="CTO")
        for how in ({}, {"on_drift": "skip"}):
            problem = await ask(api, f"{URL}/{op['id']}/apply", how, 409)
            assert (problem["code"], problem["count"]) == ("plan_drifted", 1)
        await apply(api, op, on_drift="replan")
        assert await positions(api, ada) == [(acme, "CTO")]

    async def test_is_planned_anew_when_asked(self, api: httpx.AsyncClient) -> None:
        ada, eve = await contact(api, "Ada"), await contact(api, "Eve")
        op = await plan(api, KIND, into=ada, records=[eve])
        await api.patch(f"/v1/contacts/{eve}", json={"city": "Rome"})
        await apply(api, op, on_drift="replan")
        assert (await got(api, ada))["city"] == "Rome"


class TestSplit:
    async def family(self, api: httpx.AsyncClient) -> tuple[str, str]:
        acme, other = [await made(api, "companies", name=name) for name in ("Acme", "Other")]
        ada = await contact(api, "Ada", consent="given", tags=["vip"])
        eve = await contact(api, "Eve", consent="withdrawn", city="Rome", tags=["press"])
        for each, company in ((ada, acme), (eve, acme), (eve, other)):
            await made(api, "positions", contact_id=each, company_id=company, role="CTO")
        return ada, eve

    async def test_brings_back_every_byte_and_again(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        ada, eve = await self.family(api)
        before = everything(installation)
        op = await done(api, KIND, into=ada, records=[eve])
        merged = everything(installation)
        assert merged != before
        await undone(api, op)
        assert everything(installation) == before
        again = await redone(api, op)
        assert everything(installation) == merged
        await undone(api, again)
        assert everything(installation) == before

    async def test_leaves_what_somebody_changed_since(self, api: httpx.AsyncClient) -> None:
        ada, eve = await self.family(api)
        op = await done(api, KIND, into=ada, records=[eve])
        await api.patch(f"/v1/contacts/{ada}", json={"consent": "none", "job_title": "Boss"})
        problem = await ask(api, f"{URL}/{op['id']}/undo", {"yes": True}, 409)
        assert "changed" in {each["code"] for each in problem["errors"]}
        assert (await got(api, eve))["id"] == ada
        await undone(api, op, force_fields=True)
        found = await got(api, ada)
        assert (found["consent"], found["job_title"], found["city"]) == ("none", "Boss", None)
        assert found["tags"] == ["vip"]
        assert (await got(api, eve))["email"] == "eve@x.example"
        assert len(await positions(api, eve)) == 2


class TestFinding:
    async def test_lists_what_touched_a_record(self, api: httpx.AsyncClient) -> None:
        ada, eve, bob = [await contact(api, name) for name in ("Ada", "Eve", "Bob")]
        op = await done(api, KIND, into=ada, records=[eve])
        await done(api, "contacts.update", where="last_name = Bob", values={"city": "Rome"})
        for ref in (ada, eve, "eve@x.example"):
            params = {"record": f"contacts/{ref}", "kind": KIND}
            items = (await api.get(URL, params=params)).json()["items"]
            assert [each["id"] for each in items] == [op["id"]]
        items = (await api.get(URL, params={"record": f"contacts/{bob}"})).json()["items"]
        assert [each["kind"] for each in items] == ["contacts.update"]

    async def test_says_what_it_cannot_find(self, api: httpx.AsyncClient) -> None:
        for record, code in (("contacts", 422), ("nonsense/x", 422), ("contacts/no@x.y", 404)):
            reply = await api.get(URL, params={"record": record})
            assert reply.status_code == code, record
