"""The change feed: every change exactly once, whatever others do meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import psycopg
import pytest

from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.ids import uuid7
from cerebro_server.kernel.journal import reading
from cerebro_server.kernel.journal.reading import Cursor
from tests.fixtures.people import People, bearer
from tests.fixtures.server import serving
from tests.fixtures.stores import Installation

URL = "/v1/changes"


async def company(api: httpx.AsyncClient, **fields: object) -> str:
    reply = await api.post("/v1/companies", json={"name": "Acme", **fields})
    assert reply.status_code == 201
    return str(reply.json()["id"])


async def ask(api: httpx.AsyncClient, after: str, **params: Any) -> dict[str, Any]:
    headers = params.pop("headers", None)
    reply = await api.get(URL, params={"after": after, **params}, headers=headers)
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    assert isinstance(found["next_cursor"], str)
    return found


async def everything(
    api: httpx.AsyncClient, after: str = "start", **params: Any
) -> list[dict[str, Any]]:
    """Read page by page until there is no more."""
    found: list[dict[str, Any]] = []
    while items := (page := await ask(api, after, **params))["items"]:
        found += items
        after = page["next_cursor"]
    return found


class Writer:
    """A connection with transactions of its own, past the API."""

    def __init__(self, url: str) -> None:
        self.connection = psycopg.connect(url)
        self.connection.execute("set search_path = ws_main; set cerebro.actor = 'system'")
        self.connection.commit()
        self.open: list[str] = []

    def write(self, name: str) -> None:
        self.connection.execute("insert into companies (id, name) values (%s, %s)", (uuid7(), name))
        self.open.append(name)

    def end(self, *, commits: bool) -> list[str]:
        """End the transaction; return what is there from now on."""
        if commits:
            self.connection.commit()
        else:
            self.connection.rollback()
        done, self.open = self.open, []
        return done if commits else []


@pytest.fixture
def writers(installation: Installation) -> Iterator[list[Writer]]:
    with contextlib.ExitStack() as stack:
        made = [Writer(installation.url) for _ in range(4)]
        for writer in made:
            stack.callback(writer.connection.close)
        yield made


class Reader:
    """Reads on when it pleases, from the cursor that it kept."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._cursor = "start"
        self.names: list[str] = []

    async def read(self, api: httpx.AsyncClient) -> bool:
        """Read a page, or only a part of it; tell whether there was something."""
        limit = self._chance.choice([1, 2, 7, 500])
        page = await ask(api, self._cursor, limit=limit, record_type="companies")
        items = page["items"]
        self._cursor = page["next_cursor"]
        if items and self._chance.random() < 0.3:  # it stops in the middle of a page
            items = items[: self._chance.randrange(1, len(items) + 1)]
            self._cursor = items[-1]["cursor"]
        self.names += [item["diff"]["name"][1] for item in items]
        return bool(items)


class TestOrder:
    """Writers whose transactions end in another order than they began."""

    @pytest.mark.parametrize("seed", range(6))
    async def test_each_committed_change_comes_exactly_once(
        self, installation: Installation, writers: list[Writer], seed: int
    ) -> None:
        chance = random.Random(seed)
        readers = [Reader(chance) for _ in range(3)]
        began: dict[str, int] = {}
        ended: dict[str, int] = {}
        together: list[list[str]] = []
        async with contextlib.AsyncExitStack() as servers:
            api = await servers.enter_async_context(serving(installation))
            for step in range(150):
                writer = chance.choice(writers)
                what = chance.random()
                if what < 0.45:
                    began[f"{seed}-{step}"] = began[writer.open[0]] if writer.open else step
                    writer.write(f"{seed}-{step}")
                elif what < 0.65 and writer.open:
                    done = writer.end(commits=chance.random() < 0.7)
                    ended |= dict.fromkeys(done, step)
                    together += [done] if done else []
                elif what < 0.98:
                    await chance.choice(readers).read(api)
                else:
                    await servers.aclose()
                    api = await servers.enter_async_context(serving(installation))
            for writer in writers:
                done = writer.end(commits=True)
                ended |= dict.fromkeys(done, 150)
                together += [done] if done else []
            for reader in readers:
                while await reader.read(api):
                    pass
        names = readers[0].names
        assert sorted(names) == sorted(ended)
        assert all(reader.names == names for reader in readers)
        place = {name: number for number, name in enumerate(names)}
        for done in together:  # a transaction comes whole, in its own order
            assert [place[name] for name in done] == [place[done[0]] + n for n in range(len(done))]
        for one in names:  # what could have been seen by another comes before it
            assert all(place[one] < place[other] for other in names if ended[one] < began[other])

    async def test_each_comes_once_while_many_write_through_the_api(
        self, api: httpx.AsyncClient
    ) -> None:
        start = (await ask(api, "now"))["next_cursor"]
        made: list[str] = []

        async def write(number: int) -> None:
            for _ in range(15):
                made.append(await company(api, name=f"C{number}"))
                reply = await api.post("/v1/companies", json={"name": "", "employees": -1})
                assert reply.status_code == 422

        async def read() -> list[str]:
            seen: list[str] = []
            after = start
            while len(seen) < 90:
                page = await ask(api, after, limit=7, wait=5)
                seen += [item["record_id"] for item in page["items"]]
                after = page["next_cursor"]
            return seen + [item["record_id"] for item in await everything(api, after)]

        *_, one, other = await asyncio.gather(*(write(n) for n in range(6)), read(), read())
        assert one == other
        assert sorted(one) == sorted(made)

    async def test_a_change_waits_for_the_transactions_that_are_older(
        self, api: httpx.AsyncClient, writers: list[Writer]
    ) -> None:
        start = (await ask(api, "now"))["next_cursor"]
        writers[0].write("early")
        writers[1].write("late")
        writers[1].end(commits=True)
        assert (await ask(api, start))["items"] == []
        waiting = asyncio.create_task(ask(api, start, wait=30))
        await asyncio.sleep(0.1)
        writers[0].end(commits=True)
        first = await waiting
        found = first["items"] + await everything(api, first["next_cursor"])
        assert [item["diff"]["name"][1] for item in found] == ["early", "late"]


class TestPages:
    async def test_are_oldest_first_and_go_on(self, api: httpx.AsyncClient) -> None:
        made = [await company(api) for _ in range(5)]
        found = await everything(api, limit=2, record_type="companies")
        assert [item["record_id"] for item in found] == made
        listed = (await api.get(URL, params={"record_type": "companies"})).json()["items"]
        assert [{k: v for k, v in item.items() if k != "cursor"} for item in found] == listed[::-1]

    async def test_now_is_the_end_and_a_change_has_the_cursor_behind_it(
        self, api: httpx.AsyncClient
    ) -> None:
        await company(api)
        end = await ask(api, "now")
        assert end["items"] == []
        made = [await company(api) for _ in range(3)]
        found = (await ask(api, end["next_cursor"]))["items"]
        assert [item["record_id"] for item in found] == made
        rest = (await ask(api, found[0]["cursor"]))["items"]
        assert [item["record_id"] for item in rest] == made[1:]

    async def test_a_cursor_outlives_the_server(self, installation: Installation) -> None:
        async with serving(installation) as api:
            made = [await company(api) for _ in range(2)]
            first = await ask(api, "start", limit=1, record_type="companies")
        async with serving(installation) as api:
            second = await ask(api, first["next_cursor"], record_type="companies")
        assert [page["items"][0]["record_id"] for page in (first, second)] == made

    async def test_it_moves_past_what_does_not_fit(self, api: httpx.AsyncClient) -> None:
        mark = (await ask(api, "now"))["next_cursor"]
        for _ in range(3):
            await company(api)
        empty = await ask(api, mark, record_type="contacts")
        assert empty["items"] == []
        assert await everything(api, empty["next_cursor"]) == []
        assert len(await everything(api, mark)) == 3

    async def test_a_rare_change_is_found_behind_many_others(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        """More of them than one statement looks at."""
        mark = (await ask(api, "now"))["next_cursor"]
        main.connection.execute(
            "insert into companies (id, name) "
            "select gen_random_uuid(), 'C' || n from generate_series(1, 21000) n"
        )
        reply = await api.post("/v1/contacts", json={"first_name": "Ada", "last_name": "King"})
        found = await everything(api, mark, record_type="contacts")
        assert [item["record_id"] for item in found] == [reply.json()["id"]]

    async def test_filters(self, api: httpx.AsyncClient, main: People) -> None:
        record = await company(api, domain="acme.example")
        await company(api)
        token = main.key("*", user=main.user("ada", "owner"))
        await api.patch(f"/v1/companies/{record}", json={"name": "B"}, headers=bearer(token))
        by_record = await everything(api, record="companies/acme.example")
        assert [item["version"] for item in by_record] == [1, 2]
        by_actor = await everything(api, actor="ada@cerebro.test")
        assert [item["version"] for item in by_actor] == [2]
        by_action = await everything(api, action="created", record_type="companies")
        assert len(by_action) == 2


def test_what_follows_is_read_off_the_index(main: People) -> None:
    """And not sorted first, all that there is, for each page anew."""
    main.connection.execute(
        "insert into companies (id, name) "
        "select gen_random_uuid(), 'C' || n from generate_series(1, 5000) n"
    )
    main.connection.execute("analyze changes")
    after = Cursor(1, "1", 7)
    asked = reading.stretch_statement(after, row=Sql("c.diff"), joins="", where=Sql("true"), most=9)
    with main.connection.transaction():
        main.connection.execute(reading.IN_ORDER.text, reading.IN_ORDER.params)
        rows = main.connection.execute(f"explain (costs off) {asked.text}", asked.params).fetchall()
    nodes = [row[0].strip().removeprefix("->").strip() for row in rows]
    assert nodes.count("Sort") == 1  # of the page
    assert not [node for node in nodes if node.startswith("Seq Scan on changes")]


class TestRefusals:
    @pytest.mark.parametrize(
        ("params", "parameter"),
        [
            ({"after": "start", "cursor": "x"}, "cursor"),
            ({"after": "start", "since": "today"}, "since"),
            ({"after": "start", "until": "today"}, "until"),
            ({"wait": "1"}, "wait"),
            ({"after": "start", "wait": "61"}, "wait"),
            ({"after": "start", "wait": "-1"}, "wait"),
            ({"after": "start", "wait": "nan"}, "wait"),
            ({"after": "start", "action": "exploded"}, "action"),
        ],
    )
    async def test_name_the_parameter(
        self, api: httpx.AsyncClient, params: dict[str, str], parameter: str
    ) -> None:
        reply = await api.get(URL, params=params)
        assert reply.status_code == 422
        assert reply.json()["errors"][0]["parameter"] == parameter

    @pytest.mark.parametrize("after", ["", "x", "soon", "ä", "a" * 400])
    async def test_what_is_no_cursor(self, api: httpx.AsyncClient, after: str) -> None:
        reply = await api.get(URL, params={"after": after})
        assert (reply.status_code, reply.json()["code"]) == (422, "invalid_cursor")
        assert "after=start" in reply.json()["detail"]

    async def test_a_cursor_of_a_list(self, api: httpx.AsyncClient) -> None:
        for _ in range(2):
            await company(api)
        cursor = (await api.get(URL, params={"limit": 1})).json()["next_cursor"]
        reply = await api.get(URL, params={"after": cursor})
        assert (reply.status_code, reply.json()["code"]) == (422, "invalid_cursor")
        mark = (await ask(api, "now"))["next_cursor"]
        reply = await api.get(URL, params={"cursor": mark})
        assert (reply.status_code, reply.json()["code"]) == (422, "invalid_cursor")

    async def test_a_cursor_of_another_workspace(self, installation: Installation) -> None:
        key = installation.add_workspace("other")
        async with serving(installation) as api:
            mark = (await ask(api, "now"))["next_cursor"]
            reply = await api.get(URL, params={"after": mark}, headers=bearer(key))
        assert (reply.status_code, reply.json()["code"]) == (422, "invalid_cursor")


class TestRights:
    async def test_only_what_one_may_read(self, api: httpx.AsyncClient, main: People) -> None:
        main.role("seller", ["companies:read:own", "companies:create", "changes:read"])
        headers = main.signed("sel", "seller")
        reply = await api.post("/v1/companies", json={"name": "Mine"}, headers=headers)
        await company(api, name="Theirs")
        found = await everything(api, headers=headers)
        assert [item["record_id"] for item in found] == [reply.json()["id"]]

    async def test_what_is_hidden_is_not_in_the_difference(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        rules = {"companies.employees": "hidden", "companies.domain": "masked"}
        main.role("guest", ["companies:read", "changes:read"], field_rules=rules)
        headers = main.signed("gue", "guest")
        await company(api, name="Acme", employees=3, domain="acme.example")
        [item] = await everything(api, headers=headers, record_type="companies")
        assert "employees" not in item["diff"]
        assert item["diff"]["name"] == [None, "Acme"]
        assert "acme.example" not in str(item["diff"])

    async def test_whoever_may_not_see_the_journal_may_not_follow_it(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        main.role("none", ["companies:read"])
        headers = main.signed("non", "none")
        reply = await api.get(URL, params={"after": "now", "wait": 30}, headers=headers)
        assert reply.status_code == 403

    async def test_a_key_that_is_revoked_ends_the_wait(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        headers = bearer(main.key("changes:read", "companies:read"))
        params = {"after": "now", "wait": 60}
        waiting = asyncio.create_task(api.get(URL, params=params, headers=headers))
        await asyncio.sleep(0.2)
        main.connection.execute("update keys set revoked_at = now() where name = 'test'")
        assert (await waiting).status_code == 401


class TestWaiting:
    async def test_is_over_as_soon_as_something_fits(self, api: httpx.AsyncClient) -> None:
        mark = (await ask(api, "now"))["next_cursor"]
        waiting = asyncio.create_task(ask(api, mark, wait=60, record_type="contacts"))
        await asyncio.sleep(0.1)
        await company(api)
        await asyncio.sleep(0.1)
        assert not waiting.done()
        reply = await api.post("/v1/contacts", json={"first_name": "Ada", "last_name": "King"})
        assert [i["record_id"] for i in (await waiting)["items"]] == [reply.json()["id"]]

    async def test_ends_with_an_empty_page_that_goes_on(self, api: httpx.AsyncClient) -> None:
        page = await ask(api, "now", wait=0.2)
        assert page["items"] == []
        made = await company(api)
        assert [i["record_id"] for i in await everything(api, page["next_cursor"])] == [made]

    async def test_ends_when_the_server_stops(self, installation: Installation) -> None:
        async with stoppable(installation) as (app, api):
            waiting = asyncio.create_task(ask(api, "now", wait=60))
            await asyncio.sleep(0.2)
            app.state.commits.stop()
            assert (await waiting)["items"] == []

    async def test_no_more_than_so_many_wait(self, installation: Installation) -> None:
        async with serving(installation, max_followers=1) as api:
            waiting = asyncio.create_task(ask(api, "now", wait=60))
            for _ in range(50):
                reply = await api.get(URL, params={"after": "now", "wait": 0.05})
                if reply.status_code != 200:  # by now the other one waits
                    break
            assert (reply.status_code, reply.json()["code"]) == (503, "unavailable")
            assert reply.headers["retry-after"] == "10"
            await ask(api, "now")  # which waits for nothing
            await company(api)
            assert (await waiting)["items"]
            await ask(api, "now", wait=0.1)


@asynccontextmanager
async def stoppable(installation: Installation) -> AsyncIterator[tuple[Any, httpx.AsyncClient]]:
    server = serving(installation)
    async with server as api:
        yield server.app, api
