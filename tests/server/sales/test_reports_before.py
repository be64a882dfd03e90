"""Reports as of days before the deals were here, as imported histories tell."""

from __future__ import annotations

import itertools
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.fixtures.stores import Installation
from tests.server.operations.doing import imported, undone
from tests.server.sales.conftest import URL, Stages, change, make
from tests.server.sales.reference import Deal, Row, World
from tests.server.sales.test_reports_as_of import REPORTS, bury, compared, held, report

_FIRST = datetime(2024, 1, 1, 8, tzinfo=UTC)
_SEEDS = (1, 2, 3, 4)
_DEALS = 18
_OPEN = ("prospecting", "qualification", "proposal", "negotiation")


@dataclass
class Stay:
    """A deal in a stage of the old product."""

    stage: str
    since: datetime
    state: dict[str, Any]


@dataclass
class History:
    """What a deal went through in the old product, and how it came here."""

    name: str
    source: str
    opened: datetime
    stays: list[Stay]
    changes: list[tuple[datetime, str, str, str]]
    """When, which field, from what, to what."""

    @property
    def last(self) -> Stay:
        return self.stays[-1]

    def value(self, field: str, at: datetime) -> str:
        """Return what a field was: what it was first, and then what it was changed to."""
        found = str(self.stays[0].state[field] or "")
        for when, name, _, new in self.changes:
            if name == field and when <= at:
                found = new
        return found


class Teller:
    """Makes histories up: of a product whose histories of stages tell amounts and closes, or of one
    that tells changes of these by themselves; some tell nothing of probabilities."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.tells_all = seed % 2 == 0
        self.tells_likely = seed not in (3, 4)

    def day(self) -> str:
        return str(date(2024, 3, 1) + timedelta(self.chance.randrange(300)))

    def amount(self) -> str:
        return f"{self.chance.randrange(1, 10**6)}.{self.chance.randrange(100):02}"

    def history(self, number: int) -> History:
        chance = self.chance
        at = _FIRST + timedelta(days=chance.randrange(120), hours=number)
        source = chance.choice(["fair", "web"])
        found = History(f"deal {number}", source, at, [], [])
        state: dict[str, Any] = {
            "amount": self.amount() if chance.random() < 0.8 else None,
            "currency": chance.choice(["EUR", "USD"]),
            "expected_close": self.day(),
        }
        way = chance.sample(_OPEN, chance.randrange(1, 5))
        if chance.random() < 0.6:
            way.append(chance.choice(["won", "lost"]))
            if chance.random() < 0.2:  # and was opened again
                way.append("negotiation")
        for stage in way:
            state |= {
                "probability": {"won": 100, "lost": 0}.get(stage, chance.randrange(0, 101, 5)),
                "forecast_category": {"won": "closed", "lost": "omitted"}.get(
                    stage, chance.choice(["pipeline", "best_case", "commit"])
                ),
            }
            found.stays.append(Stay(stage, at, dict(state)))
            for _ in range(chance.randrange(3)):
                at += timedelta(days=chance.randrange(1, 20), minutes=7)
                if not self.tells_all:
                    self.alter(found, state, at)
            at += timedelta(days=chance.randrange(1, 40), minutes=11)
            if self.tells_all:
                self.alter(found, state, at)
        return found

    def alter(self, told: History, state: dict[str, Any], at: datetime) -> None:
        """Change the amount or the close, as one that is there must have been."""
        field = self.chance.choice(["amount", "expected_close"])
        new = self.amount() if field == "amount" else self.day()
        old = str(state[field] or "")
        if new != old:
            told.changes.append((at, field, old, new))
            state[field] = new

    async def bring(self, api: httpx.AsyncClient, told: Sequence[History]) -> None:
        """Import all of it."""
        rows = [
            "external_ids.crm,name,source,opened_at,closed_at,stage,amount,currency,"
            "probability,expected_close,forecast_category,lost_reason"
        ]
        for each in told:
            stage, end = each.last.stage, dict(each.last.state)
            if not self.tells_all:
                end |= {field: new for _, field, _, new in each.changes}
            closed = each.last.since.isoformat() if stage in ("won", "lost") else ""
            rows.append(
                f"{each.name},{each.name},{each.source},{each.opened.isoformat()},{closed},"
                f"{stage},{end['amount'] or ''},{end['currency']},{end['probability']},"
                f"{end['expected_close']},{end['forecast_category']},"
                f"{'Price' if stage == 'lost' else ''}"
            )
        op = await imported(api, "deals", "\n".join(rows) + "\n")
        assert op["done"]["created"] == len(told), op
        names = ["currency", "forecast_category"]
        names += ["probability"] if self.tells_likely else []
        names += ["amount", "expected_close"] if self.tells_all else []
        stays = [f"deal,to_stage,entered_at,{','.join(names)}"]
        for each in told:
            for stay in each.stays:
                said = ",".join("" if stay.state[n] is None else str(stay.state[n]) for n in names)
                stays.append(f"{each.name},{stay.stage},{stay.since.isoformat()},{said}")
        op = await imported(api, "deal_stages", "\n".join(stays) + "\n")
        # one that was closed came with its last stay
        assert op["done"]["created"] + op["plan"]["unchanged"] == len(stays) - 1, op
        if self.tells_all:
            return
        lines = ["deal,field,old_value,new_value,changed_at"]
        for each in told:
            for when, field, old, new in each.changes:
                lines.append(f"{each.name},{field},{old},{new},{when.isoformat()}")
        op = await imported(api, "earlier_changes", "\n".join(lines) + "\n")
        assert op["done"]["created"] == len(lines) - 1, op

    def world(
        self, told: Sequence[History], there: dict[str, Deal], stages: Stages, at: datetime
    ) -> World:
        """Return what there was at a moment."""
        deals: dict[str, Deal] = {}
        ways: dict[str, list[Row]] = {}
        pushes: dict[str, list[int]] = defaultdict(list)
        for each in told:
            way = [stay for stay in each.stays if stay.since <= at]
            if not way:
                continue
            now = way[-1]
            key = there[each.name]["id"]
            state = dict(now.state)
            if not self.tells_all:
                state |= {n: each.value(n, at) or None for n in ("amount", "expected_close")}
            is_open = now.stage in _OPEN
            is_last = now is each.last
            if not self.tells_likely and not is_last:
                state["probability"] = stages[now.stage]["default_probability"]
            deals[key] = state | {
                "id": key,
                "stage_id": stages[now.stage]["id"],
                "status": "open" if is_open else now.stage,
                "closed_at": None if is_open else now.since.isoformat(),
                "opened_at": each.opened.isoformat(),
                "source": each.source,
                "lost_reason_id": there[each.name]["lost_reason_id"]
                if now.stage == "lost" and is_last
                else None,
                "deleted_at": None,
            }
            ways[key] = [
                {
                    "deal_id": key,
                    "to_stage_id": stages[stay.stage]["id"],
                    "left_at": None if after is None else after.since,
                    "duration_seconds": None
                    if after is None
                    else Decimal((after.since - stay.since).total_seconds()).quantize(
                        Decimal("0.001")
                    ),
                }
                for stay, after in zip(way, [*way[1:], None], strict=True)
            ]
            closes = [date.fromisoformat(stay.state["expected_close"]) for stay in way]
            moves = list(itertools.pairwise(closes))
            if not self.tells_all:
                moves = [
                    (date.fromisoformat(old), date.fromisoformat(new))
                    for when, field, old, new in each.changes
                    if field == "expected_close" and when <= at
                ]
            pushes[key] = [(new - old).days for old, new in moves]
        ranked = [stage for stage in stages.values() if stage["type"] != "lost"]
        ranked.sort(key=lambda stage: (stage["type"] == "won", stage["position"]))
        return World(deals, ways, pushes, ranked)


@pytest.mark.parametrize("seed", _SEEDS)
async def test_reports_are_what_slow_arithmetic_says_of_days_before(
    api: httpx.AsyncClient, installation: Installation, stages: Stages, seed: int
) -> None:
    teller = Teller(seed)
    told = [teller.history(number) for number in range(_DEALS)]
    await make(api, name="of today", amount="1")
    await teller.bring(api, told)
    listed = (await api.get(URL, params={"limit": 200})).json()["items"]
    there = {deal["name"]: deal for deal in listed}
    for deal in listed[::3]:  # what is done here is not about the time before
        await change(api, deal, source="phone", amount="77.77", expected_close="2027-01-01")
        if deal["status"] == "open":
            await change(api, deal, stage="won" if teller.chance.random() < 0.5 else "proposal")
    if seed > 2:
        bury(installation.url)
    days = [_FIRST + timedelta(days=each, minutes=3) for each in (60, 130, 200)]
    worlds = [teller.world(told, there, stages, day) for day in days]
    assert len({len(world.deals) for world in worlds}) > 1
    for day, world in zip(days, worlds, strict=True):
        await held(api, world, as_of=day.isoformat())
    first, last = (day.isoformat() for day in (days[0], days[-1]))
    await compared(api, worlds[0], worlds[-1], "month", since=first, as_of=last)


async def told_of(api: httpx.AsyncClient, rows: str) -> None:
    """Let a file tell of stays."""
    await imported(api, "deal_stages", f"deal,to_stage,entered_at,amount,probability\n{rows}")


async def sums(api: httpx.AsyncClient, **asked: str) -> list[tuple[str, int, str, str]]:
    """Return stage, count, amount and weighted amount of stages that deals are in."""
    rows = await report(api, "pipeline", **asked)
    return [
        (row["stage"], row["count"], row["amount"], row["weighted"]) for row in rows if row["count"]
    ]


class TestBefore:
    async def test_what_was_before_any_history_is_refused(self, api: httpx.AsyncClient) -> None:
        deal = await make(api, amount="100")
        asked = {"as_of": "2020-01-01"}
        reply = await api.get(f"{REPORTS}/pipeline", params=asked)
        assert (reply.status_code, reply.json()["errors"][0]["code"]) == (422, "before_journal")
        assert "No imported history reaches back so far." in reply.json()["detail"]
        await told_of(api, f"{deal['number']},qualification,2020-01-02T00:00:00Z,50,10\n")
        assert (await api.get(f"{REPORTS}/pipeline", params=asked)).status_code == 422
        assert await sums(api, as_of="2020-01-02") == [("qualification", 1, "50.00", "5.0000")]
        # lists are of what was here
        reply = await api.get(URL, params={"as_of": "2020-01-02"})
        assert reply.status_code == 422
        assert reply.json()["detail"].endswith("Reports can look further back.")
        reply = await api.get("/v1/contacts", params={"as_of": "2020-01-02"})
        assert "Reports" not in reply.json()["detail"]

    async def test_a_day_counts_whole_and_a_time_to_itself(self, api: httpx.AsyncClient) -> None:
        deal = await make(api, amount="100")
        rows = f"{deal['number']},qualification,2020-01-02T00:00:00Z,50,10\n"
        rows += f"{deal['number']},proposal,2020-01-03T00:00:00Z,60,50\n"
        await told_of(api, rows)
        assert [row[0] for row in await sums(api, as_of="2020-01-02")] == ["qualification"]
        assert [row[0] for row in await sums(api, as_of="2020-01-03T00:00:00Z")] == ["proposal"]
        before = await sums(api, as_of="2020-01-02T23:59:59.999999Z")
        assert before == [("qualification", 1, "50.00", "5.0000")]

    async def test_a_change_asks_the_journal_alone(self, api: httpx.AsyncClient) -> None:
        [last] = (await api.get("/v1/changes", params={"limit": 1})).json()["items"]
        deal = await make(api, amount="100")
        await told_of(api, f"{deal['number']},qualification,2020-01-02T00:00:00Z,50,10\n")
        assert await sums(api, as_of=f"seq:{last['seq']}") == []
        # by its time the deal was there, as its history tells
        found = await sums(api, as_of=last["at"])
        assert found == [("qualification", 1, "50.00", "5.0000")]

    async def test_an_import_that_is_undone_tells_nothing(self, api: httpx.AsyncClient) -> None:
        header = "name,external_ids.crm,stage,amount,closed_at\n"
        op = await imported(api, "deals", f"{header}Old,o1,won,40,2020-05-01T00:00:00Z\n")
        assert await sums(api, as_of="2020-06-01") == [("won", 1, "40.00", "40.0000")]
        await undone(api, op)
        reply = await api.get(f"{REPORTS}/pipeline", params={"as_of": "2020-06-01"})
        assert reply.status_code == 422

    async def test_what_is_deleted_now_is_not_told_of(self, api: httpx.AsyncClient) -> None:
        deals = [await make(api, amount=amount) for amount in ("100", "200")]
        rows = "".join(
            f"{deal['number']},qualification,2020-01-02T00:00:00Z,{deal['amount']},10\n"
            for deal in deals
        )
        await told_of(api, rows)
        reply = await api.delete(f"{URL}/{deals[0]['id']}")
        assert reply.status_code in (200, 204)
        found = await sums(api, as_of="2020-01-03")
        assert found == [("qualification", 1, "200.00", "20.0000")]

    async def test_amounts_in_the_base_currency_go_by_the_rate_of_the_day(
        self, api: httpx.AsyncClient
    ) -> None:
        for day, rate in (("2020-01-01", "0.5"), ("2020-02-01", "0.8"), ("2021-01-01", "2")):
            made = {"currency": "USD", "day": day, "rate": rate}
            assert (await api.post("/v1/exchange_rates", json=made)).status_code == 201
        deal = await make(api, amount="100", currency="USD")
        await told_of(api, f"{deal['number']},qualification,2020-01-02T00:00:00Z,50,10\n")
        for day, worth in (("2020-01-31", "25.00"), ("2020-02-01", "40.00")):
            rows = await report(api, "pipeline", as_of=day)
            [row] = [row for row in rows if row["count"]]
            assert (row["currency"], row["base_amount"]) == ("USD", worth)

    async def test_other_fields_are_as_they_were_when_the_deal_came(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        asked = {"record_type": "deals", "key": "region", "type": "text", "label": "Region"}
        reply = await api.post("/v1/fields", json=asked)
        assert reply.status_code == 201, reply.text
        deal = await make(api, amount="100", source="fair", custom={"region": "north"})
        await told_of(api, f"{deal['number']},qualification,2020-01-02T00:00:00Z,50,10\n")
        for _ in range(2):
            await change(api, deal, source="web", custom={"region": "south"})
            for by, value in (("source", "fair"), ("region", "north")):
                rows = await report(api, "win_rate", as_of="2020-01-03", by=by)
                assert [row["value"] for row in rows] == [value]
            fits = {"where": "source = fair and region = north"}
            assert len(await sums(api, as_of="2020-01-03", **fits)) == 1
            bury(installation.url)

    async def test_a_forecast_of_before_the_import_says_what_came_of_it(
        self, api: httpx.AsyncClient
    ) -> None:
        deals = [await make(api, amount="100", expected_close="2020-03-31") for _ in range(2)]
        await told_of(
            api,
            f"{deals[0]['number']},qualification,2020-01-02T00:00:00Z,50,10\n"
            f"{deals[1]['number']},qualification,2020-01-02T00:00:00Z,100,10\n",
        )
        await change(api, deals[1], stage="won", closed_at="2020-03-30T00:00:00Z")
        rows = await report(api, "forecast_changes", since="2020-01-03")
        causes = [(each["cause"], each["amount"]) for row in rows for each in row["causes"]]
        assert sorted(causes) == [("amount_up", "50.00"), ("won", "-100.00"), ("won", "100.00")]

    async def test_the_earlier_of_two_is_since(self, api: httpx.AsyncClient) -> None:
        deal = await make(api, amount="100")
        await told_of(api, f"{deal['number']},qualification,2020-01-02T00:00:00Z,50,10\n")
        asked = {"since": "2020-01-05", "as_of": "2020-01-04"}
        reply = await api.get(f"{REPORTS}/forecast_changes", params=asked)
        assert reply.json()["errors"][0]["code"] == "after_as_of"
        assert "before the journal begins" in reply.json()["detail"]
