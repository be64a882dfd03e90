"""Quotas, and the report on how far they are reached, against plain arithmetic."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import httpx

from tests.fixtures.people import People
from tests.server.operations.doing import apply, errors, plan, undone, uploaded
from tests.server.sales.conftest import URL, make, refused
from tests.server.sales.test_reports import report
from tests.server.sales.test_territories import territory

QUOTAS = "/v1/quotas"
FILE = (
    "User email,Team,Territory,Start date,Period,Target\n"
    "me,,,2025-10-01,quarter,1500\n"  # there is one of 1000
    ",red,,2025-10-01,quarter,2000\n"
    ",,Europe,2025-10-01,quarter,3000\n"
    ",,Europe,2025-10-01,year,3000\n"  # no year begins then
    "me,red,,2025-01-01,year,1\n"  # of two
    "nobody@x.example,,,2025-01-01,year,1\n"
    ",,Nowhere,2025-01-01,year,1\n"
)
TEAMS = {"emea": None, "dach": "emea", "berlin": "dach", "apac": None}
LANDS = {"Europe": None, "Germany": "Europe", "Asia": None}


async def quota(api: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    body = {"period_start": "2025-10-01", "period": "quarter", "amount": "1000", **fields}
    reply = await api.post(QUOTAS, json=body)
    assert reply.status_code == 201, reply.text
    made: dict[str, Any] = reply.json()
    return made


def below(tree: dict[str, str | None], top: str) -> set[str]:
    """Return a node and all below it."""
    found = {top}
    while more := {one for one, up in tree.items() if up in found} - found:
        found |= more
    return found


class TestQuotas:
    async def test_come_from_files_once(self, api: httpx.AsyncClient, main: People) -> None:
        main.team("red")
        await territory(api, "Europe")
        mine = await quota(api, user_id="me")
        upload = await uploaded(api, FILE)
        found = await plan(api, "quotas.import", upload_id=upload, missing_parent="refuse")
        told = [found["plan"][name] for name in ("create", "update", "error")]
        assert told == [2, 1, 4], await errors(api, found)
        assert [row["line"] for row in await errors(api, found)] == [5, 6, 7, 8]
        await apply(api, found)
        [one] = (await api.get(QUOTAS, params={"where": "user = me"})).json()["items"]
        assert (one["id"], one["amount"]) == (mine["id"], "1500.00")
        again = await plan(api, "quotas.import", upload_id=upload, missing_parent="refuse")
        assert (again["plan"]["create"], again["plan"]["unchanged"]) == (0, 3)
        await undone(api, found)
        [one] = (await api.get(QUOTAS)).json()["items"]
        assert (one["id"], one["amount"]) == (mine["id"], "1000.00")

    async def test_are_of_one_owner_for_a_whole_period_once(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        main.team("red")
        made = await quota(api, team="red")
        assert (made["amount"], made["currency"]) == ("1000.00", "EUR")
        body = {"period_start": "2025-10-01", "period": "quarter", "amount": "1", "team": "red"}
        assert (await api.post(QUOTAS, json=body)).status_code == 409
        for changed, pointer, code in (
            ({"team": None}, "/user_id", "one_owner"),
            ({"user_id": "me"}, "/team", "one_owner"),
            ({"period_start": "2025-11-01"}, "/period_start", "not_a_start"),
            ({"period": "year"}, "/period_start", "not_a_start"),
        ):
            for reply in (
                await api.post(QUOTAS, json={**body, **changed}),
                await api.patch(f"{QUOTAS}/{made['id']}", json=changed),
            ):
                assert refused(reply) == (422, pointer, code), (changed, reply.text)
        reply = await api.patch(
            f"{QUOTAS}/{made['id']}", json={"team": None, "user_id": "me", "period": "month"}
        )
        assert reply.status_code == 200, reply.text


async def generated(
    api: httpx.AsyncClient, people: dict[str, str], ids: dict[str, str]
) -> list[dict[str, Any]]:
    """Make a team and a territory of each kind, and deals of all; return the deals."""
    chance = random.Random(7)
    for key, up in TEAMS.items():
        await api.post("/v1/teams", json={"key": key, "name": key, "parent_id": up})
    for name, up in LANDS.items():
        ids[name] = (await territory(api, name, parent_id=up))["id"]
    rate = {"currency": "USD", "day": "2020-01-01", "rate": "0.7"}
    assert (await api.post("/v1/exchange_rates", json=rate)).status_code == 201
    for _ in range(60):
        stage = chance.choice(["proposal", "won", "won", "lost"])
        month, day = chance.randrange(9, 13), chance.choice(["01", "15", "30"])
        deal: dict[str, Any] = {
            "stage": stage,
            "owner_id": chance.choice([*people.values(), "me"]),
            "team": chance.choice([*TEAMS, None]),
            "territory_id": chance.choice([*LANDS, None]),
            "currency": chance.choice(["EUR", "EUR", "EUR", "USD", "CHF"]),
            "amount": chance.choice([f"{chance.randrange(10_000)}.37", None]),
        }
        on = f"2025-{month:02}-{day}"
        if stage == "proposal":
            deal |= {"probability": chance.randrange(101), "expected_close": on}
        else:
            deal |= {"closed_at": f"{on}T00:30:00+02:00"}
        if stage == "lost":
            deal["lost_reason_id"] = "Price"
        await make(api, **deal)
    found: list[dict[str, Any]] = (await api.get(URL, params={"limit": 500})).json()["items"]
    return [deal for deal in found if deal["status"] != "lost"]


def hold(row: dict[str, Any], mine: list[dict[str, Any]]) -> None:
    """Hold a row of the report to the deals that count for it."""
    here = [deal for deal in mine if deal["rate"] is not None]
    won = [deal for deal in here if deal["status"] == "won"]
    worth = {deal["id"]: Decimal(deal["base_amount"] or 0) for deal in here}
    closed = sum((worth[deal["id"]] for deal in won), Decimal())
    weighted = sum(
        (worth[d["id"]] * d["probability"] / 100 for d in here if d["status"] == "open"), Decimal()
    )
    quota = Decimal(row["quota"])
    share = (closed / quota).quantize(Decimal("0.0001")) if quota else None
    assert (row["won"], Decimal(row["closed"])) == (len(won), closed)
    assert (row["open"], Decimal(row["weighted"])) == (len(here) - len(won), weighted)
    assert (Decimal(row["gap"]), Decimal(row["expected"])) == (quota - closed, closed + weighted)
    assert row["other_currency"] == len(mine) - len(here)
    assert row["without_amount"] == sum(deal["amount"] is None for deal in here)
    assert row["without_probability"] == 0
    assert (None if row["attainment"] is None else Decimal(row["attainment"])) == share


async def test_report_is_what_plain_arithmetic_says(api: httpx.AsyncClient, main: People) -> None:
    people = {name: str(main.user(name, "agent")) for name in ("ada", "bob")}
    ids: dict[str, str] = {}
    deals = await generated(api, people, ids)
    await quota(api, user_id=people["ada"])
    await quota(api, team="emea", amount="0")
    await quota(api, team="dach", period="month", period_start="2025-11-01")
    await quota(api, territory_id="Europe", period="year", period_start="2025-01-01")
    await quota(api, territory_id="Asia", period_start="2024-10-01")
    lands = [ids[name] for name in below(LANDS, "Europe")]
    expected = {
        "dach": ("2025-11", "2025-11-01", "2025-12-01", "team", below(TEAMS, "dach")),
        "Ada": ("2025-Q4", "2025-10-01", "2026-01-01", "owner_id", [people["ada"]]),
        "emea": ("2025-Q4", "2025-10-01", "2026-01-01", "team", below(TEAMS, "emea")),
        "Europe": ("2025", "2025-01-01", "2026-01-01", "territory_id", lands),
        "Asia": ("2024-Q4", "2024-10-01", "2025-01-01", "territory_id", [ids["Asia"]]),
    }
    rows = await report(api, "quota")
    assert [row["name"] for row in rows] == list(expected)
    for row in rows:
        period, first, after, column, values = expected[row["name"]]
        assert row["period"] == period
        within = [deal for deal in deals if first <= day_of(deal) < after]
        hold(row, [deal for deal in within if deal[column] in values])
    assert rows[2]["won"] > rows[0]["won"] > 0
    on = await report(api, "quota", on="2025-11-30", quotas="period != year")
    assert [row["name"] for row in on] == ["dach", "Ada", "emea"]
    some = await report(api, "quota", where="currency = CHF", quotas="team = emea")
    assert (some[0]["won"], some[0]["other_currency"] > 0) == (0, True)


def day_of(deal: dict[str, Any]) -> str:
    """Return the day that a deal counts on, in UTC; in the tests' years it sorts as text."""
    found = deal["closed_at"] if deal["status"] == "won" else deal["expected_close"]
    return str(found)[:10]


async def test_report_counts_only_what_the_caller_may_read(
    api: httpx.AsyncClient, main: People
) -> None:
    ada = str(main.user("ada", "agent"))
    main.role("own", ["quotas:read", "deals:read:own"])
    main.role("blind", ["quotas:read", "deals:read"], field_rules={"deals.amount": "hidden"})
    await quota(api, user_id=ada)
    won = {"stage": "won", "amount": "500", "closed_at": "2025-11-01T00:00:00Z"}
    await make(api, owner_id=ada, **won)
    for role, status in (("own", 200), ("blind", 403), ("none", 403)):
        headers = main.signed(role, role)
        reply = await api.get("/v1/reports/quota", headers=headers)
        assert reply.status_code == status, (role, reply.text)
        if status == 200:
            [row] = reply.json()["items"]
            assert (row["won"], row["closed"], row["name"]) == (0, "0.00", None)
    [row] = await report(api, "quota")
    assert (row["won"], row["closed"], row["attainment"]) == (1, "500.00", "0.5000")
