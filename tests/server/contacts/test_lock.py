"""Locking: a permission of its own, and nothing changes what is locked, not even who waited."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import psycopg
import pytest

from tests.fixtures.people import People, people
from tests.fixtures.stores import Installation
from tests.fixtures.waiting import until_it_waits

URL = "/v1/contacts"
EMAIL = "ada@acme.example"
ADA = f"{URL}/{EMAIL}"
COMPANY = "/v1/companies/acme.example"
FILE = "email,last_name,job_title\n{},King,Countess\nnew@acme.example,New,\n"
CSV = {"content-type": "text/csv"}


@pytest.fixture
def main(installation: Installation) -> Iterator[People]:
    with people(installation.url) as found:
        yield found


async def contact(api: httpx.AsyncClient, **fields: Any) -> str:
    body = {"last_name": "Lovelace", "email": EMAIL, **fields}
    reply = await api.post(URL, json=body)
    assert reply.status_code == 201, reply.text
    return str(reply.json()["id"])


async def locked(api: httpx.AsyncClient, **fields: Any) -> str:
    record = await contact(api, **fields)
    assert (await api.post(f"{URL}/{record}/lock")).status_code == 200
    return record


async def imported(api: httpx.AsyncClient, content: str, **asked: Any) -> dict[str, Any]:
    headers = {**CSV, **asked.pop("headers", {})}
    noun = asked.pop("noun", "contacts")
    reply = await api.post(f"/v1/{noun}/import", content=content, headers=headers, params=asked)
    assert reply.status_code == 200, reply.text
    report: dict[str, Any] = reply.json()
    return report


def refused(reply: httpx.Response) -> bool:
    return (reply.status_code, reply.json().get("code")) == (409, "record_locked")


class TestLock:
    async def test_says_since_when_and_who_did_it(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        record = await contact(api)
        assert (await api.get(ADA)).json()["locked_at"] is None
        reply = await api.post(f"{ADA}/lock", headers=main.signed("grace", "manager"))
        found = reply.json()
        assert (reply.status_code, found["version"], reply.headers["etag"]) == (200, 2, '"2"')
        age = datetime.now(UTC) - datetime.fromisoformat(found["locked_at"])
        assert abs(age.total_seconds()) < 60
        assert (await api.get(ADA)).json() == found
        [entry, _] = (await api.get(f"{URL}/{record}/timeline")).json()["items"]
        [change] = entry["changes"]
        assert (change["field"], change["old"]) == ("locked_at", None)
        assert change["text"].startswith("Locked: 2")
        assert "Grace" in entry["actor"]["name"]

    async def test_twice_changes_nothing(self, api: httpx.AsyncClient) -> None:
        await contact(api)
        first = (await api.post(f"{ADA}/lock")).json()
        again = await api.post(f"{ADA}/lock")
        assert (again.status_code, again.json()) == (200, first)
        opened = (await api.post(f"{ADA}/unlock")).json()
        assert (opened["locked_at"], opened["version"]) == (None, 3)
        again = await api.post(f"{ADA}/unlock")
        assert (again.status_code, again.json()) == (200, opened)
        assert len((await api.get(f"{ADA}/timeline")).json()["items"]) == 3

    async def test_goes_by_the_version_if_asked(self, api: httpx.AsyncClient) -> None:
        await contact(api)
        stale, first, second = ({"If-Match": f'"{n}"'} for n in (7, 1, 2))
        reply = await api.post(f"{ADA}/lock", headers=stale)
        assert (reply.status_code, reply.json()["current"]["locked_at"]) == (412, None)
        assert (await api.post(f"{ADA}/lock", headers=first)).status_code == 200
        assert (await api.post(f"{ADA}/lock", headers=first)).status_code == 412
        assert (await api.post(f"{ADA}/lock", headers=second)).status_code == 200
        assert (await api.post(f"{ADA}/unlock", headers=first)).status_code == 412
        assert (await api.post(f"{ADA}/unlock", headers=second)).status_code == 200

    async def test_is_for_living_records(self, api: httpx.AsyncClient) -> None:
        record = await contact(api)
        await api.delete(ADA)
        for verb in ("lock", "unlock"):
            reply = await api.post(f"{URL}/{record}/{verb}")
            assert (reply.status_code, reply.json()["code"]) == (404, "record_deleted")
            assert (await api.post(f"{URL}/nobody@x.example/{verb}")).status_code == 404

    async def test_can_be_filtered_sorted_and_exported(self, api: httpx.AsyncClient) -> None:
        await locked(api)
        await contact(api, last_name="Hopper", email="grace@navy.example")
        for where, name in (
            ("locked_at is not empty", "Lovelace"),
            ("locked_at is empty", "Hopper"),
        ):
            reply = await api.get(URL, params={"where": where, "sort": "-locked_at"})
            assert [item["last_name"] for item in reply.json()["items"]] == [name], reply.text
        columns = {"columns": "last_name,locked_at"}
        rows = (await api.get(f"{URL}/export", params=columns)).text.splitlines()
        assert sorted(row.endswith(",") for row in rows[1:]) == [False, True]

    async def test_is_no_field_that_can_be_sent(self, api: httpx.AsyncClient) -> None:
        await contact(api)
        body = {"locked_at": "2026-01-01T00:00:00Z"}
        reply = await api.patch(ADA, json=body)
        assert reply.status_code == 422
        assert reply.json()["errors"][0]["pointer"] == "/locked_at"
        assert (await api.post(URL, json={"last_name": "B", **body})).status_code == 422
        report = await imported(api, "last_name,locked_at\nB,2026-01-01T00:00:00Z\n")
        assert (report["ignored"], report["created"]) == (["locked_at"], 1)

    async def test_is_there_for_companies_and_not_for_positions(
        self, api: httpx.AsyncClient
    ) -> None:
        await api.post("/v1/companies", json={"name": "Acme", "domain": "acme.example"})
        assert (await api.post(f"{COMPANY}/lock")).json()["locked_at"]
        reply = await api.patch(COMPANY, json={"name": "B"})
        assert refused(reply)
        assert "companies:unlock" in reply.json()["detail"]
        assert (await api.post(f"{COMPANY}/unlock")).status_code == 200
        assert (await api.patch(COMPANY, json={"name": "B"})).status_code == 200
        assert (await api.post("/v1/positions/1a2b3c4d/lock")).status_code == 405


class TestWhatIsLocked:
    @pytest.mark.parametrize(
        "body",
        [
            {"job_title": "Countess"},
            {"phones": ["+49 30 1234567"]},
            {"consent": "given"},
            {"last_name": "Lovelace"},
            {},
        ],
    )
    async def test_is_not_changed(self, api: httpx.AsyncClient, body: dict[str, Any]) -> None:
        await locked(api)
        before = (await api.get(ADA)).json()
        reply = await api.patch(ADA, json=body)
        assert refused(reply), reply.text
        assert reply.json()["title"] == "The record is locked"
        moment = datetime.fromisoformat(before["locked_at"]).astimezone(UTC)
        assert reply.json()["detail"] == (
            f"The contact {EMAIL} is locked since {moment:%Y-%m-%d %H:%M} UTC: nothing in it "
            "changes until it is unlocked, which takes the permission contacts:unlock."
        )
        assert (await api.get(ADA)).json() == before
        await api.post(f"{ADA}/unlock")
        assert (await api.patch(ADA, json=body)).status_code == 200

    @pytest.mark.parametrize("version", [1, 2])
    async def test_is_told_before_its_version(self, api: httpx.AsyncClient, version: int) -> None:
        await locked(api)
        stale = {"If-Match": f'"{version}"'}
        assert refused(await api.patch(ADA, json={"job_title": "x"}, headers=stale))
        assert refused(await api.delete(ADA, headers=stale))

    async def test_is_neither_deleted_nor_destroyed(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        record = await locked(api)
        for reply in (await api.delete(ADA), await api.post(f"{ADA}/destroy")):
            assert refused(reply), reply.text
        assert (await api.post(f"{ADA}/restore")).json()["version"] == 2, "it lives, and stays"
        # no door leads to a deleted record that is locked, so past all of them
        main.connection.execute("update contacts set deleted_at = now()")
        assert refused(await api.post(f"{URL}/{record}/destroy"))
        assert (await api.post(f"{URL}/{record}/restore")).status_code == 200
        await api.post(f"{ADA}/unlock")
        assert (await api.delete(ADA)).status_code == 200
        assert (await api.post(f"{URL}/{record}/destroy")).status_code == 200

    async def test_can_still_be_pointed_at(self, api: httpx.AsyncClient) -> None:
        await locked(api)
        await api.post("/v1/companies", json={"name": "Acme", "domain": "acme.example"})
        await api.post(f"{COMPANY}/lock")
        link = {"contact_id": EMAIL, "company_id": "acme.example", "role": "CTO"}
        made = await api.post("/v1/positions", json=link)
        assert made.status_code == 201, made.text
        position = f"/v1/positions/{made.json()['id']}"
        assert (await api.patch(position, json={"role": "CEO"})).status_code == 200
        assert (await api.delete(position)).status_code == 200
        below = {"name": "Labs", "parent_id": "acme.example"}
        assert (await api.post("/v1/companies", json=below)).status_code == 201


class TestImport:
    @pytest.mark.parametrize("dry_run", [False, True])
    async def test_refuses_the_row_and_goes_on(self, api: httpx.AsyncClient, dry_run: bool) -> None:
        await locked(api)
        before = (await api.get(ADA)).json()
        report = await imported(api, FILE.format(EMAIL), dry_run=dry_run)
        assert (report["refused"], report["created"], report["updated"]) == (1, 1, 0)
        [error] = report["errors"]
        assert (error["line"], error["code"], error["field"]) == (2, "record_locked", "email")
        assert "takes the permission contacts:unlock" in error["message"]
        assert (await api.get(ADA)).json() == before
        await api.post(f"{ADA}/unlock")
        assert (await imported(api, FILE.format(EMAIL)))["updated"] == 1

    async def test_takes_equal_values_for_no_change(self, api: httpx.AsyncClient) -> None:
        await locked(api)
        report = await imported(api, f"email,last_name\n{EMAIL},Lovelace\n")
        assert (report["refused"], report["unchanged"]) == (0, 1)

    async def test_of_what_one_may_not_change_does_not_tell_of_locks(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        await locked(api)
        main.role("loader", [f"contacts:{a}:own" for a in ("read", "create", "update", "import")])
        headers = main.signed("loader", "loader")
        report = await imported(api, FILE.format(EMAIL), headers=headers)
        assert [error["code"] for error in report["errors"]] == ["forbidden"]


class TestRights:
    @pytest.mark.parametrize(
        ("role", "status"),
        [("owner", 200), ("admin", 200), ("manager", 200), ("agent", 403), ("read_only", 403)],
    )
    async def test_are_those_of_who_leads(
        self, api: httpx.AsyncClient, main: People, role: str, status: int
    ) -> None:
        await contact(api)
        headers = main.signed("somebody", role)
        for verb in ("lock", "unlock"):
            reply = await api.post(f"{ADA}/{verb}", headers=headers)
            assert reply.status_code == status
            await api.post(f"{ADA}/lock")

    async def test_are_apart_and_go_by_rows(self, api: httpx.AsyncClient, main: People) -> None:
        main.role("locker", ["contacts:read", "contacts:lock"])
        main.role("opener", ["contacts:read", "contacts:unlock", "contacts:update"])
        main.role("own", ["contacts:read", "contacts:lock:own"])
        main.role("blind", ["contacts:read:own", "contacts:lock"])
        main.role("german", ["contacts:*"], row_rules={"contacts": "country = DE"})
        await contact(api)
        names = ("locker", "opener", "own", "blind", "german")
        who = {name: main.signed(name, name) for name in names}
        for name, verb, status in (
            ("opener", "lock", 403),
            ("own", "lock", 403),
            ("blind", "lock", 404),
            ("german", "lock", 404),
            ("locker", "lock", 200),
            ("locker", "unlock", 403),
        ):
            reply = await api.post(f"{ADA}/{verb}", headers=who[name])
            assert reply.status_code == status, (name, verb, reply.text)
        assert refused(await api.patch(ADA, json={"job_title": "x"}, headers=who["opener"]))
        assert (await api.post(f"{ADA}/unlock", headers=who["opener"])).status_code == 200

    async def test_do_not_open_a_lock_by_themselves(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        await locked(api)
        headers = main.signed("root", "owner")
        assert refused(await api.patch(ADA, json={"job_title": "x"}, headers=headers))

    async def test_who_may_not_change_it_is_not_told_of_the_lock(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        await locked(api)
        headers = main.signed("reader", "read_only", "agent")
        reply = await api.patch(ADA, json={"job_title": "x"}, headers=headers)
        assert (reply.status_code, reply.json()["code"]) == (403, "forbidden")

    async def test_a_hidden_moment_stays_hidden(self, api: httpx.AsyncClient, main: People) -> None:
        record = await locked(api)
        main.role("dim", ["contacts:*"], field_rules={"contacts.locked_at": "hidden"})
        headers = main.signed("dim", "dim")
        assert "locked_at" not in (await api.get(ADA, headers=headers)).json()
        reply = await api.patch(ADA, json={"job_title": "x"}, headers=headers)
        assert refused(reply)
        assert f"The contact {EMAIL} is locked: nothing" in reply.json()["detail"]
        where = {"where": "locked_at is empty"}
        assert (await api.get(URL, params=where, headers=headers)).status_code == 422
        items = (await api.get(f"{URL}/{record}/timeline", headers=headers)).json()["items"]
        assert [change["field"] for change in items[0]["changes"]] == []
        reply = await api.post(f"{ADA}/unlock", headers=headers)
        assert (reply.status_code, "locked_at" in reply.json()) == (200, False)


class TestRaces:
    """Somebody holds the row and locks it; what comes meanwhile waits, and then sees the lock."""

    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("PATCH", ADA, {"job_title": "Countess"}),
            ("PATCH", ADA, {"phones": ["+49 30 1234567"], "consent": "given"}),
            ("DELETE", ADA, None),
            ("POST", f"{ADA}/destroy", None),
        ],
    )
    async def test_a_write_that_waited_sees_the_lock(
        self,
        api: httpx.AsyncClient,
        installation: Installation,
        method: str,
        path: str,
        body: dict[str, Any] | None,
    ) -> None:
        await contact(api)
        call = api.request(method, path, json=body)
        async with while_locking(installation, "contacts", call) as replies:
            [reply] = replies
        assert refused(reply), reply.text
        assert len((await api.get(f"{ADA}/timeline")).json()["items"]) == 2

    @pytest.mark.parametrize(
        ("noun", "content"),
        [
            ("contacts", FILE.format(EMAIL)),
            ("companies", "domain,name\nacme.example,Other\nnew.example,New\n"),
        ],
    )
    async def test_so_does_an_import(
        self, api: httpx.AsyncClient, installation: Installation, noun: str, content: str
    ) -> None:
        await contact(api)
        await api.post("/v1/companies", json={"name": "Acme", "domain": "acme.example"})
        call = imported(api, content, noun=noun)
        async with while_locking(installation, noun, call) as reports:
            [report] = reports
        counts = [report[name] for name in ("refused", "created", "updated", "unchanged")]
        assert counts == [1, 1, 0, 0]
        assert report["errors"][0]["code"] == "record_locked"

    async def test_a_second_lock_that_waited_changes_nothing(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        await contact(api)
        call = api.post(f"{ADA}/lock")
        async with while_locking(installation, "contacts", call) as replies:
            [reply] = replies
        assert (reply.status_code, reply.json()["version"]) == (200, 2)

    async def test_nothing_comes_after_a_lock(self, api: httpx.AsyncClient) -> None:
        record = await contact(api)
        writes = [api.patch(f"{URL}/{record}", json={"job_title": f"n{n}"}) for n in range(20)]
        calls = [*writes[:10], api.post(f"{URL}/{record}/lock"), *writes[10:]]
        replies = await asyncio.gather(*calls)
        done = [reply for reply in replies if reply.status_code == 200]
        assert all(reply.status_code == 200 or refused(reply) for reply in replies)
        items = (await api.get(f"{URL}/{record}/timeline")).json()["items"]
        assert len(items) == len(done) + 1
        assert [change["field"] for change in items[0]["changes"]] == ["locked_at"]


@asynccontextmanager
async def while_locking(
    installation: Installation, table: str, call: Coroutine[Any, Any, Any]
) -> AsyncIterator[list[Any]]:
    """Lock all records of a table on a connection of one's own, start a call, and commit when it
    waits; yield what it returned."""
    with psycopg.connect(installation.url) as holder:
        holder.execute("set search_path = ws_main; set cerebro.actor = 'system'")
        holder.execute(f"update {table} set locked_at = now(), version = version + 1".encode())
        waiting = asyncio.create_task(call)
        await until_it_waits(installation.url, waiting)
        holder.commit()
        yield [await waiting]
