"""Products, price books and prices; lines of deals, and amounts that are counted from them."""

from __future__ import annotations

import asyncio
import random
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import httpx
import psycopg
import pytest

from tests.fixtures.people import People
from tests.fixtures.stores import Installation
from tests.server.operations.doing import done
from tests.server.sales.conftest import URL, change, make, refused

LINES = "/v1/deal_lines"
CSV = {"content-type": "text/csv"}


async def post(api: httpx.AsyncClient, noun: str, **body: Any) -> dict[str, Any]:
    reply = await api.post(f"/v1/{noun}", json=body)
    assert reply.status_code == 201, reply.text
    found: dict[str, Any] = reply.json()
    return found


async def amount(api: httpx.AsyncClient, deal: dict[str, Any]) -> str | None:
    found: str | None = (await api.get(f"{URL}/{deal['id']}")).json()["amount"]
    return found


@pytest.fixture
async def shop(api: httpx.AsyncClient) -> None:
    """A product with two tiers in the default book of EUR, and a dearer book."""
    await post(api, "products", sku="E-1", name="Engine", unit="piece", tax_rate="19")
    await post(api, "products", sku="OLD", name="Steam", is_active=False)
    await post(api, "price_books", name="Retail", currency="EUR", is_default=True)
    await post(api, "price_books", name="Dear", currency="EUR")
    await post(api, "prices", price_book_id="Retail", product_id="E-1", price="100")
    tier = {"min_quantity": "10", "price": "89.995"}
    await post(api, "prices", price_book_id="Retail", product_id="E-1", **tier)
    await post(api, "prices", price_book_id="Dear", product_id="E-1", price="500")


@pytest.mark.usefixtures("shop")
class TestCatalogue:
    async def test_refuses_what_cannot_be(self, api: httpx.AsyncClient) -> None:
        asked: list[tuple[str, dict[str, Any], tuple[int, str, str]]] = [
            (
                "price_books",
                {"name": "B", "valid_from": "2026-02-01", "valid_to": "2026-01-01"},
                (422, "/valid_to", "ends_before_it_begins"),
            ),
            (
                "prices",
                {"price_book_id": "Retail", "product_id": "E-1", "price": 1.5},
                (422, "/price", "decimal_text"),
            ),
            ("products", {"sku": "e-1", "name": "Twin"}, (409, "/sku", "duplicate_key")),
        ]
        for noun, body, expected in asked:
            assert refused(await api.post(f"/v1/{noun}", json=body)) == expected
        twice = {"price_book_id": "Retail", "product_id": "E-1", "price": "1"}
        assert (await api.post("/v1/prices", json=twice)).status_code == 409
        usd = {"name": "US", "currency": "USD", "is_default": True}
        assert (await api.post("/v1/price_books", json=usd)).status_code == 201
        found = await api.get("/v1/products", params={"where": "prices has (price > 400)"})
        assert [each["sku"] for each in found.json()["items"]] == ["E-1"]


@pytest.mark.usefixtures("shop")
class TestLines:
    async def test_take_name_tax_and_price_of_their_product(self, api: httpx.AsyncClient) -> None:
        deal = await make(api)
        line = await post(api, "deal_lines", deal_id=str(deal["number"]), product_id="E-1")
        assert (line["description"], line["unit"], line["position"]) == ("Engine", "piece", 1)
        assert (line["unit_price"], line["tax_rate"]) == ("100.0000", "19.0000")
        assert (line["net"], line["tax"], line["total"]) == ("100.00", "19.00", "119.00")
        many = {"deal_id": deal["id"], "product_id": "E-1", "quantity": "10"}
        line = await post(api, "deal_lines", **many, discount_percent="5", discount_amount="0.05")
        assert (line["unit_price"], line["position"]) == ("89.9950", 2)
        # 899.95 less 44.9975, rounded to 45.00, and 0.05
        assert (line["subtotal"], line["discount"], line["net"]) == ("899.95", "45.05", "854.90")
        url = f"{LINES}/{line['id']}"
        fewer = (await api.patch(url, json={"quantity": "2"})).json()
        assert fewer["unit_price"] == "89.9950", "what was agreed on stays"
        anew = (await api.patch(url, json={"unit_price": None})).json()
        assert anew["unit_price"] == "100.0000"
        await change(api, deal, price_book_id="Dear")
        anew = (await api.patch(url, json={"unit_price": None})).json()
        assert anew["unit_price"] == "500.0000"

    async def test_say_what_is_missing(self, api: httpx.AsyncClient) -> None:
        deal, usd = await make(api), await make(api, currency="USD")
        await post(api, "products", sku="E-2", name="Bare")
        less = ("/discount_amount", "discount_too_large")
        asked: list[tuple[dict[str, Any], str, str]] = [
            ({"product_id": "E-2"}, "/unit_price", "no_price"),
            ({"product_id": "E-1", "quantity": "0.5"}, "/unit_price", "no_price"),
            ({"product_id": "E-1", "deal_id": usd["id"]}, "/unit_price", "no_price"),
            ({"product_id": "OLD", "unit_price": "1"}, "/product_id", "not_active"),
            ({"description": "x"}, "/unit_price", "missing"),
            ({"unit_price": "1"}, "/description", "missing"),
            ({"product_id": "E-1", "discount_amount": "101"}, *less),
            ({"product_id": "E-1", "quantity": "0"}, "/quantity", "greater_than"),
            ({"product_id": "E-1", "unit_price": "1.23456"}, "/unit_price", "decimal_max_places"),
        ]
        for body, pointer, code in asked:
            reply = await api.post(LINES, json={"deal_id": deal["id"], **body})
            assert refused(reply) == (422, pointer, code), reply.text
        await api.patch("/v1/price_books/Retail", json={"valid_to": "2020-01-01"})
        reply = await api.post(LINES, json={"deal_id": deal["id"], "product_id": "E-1"})
        assert "default price book for EUR" in reply.json()["detail"]
        await change(api, deal, price_book_id="Retail")
        reply = await api.post(LINES, json={"deal_id": deal["id"], "product_id": "E-1"})
        assert "not in force today" in reply.json()["detail"]

    async def test_of_a_deal_that_one_may_not_change_are_not_theirs(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        rights = ("deals:read", "deals:update:own", "deal_lines:read", "deal_lines:create")
        main.role("rep", [*rights, "deal_lines:update:own", "products:read"])
        rep = main.user("rep", "rep")
        headers = {"Authorization": f"Bearer {main.key('*', user=rep)}"}
        theirs, own = await make(api), await make(api, owner_id=str(rep))
        there = await post(api, "deal_lines", deal_id=theirs["id"], product_id="E-1")
        for deal, code in ((theirs, 403), (own, 201)):
            body = {"deal_id": deal["id"], "product_id": "E-1"}
            reply = await api.post(LINES, json=body, headers=headers)
            assert reply.status_code == code, reply.text
        mine = f"{LINES}/{reply.json()['id']}"
        assert (await api.patch(mine, json={"quantity": "2"}, headers=headers)).status_code == 200
        reply = await api.patch(f"{LINES}/{there['id']}", json={"quantity": "2"}, headers=headers)
        assert reply.status_code == 403
        assert await amount(api, theirs) == "100.00"
        await api.post(f"{URL}/{own['id']}/lock")
        assert (await api.patch(mine, json={"quantity": "3"})).json()["errors"][0]["code"] == (
            "record_locked"
        )


@pytest.mark.usefixtures("shop")
class TestAmount:
    async def test_follows_the_lines_by_every_door(self, api: httpx.AsyncClient) -> None:
        deal = await make(api)
        assert (deal["amount"], deal["amount_source"]) == (None, "lines")
        one = await post(api, "deal_lines", deal_id=deal["id"], product_id="E-1")
        two = await post(api, "deal_lines", deal_id=deal["id"], description="X", unit_price="0.005")
        assert await amount(api, deal) == "100.01"
        url = f"{LINES}/{one['id']}"
        await api.patch(url, json={"quantity": "2"})
        assert await amount(api, deal) == "200.01"
        reply = await api.post("/v1/undo", json={"what": f"deal_lines/{one['id']}", "yes": True})
        assert reply.status_code < 300, reply.text
        assert await amount(api, deal) == "100.01"
        await api.delete(f"{LINES}/{two['id']}")
        assert await amount(api, deal) == "100.00"
        await api.post(f"{LINES}/{two['id']}/restore")
        assert await amount(api, deal) == "100.01"
        for gone in (one, two):
            await api.delete(f"{LINES}/{gone['id']}")
        assert await amount(api, deal) is None

    async def test_is_not_edited_where_it_is_counted(self, api: httpx.AsyncClient) -> None:
        deal = await make(api)
        plain = await change(api, deal, amount="7")
        assert (plain["amount"], plain["amount_source"]) == ("7.00", "manual")
        await post(api, "deal_lines", deal_id=deal["id"], product_id="E-1")
        assert await amount(api, deal) == "7.00"
        counted = await change(api, deal, amount_source="lines")
        assert counted["amount"] == "100.00"
        url = f"{URL}/{deal['id']}"
        for verb, said in (("patch", url), ("post", f"{url}/win")):
            reply = await getattr(api, verb)(said, json={"amount": "5"})
            assert refused(reply) == (422, "/amount", "counted_from_lines")
            assert "amount_source=manual" in reply.json()["detail"]
        reply = await api.patch(url, json={"currency": "USD"})
        assert refused(reply) == (422, "/currency", "has_lines")
        same = await api.patch(url, json={"amount": "100.0", "name": "Still"})
        assert (same.status_code, same.json()["amount"]) == (200, "100.00")
        file = f"id,amount\n{deal['id']},5\n"
        reply = await api.post(f"{URL}/import", content=file, headers=CSV)
        assert "counted_from_lines" in reply.text
        assert await amount(api, deal) == "100.00"
        by_hand = await change(api, deal, amount_source="manual", amount="5")
        assert (by_hand["amount"], by_hand["amount_source"]) == ("5.00", "manual")
        await api.post("/v1/undo", json={"what": f"deals/{deal['id']}", "yes": True})
        assert await amount(api, deal) == "100.00"

    async def test_two_at_once_lose_no_line(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        deal = await make(api)
        insert = (
            "insert into ws_main.deal_lines (id, deal_id, description, quantity, unit_price, "
            "position) values (gen_random_uuid(), %s, 'x', 1, %s, 1)"
        )
        with (
            psycopg.connect(installation.url) as first,
            psycopg.connect(installation.url) as second,
        ):
            for each in (first, second):
                each.execute("set cerebro.actor = 'system'")
            first.execute(insert, (deal["id"], 1))
            waiting = second.pgconn
            waiting.send_query_params(
                insert.replace("%s", "$1", 1).replace("%s", "$2", 1).encode(),
                [deal["id"].encode(), b"2"],
            )
            first.commit()
            while (found := waiting.get_result()) is not None:
                assert not found.error_message, found.error_message
            second.commit()
        assert await amount(api, deal) == "3.00"

    async def test_many_at_once_stand_one_behind_the_other(self, api: httpx.AsyncClient) -> None:
        deal = await make(api)
        body = {"deal_id": deal["id"], "description": "x", "unit_price": "1"}
        await asyncio.gather(*(post(api, "deal_lines", **body) for _ in range(8)))
        lines = (await api.get(LINES, params={"sort": "position"})).json()["items"]
        assert [line["position"] for line in lines] == [1, 2, 3, 4, 5, 6, 7, 8]

    async def test_merged_deals_have_all_lines(self, api: httpx.AsyncClient) -> None:
        stays, goes = await make(api, name="A"), await make(api, name="B")
        for deal in (stays, goes):
            await post(api, "deal_lines", deal_id=deal["id"], product_id="E-1")
        merge = {"into": stays["id"], "records": [goes["id"]]}
        await done(api, "deals.merge", **merge)
        assert await amount(api, stays) == "200.00"
        assert (await api.get(f"{URL}/{stays['id']}")).json()["amount_source"] == "lines"

    async def test_merged_products_leave_what_was_agreed_on(self, api: httpx.AsyncClient) -> None:
        deal = await make(api)
        twin = await post(api, "products", sku="E-9", name="Twin", tax_rate="7")
        stays = (await api.get("/v1/products/E-1")).json()
        bare = {"deal_id": deal["id"], "product_id": "E-9", "unit_price": "7"}
        line = await post(api, "deal_lines", **bare)
        sold = await post(api, "quotes", deal_id=deal["id"])
        await api.post(f"/v1/quotes/{sold['id']}/send")
        await done(api, "products.merge", into=stays["id"], records=[twin["id"]])
        for noun in ("deal_lines", "quote_lines"):
            [now] = (await api.get(f"/v1/{noun}")).json()["items"]
            assert now["product_id"] == stays["id"]
            kept = ("description", "unit_price", "tax_rate", "total")
            assert [now[name] for name in kept] == [line[name] for name in kept]

    async def test_sums_are_those_of_exact_arithmetic(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        deal, dice = await make(api), random.Random(7)
        rows = [
            (
                Decimal(dice.randrange(1, 10**7)).scaleb(-dice.randrange(5)),
                Decimal(dice.randrange(10**8)).scaleb(-dice.randrange(5)),
                Decimal(dice.randrange(10**6)).scaleb(-4),
                dice.choice((None, Decimal("19"), Decimal("7.7"), Decimal("0.0001"))),
            )
            for _ in range(300)
        ]
        with psycopg.connect(installation.url) as connection:
            connection.execute("set cerebro.actor = 'system'; set search_path = ws_main")
            connection.cursor().executemany(
                "insert into deal_lines (id, deal_id, description, position, quantity, unit_price, "
                "discount_percent, tax_rate) values (gen_random_uuid(), %s, 'x', %s, %s, %s, %s, "
                "%s)",
                [(deal["id"], number, *row) for number, row in enumerate(rows)],
            )
            found = connection.execute(
                "select subtotal, discount, net, tax, total from deal_lines order by position"
            ).fetchall()
        net_of_all = Decimal(0)
        for (quantity, price, percent, rate), sums in zip(rows, found, strict=True):
            whole = cents(quantity * price)
            off = cents(whole * percent / 100)
            tax = cents((whole - off) * (rate or 0) / 100)
            assert sums == (whole, off, whole - off, tax, whole - off + tax)
            net_of_all += whole - off
        assert Decimal(await amount(api, deal) or 0) == net_of_all


def cents(value: Decimal) -> Decimal:
    """Round half away from zero."""
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)
