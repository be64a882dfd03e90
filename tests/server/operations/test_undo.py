"""Taking operations back."""

from __future__ import annotations

import httpx

from tests.fixtures.stores import Installation

from .doing import (
    URL,
    ask,
    contact,
    done,
    errors,
    everything,
    imported,
    redone,
    undone,
)


class TestUndo:
    async def test_of_a_change_brings_the_values_back(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        await contact(api, "Ada", job_title="Engineer", tags=["a"], phone="+49 30 1234567")
        await contact(api, "Bob")
        before = everything(installation)
        values = {"job_title": "Boss", "tags": ["b", "c"], "phone": None, "consent": "given"}
        op = await done(api, "contacts.update", values=values)
        assert everything(installation) != before
        undo = await undone(api, op)
        assert (undo["kind"], undo["undoes"]) == ("undo", op["id"])
        assert everything(installation) == before
        after = (await api.get(f"{URL}/{op['id']}")).json()
        assert (after["state"], after["undone_by"]) == ("undone", undo["id"])

    async def test_of_a_deletion_brings_the_records_back(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        await contact(api, "Ada")
        before = everything(installation)
        op = await done(api, "contacts.delete")
        assert everything(installation) == {"keys": []}
        await undone(api, op)
        assert everything(installation) == before

    async def test_of_an_import_takes_back_all_that_it_made_and_changed(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        await contact(api, "Ada", job_title="Engineer")
        await api.post("/v1/companies", json={"name": "Acme", "domain": "acme.example"})
        before = everything(installation)
        content = (
            "email,last_name,job_title,company\nada@x.example,Ada,Boss,Acme\n"
            "new@x.example,New,,Bolt\n"
        )
        op = await imported(api, "contacts", content)
        assert op["done"] == {**op["done"], "created": 4, "updated": 1}
        await undone(api, op)
        assert everything(installation) == before

    async def test_of_two_swapped_addresses(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        await contact(api, "Ada", external_ids={"crm": "1"})
        await contact(api, "Bob", external_ids={"crm": "2"})
        await contact(api, "Cleo", external_ids={"crm": "3"})
        before = everything(installation)
        content = (
            "external_ids.crm,Mail,last_name\n1,bob@x.example,Ada\n2,ada@x.example,Bob\n"
            "3,cleo@x.example,Cleo\n"
        )
        op = await imported(api, "contacts", content, key="external_ids.crm")
        assert (op["done"]["updated"], op["plan"]["unchanged"], op["plan"]["error"]) == (2, 1, 0)
        swapped = (await api.get("/v1/contacts/bob@x.example")).json()
        assert swapped["last_name"] == "Ada"
        await undone(api, op)
        assert everything(installation) == before

    async def test_of_addresses_that_went_round(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        names = ("Ada", "Bob", "Cleo", "Dora")
        for number, name in enumerate(names):
            await contact(api, name, external_ids={"crm": str(number)})
        before = everything(installation)
        rows = [f"{n},{names[(n + 1) % 4].lower()}@x.example" for n in range(3)]
        rows.append("3,free@x.example")  # a chain, which ends where a key is free
        rows.append("4,ada@x.example")  # and a new record for the one that is free now
        content = "external_ids.crm,Mail,last_name\n" + "".join(f"{r},Z\n" for r in rows)
        op = await imported(api, "contacts", content, key="external_ids.crm")
        assert (op["done"]["updated"], op["done"]["created"], op["done"]["left"]) == (4, 1, 0)
        await undone(api, op)
        assert everything(installation) == before

    async def test_a_key_that_its_holder_keeps_is_refused(self, api: httpx.AsyncClient) -> None:
        await contact(api, "Ada", external_ids={"crm": "1"})
        bob = await contact(api, "Bob", external_ids={"crm": "2"})
        content = "external_ids.crm,email,last_name\n1,bob@x.example,Ada\n2,,Boss\n"
        op = await imported(api, "contacts", content, key="external_ids.crm")
        assert (op["done"]["updated"], op["plan"]["error"]) == (1, 1)
        [row] = await errors(api, op)
        assert (row["line"], row["problem"]["code"]) == (2, "duplicate_key")
        assert row["problem"]["message"] == f"Another contact has it: {bob}."

    async def test_can_be_done_again_and_undone_again(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        await contact(api, "Ada", job_title="Engineer")
        before = everything(installation)
        content = "email,last_name,job_title\nada@x.example,Ada,Boss\nnew@x.example,New,\n"
        op = await imported(api, "contacts", content)
        after = everything(installation)
        await undone(api, op)
        again = await redone(api, op)
        assert everything(installation) == after  # with the same ids
        assert (await api.get(f"{URL}/{op['id']}")).json()["state"] == "applied"
        await undone(api, again)
        assert everything(installation) == before
        assert (await api.get(f"{URL}/{op['id']}")).json()["state"] == "undone"

    async def test_is_told_by_the_journal(self, api: httpx.AsyncClient) -> None:
        record = await contact(api, "Ada", job_title="Engineer")
        op = await done(api, "contacts.update", values={"job_title": "Boss"})
        await undone(api, op)
        entries = (await api.get(f"/v1/contacts/{record}/timeline")).json()["items"]
        assert [entry["action"] for entry in entries] == ["updated", "updated", "created"]


class TestWhatIsLeft:
    async def test_a_field_that_was_changed_since(self, api: httpx.AsyncClient) -> None:
        ada = await contact(api, "Ada", job_title="Engineer", department="R&D")
        await contact(api, "Bob", job_title="Engineer")
        values = {"job_title": "Boss", "department": "Board"}
        op = await done(api, "contacts.update", values=values)
        await api.patch(f"/v1/contacts/{ada}", json={"job_title": "Queen"})
        undo = await undone(api, op)
        assert (undo["done"]["updated"], undo["plan"]["error"]) == (1, 1)
        [row] = await errors(api, undo)
        assert row["problem"]["code"] == "changed"
        assert row["problem"]["fields"] == {"job_title": {"planned": "Boss", "present": "Queen"}}
        record = (await api.get(f"/v1/contacts/{ada}")).json()
        assert (record["job_title"], record["department"]) == ("Queen", "Board")

    async def test_but_for_the_others_when_forced(self, api: httpx.AsyncClient) -> None:
        ada = await contact(api, "Ada", job_title="Engineer", department="R&D")
        values = {"job_title": "Boss", "department": "Board"}
        op = await done(api, "contacts.update", values=values)
        await api.patch(f"/v1/contacts/{ada}", json={"job_title": "Queen"})
        await undone(api, op, force_fields=True)
        record = (await api.get(f"/v1/contacts/{ada}")).json()
        assert (record["job_title"], record["department"]) == ("Queen", "R&D")

    async def test_nothing_where_another_field_was_changed(self, api: httpx.AsyncClient) -> None:
        ada = await contact(api, "Ada", job_title="Engineer")
        op = await done(api, "contacts.update", values={"job_title": "Boss"})
        await api.patch(f"/v1/contacts/{ada}", json={"department": "Board"})
        await undone(api, op)
        record = (await api.get(f"/v1/contacts/{ada}")).json()
        assert (record["job_title"], record["department"]) == ("Engineer", "Board")

    async def test_a_created_record_that_was_changed(self, api: httpx.AsyncClient) -> None:
        op = await imported(api, "contacts", "email,last_name\na@x.example,A\nb@x.example,B\n")
        await api.patch("/v1/contacts/a@x.example", json={"job_title": "Boss"})
        undo = await undone(api, op)
        assert (undo["done"]["deleted"], undo["plan"]["error"]) == (1, 1)
        assert (await api.get("/v1/contacts/a@x.example")).status_code == 200
        assert (await api.get("/v1/contacts/b@x.example")).status_code == 404

    async def test_a_created_record_that_others_name(self, api: httpx.AsyncClient) -> None:
        op = await imported(api, "companies", "name,domain\nA,a.example\nB,b.example\n")
        await contact(api, "Ada")
        link = {"contact_id": "ada@x.example", "company_id": "a.example"}
        assert (await api.post("/v1/positions", json=link)).status_code == 201
        undo = await undone(api, op)
        assert undo["done"]["deleted"] == 1
        [row] = await errors(api, undo)
        assert (row["label"], row["problem"]["code"]) == ("A", "has_children")

    async def test_what_a_record_names_that_is_left_itself(self, api: httpx.AsyncClient) -> None:
        op = await imported(api, "companies", "name,domain,parent\nA,a.example,Top\n")
        assert op["done"]["created"] == 2
        await contact(api, "Ada")
        link = {"contact_id": "ada@x.example", "company_id": "a.example"}
        assert (await api.post("/v1/positions", json=link)).status_code == 201
        undo = await undone(api, op)
        assert undo["done"]["deleted"] == 0
        rows = await errors(api, undo)
        said = {row["label"]: row["problem"]["record_type"] for row in rows}
        assert said == {"Top": "companies", "A": "positions"}

    async def test_a_key_that_is_anothers_by_now(self, api: httpx.AsyncClient) -> None:
        await contact(api, "Ada")
        op = await done(api, "contacts.delete")
        await contact(api, "Other", email="ada@x.example")
        undo = await undone(api, op)
        assert undo["done"]["restored"] == 0
        [row] = await errors(api, undo)
        assert row["problem"] == {
            **row["problem"],
            "code": "key_taken",
            "kind": "email",
            "value": "ada@x.example",
        }

    async def test_a_redo_whose_key_was_taken_meanwhile(self, api: httpx.AsyncClient) -> None:
        op = await imported(api, "contacts", "email,last_name\na@x.example,A\n")
        await undone(api, op)
        await contact(api, "Other", email="a@x.example")
        again = await redone(api, op)
        assert (again["done"]["restored"], again["plan"]["error"]) == (0, 1)
        assert (await errors(api, again))[0]["problem"]["code"] == "key_taken"

    async def test_what_a_filter_leaves_out(self, api: httpx.AsyncClient) -> None:
        await contact(api, "Ada", department="Sales")
        await contact(api, "Bob", department="Legal")
        op = await done(api, "contacts.update", values={"job_title": "Boss"})
        undo = await undone(api, op, where="department = Sales")
        assert undo["done"]["updated"] == 1
        reply = await api.get("/v1/contacts", params={"where": "job_title = Boss"})
        assert [record["last_name"] for record in reply.json()["items"]] == ["Bob"]

    async def test_what_a_filter_is_not_about(self, api: httpx.AsyncClient) -> None:
        content = "email,last_name,department,company\na@x.example,A,Sales,\nb@x.example,B,,Acme\n"
        op = await imported(api, "contacts", content)
        undo = await undone(api, op, where="department = Sales")
        assert undo["done"]["deleted"] == 1  # neither the company nor the position
        refused = await ask(api, f"{URL}/{op['id']}/redo", {"yes": True})
        assert refused["done"]["restored"] == 1
        wrong = {"where": "nonsense = 1"}
        await ask(api, f"{URL}/{op['id']}/undo", wrong, 422)

    async def test_what_is_locked(self, api: httpx.AsyncClient) -> None:
        ada = await contact(api, "Ada")
        op = await done(api, "contacts.update", values={"job_title": "Boss"})
        await api.post(f"/v1/contacts/{ada}/lock")
        undo = await undone(api, op)
        assert undo["plan"]["error"] == 1
        assert (await errors(api, undo))[0]["problem"]["code"] == "record_locked"


class TestPlan:
    async def test_of_an_undo_writes_nothing(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        await contact(api, "Ada")
        op = await done(api, "contacts.update", values={"job_title": "Boss"})
        before = everything(installation)
        undo = await ask(api, f"{URL}/{op['id']}/undo", {})
        assert (undo["state"], undo["plan"]["update"]) == ("planned", 1)
        assert undo["sample"][0]["changes"][0]["text"] == "Job title: Boss → (empty)"
        assert everything(installation) == before

    async def test_nothing_is_there_to_undo_twice(self, api: httpx.AsyncClient) -> None:
        await contact(api, "Ada")
        op = await done(api, "contacts.delete")
        await undone(api, op)
        refused = await ask(api, f"{URL}/{op['id']}/undo", {}, 409)
        assert refused["code"] == "wrong_state"
        plan = await ask(api, URL, {"kind": "contacts.delete", "input": {}})
        refused = await ask(api, f"{URL}/{plan['id']}/undo", {}, 409)
        assert refused["code"] == "wrong_state"
