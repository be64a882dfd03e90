"""Amounts in the base currency: the rate of the day by every door, anew while a deal is open."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import httpx
import psycopg
import pytest
from pydantic import SecretStr

from cerebro_server import registry
from cerebro_server.kernel.db import Database, urls
from cerebro_server.kernel.errors import Invalid, Unavailable
from tests.fixtures.server import serving
from tests.fixtures.stores import Installation, settings
from tests.server.jobs.conftest import Desk, until
from tests.server.jobs.conftest import desk as desk  # noqa: PLC0414 - a fixture
from tests.server.operations.doing import ask, done, imported, undone
from tests.server.sales.conftest import URL, change, make, refused

RATES = "/v1/exchange_rates"
CENT = Decimal("0.01")
FILE = (
    "currency,day,rate,source\n"
    "USD,2025-01-01,0.9,ECB\nUSD,2025-06-01,0.8,ECB\nCHF,2025-01-01,1.1,\n"
)


def day(offset: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=offset)).isoformat()


@contextmanager
def kept_in(installation: Installation, base: str) -> Iterator[None]:
    """Let amounts be kept in a base currency, and in EUR as everywhere after that."""
    change = "update public.installation set base_currency = %s"
    with psycopg.connect(installation.url, autocommit=True) as connection:
        connection.execute(change, (base,))
        try:
            yield
        finally:
            connection.execute(change, ("EUR",))


async def rate(api: httpx.AsyncClient, currency: str, on: str, value: str) -> dict[str, Any]:
    """Enter a rate."""
    body = {"currency": currency, "day": on, "rate": value}
    reply = await api.post(RATES, json=body)
    assert reply.status_code == 201, reply.text
    found: dict[str, Any] = reply.json()
    return found


async def get(api: httpx.AsyncClient, deal: dict[str, Any]) -> dict[str, Any]:
    """Return a deal as it is now, its amounts held to what its rate makes of them."""
    found: dict[str, Any] = (await api.get(f"{URL}/{deal['id']}")).json()
    if found["rate"] is None:
        assert (found["base_amount"], found["weighted_base_amount"]) == (None, None)
        assert (found["base_mrr"], found["rate_day"]) == (None, None)
    elif found["amount"] is not None:
        base = Decimal(found["amount"]) * Decimal(found["rate"])
        assert found["base_amount"] == str(base.quantize(CENT, ROUND_HALF_UP))
        weighted = Decimal(found["base_amount"]) * found["probability"] / 100
        assert Decimal(found["weighted_base_amount"]) == weighted
    return found


async def rated(api: httpx.AsyncClient, *deals: dict[str, Any]) -> list[str | None]:
    """Return the rates of deals as they are now."""
    found = [(await get(api, deal))["rate"] for deal in deals]
    return [None if each is None else str(Decimal(each).normalize()) for each in found]


async def settled(desk: Desk) -> None:
    """Let a worker read the journal, and do what follows from it."""

    def is_settled() -> bool:
        [(behind,)] = desk.rows(
            "select exists (select from changes c, relay_cursor r where c.record_type = "
            "'exchange_rates' and (c.era, c.xid, c.seq) > (r.era, r.xid, r.seq))"
        )
        return not behind and not set(desk.states()) & {"pending", "leased"}

    async with desk.working({}):
        await until(is_settled, "the rates have reached the deals")
    assert desk.states() == {}


@pytest.fixture
async def rates(api: httpx.AsyncClient) -> AsyncIterator[None]:
    await imported(api, "exchange_rates", FILE)
    yield


class TestRates:
    """The rates themselves."""

    async def test_are_found_by_currency_and_day(self, api: httpx.AsyncClient, rates: None) -> None:
        assert (await api.get(f"{RATES}/usd@2025-06-01")).json()["rate"] == "0.8000000000"
        again = {"currency": "usd", "day": "2025-06-01", "rate": "1"}
        reply = await api.post(RATES, json=again)
        assert (reply.status_code, reply.json()["code"]) == (409, "duplicate_key")
        op = await imported(api, "exchange_rates", FILE.replace("0.8,", "0.85,"))
        assert (op["plan"]["update"], op["plan"]["unchanged"], op["plan"]["create"]) == (1, 2, 0)
        assert (await api.get(f"{RATES}/USD@2025-06-01")).json()["rate"] == "0.8500000000"
        await undone(api, op)
        assert (await api.get(f"{RATES}/USD@2025-06-01")).json()["rate"] == "0.8000000000"
        file = (await api.get(f"{RATES}/export")).text
        op = await imported(api, "exchange_rates", file)
        assert (op["plan"]["unchanged"], op["plan"]["error"]) == (3, 0), op
        op = await imported(api, "exchange_rates", file.replace("2025-06-01", "2025-07-01"))
        assert (op["plan"]["unchanged"], op["plan"]["error"]) == (2, 1), op

    async def test_refuses_what_is_no_rate(self, api: httpx.AsyncClient, rates: None) -> None:
        good = {"currency": "USD", "day": "2026-01-01", "rate": "0.9"}
        for wrong, pointer in (
            ({"currency": "eur"}, "/currency"),
            ({"currency": "EURO"}, "/currency"),
            ({"rate": "0"}, "/rate"),
            ({"rate": 0.9}, "/rate"),
            ({"rate": "0.12345678901"}, "/rate"),
            ({"day": "2026"}, "/day"),
        ):
            reply = await api.post(RATES, json={**good, **wrong})
            assert refused(reply)[:2] == (422, pointer)
        reply = await api.post(RATES, json={**good, "currency": "EUR"})
        assert refused(reply)[2] == "base_currency"
        reply = await api.patch(f"{RATES}/USD@2025-01-01", json={"day": "2025-02-01"})
        assert reply.status_code == 422


class TestDeals:
    """What a deal gets, by whatever door it is written."""

    async def test_every_door_gives_the_rate_of_the_day(
        self, api: httpx.AsyncClient, rates: None
    ) -> None:
        deal = await make(api, amount="100.01", currency="USD", probability=33)
        assert (deal["rate_day"], deal["base_amount"]) == ("2025-06-01", "80.01")
        assert deal["weighted_base_amount"] == "26.4033"
        base = await make(api, amount="5")
        assert (base["rate_day"], base["base_amount"]) == (None, "5.00")
        unknown = await make(api, amount="7", currency="GBP")
        assert await rated(api, deal, base, unknown) == ["0.8", "1", None]
        old = await make(api, currency="USD", stage="won", closed_at="2025-03-01T00:30:00+02:00")
        ancient = await make(api, currency="USD", stage="won", closed_at="2024-12-31T23:59:59Z")
        assert await rated(api, old, ancient) == ["0.9", None]
        largest = await make(api, amount="9999999999999999.99", currency="JPY")
        await rate(api, "JPY", "2025-01-01", "9999999999.9999999999")
        await change(api, largest, currency="USD")
        assert (await change(api, largest, currency="JPY"))["base_amount"] is not None

        deal = await change(api, deal, currency="CHF")
        assert deal["base_amount"] == "110.01"
        await ask(api, "/v1/undo", {"what": f"deals/{deal['id']}", "yes": True})
        assert await rated(api, deal) == ["0.8"]
        op = await done(api, "deals.update", where="currency = USD", values={"currency": "GBP"})
        assert await rated(api, deal, old) == [None, None]
        await undone(api, op)
        assert await rated(api, deal, old, ancient) == ["0.8", "0.9", None]
        file = "name,amount,currency,stage,closed_at\nFile,3,USD,,\n"
        file += "Old,3,USD,won,2025-02-01T00:00:00Z\n"
        await imported(api, "deals", file)
        asked = {"where": "name in (File, Old)", "sort": "name"}
        found = (await api.get(URL, params=asked)).json()
        assert await rated(api, *found["items"]) == ["0.8", "0.9"]
        lead = {"last_name": "Doe", "amount": "50", "currency": "USD", "company_name": "Acme"}
        lead = (await api.post("/v1/leads", json=lead)).json()
        made = (await api.post(f"/v1/leads/{lead['id']}/convert", json={})).json()
        assert made["deal"]["base_amount"] == "40.00"
        found = (await api.get(URL, params={"where": "base_amount > 79 and rate = 0.8"})).json()
        assert deal["id"] in {each["id"] for each in found["items"]}

    async def test_closed_deals_keep_theirs_and_open_ones_follow(
        self, api: httpx.AsyncClient, desk: Desk, rates: None
    ) -> None:
        open_ = await make(api, amount="100", currency="USD", name="Open")
        won = await make(api, amount="100", currency="USD", stage="won")
        early = await make(api, amount="100", currency="GBP", stage="won")
        locked = await make(api, amount="100", currency="USD")
        await api.post(f"{URL}/{locked['id']}/lock")
        deleted = await make(api, amount="100", currency="USD")
        await api.delete(f"{URL}/{deleted['id']}")
        edited = await make(api, amount="100", currency="CHF")
        edited = await change(api, edited, currency="USD", amount="90")
        op = await imported(api, "deals", "name,currency\nFile,USD\n")
        [file] = (await api.get(URL, params={"where": "name = File"})).json()["items"]
        await rate(api, "USD", day(1), "7")
        await rate(api, "GBP", day(-1), "1.2")
        await api.patch(f"{RATES}/USD@2025-06-01", json={"rate": "0.7"})
        await settled(desk)
        assert await rated(api, open_, won, early) == ["0.7", "0.8", "1.2"]
        assert await rated(api, locked, edited, file) == ["0.8", "0.7", "0.7"]
        version = (await get(api, open_))["version"]
        assert version == open_["version"] + 1
        [entry] = (
            await api.get("/v1/changes", params={"record": f"deals/{open_['id']}", "limit": 1})
        ).json()["items"]
        assert (entry["actor"]["type"], entry["diff"]["rate"]) == (
            "system",
            ["0.8000000000", "0.7000000000"],
        )
        assert (await get(api, early))["rate_day"] == day(-1)

        await api.post(f"{URL}/{locked['id']}/unlock")
        await api.post(f"{URL}/{deleted['id']}/restore")
        assert await rated(api, locked, deleted) == ["0.7", "0.7"]
        await ask(api, "/v1/undo", {"what": f"deals/{edited['id']}", "yes": True})
        assert await rated(api, edited) == ["0.7"]  # the last change was the system's

        reply = await api.post(f"{URL}/{won['id']}/reopen", json={})
        assert reply.json()["rate"] == "0.7000000000"
        await ask(api, "/v1/undo", {"yes": True})
        again = await get(api, won)
        assert (again["status"], again["rate_day"]) == ("won", "2025-06-01")
        then = {"opened_at": "2025-01-01T00:00:00Z", "closed_at": "2025-03-01T00:00:00Z"}
        moved = await change(api, won, **then)
        assert Decimal(moved["rate"]) == Decimal("0.9")

        undo = await undone(api, op)
        assert undo["done"]["deleted"] == 1, undo

        await api.delete(f"{RATES}/USD@2025-06-01")
        await settled(desk)
        assert await rated(api, open_, won) == ["0.9", "0.9"]
        await api.delete(f"{RATES}/USD@2025-01-01")
        await settled(desk)
        assert await rated(api, open_, won) == [None, "0.9"]

    async def test_an_undo_brings_back_no_outdated_rate(
        self, api: httpx.AsyncClient, desk: Desk, rates: None
    ) -> None:
        deal = await make(api, amount="100", currency="USD")
        deal = await change(api, deal, currency="CHF", name="Swiss")
        seqs = (await api.get("/v1/changes", params={"record": f"deals/{deal['id']}"})).json()
        for key, value in (("USD@2025-06-01", "0.6"), ("CHF@2025-01-01", "1.3")):
            assert (await api.patch(f"{RATES}/{key}", json={"rate": value})).is_success
        await settled(desk)
        assert await rated(api, deal) == ["1.3"]
        edit = max(each["seq"] for each in seqs["items"])
        await ask(api, "/v1/undo", {"what": f"seq:{edit}", "yes": True})
        found = await get(api, deal)
        assert (found["name"], found["currency"], found["base_amount"]) == ("Acme", "USD", "60.00")
        seqs = (await api.get("/v1/changes", params={"record": f"deals/{deal['id']}"})).json()
        [rerated] = [each["seq"] for each in seqs["items"] if each["actor"]["type"] == "system"]
        op = await ask(api, "/v1/undo", {"what": f"seq:{rerated}", "yes": True})
        assert (op["plan"]["unchanged"], op["plan"]["update"]) == (1, 0), op
        assert await rated(api, deal) == ["0.6"]


class TestJob:
    """Bringing deals in step."""

    async def test_goes_on_after_it_was_killed_and_leaves_alone_what_is_in_step(
        self, api: httpx.AsyncClient, desk: Desk
    ) -> None:
        deal = await make(api, currency="USD", amount="1")
        desk.rows(
            "insert into deals (id, name, stage, status, currency, forecast_category, pipeline_id, "
            "stage_id, opened_at, last_stage_change_at, amount) select gen_random_uuid(), "
            "'Many ' || n, stage, status, 'USD', forecast_category, pipeline_id, stage_id, now(), "
            "now(), n from deals, generate_series(1, 12000) n "
            "where set_config('cerebro.actor', 'system', false) <> '' returning 1"
        )
        await rate(api, "USD", "2025-01-01", "0.5")
        killed = desk.rows(  # as a worker leaves it that was killed after its first chunk
            "with c as (select id from deals order by id limit 5000) update deals d "
            "set rate = 1, version = version + 1 from c where c.id = d.id returning 1"
        )
        assert len(killed) == 5_000
        await settled(desk)
        assert desk.rows("select rate, count(*) from deals group by 1") == [
            (Decimal("0.5000000000"), 12_001)
        ]
        assert desk.rows("select count(*) from deals where base_amount = round(amount / 2, 2)") == [
            (12_001,)
        ]
        before = desk.rows("select max(seq) from changes")
        await desk.ask("rerate")
        await settled(desk)
        assert desk.rows("select max(seq) from changes") == before
        assert Decimal((await get(api, deal))["base_amount"]) == Decimal("0.50")

    async def test_waits_for_writers_who_do_not_know_the_rate(
        self, api: httpx.AsyncClient, desk: Desk, installation: Installation
    ) -> None:
        deal = await make(api, amount="1")
        async with await psycopg.AsyncConnection.connect(installation.url) as writer:
            await writer.execute("set search_path = ws_main; set cerebro.actor = 'system'")
            await writer.execute(
                "update deals set currency = 'USD', version = version + 1 where id = %s",
                (deal["id"],),
            )
            await rate(api, "USD", "2025-01-01", "0.5")
            # the relay waits for this writer, but not for one that begins after the rate
            await desk.ask("rerate")
            running = asyncio.create_task(settled(desk))
            waits = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
            await until(lambda: desk.rows(waits)[0][0], "the job waits")
            assert await rated(api, deal) == ["1"]
            await writer.commit()
        await running
        assert await rated(api, deal) == ["0.5"]

    async def test_another_base_currency_is_worth_one(self, installation: Installation) -> None:
        with kept_in(installation, "USD"):
            await self._worth_one(installation)

    async def test_the_base_currency_changes_only_while_nothing_is_in_it(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        dollars = settings(installation.url, base_currency="USD")
        with kept_in(installation, "EUR"):
            deal = await make(api, amount="2")
            with pytest.raises(Invalid, match="kept in EUR"):
                async with serving(installation, base_currency="USD"):
                    pass
            await self._refused_by_whoever_has_no_owner(installation)
            registry.install(dollars)  # an open deal is in nobody's way
            registry.install(installation.settings)
            await api.post(f"{URL}/{deal['id']}/win")
            await rate(api, "USD", "2025-01-01", "0.5")
            with pytest.raises(Invalid, match="main has exchange rates and closed deals in EUR"):
                registry.install(dollars)
            registry.install(installation.settings)

    async def _refused_by_whoever_has_no_owner(self, installation: Installation) -> None:
        url = urls.app_url(installation.settings)
        alone = {"database_url": None, "database_app_url": SecretStr(url)}
        with pytest.raises(Invalid, match="kept in EUR"):
            async with serving(installation, base_currency="USD", **alone):
                pass
        async with serving(installation, **alone) as client:
            assert (await client.get(URL)).status_code == 200
        # a database that was away when the server started
        database = Database(url, size=1, statement_timeout_seconds=5, base_currency="USD")
        await database.open()
        with pytest.raises(Unavailable, match="kept in EUR"):
            await database.control()
        await database.close()

    async def _worth_one(self, installation: Installation) -> None:
        async with serving(installation, base_currency="USD") as api:
            deal = await make(api, amount="2")
            assert (deal["currency"], deal["rate"]) == ("USD", "1.0000000000")
            body = {"currency": "USD", "day": "2025-01-01", "rate": "1"}
            reply = await api.post(RATES, json=body)
            assert refused(reply)[2] == "base_currency"
            await rate(api, "EUR", "2025-01-01", "1.25")
            assert (await make(api, amount="2", currency="EUR"))["base_amount"] == "2.50"


class TestRecurring:
    """What comes in again."""

    async def test_plans_and_what_they_come_to(self, api: httpx.AsyncClient, rates: None) -> None:
        plans = (await api.get("/v1/recurring_plans", params={"sort": "position"})).json()["items"]
        assert [(each["name"], each["months"]) for each in plans] == [
            *(("Monthly", 1), ("Quarterly", 3), ("Yearly", 12), ("3 years", 36)),
        ]
        plan, amount = {"recurring_plan_id": "Quarterly"}, {"recurring_amount": "100"}
        deal = await make(api, currency="USD", probability=50, **plan, **amount)
        assert (deal["mrr"], deal["weighted_mrr"], deal["base_mrr"]) == (
            *("33.33", "16.6650", "26.66"),
        )
        deal = await change(api, deal, recurring_plan_id="Yearly")
        assert (deal["recurring_months"], deal["mrr"]) == (12, "8.33")
        await ask(api, "/v1/undo", {"what": f"deals/{deal['id']}", "yes": True})
        assert (await get(api, deal))["mrr"] == "33.33"
        for body, pointer in ((plan, "/recurring_amount"), (amount, "/recurring_plan_id")):
            reply = await api.post(URL, json={"name": "x", **body})
            assert refused(reply) == (422, pointer, "recurring_pair")
        reply = await api.patch(f"{URL}/{deal['id']}", json={"recurring_amount": None})
        assert refused(reply)[1:] == ("/recurring_amount", "recurring_pair")
        reply = await api.delete("/v1/recurring_plans/Quarterly")
        assert reply.json()["errors"][0]["code"] == "in_use"
        empty = {"recurring_amount": None, "recurring_plan_id": None}
        deal = await change(api, deal, **empty)
        assert [deal[n] for n in ("recurring_months", "mrr", "weighted_mrr", "base_mrr")] == (
            [None] * 4
        )
        assert (await api.delete("/v1/recurring_plans/Quarterly")).status_code == 200
        for months in (0, 121, None):
            body = {"name": "Odd", "months": months}
            assert (await api.post("/v1/recurring_plans", json=body)).status_code == 422
        reply = await api.patch("/v1/recurring_plans/Yearly", json={"months": 6})
        assert reply.status_code == 422
        file = "name,recurring_plan_id,recurring_amount\nOne,Monthly,5\nTwo,Monthly,\n"
        reply = await api.post(f"{URL}/import", content=file, headers={"content-type": "text/csv"})
        assert (reply.json()["created"], reply.json()["refused"]) == (1, 1), reply.text
