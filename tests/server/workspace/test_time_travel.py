"""Records as they were: what was seen at a moment is seen again when one looks back at it."""

from __future__ import annotations

import os
import random
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from tests.fixtures.people import People
from tests.fixtures.stores import Installation

SEEDS = range(2, 22 if os.environ.get("CEREBRO_TORTURE") else 3)
QUERIES: list[tuple[str, dict[str, str]]] = [
    ("contacts", {}),
    ("contacts", {"sort": "last_name"}),
    ("contacts", {"sort": "-last_name", "where": "last_name >= b", "deleted": "include"}),
    ("companies", {"sort": "-name", "deleted": "only"}),
    ("companies", {"sort": "name"}),
    ("contacts", {"sort": "last_name", "where": "last_name starts with a or last_name = byron"}),
    ("contacts", {"sort": "last_name", "where": "last_name starts with b"}),
    ("companies", {"sort": "name", "where": "name > bolt and parent.name is not empty"}),
    ("contacts", {"sort": "last_name", "where": "job_title = boss or tags has vip"}),
    ("contacts", {"sort": "-full_name,email", "deleted": "include"}),
    ("contacts", {"sort": "-job_title,last_name"}),
    ("contacts", {"sort": "birthday,-last_name", "deleted": "include"}),
    ("contacts", {"deleted": "only"}),
    ("contacts", {"where": "tier = gold", "sort": "-points"}),
    ("contacts", {"where": "company.industry = saas and owner is empty", "sort": "city"}),
    ("contacts", {"where": "emails.type = work", "sort": "-version"}),
    ("companies", {"where": "contacts.job_title = boss", "sort": "name"}),
    ("companies", {"where": "parent.name contains a", "sort": "-annual_revenue"}),
    ("positions", {"where": "is_current = true"}),
]


class History:
    """Takes down what the server shows, and of which change that is."""

    def __init__(self, api: httpx.AsyncClient, url: str) -> None:
        self.api = api
        self.connection = psycopg.connect(url, autocommit=True)
        self.connection.execute("set search_path = ws_main")
        self.seen: dict[int, list[Any]] = {}

    @property
    def seq(self) -> int:
        return int(self.connection.execute("select max(seq) from changes").fetchone()[0])  # type: ignore[index]

    async def note(self) -> None:
        self.seen[self.seq] = await self.look()

    async def look(self, **params: str) -> list[Any]:
        return [await self.one(noun, query, params) for noun, query in QUERIES]

    async def one(self, noun: str, query: dict[str, str], params: dict[str, str]) -> Any:
        items: list[Any] = []
        asked = {**query, **params, "limit": "7", "count": "exact"}
        counts = set()
        while True:
            page = await ask(self.api, noun, **asked)
            items += page["items"]
            counts.add(page["count"])
            if page["next_cursor"] is None:
                assert counts == {len(items)}, (noun, query, params)
                return [timeless(item) for item in items]
            asked["cursor"] = page["next_cursor"]


def timeless(record: dict[str, Any]) -> dict[str, Any]:
    """Leave out when the row was written: the journal's own time is some microseconds later."""
    dead = record["deleted_at"] is not None
    return {**record, "updated_at": None, "deleted_at": dead}


async def ask(api: httpx.AsyncClient, noun: str, **params: str) -> dict[str, Any]:
    reply = await api.get(f"/v1/{noun}", params=params)
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


class Life:
    """Random changes, each of which may be refused."""

    def __init__(self, api: httpx.AsyncClient, seed: int) -> None:
        self.api = api
        self.chance = random.Random(seed)
        self.ids: dict[str, list[str]] = {"contacts": [], "companies": [], "positions": []}
        self.operations: list[str] = []

    def contact(self) -> dict[str, Any]:
        pick = self.chance.choice
        fields = {
            "first_name": pick([None, "Ada", "Bo"]),
            "last_name": pick(["Abel", "abel", "Byron", "Ćurić"]),
            "emails": pick([[], [{"address": f"{uuid4().hex[:8]}@x.example", "type": "work"}]]),
            "phone": pick([None, "+49 30 1234567", "+49 171 1234567"]),
            "city": pick([None, "Rome", "Oslo"]),
            "job_title": pick([None, "boss", "clerk"]),
            "tags": pick([[], ["vip"], ["vip", "press"]]),
            "birthday": pick([None, "1990-02-28"]),
            "consent": pick(["none", "given"]),
            "owner_id": pick([None, "me"]),
            "external_ids": pick([{}, {"crm": uuid4().hex}, {"crm": None, "erp": uuid4().hex}]),
            "custom": pick([{}, {"tier": "gold"}, {"tier": None, "points": pick([1, 2, None])}]),
        }
        return self.some(fields)

    def company(self) -> dict[str, Any]:
        pick = self.chance.choice
        fields = {
            "name": pick(["Acme", "Bolt", "Cargo"]),
            "industry": pick([None, "saas", "retail"]),
            "annual_revenue": pick([None, "10.50", "9000000000000.25"]),
            "parent_id": pick([None, *self.ids["companies"]]),
        }
        return self.some(fields)

    def position(self) -> dict[str, Any]:
        fields = {
            "contact_id": self.any_of("contacts"),
            "company_id": self.any_of("companies"),
            "is_current": self.chance.random() < 0.7,
            "role": self.chance.choice([None, "CTO"]),
        }
        return self.some(fields)

    def some(self, fields: dict[str, Any]) -> dict[str, Any]:
        names = self.chance.sample(list(fields), self.chance.randint(1, len(fields)))
        return {name: fields[name] for name in names}

    def any_of(self, noun: str) -> str:
        return self.chance.choice(self.ids[noun] or [str(uuid4())])

    async def step(self) -> None:
        """Do something; what is refused changes nothing."""
        noun = self.chance.choice(["contacts", "contacts", "companies", "positions"])
        body = {"contacts": self.contact, "companies": self.company, "positions": self.position}
        verb = self.chance.choice(["create", *["update"] * 3, "delete", "restore", "many"])
        path = f"/v1/{noun}/{self.any_of(noun)}"
        if verb == "create" or len(self.ids[noun]) < 3:
            needed = {"contacts": {"last_name": "Zed"}, "companies": {"name": "Zoo"}}
            needed["positions"] = {
                k: self.any_of(f"{k[:-3]}s".replace("ys", "ies"))
                for k in ("contact_id", "company_id")
            }
            asked = {**needed[noun], **body[noun]()}
            query = "" if noun == "positions" else "?allow_duplicates=true"
            reply = await self.api.post(f"/v1/{noun}{query}", json=asked)
            if reply.status_code == 201:
                self.ids[noun].append(reply.json()["id"])
        elif verb == "update":
            await self.api.patch(path, json=body[noun]())
        elif verb == "delete":
            await self.api.delete(path)
        elif verb == "restore":
            await self.api.post(f"{path}/restore")
        else:
            await self.many()

    async def many(self) -> None:
        """Change several records at once, or take back what was done so."""
        two = self.chance.sample(self.ids["contacts"], 2) if len(self.ids["contacts"]) > 1 else []
        asked: list[tuple[str, Any]] = [
            ("contacts.merge", {"into": two[0], "records": two[1:]} if two else {}),
            ("contacts.update", {"where": "city = Rome", "values": {"job_title": "boss"}}),
        ]
        if self.operations and self.chance.random() < 0.5:
            old = self.chance.choice(self.operations)
            await self.api.post(f"/v1/operations/{old}/undo", json={"yes": True})
            return
        kind, given = self.chance.choice(asked)
        body = {"kind": kind, "input": given, "options": {"yes": True}}
        reply = await self.api.post("/v1/operations", json=body)
        if reply.status_code == 202:
            self.operations.append(reply.json()["id"])


class TestTheSame:
    @pytest.mark.parametrize("seed", SEEDS)
    async def test_is_seen_again(
        self, api: httpx.AsyncClient, installation: Installation, seed: int
    ) -> None:
        for key, type_ in (("tier", "text"), ("points", "integer")):
            body = {"record_type": "contacts", "key": key, "type": type_}
            assert (await api.post("/v1/fields", json=body)).status_code == 201
        history, life = History(api, installation.url), Life(api, seed)
        for number in range(8):
            for _ in range(8):
                await life.step()
            await history.note()
            if number == 3:  # as if much else had happened: what is further back is found by field
                history.connection.execute(
                    "select setval('changes_seq', %s)", (history.seq + 70_000,)
                )
        assert all(life.ids.values())
        assert life.operations
        for seq, seen in history.seen.items():
            assert await history.look(as_of=f"seq:{seq}") == seen, seq


async def made(api: httpx.AsyncClient, **fields: Any) -> str:
    body = {"last_name": "Lovelace", "email": "ada@x.example", **fields}
    reply = await api.post("/v1/contacts?allow_duplicates=true", json=body)
    assert reply.status_code == 201, reply.text
    return str(reply.json()["id"])


async def changed(api: httpx.AsyncClient, record: str, **fields: Any) -> None:
    reply = await api.patch(f"/v1/contacts/{record}", json=fields)
    assert reply.status_code == 200, reply.text


async def titles(api: httpx.AsyncClient, signed: Any = None, **params: str) -> list[str]:
    reply = await api.get("/v1/contacts", params={"sort": "id", **params}, headers=signed)
    assert reply.status_code == 200, reply.text
    return [str(item["job_title"]) for item in reply.json()["items"]]


class TestOne:
    async def test_is_found_by_the_keys_that_it_had(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        one = await made(api, job_title="first", external_ids={"crm": "1"}, phone="+49 30 1234567")
        before = seq(main)
        new = {"emails": [{"address": "new@x.example"}], "phones": [], "external_ids": {"crm": "2"}}
        await changed(api, one, **new)
        two = await made(api, job_title="second")  # the address is somebody else's now
        await api.delete(f"/v1/contacts/{one}")
        after = seq(main)
        for ref in ("ada@x.example", "crm:1", "+49 30 1234567", one, one[-12:]):
            found = await api.get(f"/v1/contacts/{ref}", params={"as_of": before})
            assert found.status_code == 200, found.text
            assert (found.json()["id"], found.json()["version"]) == (one, 1)
            assert found.headers["etag"] == '"1"'
        now = await api.get("/v1/contacts/ada@x.example", params={"as_of": after})
        assert now.json()["id"] == two
        gone = await api.get("/v1/contacts/new@x.example", params={"as_of": before})
        assert gone.status_code == 404
        assert "That is as of 20" in gone.json()["detail"]
        unborn = await api.get(f"/v1/contacts/{two}", params={"as_of": before})
        assert unborn.status_code == 404
        dead = {"as_of": after, "deleted": "include"}
        found = await api.get("/v1/contacts/new@x.example", params=dead)
        assert found.json()["deleted_at"] is not None
        await api.post(f"/v1/contacts/{one}/restore")
        again = await api.get(f"/v1/contacts/{one}", params={"as_of": after})
        assert (again.status_code, again.json()["code"]) == (404, "record_deleted")
        found = await api.get("/v1/contacts/new@x.example", params=dead)
        assert found.json()["deleted_at"] is not None

    async def test_that_was_destroyed_stays_hidden(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        one = await made(api)
        before = seq(main)
        await api.delete(f"/v1/contacts/{one}")
        assert (await api.post(f"/v1/contacts/{one}/destroy")).status_code == 200
        assert await titles(api, as_of=before) == []
        assert (await api.get(f"/v1/contacts/{one}?as_of={before}")).status_code == 404


class TestMoments:
    async def test_are_days_times_and_numbers(self, api: httpx.AsyncClient, main: People) -> None:
        one = await made(api, job_title="old")
        main.connection.execute("alter table changes disable trigger all")
        main.connection.execute("update changes set at = at - interval '10 days'")
        main.connection.execute("alter table contacts disable trigger all")
        main.connection.execute("update contacts set created_at = created_at - interval '10 days'")
        main.connection.execute("alter table contacts enable trigger all")
        await changed(api, one, job_title="new")
        days = "select to_char(now() - %s * interval '1 day', 'YYYY-MM-DD')"
        then = {n: main.connection.execute(days, (n,)).fetchone()[0] for n in (0, 3, 10, 11)}  # type: ignore[index]
        for moment, expected in (
            *((then[0], "new"), ("now", "new"), ("today", "new"), ("now - 1h", "old")),
            *((then[3], "old"), (f"{then[3]}T12:00:00+02:00", "old"), (then[10], "old")),
        ):
            assert await titles(api, as_of=moment) == [expected], moment
        for moment, code in (
            *(("2999-01-01", "future"), ("seq:999999", "future"), (then[11], "before_journal")),
            *(("soon", "moment"), ("2026-01-01T10:00", "moment"), ("3", "moment")),
        ):
            reply = await api.get("/v1/contacts", params={"as_of": moment})
            assert reply.status_code == 422, (moment, reply.text)
            error = reply.json()["errors"][0]
            assert (error["parameter"], error["code"]) == ("as_of", code)

    async def test_belong_to_a_list(self, api: httpx.AsyncClient, main: People) -> None:
        for number in range(3):
            await made(api, email=f"{number}@x.example", job_title=str(number))
        asked = {"as_of": "now", "sort": "email", "limit": "1"}
        page = await ask(api, "contacts", **asked)
        await made(api, email="00@x.example", job_title="late")
        await changed(api, "1@x.example", job_title="changed")
        following = await ask(api, "contacts", **asked, cursor=page["next_cursor"])
        assert [item["job_title"] for item in following["items"]] == ["1"]
        reply = await api.get(
            "/v1/contacts", params={"sort": "email", "cursor": page["next_cursor"]}
        )
        assert (reply.status_code, reply.json()["code"]) == (422, "invalid_cursor")

    async def test_go_with_a_tree(self, api: httpx.AsyncClient, main: People) -> None:
        one = await made(api, job_title="old")
        before = seq(main)
        await changed(api, one, job_title="new")
        tree = {"op": "=", "field": "job_title", "value": {"word": "old"}}
        asked = {"where": tree, "as_of": before, "count": "estimated"}
        found = (await api.post("/v1/contacts/search", json=asked)).json()
        assert (found["count"], found["count_is_exact"]) == (1, True)
        assert found["items"][0]["id"] == one

    async def test_are_refused_where_the_journal_does_not_tell_all(
        self, api: httpx.AsyncClient
    ) -> None:
        reply = await api.get("/v1/keys", params={"as_of": "now"})
        assert (reply.status_code, reply.json()["errors"][0]["code"]) == (422, "no_past")


class TestRights:
    async def test_are_those_of_today_for_the_row_then_and_now(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        role = main.role("red", ["contacts:read"], row_rules={"contacts": "city = Rome"})
        signed = main.signed("rita", role)
        ids = [
            await made(api, email=f"{n}@x.example", city=city, job_title=f"{n}")
            for n, city in enumerate(("Rome", "Rome", "Oslo", "Oslo"))
        ]
        before = seq(main)
        for record, city in zip(ids, ("Rome", "Oslo", "Rome", "Oslo"), strict=True):
            await changed(api, record, city=city, department="x")
        assert await titles(api, signed, as_of=before) == ["0"]
        assert await titles(api, as_of=before) == ["0", "1", "2", "3"]
        for record, status in zip(ids, (200, 404, 404, 404), strict=True):
            for ref in (record, f"{ids.index(record)}@x.example"):
                asked = {"as_of": before}
                reply = await api.get(f"/v1/contacts/{ref}", params=asked, headers=signed)
                assert reply.status_code == status
        counted = await api.get(
            "/v1/contacts", params={"as_of": before, "count": "exact"}, headers=signed
        )
        assert counted.json()["count"] == 1

    async def test_hide_fields_and_refuse_filters_on_them(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        role = main.role(
            "few",
            ["contacts:read"],
            field_rules={"contacts.job_title": "hidden", "contacts.email": "masked"},
        )
        signed = main.signed("fay", role)
        one = await made(api, job_title="secret")
        before = seq(main)
        await changed(api, one, job_title="other", email="longer.address@x.example")
        asked = {"as_of": before}
        found = (await api.get("/v1/contacts", params=asked, headers=signed)).json()["items"]
        assert "job_title" not in found[0]
        assert found[0]["email"] == "•••ple"
        for params in ({"where": "job_title = secret"}, {"sort": "job_title"}):
            reply = await api.get("/v1/contacts", params={**asked, **params}, headers=signed)
            assert reply.status_code == 422
        by_key = await api.get("/v1/contacts/ada@x.example", params=asked, headers=signed)
        assert by_key.status_code == 404

    async def test_need_the_permission_to_read(self, api: httpx.AsyncClient, main: People) -> None:
        signed = main.signed("nil", main.role("nil", ["companies:read"]))
        reply = await api.get("/v1/contacts", params={"as_of": "now"}, headers=signed)
        assert reply.status_code == 403


def seq(main: People) -> str:
    row = main.connection.execute("select 'seq:' || max(seq) from changes").fetchone()
    assert row is not None
    return str(row[0])
