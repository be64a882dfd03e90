"""Files of prices, lines and quotes: found by natural keys, again and again, and taken back."""

from __future__ import annotations

from typing import Any

import httpx

from tests.fixtures.stores import Installation
from tests.server.operations.doing import done, errors, everything, imported, plan, undone, uploaded
from tests.server.operations.test_dump import imported as dumped
from tests.server.operations.test_dump import planned
from tests.server.sales.conftest import make

NOUNS = ("products", "price_books", "prices", "deals", "deal_lines", "quotes", "quote_lines")
PRICES = (
    "price book,sku,price,min quantity\n"
    "Retail,E-100,100,\nRetail,E-100,89.95,10\nretail,W-1,0.3333,\n"
)
LINES = (
    "deal,product,quantity,price,discount %,description\n"
    "1,E-100,12,,5,\n"
    "crm:7,W-1,3,,,\n"
    "1,,1,43.97,,Delivery\n"
    "1,E-100,1,80,,\n"
)
DUMP = {
    "products.csv": "sku,name,tax_rate\nE-100,Engine,19\n",
    "price_books.csv": "name,currency,is_default\nRetail,EUR,true\n",
    "prices.csv": "price_book,product,price\nRetail,E-100,100\n",
    "deals.csv": "number,name,amount_source\n7,Fleet,lines\n",
    "deal_lines.csv": "deal,product,quantity,unit_price\n7,E-100,2,100\n",
    "quotes.csv": (
        "number,deal,status,revision,previous,valid_until,shipping,sent_at,decided_at,"
        "decided_by_name,wins_deal\n"
        "5,7,superseded,1,,2024-01-31,20,2024-01-02T08:00:00Z,,,\n"
        "6,7,accepted,2,5,2024-02-28,20,2024-02-02T08:00:00Z,2024-02-03T08:00:00Z,Ada,true\n"
        "8,7,sent,1,,2024-03-31,,2024-03-02T08:00:00Z,,,\n"
        "9,7,draft,1,,,1.50,,,,\n"
    ),
    "quote_lines.csv": (
        "quote,product,quantity,unit_price\n5,E-100,3,100\n6,E-100,2,100\n8,E-100,1,100\n"
        "9,E-100,1,99\n"
    ),
}


async def listed(api: httpx.AsyncClient, noun: str, **asked: Any) -> list[dict[str, Any]]:
    reply = await api.get(f"/v1/{noun}", params={"limit": 100, **asked})
    assert reply.status_code == 200, reply.text
    found: list[dict[str, Any]] = reply.json()["items"]
    return found


async def counts(api: httpx.AsyncClient, noun: str, content: str) -> dict[str, int]:
    op = await plan(api, f"{noun}.import", upload_id=await uploaded(api, content))
    return {name: op["plan"][name] for name in ("create", "update", "unchanged", "error")}


async def test_prices_and_lines_by_natural_keys(
    api: httpx.AsyncClient, installation: Installation
) -> None:
    await imported(api, "products", "sku,name,tax_rate\nE-100,Engine,19\nW-1,Wheel,7\n")
    await imported(api, "price_books", "name,currency,is_default\nRetail,EUR,true\n")
    before = everything(installation, *NOUNS)
    priced = await imported(api, "prices", PRICES)
    assert await counts(api, "prices", PRICES) == {
        **{"create": 0, "update": 0, "unchanged": 3, "error": 0}
    }
    changed = await imported(api, "prices", PRICES.replace("89.95", "80"))
    assert changed["plan"]["update"] == 1
    await undone(api, changed)
    deal = await make(api)
    other = await make(api, external_ids={"crm": "7"}, amount_source="lines")
    manual = await make(api, amount="5")
    ready = everything(installation, *NOUNS)
    op = await imported(api, "deal_lines", LINES)
    assert (op["plan"]["create"], op["plan"]["error"]) == (4, 0), str(await errors(api, op))
    engines, wheels, delivery, one = await listed(api, "deal_lines", sort="id")
    # priced by the book, for the quantity; described and taxed as the product is
    assert (engines["unit_price"], engines["net"], engines["tax_rate"]) == (
        *("89.9500", "1025.43", "19.0000"),
    )
    assert (wheels["description"], wheels["net"]) == ("Wheel", "1.00")
    assert (delivery["position"], one["position"], one["unit_price"]) == (2, 3, "80.0000")
    amounts = [each["amount"] for each in await listed(api, "deals", sort="number")]
    assert amounts == ["1149.40", "1.00", "5.00"]
    assert (await counts(api, "deal_lines", LINES))["unchanged"] == 4
    more = await imported(api, "deal_lines", LINES.replace("43.97", "50"))
    assert (more["plan"]["update"], more["plan"]["unchanged"]) == (1, 3)
    assert (await api.get(f"/v1/deals/{deal['id']}")).json()["amount"] == "1155.43"
    await undone(api, more)
    await undone(api, op)
    assert everything(installation, *NOUNS) == ready
    wrong = await plan(
        api,
        "deal_lines.import",
        upload_id=await uploaded(
            api,
            "deal,product,quantity,price,description\n99,E-100,1,,\n1,E-999,1,1,Something\n"
            f"{manual['number']},,1,,Words\n{other['number']},W-1,0,1,\n",
        ),
    )
    assert wrong["plan"]["create"] == 0
    said = [each["problem"] for each in await errors(api, wrong)]
    assert [each["field"] for each in said] == ["deal", "product", "unit_price", "quantity"], said
    for each in await listed(api, "deals"):
        await api.delete(f"/v1/deals/{each['id']}")
    await undone(api, priced)
    there = everything(installation, *NOUNS)
    assert there.keys() - {"keys"} == before.keys() - {"keys"}


async def test_quotes_come_in_as_they_were_and_stay_so(
    api: httpx.AsyncClient, installation: Installation
) -> None:
    before = everything(installation, *NOUNS)
    op = await dumped(api, DUMP)
    assert (op["plan"]["error"], op["done"]["left"]) == (0, 0), str(await errors(api, op))
    first, accepted, expired, draft = await listed(api, "quotes", sort="number")
    numbers = [each["number"] for each in (first, accepted, expired, draft)]
    assert numbers == [5, 6, 8, 9]
    states = [each["status"] for each in (first, accepted, expired, draft)]
    assert states == ["superseded", "accepted", "expired", "draft"]
    assert (accepted["previous_id"], accepted["revision"]) == (first["id"], 2)
    assert (accepted["total"], accepted["decided_by_name"]) == ("258.00", "Ada")
    assert accepted["decided_at"].startswith("2024-02-03T08:00")
    assert (draft["total"], draft["currency"]) == ("119.31", "EUR")
    assert len(await listed(api, "quote_lines")) == 4
    [deal] = await listed(api, "deals")
    assert (deal["status"], deal["amount"], deal["number"]) == ("open", "200.00", 7)
    again = await planned(api, DUMP)
    assert [again["plan"][k] for k in ("create", "update", "error")] == [0, 0, 0], (
        await api.get(f"/v1/operations/{again['id']}/errors")
    ).text
    # what was sent stays, by files as well
    said = "quote,product,quantity,unit_price\n6,E-100,2,90\n6,,1,5\n9,E-100,1,98\n"
    said = said.replace("6,,1,5", "6,,1,5").replace("unit_price\n", "unit_price\n")
    op_lines = await done(api, "quote_lines.import", upload_id=await uploaded(api, said))
    assert (op_lines["done"]["updated"], op_lines["plan"]["error"]) == (1, 2)
    assert {e["problem"]["code"] for e in await errors(api, op_lines)} <= {"quote_sent", "missing"}
    await undone(api, op_lines)
    reply = await api.patch(f"/v1/quotes/{accepted['id']}", json={"terms": "Other"})
    assert reply.status_code == 422
    other = await make(api)
    made = await api.post("/v1/quotes", json={"deal_id": other["id"]})
    assert (other["number"], made.json()["number"]) == (8, 10)  # on from the highest
    await api.delete(f"/v1/quotes/{made.json()['id']}")
    await api.delete(f"/v1/deals/{other['id']}")
    op = await undone(api, op)
    assert op["done"]["left"] == 0, (await api.get(f"/v1/operations/{op['id']}/errors")).text
    assert everything(installation, *NOUNS) == before
