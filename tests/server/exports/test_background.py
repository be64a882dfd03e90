"""Exports that a worker writes: whole after a kill, with the rights of then, until deleted."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import psycopg

from tests.fixtures.people import People, bearer
from tests.fixtures.stores import Installation
from tests.server.jobs.conftest import Desk, until
from tests.server.records.files import fill

from .doing import URL, content, made, ready, rows

ROWS = 1_500
BARE = {"Authorization": ""}


async def written(api: httpx.AsyncClient, desk: Desk, export: dict[str, Any], **more: Any) -> Any:
    """Let a worker run until an export is over; return it."""

    async def over() -> Any:
        found = (await api.get(f"{URL}/{export['id']}", **more)).json()
        return found if found["state"] in ("ready", "failed") else None

    async with desk.working({}):
        return await until(over, "the export is over")


def stale(desk: Desk, export: dict[str, Any]) -> None:
    """Leave an export as a worker does that was killed in the middle of its first file."""
    desk.rows(
        "update exports set state = 'running', attempt = gen_random_uuid(), rows = 7, bytes = 5 "
        "where id = %s returning 1",
        export["id"],
    )
    desk.rows(
        "insert into export_pieces (export_id, path, start, content) "
        "values (%s, 'companies.jsonl', 0, 'stale') returning 1",
        export["id"],
    )


class TestWorker:
    async def test_a_killed_workers_export_begins_again_and_is_whole(
        self, api: httpx.AsyncClient, installation: Installation, desk: Desk
    ) -> None:
        fill(installation, ROWS, letters=1_000)
        export = await made(api, nouns=["companies"])
        assert export["state"] == "waiting"
        reply = await api.get(f"{URL}/{export['id']}/files/companies.jsonl")
        assert reply.json()["code"] == "wrong_state"
        stale(desk, export)
        found = await written(api, desk, export)
        assert (found["state"], found["rows"], found["total_rows"]) == ("ready", ROWS, ROWS)
        assert {row["name"] for row in await rows(api, found, "companies.jsonl")} == {
            f"Company {n}" for n in range(1, ROWS + 1)
        }
        await self._ranges(api, found)
        await self._deletion(api, desk, found)

    async def _ranges(self, api: httpx.AsyncClient, export: dict[str, Any]) -> None:
        whole = await content(api, export, "companies.jsonl")
        assert len(whole) > 1 << 20, "one piece is no test"
        url, etag = (
            f"{URL}/{export['id']}/files/companies.jsonl",
            f'"{export["files"][0]["sha256"]}"',
        )
        middle, end = 1 << 20, len(whole)
        for asked, first, last in (
            (f"bytes={middle - 3}-{middle + 3}", middle - 3, middle + 4),
            (f"bytes={middle}-", middle, end),
            ("bytes=-10", end - 10, end),
            (f"bytes=0-{end * 2}", 0, end),
        ):
            reply = await api.get(url, headers={"Range": asked, "If-Range": etag})
            assert (reply.status_code, reply.content) == (206, whole[first:last])
            assert reply.headers["content-range"] == f"bytes {first}-{last - 1}/{end}"
        for headers in (
            {"Range": "bytes=5-", "If-Range": '"other"'},
            {"Range": "bytes=0-1,5-9"},
            {"Range": "lines=1-2"},
        ):
            reply = await api.get(url, headers=headers)
            assert (reply.status_code, reply.content) == (200, whole)
        reply = await api.get(url, headers={"Range": f"bytes={end}-"})
        assert (reply.status_code, reply.json()["code"]) == (416, "range_not_satisfiable")
        assert reply.headers["content-range"] == f"bytes */{end}"

    async def _deletion(self, api: httpx.AsyncClient, desk: Desk, export: dict[str, Any]) -> None:
        assert (await api.delete(f"{URL}/{export['id'][-12:]}")).status_code == 200
        assert (await api.get(f"{URL}/{export['id']}")).status_code == 404
        assert (await api.get(URL)).json()["items"] == []
        async with desk.working({}):
            count = "select count(*) from export_pieces"
            await until(lambda: desk.rows(count) == [(0,)], "the pieces are gone")
            await until(lambda: not desk.rows("select id from exports"), "the export is gone")

    async def test_one_that_is_deleted_while_it_waits_is_not_written(
        self, api: httpx.AsyncClient, installation: Installation, desk: Desk
    ) -> None:
        fill(installation, ROWS)
        export = await made(api)
        await api.delete(f"{URL}/{export['id']}")
        async with desk.working({}):
            await until(lambda: not desk.rows("select id from jobs"), "the jobs are done")
        assert desk.rows("select count(*) from export_pieces") == [(0,)]

    async def test_more_than_a_few_at_a_time_are_refused(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        fill(installation, ROWS)
        for _ in range(5):
            await made(api)
        assert "as many as may be" in (await made(api, 409))["detail"]


class TestRights:
    async def test_are_those_of_when_it_is_written(
        self, api: httpx.AsyncClient, installation: Installation, desk: Desk, main: People
    ) -> None:
        fill(installation, ROWS)
        allowed = ["companies:read", "companies:export"]
        main.role(
            "few",
            allowed,
            row_rules={"companies": "employees > 5"},
            field_rules={"companies.description": "hidden"},
        )
        ada = main.signed("ada", "few")
        export = await made(api, headers=ada)
        assert export["nouns"] == ["companies"]
        main.connection.execute('update roles set row_rules = \'{"companies": "employees <= 3"}\'')
        found = await written(api, desk, export, headers=ada)
        reply = await api.get(f"{URL}/{found['id']}/files/companies.jsonl", headers=ada)
        assert sorted(line["employees"] for line in map(json.loads, reply.text.splitlines())) == [
            1,
            2,
            3,
        ]
        assert "description" not in reply.text
        # it is nobody else's, not even the owner's
        assert (await api.get(f"{URL}/{found['id']}")).status_code == 404
        main.connection.execute(
            "update roles set permissions = '{companies:read}' where key = 'few'"
        )
        await asyncio.sleep(1.1)  # rights are remembered for a second
        reply = await api.get(f"{URL}/{found['id']}/files/companies.jsonl", headers=ada)
        assert (reply.status_code, reply.json()["permission"]) == (403, "companies:export")
        assert (await made(api, 403, headers=ada))["code"] == "forbidden"

    async def test_that_were_lost_meanwhile_are_told(
        self, api: httpx.AsyncClient, installation: Installation, desk: Desk, main: People
    ) -> None:
        fill(installation, ROWS)
        main.role("few", ["companies:read", "companies:export"])
        ada = main.signed("ada", "few")
        export = await made(api, headers=ada)
        main.connection.execute(
            "update roles set permissions = '{companies:read}' where key = 'few'"
        )
        found = await written(api, desk, export, headers=ada)
        assert (found["state"], found["problem"]["status"]) == ("failed", 403)

    async def test_a_key_sees_what_it_asked_for_alone(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        narrow = bearer(main.key("companies:*:own"))
        wide = await ready(api)
        mine = await ready(api, headers=narrow)
        listed = (await api.get(URL, headers=narrow)).json()["items"]
        assert [each["id"] for each in listed] == [mine["id"]]
        assert (await api.get(f"{URL}/{wide['id']}", headers=narrow)).status_code == 404


class TestLinks:
    async def test_are_good_for_one_file_and_a_while(
        self, api: httpx.AsyncClient, installation: Installation, main: People
    ) -> None:
        ada = main.signed("ada", "manager")
        export = await ready(api, headers=ada)
        reply = await api.post(f"{URL}/{export['id']}/link", json={"seconds": 600}, headers=ada)
        links = {each["path"]: _target(each["url"]) for each in reply.json()["links"]}
        assert links.keys() == {file["path"] for file in export["files"]}
        link = links["manifest.json"]
        reply = await api.get(link, headers={**BARE, "Range": "bytes=0-0"})
        assert (reply.status_code, reply.content) == (206, b"{")
        for wrong in (
            link.replace("manifest.json", "companies.jsonl"),
            link.replace("expires=", "expires=1"),
            link.replace("/main/", "/second/"),
            link[:-1] + ("A" if link[-1] != "A" else "B"),
        ):
            reply = await api.get(wrong, headers=BARE)
            assert (reply.status_code, reply.json()["code"]) == (403, "forbidden")
        short = await self._short(api, export, ada)

        async def is_late() -> bool:
            return (await api.get(short, headers=BARE)).status_code == 410

        await until(is_late, "the link has expired")
        with psycopg.connect(installation.url, autocommit=True) as owner:
            owner.execute("set search_path = ws_main; set cerebro.actor = 'system'")
            owner.execute("update users set disabled_at = now() where email like 'ada@%'")
        reply = await api.get(link, headers=BARE)
        assert (reply.status_code, reply.json()["code"]) == (404, "not_found")

    async def _short(
        self, api: httpx.AsyncClient, export: dict[str, Any], who: dict[str, str]
    ) -> str:
        body = {"seconds": 1, "path": "manifest.json"}
        reply = await api.post(f"{URL}/{export['id']}/link", json=body, headers=who)
        [link] = reply.json()["links"]
        return _target(link["url"])

    async def test_lead_nowhere_once_the_export_is_deleted(self, api: httpx.AsyncClient) -> None:
        export = await ready(api)
        reply = await api.post(f"{URL}/{export['id']}/link", json={"path": "no.jsonl"})
        assert (reply.status_code, "companies.jsonl" in reply.text) == (404, True)
        [link, *_] = (await api.post(f"{URL}/{export['id']}/link", json={})).json()["links"]
        await api.delete(f"{URL}/{export['id']}")
        assert (await api.get(_target(link["url"]), headers=BARE)).status_code == 404


def _target(url: str) -> str:
    return url.removeprefix("http://127.0.0.1:8080")


async def test_what_was_tried_in_vain_has_failed(
    api: httpx.AsyncClient, installation: Installation, desk: Desk
) -> None:
    fill(installation, ROWS)
    export = await made(api)
    desk.rows("update exports set state = 'running' returning 1")
    desk.rows("update jobs set state = 'dead', last_error = 'No disk.' returning 1")
    found = (await api.get(f"{URL}/{export['id']}")).json()
    assert (found["state"], "No disk." in found["problem"]["detail"]) == ("failed", True)
