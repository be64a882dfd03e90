"""Pages while others write, and cursors that are old or of another list."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import psycopg
import pytest

from tests.fixtures.server import serving
from tests.fixtures.stores import Installation

URL = "/v1/companies"
FILL = (
    "insert into companies (id, name, employees) select gen_random_uuid(), %s || n, "
    "case when n %% 3 > 0 then n %% 10 end from generate_series(1, %s) n"
)


async def walk(client: httpx.AsyncClient, **params: Any) -> list[dict[str, Any]]:
    """Return what all pages hold."""
    seen: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = await client.get(URL, params=params | ({"cursor": cursor} if cursor else {}))
        assert page.status_code == 200, page.text
        seen += page.json()["items"]
        cursor = page.json()["next_cursor"]
        if cursor is None:
            return seen


async def disturb(url: str) -> None:
    """Insert and delete for ever, all over the order, in transactions of their own."""
    connection = await psycopg.AsyncConnection.connect(url, autocommit=True)
    async with connection:
        await connection.execute("set search_path = ws_main; set cerebro.actor = 'system'")
        while True:
            await connection.execute(FILL, ("guest", 10))
            await connection.execute(
                "delete from companies where id in (select id from companies "
                "where name like 'guest%' order by random() limit 8)"
            )
            await connection.execute(
                "update companies set deleted_at = now() where id in (select id from companies "
                "where name like 'guest%' and deleted_at is null order by random() limit 3)"
            )


@pytest.mark.parametrize("sort", [None, "name", "-name", "employees", "-employees,name"])
async def test_while_others_write_hold_each_lasting_record_once(
    api: httpx.AsyncClient, installation: Installation, sort: str | None
) -> None:
    with psycopg.connect(installation.url, autocommit=True) as owner:
        owner.execute("set search_path = ws_main; set cerebro.actor = 'system'")
        owner.execute(FILL, ("resident", 150))
        owner.execute(FILL, ("guest", 50))
        lasting = {
            str(row[0])
            for row in owner.execute("select id from companies where name like 'resident%'")
        }
    disturbance = asyncio.create_task(disturb(installation.url))
    try:
        params: dict[str, Any] = {"limit": 7} | ({"sort": sort} if sort else {})
        seen = [company["id"] for company in await walk(api, **params)]
    finally:
        disturbance.cancel()
        await asyncio.gather(disturbance, return_exceptions=True)
    assert sorted(record for record in seen if record in lasting) == sorted(lasting)
    assert len(seen) == len(set(seen)), "no record comes twice"


class TestCursor:
    async def first(self, client: httpx.AsyncClient) -> str:
        for name in "abc":
            await client.post(URL, json={"name": name})
        cursor: str = (await client.get(URL, params={"limit": 1})).json()["next_cursor"]
        return cursor

    async def refused(self, client: httpx.AsyncClient, cursor: str, path: str = URL) -> str:
        reply = await client.get(path, params={"limit": 1, "cursor": cursor})
        assert (reply.status_code, reply.json()["code"]) == (422, "invalid_cursor")
        detail: str = reply.json()["detail"]
        return detail

    async def test_expires(self, installation: Installation) -> None:
        async with serving(installation, cursor_max_age_seconds=-1) as client:
            assert "expired" in await self.refused(client, await self.first(client))

    async def test_is_good_on_every_server_with_the_secret_and_no_other(
        self, installation: Installation
    ) -> None:
        async with serving(installation) as client:
            cursor = await self.first(client)
        async with serving(installation) as client:
            reply = await client.get(URL, params={"limit": 1, "cursor": cursor})
            assert [item["name"] for item in reply.json()["items"]] == ["b"]
            await self.refused(client, cursor, "/v1/changes")

    async def test_survives_no_change_of_a_single_character(self, api: httpx.AsyncClient) -> None:
        cursor = await self.first(api)
        for place in range(0, len(cursor), 5):
            other = "A" if cursor[place] != "A" else "B"
            await self.refused(api, cursor[:place] + other + cursor[place + 1 :])

    async def test_holds_no_more_than_the_place_in_the_list(self, api: httpx.AsyncClient) -> None:
        assert len(await self.first(api)) < 200
