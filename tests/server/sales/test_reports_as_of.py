"""Every report against a slow reference, over histories made at random: as deals are, and as they
were in the middle."""

from __future__ import annotations

import copy
import random
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import httpx
import psycopg
import pytest

from tests.fixtures.stores import Installation
from tests.server.operations.doing import imported
from tests.server.sales import reference
from tests.server.sales.conftest import URL, Stages, change, make
from tests.server.sales.reference import Deal, Row, World

REPORTS = "/v1/reports"
SEEDS = (1, 2, 3)
STEPS, DEALS = 70, 22


async def report(api: httpx.AsyncClient, name: str, **asked: str) -> list[Row]:
    reply = await api.get(f"{REPORTS}/{name}", params=asked)
    assert reply.status_code == 200, (name, asked, reply.text)
    found: list[Row] = reply.json()["items"]
    return found


def picked(rows: Iterable[Row], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in rows]


class Maker:
    """Makes deals, changes them, and keeps what the server says of each."""

    def __init__(self, api: httpx.AsyncClient, stages: Stages, seed: int) -> None:
        self.api = api
        self.stages = stages
        self.chance = random.Random(seed)
        self.deals: dict[str, Deal] = {}
        self.moves: dict[str, int] = defaultdict(int)
        self.pushes: dict[str, list[int]] = defaultdict(list)

    async def step(self) -> None:
        """Do one thing at random to a deal, or make one."""
        if len(self.deals) < DEALS // 2 or (len(self.deals) < DEALS and self.chance.random() < 0.3):
            await self.create()
            return
        deal = self.chance.choice([*self.deals.values()])
        if deal["deleted_at"] is not None:
            await self.restore(deal)
            return
        await self.chance.choice(
            [
                self.move,
                self.move,
                self.reprice,
                self.postpone,
                self.postpone,
                self.close,
                self.close,
                self.reopen,
                self.label,
                self.remove,
            ]
        )(deal)

    async def create(self) -> None:
        chance = self.chance
        stage = chance.choice(["prospecting", "qualification", "proposal", "won", "lost"])
        fields: dict[str, Any] = {"stage": stage, "currency": chance.choice(["EUR", "EUR", "USD"])}
        if chance.random() < 0.85:
            fields["amount"] = self.amount()
        if chance.random() < 0.7:
            fields["source"] = chance.choice(["fair", "web"])
        if chance.random() < 0.8:
            fields["expected_close"] = self.day()
        if stage == "lost":
            fields["lost_reason_id"] = chance.choice(["Price", "Competitor"])
        if chance.random() < 0.6:
            opened = self.past()
            fields["opened_at"] = f"{opened}T{chance.randrange(24):02}:30:00Z"
            if stage in ("won", "lost"):
                closed = opened + timedelta(chance.randrange(90))
                fields["closed_at"] = f"{closed}T23:59:59.5Z"
        deal = await make(self.api, **fields)
        self.deals[deal["id"]] = deal
        self.moves[deal["id"]] = 1
        if chance.random() < 0.5:
            await self.tell(deal)

    async def tell(self, deal: Deal) -> None:
        """Let a file say which stages a deal was in before it came here."""
        words = ["prospecting", "qualification", "proposal", "negotiation"]
        way = self.chance.sample(words, self.chance.randrange(1, 4))
        if self.chance.random() < 0.5:
            way.append(deal["stage"])
        told = [word for n, word in enumerate(way) if n == 0 or word != way[n - 1]]
        rows = [f"{deal['number']},{word},2024-0{n + 1}-01\n" for n, word in enumerate(told)]
        text = "deal,to_stage,entered_at\n" + "".join(rows).replace("-01\n", "-01T08:00:00Z\n")
        await imported(self.api, "deal_stages", text)
        self.moves[deal["id"]] = len(told) + (told[-1] != deal["stage"])
        self.deals[deal["id"]] = (await self.api.get(f"{URL}/{deal['id']}")).json()

    def amount(self) -> str:
        size = 10 ** self.chance.randrange(1, 9)
        return f"{self.chance.randrange(size)}.{self.chance.randrange(100):02}"

    def past(self) -> date:
        return date(2025, 1, 1) + timedelta(self.chance.randrange(200))

    def day(self) -> str:
        return str(date(2026, 10, 1) + timedelta(self.chance.randrange(200)))

    async def changed(self, deal: Deal, **fields: Any) -> None:
        now = await change(self.api, deal, **fields)
        self.moves[deal["id"]] += now["stage_id"] != deal["stage_id"]
        days = [each["expected_close"] for each in (deal, now)]
        if None not in days:
            first, last = map(date.fromisoformat, days)
            if first != last:
                self.pushes[deal["id"]].append((last - first).days)
        self.deals[deal["id"]] = now

    async def move(self, deal: Deal) -> None:
        if deal["status"] == "open":
            await self.changed(
                deal,
                stage=self.chance.choice(
                    ["prospecting", "qualification", "proposal", "negotiation"]
                ),
            )

    async def reprice(self, deal: Deal) -> None:
        amount = None if self.chance.random() < 0.2 else self.amount()
        fields: dict[str, Any] = {}
        if self.chance.random() < 0.3:
            fields["currency"] = self.chance.choice(["EUR", "USD"])
        await self.changed(deal, amount=amount, **fields)

    async def postpone(self, deal: Deal) -> None:
        await self.changed(deal, expected_close=None if self.chance.random() < 0.1 else self.day())

    async def label(self, deal: Deal) -> None:
        fields: dict[str, Any] = {"forecast_category": self.chance.choice(["commit", "best_case"])}
        if deal["status"] == "open" and self.chance.random() < 0.5:
            fields = {"probability": self.chance.choice([None, 15, 85])}
        elif self.chance.random() < 0.5:
            fields = {"source": self.chance.choice(["fair", "web", None])}
        await self.changed(deal, **fields)

    async def close(self, deal: Deal) -> None:
        if deal["status"] != "open":
            return
        how = self.chance.choice(
            [
                {"stage": "won"},
                {"stage": "won", "closed_at": deal["opened_at"]},
                {"stage": "lost", "lost_reason_id": "Price"},
                {"stage": "lost", "lost_reason_id": "Competitor"},
            ]
        )
        await self.changed(deal, **how)

    async def reopen(self, deal: Deal) -> None:
        if deal["status"] != "open":
            await self.changed(deal, stage="negotiation")

    async def remove(self, deal: Deal) -> None:
        reply = await self.api.delete(f"{URL}/{deal['id']}")
        assert reply.status_code in (200, 204), reply.text
        deal["deleted_at"] = "now"

    async def restore(self, deal: Deal) -> None:
        reply = await self.api.post(f"{URL}/{deal['id']}/restore")
        assert reply.status_code == 200, reply.text
        self.deals[deal["id"]] = reply.json()

    async def seq(self) -> str:
        [last] = (await self.api.get("/v1/changes", params={"limit": 1})).json()["items"]
        return f"seq:{last['seq']}"

    def noted(self) -> tuple[dict[str, Deal], dict[str, int], dict[str, list[int]]]:
        return copy.deepcopy((self.deals, dict(self.moves), dict(self.pushes)))


def world(
    noted: tuple[dict[str, Deal], dict[str, int], dict[str, list[int]]],
    stays: dict[str, list[Row]],
    stages: Stages,
) -> World:
    """Cut the stages that deals were in down to those that there were."""
    deals, moves, pushes = noted
    cut: dict[str, list[Row]] = {}
    for deal in deals:
        cut[deal] = [dict(stay) for stay in stays[deal][: moves[deal]]]
        cut[deal][-1] |= {"left_at": None, "duration_seconds": None}
    ranked = [stage for stage in stages.values() if stage["type"] != "lost"]
    ranked.sort(key=lambda stage: (stage["type"] == "won", stage["position"]))
    return World(deals, cut, defaultdict(list, pushes), ranked)


def all_stays(url: str) -> dict[str, list[Row]]:
    """Return the stages that deals were in, by deal, those of deleted ones, too."""
    names = ("deal_id", "to_stage_id", "left_at", "duration_seconds")
    asked = (
        f"select {', '.join(names)} from ws_main.deal_stages where deleted_at is null "
        "order by entered_at, left_at, id"
    )
    with psycopg.connect(url) as connection:
        rows = [dict(zip(names, row, strict=True)) for row in connection.execute(asked)]
    told = [{**row, **{name: str(row[name]) for name in names[:2]}} for row in rows]
    return reference.grouped(told, lambda stay: stay["deal_id"])


def bury(url: str) -> None:
    """Let so much happen to others that the journal is read by its index."""
    with psycopg.connect(url) as connection:
        connection.execute(
            "insert into ws_main.changes (actor, record_type, record_id, action, version, diff) "
            "select 'system', 'companies', gen_random_uuid(), 'updated', 2, "
            """'{"name": ["a", "b"]}' from generate_series(1, 6000)"""
        )


async def held(api: httpx.AsyncClient, there: World, **asked: str) -> None:
    """Hold every report to the reference."""
    sums = ("count", "without_amount", "without_probability", "amount", "weighted")
    found = await report(api, "pipeline", **asked)
    full = [row for row in found if row["count"]]
    assert set(picked(full, "stage_id", "currency", *sums)) == reference.pipeline(there)
    for size in ("month", "quarter"):
        found = await report(api, "forecast", by=size, **asked)
        assert set(picked(found, "period", "category", "currency", *sums)) == reference.forecast(
            there, size
        )
        told = ("deals", "won", "lost", "amount", "rate", "rate_so_far")
        found = await report(api, "cohort", by=size, **asked)
        cells = set(picked(found, "cohort", "currency", "months", *told))
        assert cells == reference.cohort(there, size)
    names = ("reached", "conversion", "entered", "went_on", "rate", "lost", "won")
    found = await report(api, "funnel", **asked)
    assert picked(found, "stage_id", *names) == reference.funnel(there)
    slow = reference.times(there)
    for row in await report(api, "time_in_stage", **asked):
        told = tuple(row[name] for name in ("deals", "here", "stays"))
        deals, here, stays, total, longest, *ends = slow.get(
            row["stage_id"], (0, 0, 0, Decimal(), None, 0, 0)
        )
        assert (*told, row["won"], row["lost"]) == (deals, here, stays, *ends)
        assert Decimal(row["total_seconds"]) == total
        assert row["longest_seconds"] == (None if longest is None else str(longest))
    names = ("open", "won", "lost", "win_rate", "average_amount", "average_days", "velocity")
    found = await report(api, "velocity", **asked)
    assert set(picked(found, "currency", *names)) == reference.velocity(there)
    by = {"by": "source", **asked}
    found = await report(api, "win_rate", **by)
    assert set(picked(found, "value", "open", "won", "lost", "rate")) == reference.win_rate(
        there, "source"
    )
    names = ("times", "days", "average_days", "longest_days", "without_amount", "amount")
    found = await report(api, "slipped", **by)
    cells = set(picked(found, "value", "currency", "deals", "slipped", "rate", *names))
    assert cells == reference.slipped(there, "source")
    names = ("average_days", "median_days", "shortest_days", "longest_days")
    found = await report(api, "cycle", **by)
    cells = set(picked(found, "value", "status", "count", *names))
    assert cells == reference.cycle(there, "source")
    names = ("currency", "count", "without_amount", "amount", "share")
    found = await report(api, "reasons", **by)
    cells = set(picked(found, "value", "status", "lost_reason_id", *names))
    assert cells == reference.reasons(there, "source")


async def compared(
    api: httpx.AsyncClient, before: World, after: World, size: str, **asked: str
) -> None:
    """Hold what became of a forecast to the reference, and to the two forecasts themselves."""
    slow = reference.changes(before, after, size)
    rows = await report(api, "forecast_changes", by=size, **asked)
    assert {tuple(row[name] for name in ("period", "category", "currency")) for row in rows} == {
        *slow
    }
    for row in rows:
        key = row["period"], row["category"], row["currency"]
        causes = {
            each["cause"]: (each["deals"], Decimal(each["amount"]), Decimal(each["weighted"]))
            for each in row["causes"]
        }
        assert causes == {why: (told[0], *told[2:]) for why, told in slow[key].items()}
        for name, place in (("amount", 1), ("weighted", 2)):
            then, now, by = (Decimal(row[f"{name}_{end}"]) for end in ("then", "now", "change"))
            assert now - then == by == sum((told[place] for told in causes.values()), Decimal())
    for end, there in (("then", before), ("now", after)):
        names = ("period", "category", "currency", f"count_{end}", f"amount_{end}")
        names = (*names, f"weighted_{end}")
        told = {row for row in picked(rows, *names) if row[3]}
        assert told == {(*row[:4], *row[6:]) for row in reference.forecast(there, size)}


@pytest.mark.parametrize("seed", SEEDS)
async def test_reports_are_what_slow_arithmetic_says_on_any_day(
    api: httpx.AsyncClient, installation: Installation, stages: Stages, seed: int
) -> None:
    # an import makes stages that say of no deal how likely it is
    nothing = {"default_probability": None}
    reply = await api.patch(f"/v1/stages/{stages['qualification']['id']}", json=nothing)
    assert reply.status_code == 200, reply.text
    maker = Maker(api, stages, seed)
    for _ in range(STEPS):
        await maker.step()
    middle, noted = await maker.seq(), maker.noted()
    if seed == SEEDS[-1]:
        bury(installation.url)
    for _ in range(STEPS):
        await maker.step()
    last = await maker.seq()
    stays = all_stays(installation.url)
    before, after = (world(each, stays, stages) for each in (noted, maker.noted()))
    await held(api, after)
    await held(api, before, as_of=middle)
    await compared(api, before, after, "month", since=middle)
    await compared(api, before, after, "quarter", since=middle, as_of=last)
    assert await report(api, "forecast_changes", since=last) != []
    assert not any(row["causes"] for row in await report(api, "forecast_changes", since=last))
