"""Changing and deleting whatever a filter selects."""

from __future__ import annotations

import httpx
import pytest

from tests.fixtures.people import People
from tests.fixtures.stores import Installation

from .doing import URL, apply, ask, contact, done, errors, everything, plan, undone

TITLED = "job_title = Engineer"


async def three(api: httpx.AsyncClient) -> list[str]:
    return [await contact(api, name, job_title="Engineer") for name in ("Ada", "Bob", "Cleo")]


class TestNames:
    async def test_a_plan_says_who_owns_what(self, api: httpx.AsyncClient) -> None:
        await contact(api, "Ada")
        grace = {"name": "Grace Hopper", "email": "grace@navy.example"}
        await api.post("/v1/users", json=grace)
        op = await plan(api, "contacts.update", values={"owner_id": grace["email"]})
        [change] = op["sample"][0]["changes"]
        assert "→ Grace Hopper" in change["text"]
        await apply(api, op)
        [row] = (await api.get(f"{URL}/{op['id']}/plan")).json()["items"]
        assert row["changes"][0]["text"] == change["text"]


class TestPlan:
    async def test_writes_nothing_but_itself(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        await three(api)
        before = everything(installation)
        changes = (await api.get("/v1/changes")).json()
        op = await plan(api, "contacts.update", where=TITLED, values={"job_title": "Boss"})
        assert (op["plan"]["update"], op["plan"]["unchanged"]) == (3, 0)
        assert op["fields"] == [{"field": "contacts.job_title", "records": 3}]
        said = [row["changes"][0]["text"] for row in op["sample"]]
        assert said == ["Job title: Engineer → Boss"] * 3
        assert everything(installation) == before
        assert (await api.get("/v1/changes")).json() == changes

    async def test_counts_what_would_not_change(self, api: httpx.AsyncClient) -> None:
        await three(api)
        await contact(api, "Dora", job_title="Boss")
        op = await plan(api, "contacts.update", values={"job_title": "Boss"})
        assert (op["plan"]["update"], op["plan"]["unchanged"]) == (3, 1)

    async def test_lists_its_rows_page_by_page(self, api: httpx.AsyncClient) -> None:
        await three(api)
        op = await plan(api, "contacts.update", where=TITLED, values={"job_title": "Boss"})
        seen: list[str] = []
        cursor = None
        while True:
            params = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
            page = (await api.get(f"{URL}/{op['id']}/plan", params=params)).json()
            seen += [row["label"] for row in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert seen == ["Ada", "Bob", "Cleo"]

    async def test_says_what_is_wrong_before_anything_is_stored(
        self, api: httpx.AsyncClient
    ) -> None:
        wrong = [
            ("contacts.update", {"where": "nonsense = 1", "values": {"job_title": "x"}}),
            ("contacts.update", {"values": {"nonsense": "x"}}),
            ("contacts.update", {"values": {"owner_id": "nobody@x.example"}}),
            ("contacts.explode", {}),
        ]
        for kind, asked in wrong:
            await ask(api, URL, {"kind": kind, "input": asked}, 422)
        assert (await api.get(URL)).json()["items"] == []

    async def test_gives_no_two_records_one_key(self, api: httpx.AsyncClient) -> None:
        await three(api)
        values = {"email": "one@x.example"}
        asked = {"kind": "contacts.update", "input": {"where": TITLED, "values": values}}
        refused = await ask(api, URL, asked, 422)
        assert refused["errors"][0]["code"] == "unique"

    async def test_names_what_is_locked(self, api: httpx.AsyncClient) -> None:
        first, *_ = await three(api)
        await api.post(f"/v1/contacts/{first}/lock")
        op = await done(api, "contacts.update", where=TITLED, values={"job_title": "Boss"})
        assert (op["done"]["updated"], op["plan"]["error"]) == (2, 1)
        [row] = await errors(api, op)
        assert (row["record_id"], row["problem"]["code"]) == (first, "record_locked")


class TestApply:
    async def test_changes_what_was_planned(self, api: httpx.AsyncClient) -> None:
        await three(api)
        op = await plan(api, "contacts.update", where=TITLED, values={"job_title": "Boss"})
        found = await apply(api, op)
        assert found["done"]["updated"] == 3
        reply = await api.get("/v1/contacts", params={"where": "job_title = Boss"})
        assert len(reply.json()["items"]) == 3
        items = (await api.get("/v1/changes", params={"action": "updated"})).json()["items"]
        assert [item["diff"] for item in items] == [{"job_title": ["Engineer", "Boss"]}] * 3

    async def test_goes_by_rules_and_by_what_each_record_has(self, api: httpx.AsyncClient) -> None:
        await three(api)
        values = {"phone": "+49 30 1234567", "consent": "given", "tags": ["vip"]}
        op = await done(api, "contacts.update", where=TITLED, values=values)
        assert op["done"]["updated"] == 3
        records = (await api.get("/v1/contacts")).json()["items"]
        assert {record["phone"] for record in records} == {"+49301234567"}
        assert all(record["consent_at"] for record in records)

    async def test_refuses_when_a_record_has_changed_since(self, api: httpx.AsyncClient) -> None:
        first, *_ = await three(api)
        op = await plan(api, "contacts.update", where=TITLED, values={"job_title": "Boss"})
        await api.patch(f"/v1/contacts/{first}", json={"department": "R&D"})
        refused = await ask(api, f"{URL}/{op['id']}/apply", {}, 409)
        assert (refused["code"], refused["count"]) == ("plan_drifted", 1)
        [entry] = refused["errors"]
        assert first in entry["pointer"]
        assert (entry["label"], entry["code"]) == ("Ada", "changed")
        skipped = await apply(api, op, on_drift="skip")
        assert (skipped["done"]["updated"], skipped["done"]["left"]) == (2, 1)
        [row] = await errors(api, op)
        assert (row["record_id"], row["problem"]["code"]) == (first, "changed")

    async def test_asks_rules_about_others_once_more(self, api: httpx.AsyncClient) -> None:
        ids = {}
        for name in ("Acme", "Bolt", "Core"):
            reply = await api.post("/v1/companies", json={"name": name})
            ids[name] = reply.json()["id"]
        where, values = "name in (Acme, Core)", {"parent_id": ids["Bolt"]}
        op = await plan(api, "companies.update", where=where, values=values)
        # Bolt is not in the plan, so that the plan has not drifted
        reply = await api.patch(f"/v1/companies/{ids['Bolt']}", json={"parent_id": ids["Acme"]})
        assert reply.status_code == 200
        op = await apply(api, op)
        assert (op["done"]["updated"], op["done"]["left"]) == (1, 1)
        [row] = await errors(api, op)
        assert (row["label"], row["problem"]["code"]) == ("Acme", "cycle")
        assert row["problem"]["message"] == "A company cannot be above itself."

    async def test_replans_when_asked(self, api: httpx.AsyncClient) -> None:
        first, *_ = await three(api)
        op = await plan(api, "contacts.update", where=TITLED, values={"job_title": "Boss"})
        await api.patch(f"/v1/contacts/{first}", json={"job_title": "Artist"})
        found = await apply(api, op, on_drift="replan")
        assert (found["done"]["updated"], found["done"]["left"]) == (2, 0)

    async def test_only_once(self, api: httpx.AsyncClient) -> None:
        await three(api)
        op = await done(api, "contacts.delete", where=TITLED)
        refused = await ask(api, f"{URL}/{op['id']}/apply", {}, 409)
        assert refused["code"] == "wrong_state"

    async def test_a_cancelled_one_goes_on_when_resumed(self, api: httpx.AsyncClient) -> None:
        await three(api)
        op = await plan(api, "contacts.delete", where=TITLED)
        stopped = await ask(api, f"{URL}/{op['id']}/cancel")
        assert stopped["state"] == "cancelled"
        await ask(api, f"{URL}/{op['id']}/apply", {}, 409)
        again = await ask(api, f"{URL}/{op['id']}/resume")
        assert again["state"] == "planned"
        assert (await apply(api, op))["done"]["deleted"] == 3

    async def test_a_cancelled_one_does_not_go_on_with_other_rights(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        await three(api)
        op = await plan(api, "contacts.update", where=TITLED, values={"job_title": "Boss"})
        main.connection.execute(
            "update operations set state = 'cancelled', started_at = now() where id = %s",
            (op["id"],),
        )
        body = {"record_type": "contacts", "key": "tier", "label": "Tier", "type": "text"}
        assert (await api.post("/v1/fields", json=body)).status_code == 201
        refused = await ask(api, f"{URL}/{op['id']}/resume", None, 409)
        assert refused["code"] == "plan_drifted"
        assert (await api.get(f"{URL}/{op['id']}")).json()["state"] == "cancelled"


class TestRights:
    async def test_needs_bulk_and_what_it_does(self, main: People, api: httpx.AsyncClient) -> None:
        agent = main.signed("agent", "agent")
        asked = {"kind": "contacts.update", "input": {"values": {"job_title": "x"}}}
        reply = await api.post(URL, json=asked, headers=agent)
        assert (reply.status_code, reply.json()["permission"]) == (403, "contacts:bulk")

    async def test_is_nobody_elses_business(self, main: People, api: httpx.AsyncClient) -> None:
        await three(api)
        op = await done(api, "contacts.delete", where=TITLED)
        other = main.signed("mia", "manager")
        for path in ("", "/plan", "/errors"):
            assert (await api.get(f"{URL}/{op['id']}{path}", headers=other)).status_code == 404
        assert (await api.get(URL, headers=other)).json()["items"] == []
        reply = await api.post(f"{URL}/{op['id']}/undo", json={}, headers=other)
        assert reply.status_code == 404

    async def test_an_administrator_takes_back_what_others_did(
        self, main: People, api: httpx.AsyncClient
    ) -> None:
        await three(api)
        op = await done(api, "contacts.delete", where=TITLED)
        admin = main.signed("adam", "admin")
        reply = await api.post(f"{URL}/{op['id']}/undo", json={"yes": True}, headers=admin)
        assert reply.json()["done"]["restored"] == 3

    async def test_a_row_rule_is_about_before_and_after(
        self, main: People, api: httpx.AsyncClient
    ) -> None:
        await contact(api, "Ada", department="Sales")
        await contact(api, "Bob", department="Legal")
        rule = {"contacts": "department = Sales"}
        permissions = ["contacts:read", "contacts:update", "contacts:bulk"]
        clerk = main.signed("clerk", main.role("clerk", permissions, row_rules=rule))
        asked = {"kind": "contacts.update", "input": {"values": {"job_title": "x"}}}
        op = (await api.post(URL, json=asked, headers=clerk)).json()
        assert op["plan"]["update"] == 1
        asked["input"] = {"values": {"department": "Legal"}}
        op = (await api.post(URL, json=asked, headers=clerk)).json()
        assert (op["plan"]["update"], op["plan"]["error"]) == (0, 1)

    async def test_undo_goes_by_the_rights_of_whoever_undoes(self, api: httpx.AsyncClient) -> None:
        await three(api)
        op = await done(api, "contacts.update", where=TITLED, values={"job_title": "Boss"})
        assert (await undone(api, op))["done"]["updated"] == 3


class TestInput:
    @pytest.mark.parametrize(
        ("kind", "asked"),
        [
            ("undo", {}),
            ("undo", {"operation_id": "nonsense"}),
            ("undo", {"operation_id": None, "more": 1}),
            ("contacts.update", {"where": {"op": "="}, "values": {}}),
            ("contacts.update", {"values": ["job_title"]}),
            ("contacts.update", {"values": {"job_title": "a\0b"}}),
            ("contacts.update", {"where": "job_title = 'a\0b'", "values": {"job_title": "x"}}),
            ("contacts.delete", {"where": 7}),
            ("contacts.delete", {"everything": True}),
            ("contacts.import", {}),
            ("contacts.import", {"upload_id": "x"}),
            ("contacts.import", {"upload_id": None, "mode": "sometimes"}),
            ("", {}),
        ],
    )
    async def test_that_is_wrong_is_refused(
        self, api: httpx.AsyncClient, kind: str, asked: dict[str, object]
    ) -> None:
        await ask(api, URL, {"kind": kind, "input": asked}, 422)
        assert (await api.get(URL)).json()["items"] == []

    async def test_of_an_upload_that_is_not_there(self, api: httpx.AsyncClient) -> None:
        asked = {"upload_id": "01a20fcf-e260-7d07-ae04-a84ccc5f84bc"}
        await ask(api, URL, {"kind": "contacts.import", "input": asked}, 404)
        await ask(api, URL, {"kind": "undo", "input": {"operation_id": asked["upload_id"]}}, 404)
