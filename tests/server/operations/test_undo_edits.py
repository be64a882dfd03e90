"""Taking single writes back, and what is meant by whoever says what to take back."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.fixtures.people import People, bearer
from tests.fixtures.stores import Installation

from .doing import URL, ask, contact, done, errors, everything, imported, redone

UNDO = "/v1/undo"


async def back(
    api: httpx.AsyncClient, what: str | None = None, code: int = 202, **how: Any
) -> dict[str, Any]:
    """Take something back."""
    body = {"yes": True, **how} | ({} if what is None else {"what": what})
    found: dict[str, Any] = await ask(api, UNDO, body, code)
    assert code != 202 or found["state"] == "applied", found
    return found


async def last_change(api: httpx.AsyncClient, record: str) -> dict[str, Any]:
    reply = await api.get("/v1/changes", params={"record": record, "limit": 1})
    found: dict[str, Any] = reply.json()["items"][0]
    return found


class TestEdits:
    async def test_one_after_the_other_back_to_nothing_and_forth_again(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        states = [everything(installation)]
        ada = await contact(api, "Ada", job_title="Engineer", tags=["a"])
        path = f"/v1/contacts/{ada}"
        states.append(everything(installation))
        for change in ({"job_title": "Boss", "tags": []}, {"email": "new@x.example"}):
            assert (await api.patch(path, json=change)).is_success
            states.append(everything(installation))
        await api.delete(path)
        states.append(everything(installation))
        await api.post(f"{path}/restore")
        undos = []
        for state in reversed(states):
            undos.append(await back(api))
            assert everything(installation) == state
        assert [sum(undo["done"].values()) for undo in undos] == [1] * 5
        await back(api, code=404)
        for undo, state in zip(reversed(undos), [*states[1:], states[3]], strict=True):
            await redone(api, {"id": undo["undoes"]})
            assert everything(installation) == state
        listed = (await api.get(URL, params={"kind": "edit"})).json()["items"]
        assert {op["state"] for op in listed} == {"applied"}

    async def test_the_last_thing_is_an_operation_or_an_edit(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        await contact(api, "Ada")
        before = everything(installation)
        op = await done(api, "contacts.update", values={"job_title": "Boss"})
        after = everything(installation)
        await api.patch("/v1/contacts/ada@x.example", json={"job_title": "Queen"})
        await back(api)
        assert everything(installation) == after
        assert (await back(api))["undoes"] == op["id"]
        assert everything(installation) == before

    async def test_is_named_by_record_change_or_request(self, api: httpx.AsyncClient) -> None:
        await contact(api, "Ada", job_title="Engineer")
        record, path = "contacts/ada@x.example", "/v1/contacts/ada@x.example"
        await api.patch(path, json={"job_title": "Boss"}, headers={"X-Request-Id": "request-17"})
        change = await last_change(api, record)
        assert (change["request_id"], change["operation_id"]) == ("request-17", None)
        await contact(api, "Bob")
        undone = []
        for what in (record, f"seq:{change['seq']}", "request-17"):
            undo = await back(api, what)
            undone.append(undo["undoes"])
            assert (await api.get(path)).json()["job_title"] == "Engineer"
            assert (await last_change(api, record))["operation_id"] == undo["id"]
            again = await back(api, undo["id"])  # the undo of an undo
            assert (await api.get(path)).json()["job_title"] == "Boss"
            assert again["undoes"] == undo["id"]
        assert len(set(undone)) == 1
        [entry] = (await api.get(URL, params={"kind": "edit", "record": record})).json()["items"]
        assert (entry["id"], entry["may_undo"], entry["state"]) == (undone[0], True, "applied")

    async def test_of_a_record_go_back_step_by_step(self, api: httpx.AsyncClient) -> None:
        record, path = "contacts/ada@x.example", "/v1/contacts/ada@x.example"
        await contact(api, "Ada", job_title="1")
        await contact(api, "Bob", job_title="1")
        await api.patch(path, json={"job_title": "2"})
        op = await done(api, "contacts.update", values={"job_title": "3"})
        for title in ("2", "1"):  # of the operation only this record is taken back
            await back(api, record)
            assert (await api.get(path)).json()["job_title"] == title
        assert (await api.get("/v1/contacts/bob@x.example")).json()["job_title"] == "3"
        found = (await api.get(f"{URL}/{op['id']}")).json()
        assert (found["state"], found["may_undo"]) == ("applied", True)
        await back(api, record)
        assert (await api.get(path)).status_code == 404

    async def test_of_an_import_takes_back_a_record_with_its_links(
        self, api: httpx.AsyncClient
    ) -> None:
        content = "email,last_name,company\na@x.example,A,Acme\nb@x.example,B,Acme\n"
        op = await imported(api, "contacts", content)
        undo = await back(api, "contacts/a@x.example")
        assert undo["done"]["deleted"] == 2  # and the position
        rest = await back(api, op["id"][-12:])
        assert (rest["done"]["deleted"], rest["plan"]["unchanged"]) == (3, 2)

    async def test_leaves_what_changed_since_unless_forced(self, api: httpx.AsyncClient) -> None:
        path = "/v1/contacts/ada@x.example"
        await contact(api, "Ada", job_title="Engineer")
        values = {"job_title": "Boss", "department": "Board"}
        await api.patch(path, json=values, headers={"X-Request-Id": "request-one"})
        await api.patch(path, json={"job_title": "Queen"})
        undo = await back(api, "request-one")
        [row] = await errors(api, undo)
        assert row["problem"]["fields"] == {"job_title": {"planned": "Boss", "present": "Queen"}}
        missed = await back(api, "request-one", where="last_name = Nobody", force_fields=True)
        assert missed["done"]["updated"] == 0
        await back(api, "request-one", where="last_name = Ada", force_fields=True)
        record = (await api.get(path)).json()
        assert (record["job_title"], record["department"]) == ("Queen", None)

    async def test_does_not_unlock(self, api: httpx.AsyncClient) -> None:
        await contact(api, "Ada")
        for verb, why in (("lock", "lock"), ("unlock", "lock")):
            await api.post(f"/v1/contacts/ada@x.example/{verb}")
            undo = await back(api)
            assert (await errors(api, undo))[0]["problem"]["code"] == why

    async def test_of_links_and_what_is_above(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        for name in ("a", "b"):
            await api.post("/v1/companies", json={"name": name, "domain": f"{name}.example"})
        await contact(api, "Ada")
        states = [everything(installation)]
        link = {"contact_id": "ada@x.example", "company_id": "a.example", "role": "CTO"}
        made = (await api.post("/v1/positions", json=link)).json()
        states.append(everything(installation))
        await api.patch(f"/v1/positions/{made['id']}", json={"role": "CEO"})
        states.append(everything(installation))
        await api.patch("/v1/companies/a.example", json={"parent_id": "b.example"})
        for state in reversed(states):
            await back(api)
            assert everything(installation) == state

    async def test_of_a_merge_is_whole(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        await contact(api, "Ada")
        bob = await contact(api, "Bob", city="Rome")
        before = everything(installation)
        op = await done(api, "contacts.merge", into="ada@x.example", records=[bob])
        for path in (UNDO, f"{URL}/{op['id']}/undo"):
            for city, count in (("Rome", 1), ("Oslo", 0)):  # a filter takes all of it, or nothing
                some = await ask(api, path, {"where": f"city = {city}"})
                assert (some["plan"]["restore"], some["plan"]["update"]) == (count, count)
        for what in (None, f"contacts/{bob}"):
            undo = await back(api, what)
            assert (undo["undoes"], everything(installation)) == (op["id"], before)
            await redone(api, op)

    async def test_of_a_record_in_a_merge_of_many_is_of_its_group(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        ada, bob, cyd, dan = [await contact(api, name) for name in ("Ada", "Bob", "Cyd", "Dan")]
        acme = (await api.post("/v1/companies", json={"name": "Acme"})).json()["id"]
        role = {"contact_id": bob, "company_id": acme, "role": "CTO"}
        position = (await api.post("/v1/positions", json=role)).json()["id"]
        await done(api, "contacts.merge", into=cyd, records=[dan])
        other_alone = everything(installation)
        await back(api)
        pairs = [{"into": ada, "records": [bob]}, {"into": cyd, "records": [dan]}]
        op = await done(api, "contacts.merge", pairs=pairs)
        merged = everything(installation)
        for what in (f"contacts/{bob}", "contacts/ada@x.example", f"positions/{position}"):
            undo = await back(api, what)
            assert (undo["undoes"], everything(installation)) == (op["id"], other_alone), what
            await back(api, undo["id"])
            assert everything(installation) == merged, what
        await back(api, f"contacts/{bob}")
        assert (await back(api, f"contacts/{dan}"))["undoes"] == op["id"]

    async def test_what_cannot_be_is_refused(self, api: httpx.AsyncClient) -> None:
        body = {"record_type": "contacts", "key": "tier", "type": "text"}
        assert (await api.post("/v1/fields", json=body)).status_code == 201
        await back(api, "fields/contacts.tier", 422)
        for what in ("seq:99999999", "seq:x", "nobody/x", "contacts/x@x.example", "12345678", "\0"):
            assert (await ask(api, UNDO, {"what": what}, 404 if what[0] != "n" else 422))["code"]
        await contact(api, "Ada")
        for _ in range(2):
            values = {"json": {"job_title": str(_)}, "headers": {"X-Request-Id": "request-twice"}}
            await api.patch("/v1/contacts/ada@x.example", **values)
        refused = await back(api, "request-twice", 409)
        assert [name[:4] for name in refused["candidates"]] == ["seq:", "seq:"]


class TestWhose:
    """Of two users, one of whom has a key, and an admin."""

    @pytest.fixture
    def people(self, main: People) -> dict[str, dict[str, str]]:
        team = main.role("team", ("contacts:read", "contacts:update", "changes:read"))
        ada = main.user("ada", team)
        return {
            "ada": bearer(main.key("*", user=ada)),
            "narrow": bearer(main.key("contacts:read", user=ada)),
            "bob": main.signed("bob", team),
            "eve": main.signed("eve", main.role("less", ("contacts:read",))),
            "admin": main.signed("root", "admin"),
        }

    async def test_ones_own_and_others_with_the_permission(
        self, api: httpx.AsyncClient, people: dict[str, dict[str, str]]
    ) -> None:
        await contact(api, "Zoe", job_title="Engineer")
        record, path = "contacts/zoe@x.example", "/v1/contacts/zoe@x.example"
        boss = {"job_title": "Boss"}
        assert (await api.patch(path, json=boss, headers=people["ada"])).is_success
        seq = f"seq:{(await last_change(api, record))['seq']}"

        async def tried(who: str, what: str | None) -> httpx.Response:
            body = {"yes": True} | ({} if what is None else {"what": what})
            return await api.post(UNDO, json=body, headers=people[who])

        for what in (record, seq):
            refused = (await tried("bob", what)).json()
            assert (refused["status"], refused["permission"]) == (403, "operations:undo")
            assert "somebody else's" in refused["detail"]
        assert (await tried("bob", None)).status_code == 404
        assert (await tried("eve", seq)).status_code == 404
        narrow = (await tried("narrow", None)).json()  # its own, but for the right to change it
        assert (narrow["plan"]["error"], narrow["done"]["updated"]) == (1, 0)
        edit = narrow["undoes"]
        refused = await api.post(f"{URL}/{edit}/undo", json={}, headers=people["bob"])
        assert refused.status_code == 404
        assert (await tried("ada", None)).json()["done"]["updated"] == 1
        assert (await api.patch(path, json=boss, headers=people["ada"])).is_success
        undo = (await tried("admin", record)).json()
        assert undo["done"]["updated"] == 1
        seen = (await api.get(f"{URL}/{undo['undoes']}", headers=people["ada"])).json()
        assert (seen["state"], seen["undone_by"], seen["may_undo"]) == ("undone", undo["id"], False)
        assert (await tried("ada", undo["id"])).status_code == 404
        assert (await tried("ada", record)).json()["detail"]

    async def test_operations_likewise(self, api: httpx.AsyncClient, main: People) -> None:
        await contact(api, "Zoe")
        op = await done(api, "contacts.update", values={"job_title": "Boss"})
        sees = main.signed("sees", main.role("sees", ("operations:read", "contacts:*")))
        takes = main.signed("takes", main.role("takes", ("operations:undo", "contacts:*")))
        looks = main.signed("looks", main.role("looks", ("operations:undo", "contacts:read")))
        body = {"what": op["id"], "yes": True}
        refused = await api.post(UNDO, json=body, headers=sees)
        assert (refused.status_code, refused.json()["permission"]) == (403, "operations:undo")
        seen = await api.get(f"{URL}/{op['id']}", headers=sees)
        assert (seen.json()["may_undo"], seen.json()["state"]) == (False, "applied")
        undo = (await api.post(UNDO, json=body, headers=looks)).json()
        assert (undo["plan"]["error"], undo["done"]["updated"]) == (1, 0)
        undo = (await api.post(UNDO, json=body, headers=takes)).json()
        assert undo["done"]["updated"] == 1


async def test_what_was_destroyed_is_final_and_says_so(api: httpx.AsyncClient) -> None:
    ada = await contact(api, "Ada")
    await api.delete(f"/v1/contacts/{ada}")
    assert (await api.post(f"/v1/contacts/{ada}/destroy")).status_code == 200
    seq = (await api.get("/v1/changes?action=destroyed&record_type=contacts")).json()["items"][0]
    for what in (None, f"seq:{seq['seq']}", f"contacts/{ada}", seq["request_id"]):
        found = await back(api, what, code=409)
        assert found["code"] == "destroyed"
        assert f"contacts/{ada} was destroyed on" in found["detail"]
        assert "final" in found["detail"]
    # what was done to it before comes to nothing, and says why
    made = (await api.get("/v1/changes?action=created&record_type=contacts")).json()["items"][0]
    undo = await back(api, f"seq:{made['seq']}")
    assert [row["problem"]["code"] for row in await errors(api, undo)] == ["gone"]
