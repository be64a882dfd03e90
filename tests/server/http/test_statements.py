"""How many round trips and statements a request costs: the same few at one row and at fifty."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, NamedTuple

import httpx
import psycopg
import pytest
import pytest_asyncio

from tests.fixtures.server import serving
from tests.fixtures.stores import Installation


class Cost(NamedTuple):
    """What the database is asked for."""

    round_trips: int
    statements: int


READ = Cost(1, 2)  # the statement that opens the read, and the read
IN_ORDER = Cost(1, 3)  # and between them, how it is to be planned
Costs = Callable[[Awaitable[httpx.Response]], Awaitable[Cost]]


@pytest_asyncio.fixture
async def api(installation: Installation) -> AsyncIterator[httpx.AsyncClient]:
    """A signed-in client whose key is not looked up again while it counts."""
    async with serving(installation, key_cache_seconds=3600.0) as client:
        await client.get("/v1/companies")
        yield client


@pytest.fixture
def costs(api: httpx.AsyncClient) -> Costs:
    """Tell what a request costs, as the server's own counters have it."""

    async def counters() -> Cost:
        text = (await api.get("/metrics")).text
        return Cost(
            *(
                int(float(re.findall(rf"(?m)^cerebro_database_{name}_total (\S+)", text)[0]))
                for name in Cost._fields
            )
        )

    async def cost(request: Awaitable[httpx.Response]) -> Cost:
        before, again = await counters(), await counters()
        await request
        after = await counters()
        own = Cost(again[0] - before[0], again[1] - before[1])
        return Cost(after[0] - again[0] - own[0], after[1] - again[1] - own[1])

    return cost


async def test_do_not_grow_with_the_rows(
    api: httpx.AsyncClient, installation: Installation, costs: Costs
) -> None:
    first = (await api.post("/v1/companies", json={"name": "n", "domain": "n.example"})).json()
    lists: list[dict[str, Any]] = [
        {"limit": 500},
        {"limit": 500, "where": "name > a", "sort": "-employees,name"},
        {"limit": 500, "deleted": "include"},
    ]
    for rows in (1, 51):
        for params in lists:
            assert await costs(api.get("/v1/companies", params=params)) == READ, (rows, params)
        assert await costs(api.get("/v1/changes", params={"limit": 500})) == READ
        for history, few in (("timeline?limit=500", IN_ORDER), ("diff?since=1", READ)):
            assert await costs(api.get(f"/v1/companies/{first['id']}/{history}")) == few
        with psycopg.connect(installation.url) as owner:
            owner.execute("set search_path = ws_main; set cerebro.actor = 'system'")
            owner.execute(
                "insert into companies (id, name, external_ids) select gen_random_uuid(), "
                "'n' || n, jsonb_build_object('crm', %s || n::text) from generate_series(1, 50) n",
                (str(rows),),
            )
            for number in range(50):  # and as many entries in the timeline of the first
                owner.execute(
                    "update companies set employees = %s, version = version + 1, "
                    "external_ids = jsonb_build_object('n', %s::text) where id = %s",
                    (rows + number, str(number), first["id"]),
                )
    assert await costs(api.get(f"/v1/companies/{first['id']}")) == READ
    by_key = await costs(api.get("/v1/companies/n.example"))
    assert by_key == (2, 4), "the reference is a read of its own"


async def test_of_a_write_are_few(api: httpx.AsyncClient, costs: Costs) -> None:
    body = {"name": "m"}
    assert await costs(api.post("/v1/companies", json=body)) == (1, 4), (
        "begin, its opening, the insert, commit"
    )
    key = {"Idempotency-Key": '"k"'}
    assert await costs(api.post("/v1/companies", json=body, headers=key)) == (2, 7), (
        "begin, its opening, lock, lookup; the insert, the reply, commit"
    )
    company = (await api.post("/v1/companies", json=body)).json()
    assert await costs(api.patch(f"/v1/companies/{company['id']}", json={"name": "o"})) == (2, 6), (
        "begin, its opening, lock, change, fetch; commit"
    )


async def test_of_a_refused_request_are_none(api: httpx.AsyncClient, costs: Costs) -> None:
    for params in ({"where": "nmae = x"}, {"limit": "0"}, {"cursor": "x"}, {"sort": "x"}):
        assert await costs(api.get("/v1/companies", params=params)) == (0, 0)
    assert await costs(api.post("/v1/companies", json={"nmae": "x"})) == (0, 0)


async def test_of_a_deal_that_is_moved_what_its_rules_read_comes_with_it(
    api: httpx.AsyncClient, costs: Costs
) -> None:
    deal = (await api.post("/v1/deals", json={"name": "Fleet"})).json()
    for stage in ("proposal", "negotiation"):
        move = api.post(f"/v1/deals/{deal['id']}/move", json={"stage": stage})
        found = await costs(move)
    # lock and read; change and read back; commit
    assert found.round_trips == 3, found
    moved = (await api.get(f"/v1/deals/{deal['id']}")).json()
    assert moved["stage"] == "negotiation"
