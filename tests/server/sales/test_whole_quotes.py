"""Discounts on whole quotes, what a link shows, and acceptances that cannot win their deal."""

from __future__ import annotations

import io
import random
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import httpx
from pypdf import PdfReader

from tests.server.operations.doing import ask
from tests.server.sales.conftest import URL, make, refused
from tests.server.sales.test_quotes import (  # noqa: F401 - a fixture
    ADA,
    LINES,
    LINK,
    NOBODY,
    QUOTES,
    deal,
    post,
    quote,
    sent,
)

CENT = Decimal("0.01")


def cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)


def by_hand(lines: list[dict[str, Any]], percent: str | None, amount: str | None) -> list[Decimal]:
    """Return subtotal, discount and tax as somebody with a pencil works them out."""
    nets: dict[Decimal, Decimal] = {}
    subtotal = off_lines = tax = Decimal(0)
    for line in lines:
        rate = Decimal(line["tax_rate"] or 0)
        nets[rate] = nets.get(rate, Decimal(0)) + Decimal(line["net"])
        subtotal += Decimal(line["subtotal"])
        off_lines += Decimal(line["discount"])
        tax += Decimal(line["tax"])
    net = sum(nets.values(), Decimal(0))
    off = min(net, cents(net * Decimal(percent or 0) / 100) + Decimal(amount or 0))
    if not off:
        return [subtotal, off_lines, tax]
    shares = {rate: cents(off * part / net) for rate, part in nets.items()}
    largest = min(nets, key=lambda rate: (-nets[rate], rate))
    shares[largest] += off - sum(shares.values())
    taxes = [cents((nets[rate] - shares[rate]) * rate / 100) for rate in nets]
    return [subtotal, off_lines + off, sum(taxes, Decimal(0))]


async def test_sums_are_those_of_plain_arithmetic(api: httpx.AsyncClient) -> None:
    chance = random.Random(7)
    offer = await quote(api, await make(api, name="Sums"))
    url = f"{QUOTES}/{offer['id']}"
    for _ in range(12):
        line: dict[str, Any] = {
            "quantity": str(Decimal(chance.randrange(1, 40_000)) / 1_000),
            "unit_price": str(Decimal(chance.randrange(1, 9_999_999)) / 10_000),
            "tax_rate": chance.choice([None, "7", "19", "7.125"]),
            "discount_percent": chance.choice([None, "5", "33.3333"]),
        }
        await post(api, LINES, quote_id=offer["id"], description="x", **line)
        percent = chance.choice([None, "10", "0.5", "12.3456"])
        amount = chance.choice([None, "0.01", "3.33"])
        reply = await api.patch(url, json={"discount_percent": percent, "discount_amount": amount})
        if reply.status_code == 422:  # it would come to less than nothing
            assert refused(reply)[2] == "discount_too_large"
            continue
        now = reply.json()
        lines = (await api.get(LINES, params={"limit": 100})).json()["items"]
        told = [Decimal(now[name]) for name in ("subtotal", "discount", "tax")]
        assert told == by_hand(lines, percent, amount)
        assert Decimal(now["total"]) == told[0] - told[1] + told[2]


async def test_a_discount_on_all_goes_along(api: httpx.AsyncClient, deal: dict[str, Any]) -> None:  # noqa: F811
    one = await quote(api, deal, discount_percent="10", discount_amount="5", shipping="15")
    # 450 net, less 45 and 5; 19 % of 400; nothing of the shipping
    sums = [one[name] for name in ("subtotal", "discount", "tax", "total")]
    assert sums == ["490.00", "90.00", "76.00", "491.00"]
    url = f"{QUOTES}/{one['id']}"
    for body in ({"discount_amount": "450.01"}, {"discount_percent": "100"}):
        reply = await api.patch(url, json=body)
        assert refused(reply) == (422, "/discount_amount", "discount_too_large"), reply.text
    changed = (await api.patch(url, json={"discount_percent": None})).json()
    assert (changed["discount"], changed["tax"]) == ("45.00", "84.55")
    await ask(api, "/v1/undo", {"what": f"quotes/{one['id']}", "yes": True})
    now = (await api.get(url)).json()
    assert [now[name] for name in ("subtotal", "discount", "tax", "total")] == sums
    made = await post(api, f"{url}/send", 200)
    shown = (await api.get(f"{LINK}/{made['token']}", headers=NOBODY)).json()
    assert (shown["whole_discount"], shown["discount"], shown["total"]) == (
        *("50.00", "90.00", "491.00"),
    )
    content = (await api.get(f"{url}/pdf")).content
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    for words in ("Discount on lines", "-40.00", "Discount 10 %", "-50.00", "76.00", "491.00 EUR"):
        assert words in text
    draft = await post(api, f"{url}/revise")
    assert [draft[name] for name in ("subtotal", "discount", "tax", "total")] == sums
    assert (draft["discount_percent"], draft["to_company"]) == ("10.0000", None)


async def test_a_link_shows_what_was_sent_and_no_more(
    api: httpx.AsyncClient,
    deal: dict[str, Any],  # noqa: F811
) -> None:
    await post(api, "/v1/products", sku="SECRET-1", name="Wheel", description="bought for 3")
    line = {"product_id": "SECRET-1", "unit_price": "10"}
    await post(api, "/v1/deal_lines", deal_id=deal["id"], **line)
    one, token = await sent(api, deal, external_ids={"erp": "secret-7"})
    url = f"{LINK}/{token}"
    before = (await api.get(url, headers=NOBODY)).json()
    assert before.keys() == {
        *("number", "revision", "status", "company", "contact", "currency", "valid_until"),
        *("subtotal", "discount", "discount_percent", "whole_discount", "tax", "shipping"),
        *("total", "terms", "notes", "sent_at", "decided_at", "lines"),
    }
    assert before["lines"][0].keys() == {
        *("position", "description", "unit", "quantity", "unit_price", "discount", "net"),
        *("tax_rate", "tax", "total"),
    }
    for path, body in (
        ("/v1/products/SECRET-1", {"name": "Wheel (dear)", "unit": "box", "tax_rate": "1"}),
        ("/v1/companies/acme.example", {"name": "Acme (pays late)"}),
        (f"/v1/contacts/{ADA['email']}", {"last_name": "Byron"}),
        (f"{URL}/{deal['id']}", {"name": "Secret"}),
    ):
        assert (await api.patch(path, json=body)).status_code == 200, path
    after = (await api.get(url, headers=NOBODY)).json()
    assert after == before
    owner = (await api.get(f"/v1/users/{one['owner_id']}")).json()
    for secret in (owner["email"], owner["name"], "SECRET", "secret-7", "bought", "late", "Byron"):
        assert secret not in str(after), secret
    content = (await api.get(f"{QUOTES}/{one['id']}/pdf")).content
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    assert "Ada Lovelace" in text and "late" not in text


async def test_an_acceptance_that_cannot_win_the_deal_says_so(api: httpx.AsyncClient) -> None:
    for how in ("locked", "lost", "won"):
        sold = await make(api, name=how)
        await post(api, "/v1/deal_lines", deal_id=sold["id"], description="x", unit_price="1")
        one, token = await sent(api, sold, wins_deal=True)
        at = f"{URL}/{sold['id']}"
        verb = {"locked": "lock", "lost": "lose", "won": "win"}[how]
        body = {"lost_reason_id": "Price"} if how == "lost" else {}
        assert (await api.post(f"{at}/{verb}", json=body)).status_code == 200
        reply = await api.post(f"{LINK}/{token}/accept", json=ADA, headers=NOBODY)
        assert (reply.status_code, reply.json()["status"]) == (200, "accepted"), reply.text
        assert "deal" not in str(reply.json())
        now = (await api.get(f"{QUOTES}/{one['id']}")).json()
        assert (now["status"], now["deal_left"]) == ("accepted", None if how == "won" else how)
        deal_now = (await api.get(at)).json()
        assert deal_now["status"] == {"locked": "open", "lost": "lost", "won": "won"}[how]
        again = await api.post(f"{QUOTES}/{one['id']}/accept")
        assert again.json()["deal_left"] == now["deal_left"]
    where = {"where": "quotes has (deal_left is not empty)", "sort": "name"}
    left = (await api.get(URL, params=where)).json()["items"]
    assert [each["name"] for each in left] == ["locked", "lost"]
    told = (await api.get(f"{QUOTES}/1/timeline")).json()["items"]
    assert "deal_left" in str(told[0]["changes"])


async def test_the_mark_of_the_default_moves_in_one_write(api: httpx.AsyncClient) -> None:
    await post(api, "/v1/pipelines", name="Renewals")
    await post(api, "/v1/price_books", name="Old", currency="EUR", is_default=True)
    await post(api, "/v1/price_books", name="US", currency="USD", is_default=True)
    await post(api, "/v1/price_books", name="New", currency="EUR", is_default=True)
    for noun, to, default in (
        ("pipelines", "Renewals", ["Renewals"]),
        ("price_books", "Old", ["Old", "US"]),
    ):
        listed = {"where": "is_default = true", "sort": "name"}
        was = [e["name"] for e in (await api.get(f"/v1/{noun}", params=listed)).json()["items"]]
        reply = await api.patch(f"/v1/{noun}/{to}", json={"is_default": True})
        assert reply.status_code == 200, reply.text
        now = (await api.get(f"/v1/{noun}", params=listed)).json()["items"]
        assert [each["name"] for each in now] == default
        changes = (await api.get("/v1/changes", params={"limit": 2})).json()["items"]
        assert [each["diff"] for each in changes] == [
            *({"is_default": [False, True]}, {"is_default": [True, False]}),
        ]
        await ask(api, "/v1/undo", {"what": f"{noun}/{reply.json()['id']}", "yes": True})
        back = (await api.get(f"/v1/{noun}", params=listed)).json()["items"]
        assert [each["name"] for each in back] == was
