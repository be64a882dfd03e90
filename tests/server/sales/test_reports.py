"""Reports against a slow reference in plain Python, over deals that were made at random."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from typing import Any

import httpx
import pytest

from tests.fixtures.people import People, people
from tests.fixtures.stores import Installation
from tests.server.sales.conftest import URL, Stages

REPORTS = "/v1/reports"
SEEDS = (1, 2, 3)
BY_AMOUNT = ("pipeline", "forecast", "velocity", "slipped", "reasons", "cohort")
NAMES = (*BY_AMOUNT, "time_in_stage", "win_rate", "funnel", "cycle", "forecast_changes")
CENT, FOURTH = Decimal("0.01"), Decimal("0.0001")


async def report(api: httpx.AsyncClient, name: str, **asked: str) -> list[dict[str, Any]]:
    reply = await api.get(f"{REPORTS}/{name}", params=asked)
    assert reply.status_code == 200, reply.text
    found: list[dict[str, Any]] = reply.json()["items"]
    return found


RATES = {"EUR": Decimal(1), "USD": Decimal("0.8765432109"), "CHF": None}
PLANS = {"Monthly": 1, "Quarterly": 3, "Yearly": 12, "3 years": 36}


def rounded(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)


def worth(deal: dict[str, Any], name: str) -> Decimal | None:
    """Return an amount of a deal in the base currency, by what its currency is worth."""
    rate, amount = RATES[deal["currency"]], deal[name]
    return None if rate is None or amount is None else rounded(Decimal(amount) * rate)


async def generated(api: httpx.AsyncClient, seed: int) -> list[dict[str, Any]]:
    """Make deals of every kind, move some of them, and return them all as they are now."""
    chance = random.Random(seed)
    for day, rate in (("2025-01-01", RATES["USD"]), ("2090-01-01", "7")):
        body = {"currency": "USD", "day": day, "rate": str(rate)}
        assert (await api.post("/v1/exchange_rates", json=body)).status_code == 201
    items = []
    [stage] = (await api.get("/v1/stages", params={"where": "key = qualification"})).json()["items"]
    reply = await api.patch(f"/v1/stages/{stage['id']}", json={"default_probability": None})
    assert reply.status_code == 200, reply.text
    for number in range(120):
        stage = chance.choice(
            ["prospecting", "qualification", "proposal", "negotiation", "won", "lost"]
        )
        item: dict[str, Any] = {"name": f"Deal {number}", "stage": stage}
        if chance.random() < 0.9:
            item["amount"] = (
                f"{chance.randrange(10 ** chance.randrange(1, 12))}.{chance.randrange(100):02}"
            )
        item["currency"] = chance.choice(["EUR", "EUR", "USD", "CHF"])
        if chance.random() < 0.4:
            item["recurring_plan_id"] = chance.choice([*PLANS])
            item["recurring_amount"] = f"{chance.randrange(10**6)}.{chance.randrange(100):02}"
        if stage == "lost":
            item["lost_reason_id"] = "Price"
        elif stage != "won" and chance.random() < 0.4:
            item["probability"] = chance.randrange(101)
        if chance.random() < 0.8:
            item["expected_close"] = f"202{chance.randrange(6, 8)}-{chance.randrange(1, 13):02}-15"
        if stage in ("won", "lost"):
            item["closed_at"] = f"2025-{chance.randrange(2, 13):02}-01T00:30:00+02:00"
        if chance.random() < 0.7:
            item["source"] = chance.choice(["fair", "web", "Web", "call"])
        if chance.random() < 0.2:
            item["forecast_category"] = chance.choice(["commit", "best_case", "omitted"])
        items.append(item)
    for item in items:
        made = await api.post(URL, json=item)
        assert made.status_code == 201, made.text
        if chance.random() < 0.3 and item["stage"] not in ("won", "lost"):
            verb = chance.choice(["win", "move", "move"])
            body = {} if verb == "win" else {"stage": chance.choice(["proposal", "negotiation"])}
            await api.post(f"{URL}/{made.json()['id']}/{verb}", json=body)
    deals = (await api.get(URL, params={"limit": 500})).json()["items"]
    await api.delete(f"{URL}/{deals[0]['id']}")
    return [*deals[1:]]


def share(deal: dict[str, Any], amount: Decimal) -> Decimal:
    """Return how much of an amount a forecast counts."""
    if deal["status"] == "won":
        return amount
    is_likely = deal["status"] == "open" and deal["probability"] is not None
    return amount * deal["probability"] / 100 if is_likely else Decimal()


def sums(deals: Iterable[dict[str, Any]]) -> tuple[int | str, ...]:
    """Return count, how many have no amount, no probability or no rate, and amount and weighted
    amount in the deals' currency and in the base currency."""
    count = empty = unlikely = unrated = 0
    amount, weighted, base, base_weighted = (Decimal() for _ in range(4))
    for deal in deals:
        count += 1
        if deal["amount"] is None:
            empty += 1
            continue
        unlikely += deal["status"] == "open" and deal["probability"] is None
        amount += Decimal(deal["amount"])
        weighted += share(deal, Decimal(deal["amount"]))
        converted = worth(deal, "amount")
        unrated += converted is None
        base += converted or 0
        base_weighted += share(deal, converted or Decimal())
    own = str(amount.quantize(CENT)), str(weighted.quantize(FOURTH))
    based = str(base.quantize(CENT)), str(base_weighted.quantize(FOURTH))
    return count, empty, unlikely, *own, unrated, *based


def told(row: dict[str, Any]) -> tuple[int | str, ...]:
    """Return the same of a row of a report."""
    names = ("count", "without_amount", "without_probability", "amount", "weighted")
    return tuple(row[name] for name in (*names, "without_rate", "base_amount", "base_weighted"))


def recurring(deals: Iterable[dict[str, Any]], plans: dict[str, str]) -> tuple[str, str]:
    """Return what deals bring each month, in their currency and in the base currency."""
    monthly, base = Decimal(), Decimal()
    for deal in deals:
        if deal["recurring_plan_id"] is not None:
            months = PLANS[plans[deal["recurring_plan_id"]]]
            mrr = rounded(Decimal(deal["recurring_amount"]) / months)
            monthly += mrr
            base += rounded(mrr * (RATES[deal["currency"]] or 0))
    return str(monthly.quantize(CENT)), str(base.quantize(CENT))


def by(deals: Iterable[dict[str, Any]], key: Any) -> dict[Any, list[dict[str, Any]]]:
    found: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    for deal in deals:
        found[key(deal)].append(deal)
    return found


def period(deal: dict[str, Any], size: str) -> str | None:
    day = deal["closed_at"] if deal["status"] == "won" else deal["expected_close"]
    if day is None:
        return None
    year, month = int(day[:4]), int(day[5:7])
    return f"{year}-{month:02}" if size == "month" else f"{year}-Q{(month + 2) // 3}"


def _cell(deal: dict[str, Any], *, size: str) -> tuple[str | None, str, str]:
    return period(deal, size), deal["forecast_category"], deal["currency"]


@pytest.mark.parametrize("seed", SEEDS)
async def test_reports_are_what_plain_arithmetic_says(
    api: httpx.AsyncClient, stages: Stages, seed: int
) -> None:
    deals = await generated(api, seed)
    found = await report(api, "pipeline")
    groups = by(deals, lambda deal: (deal["stage_id"], deal["currency"]))
    assert {(row["stage_id"], row["currency"]): told(row) for row in found if row["count"]} == {
        key: sums(group) for key, group in groups.items()
    }
    assert {row["stage_id"] for row in found} == {each["id"] for each in stages.values()}

    for size in ("month", "quarter"):
        found = await report(api, "forecast", by=size)
        live = [deal for deal in deals if deal["status"] != "lost"]
        groups = by(live, partial(_cell, size=size))
        assert {(row["period"], row["category"], row["currency"]): told(row) for row in found} == {
            key: sums(group) for key, group in groups.items()
        }
        listed = (await api.get("/v1/recurring_plans")).json()["items"]
        plans = {each["id"]: each["name"] for each in listed}
        for row in found:
            group = groups[row["period"], row["category"], row["currency"]]
            assert (row["mrr"], row["base_mrr"]) == recurring(group, plans)
        assert [row["period"] is None for row in found] == sorted(
            row["period"] is None for row in found
        )

    found = await report(api, "win_rate", by="source")
    for value, group in by(deals, lambda deal: deal["source"]).items():
        [row] = [row for row in found if row["value"] == value]
        counts = [sum(d["status"] == s for d in group) for s in ("open", "won", "lost")]
        assert [row["open"], row["won"], row["lost"]] == counts
        closed = counts[1] + counts[2]
        rate = (Decimal(counts[1]) / closed).quantize(FOURTH) if closed else None
        assert row["rate"] == (None if rate is None else str(rate))

    await times(api, deals)

    where = "currency = USD and amount > 100"
    some = [d for d in deals if d["currency"] == "USD" and Decimal(d["amount"] or 0) > 100]
    found = await report(api, "pipeline", where=where)
    groups = by(some, lambda deal: deal["stage_id"])
    assert {row["stage_id"]: told(row) for row in found if row["count"]} == {
        key: sums(group) for key, group in groups.items()
    }


async def times(api: httpx.AsyncClient, deals: list[dict[str, Any]]) -> None:
    """Hold the times in stages to the history they are made of."""
    stays: list[dict[str, Any]] = (await api.get("/v1/deal_stages", params={"limit": 500})).json()[
        "items"
    ]
    status = {deal["id"]: deal["status"] for deal in deals}
    groups = by(stays, lambda stay: stay["to_stage_id"])
    for row in await report(api, "time_in_stage"):
        group = groups.get(row["stage_id"], [])
        ended = [Decimal(s["duration_seconds"]) for s in group if s["left_at"] is not None]
        there = {stay["deal_id"] for stay in group}
        assert (row["deals"], row["stays"]) == (len(there), len(ended))
        assert row["here"] == sum(stay["left_at"] is None for stay in group)
        assert Decimal(row["total_seconds"]) == sum(ended, Decimal())
        assert row["longest_seconds"] == (str(max(ended)) if ended else None)
        for word in ("won", "lost"):
            assert row[word] == sum(status[deal] == word for deal in there)


async def test_the_longest_sums_stay_exact(api: httpx.AsyncClient) -> None:
    for amount in ("9999999999999999.99", "9999999999999999.99", "0.01"):
        made = await api.post(URL, json={"name": "x", "amount": amount, "probability": 33})
        assert made.status_code == 201, made.text
    [row] = [row for row in await report(api, "pipeline") if row["count"]]
    assert row["amount"] == "19999999999999999.99"
    assert row["weighted"] == "6599999999999999.9967"


async def test_groups_by_tags_and_by_fields_of_related_records(api: httpx.AsyncClient) -> None:
    for company, industry in (("Gravity", "Finance"), ("Orbit", "Energy")):
        made = await api.post("/v1/companies", json={"name": company, "industry": industry})
        assert made.status_code == 201, made.text
    for name, company, tags, stage in (
        ("a", "Gravity", ["red", "big"], "won"),
        ("b", "Gravity", ["red"], "lost"),
        ("c", "Orbit", [], "won"),
        ("d", None, ["big"], "prospecting"),
    ):
        found = (await api.get("/v1/companies", params={"where": f"name = '{company}'"})).json()
        [*ids] = [each["id"] for each in found["items"]]
        body = {"name": name, "tags": tags, "stage": stage, "amount": "10"}
        body |= {"expected_close": "2026-12-01", "company_id": ids[0] if ids else None}
        if stage == "lost":
            body["lost_reason_id"] = "Price"
        made = await api.post(URL, json=body)
        assert made.status_code == 201, made.text
        later = {"expected_close": "2026-12-31"}
        moved = await api.patch(f"{URL}/{made.json()['id']}", json=later)
        assert moved.status_code == 200, moved.text

    def ends(rows: list[dict[str, Any]]) -> dict[str, tuple[int, int, int]]:
        return {row["value"]: (row["open"], row["won"], row["lost"]) for row in rows}

    of_tags = ends(await report(api, "win_rate", by="tags"))
    assert of_tags == {"red": (0, 1, 1), "big": (1, 1, 0), None: (0, 1, 0)}
    of_trades = {"Finance": (0, 1, 1), "Energy": (0, 1, 0), None: (1, 0, 0)}
    assert ends(await report(api, "win_rate", by="company.industry")) == of_trades
    assert ends(await report(api, "win_rate", by="company.industry", as_of="now")) == of_trades
    late = {
        row["value"]: (row["deals"], row["times"])
        for row in await report(api, "slipped", by="tags")
    }
    assert late == {"red": (2, 2), "big": (2, 2), None: (1, 1)}
    why = await report(api, "reasons", by="company.industry")
    assert {(row["value"], row["reason"], row["count"]) for row in why} == {
        ("Finance", None, 1),
        ("Finance", "Price", 1),
        ("Energy", None, 1),
    }
    assert {row["value"] for row in await report(api, "cycle", by="tags")} == {"red", "big", None}


async def test_says_which_field_there_is_not(api: httpx.AsyncClient) -> None:
    reply = await api.get(f"{REPORTS}/win_rate", params={"by": "sourse"})
    assert (reply.status_code, reply.json()["suggestion"]) == (422, "source")
    for path in ("company.industri", "company.deals.name", "owner.api_keys.name", "companie.name"):
        for name in ("win_rate", "cycle", "slipped", "reasons"):
            reply = await api.get(f"{REPORTS}/{name}", params={"by": path})
            assert reply.status_code == 422, path
            assert reply.json()["errors"][0]["parameter"] == "by", path
    for name in NAMES:
        asked = {"where": "amount >", "since": "now"}
        if name != "forecast_changes":
            del asked["since"]
        reply = await api.get(f"{REPORTS}/{name}", params=asked)
        assert reply.json()["code"] == "invalid_query", name
    assert (await api.get(f"{REPORTS}/forecast", params={"by": "week"})).status_code == 422


async def test_says_which_moments_there_are_not(api: httpx.AsyncClient) -> None:
    for name, asked in (
        ("funnel", {"as_of": "2001-01-01"}),
        ("pipeline", {"as_of": "soon"}),
        ("forecast_changes", {"since": "2001-01-01"}),
        ("forecast_changes", {"since": "now", "as_of": "seq:3"}),
        ("forecast_changes", {}),
    ):
        reply = await api.get(f"{REPORTS}/{name}", params=asked)
        assert reply.status_code == 422, reply.text
        [error] = reply.json()["errors"]
        assert error["parameter"] == next(iter(asked), "since")


@pytest.fixture
def main(installation: Installation) -> Any:
    with people(installation.url) as found:
        yield found


async def test_count_what_the_caller_may_see(api: httpx.AsyncClient, main: People) -> None:
    rights = ["deals:read:own", "deals:create", "deal_stages:read"]
    main.role("own", rights)
    mine = {"Authorization": f"Bearer {main.key('*', user=main.user('ada', 'own'))}"}
    await api.post(URL, json={"name": "Theirs", "amount": "5"})
    await api.post(URL, json={"name": "Mine", "amount": "3"}, headers=mine)
    last = (await api.get("/v1/changes", params={"limit": 1})).json()["items"][0]["seq"]
    await api.post(URL, json={"name": "Mine too, later", "amount": "9"}, headers=mine)
    handed = (await api.get(URL, params={"where": "amount = 3"}, headers=mine)).json()["items"][0]

    async def seen(name: str, **asked: str) -> list[dict[str, Any]]:
        reply = await api.get(f"{REPORTS}/{name}", params=asked, headers=mine)
        assert reply.status_code == 200, reply.text
        rows: list[dict[str, Any]] = reply.json()["items"]
        return rows

    then = {"as_of": f"seq:{last}"}
    for name in ("pipeline", "forecast"):
        assert [r["amount"] for r in await seen(name) if r["count"]] == ["12.00"]
        assert [r["amount"] for r in await seen(name, **then) if r["count"]] == ["3.00"]
    for asked, count in (({}, 2), (then, 1)):
        assert sum(row["here"] for row in await seen("time_in_stage", **asked)) == count
        assert sum(row["open"] for row in await seen("win_rate", **asked)) == count
        assert sum(row["entered"] for row in await seen("funnel", **asked)) == count
        assert sum(row["open"] for row in await seen("velocity", **asked)) == count
        assert sum(row["deals"] for row in await seen("slipped", **asked)) == count
        assert sum(row["deals"] for row in await seen("cohort", **asked)) == count
    [row] = await seen("forecast_changes", since=then["as_of"])
    assert (row["amount_then"], row["amount_change"]) == ("3.00", "9.00")
    # what is no longer theirs is not shown as it was, either: the rights are those of today
    await api.patch(f"{URL}/{handed['id']}", json={"owner_id": None})
    assert not [row for row in await seen("pipeline", **then) if row["count"]]
    main.role("blind", ["deals:read"], field_rules={"deals.amount": "hidden"})
    blind = {"Authorization": f"Bearer {main.key('*', user=main.user('bob', 'blind'))}"}
    for name in BY_AMOUNT:
        assert (await api.get(f"{REPORTS}/{name}", headers=blind)).status_code == 403, name
    for name in ("win_rate", "cycle"):
        assert (await api.get(f"{REPORTS}/{name}", headers=blind)).status_code == 200, name
