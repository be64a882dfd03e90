"""How many records a list has: counted, or estimated where that takes long."""

from __future__ import annotations

import httpx
import pytest

from cerebro_server.kernel.records import counting
from tests.fixtures.people import People
from tests.server.search.conftest import make

MANY = 6 * counting.SAMPLE  # more than a sample, and more than the planner takes for cheap


def fill(main: People, count: int) -> None:
    main.connection.execute(
        "insert into companies (id, name, addresses, team) select gen_random_uuid(), 'Acme ' || n, "
        "jsonb_build_array(jsonb_build_object('city', "
        "case n %% 2 when 0 then 'Bonn' else 'Berlin' end)), "
        "case n %% 4 when 0 then 'red' end from generate_series(1, %s) n",
        (count,),
    )
    main.connection.execute("analyze companies")


async def test_is_left_out_unless_asked_for(api: httpx.AsyncClient) -> None:
    assert set((await api.get("/v1/companies")).json()) == {"items", "next_cursor"}


@pytest.mark.parametrize("how", ["exact", "estimated"])
async def test_of_few_is_exact(api: httpx.AsyncClient, main: People, how: str) -> None:
    fill(main, 30)
    params = {"count": how, "limit": 10, "where": "city = bonn"}
    page = (await api.get("/v1/companies", params=params)).json()
    assert (page["count"], page["count_is_exact"]) == (15, True)
    assert len(page["items"]) == 10
    again = (
        await api.get("/v1/companies", params={**params, "cursor": page["next_cursor"]})
    ).json()
    assert (again["count"], len(again["items"])) == (15, 5), "of all pages, not of the rest"


@pytest.fixture
def dear(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if counting took long, which it does for some hundred thousand records."""
    monkeypatch.setattr(counting, "CHEAP", 0.0)


@pytest.mark.usefixtures("dear")
async def test_of_many_is_an_estimate_if_that_is_enough(
    api: httpx.AsyncClient, main: People
) -> None:
    fill(main, MANY)
    exact = (await api.get("/v1/companies", params={"count": "exact", "limit": 1})).json()
    assert (exact["count"], exact["count_is_exact"]) == (MANY, True)
    guess = (await api.get("/v1/companies", params={"count": "estimated", "limit": 1})).json()
    assert guess["count_is_exact"] is False
    assert MANY * 0.8 < guess["count"] < MANY * 1.2


@pytest.mark.usefixtures("dear")
@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("name contains acme and name contains cme and name contains me", MANY),
        ("city = bonn and description is empty", MANY // 2),
        ("name contains acme and not (city = bonn or city = berlin)", 0),
    ],
)
async def test_what_the_planner_is_wrong_about_is_told_from_a_sample(
    api: httpx.AsyncClient, main: People, where: str, expected: int
) -> None:
    fill(main, MANY)
    params = {"count": "estimated", "limit": "1", "where": where}
    page = (await api.get("/v1/companies", params=params)).json()
    assert page["count_is_exact"] is False
    assert expected * 0.7 <= page["count"] <= expected * 1.3


async def test_what_an_index_finds_is_counted(api: httpx.AsyncClient, main: People) -> None:
    fill(main, MANY)
    params = {"count": "estimated", "limit": "1", "where": 'name = "acme 17"'}
    page = (await api.get("/v1/companies", params=params)).json()
    assert (page["count"], page["count_is_exact"]) == (1, True)


@pytest.mark.parametrize("how", ["exact", "estimated"])
async def test_counts_what_the_caller_may_read(
    api: httpx.AsyncClient, main: People, how: str
) -> None:
    fill(main, MANY)
    main.team("red")
    main.role("scoped", ["companies:read:team"], row_rules={"companies": "city = bonn"})
    red = main.signed("rita", "scoped", teams=["red"])
    blue = main.signed("bob", "scoped", teams=[])
    params = {"count": how, "limit": 1}
    page = (await api.get("/v1/companies", params=params, headers=red)).json()
    assert page["count"] == pytest.approx(MANY // 4, rel=0.0 if page["count_is_exact"] else 0.3)
    page = (await api.get("/v1/companies", params=params, headers=blue)).json()
    assert page["count"] == 0


@pytest.mark.usefixtures("dear")
async def test_nothing_is_told_of_rows_that_are_not_to_be_read(
    api: httpx.AsyncClient, main: People
) -> None:
    fill(main, MANY)
    for name, city in (("none", "Rome"), ("some", "Bonn")):
        main.role(name, ["companies:read"], row_rules={"companies": f"city contains {city}"})
    params = {"count": "estimated", "limit": 1}
    page = (await api.get("/v1/companies", params=params, headers=main.signed("n", "none"))).json()
    assert page["count"] == 0
    page = (await api.get("/v1/companies", params=params, headers=main.signed("s", "some"))).json()
    assert MANY * 0.4 < page["count"] < MANY * 0.6


async def test_hidden_fields_cannot_be_counted_by(api: httpx.AsyncClient, main: People) -> None:
    main.role("limited", ["companies:read"], field_rules={"companies.city": "hidden"})
    limited = main.signed("lim", "limited")
    await make(api, "companies", name="Acme", city="Bonn")
    params = {"count": "estimated", "where": "city = bonn"}
    reply = await api.get("/v1/companies", params=params, headers=limited)
    assert reply.status_code == 422


async def test_refuses_other_ways(api: httpx.AsyncClient) -> None:
    assert (await api.get("/v1/companies", params={"count": "true"})).status_code == 422
