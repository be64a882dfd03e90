"""Quotes: copies of a deal's lines, sent once, decided on once, by staff or by their link."""

from __future__ import annotations

import asyncio
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import psycopg
import pytest
from pypdf import PdfReader

from tests.fixtures.people import People
from tests.fixtures.server import serving
from tests.fixtures.stores import Installation
from tests.server.jobs.conftest import Desk, until
from tests.server.jobs.conftest import desk as desk  # noqa: PLC0414 - a fixture
from tests.server.operations.doing import done
from tests.server.sales.conftest import URL, make, refused

QUOTES, LINES, LINK = "/v1/quotes", "/v1/quote_lines", "/v1/quotes/public"
ADA = {"name": "Ada Lovelace", "email": "ada@acme.example"}
NOBODY = {"Authorization": ""}


async def post(api: httpx.AsyncClient, path: str, code: int = 201, **body: Any) -> dict[str, Any]:
    reply = await api.post(path, json=body)
    assert reply.status_code == code, reply.text
    found: dict[str, Any] = reply.json()
    return found


@pytest.fixture
async def deal(api: httpx.AsyncClient) -> dict[str, Any]:
    """A deal with a company, a primary contact and two lines: 450 net."""
    await post(api, "/v1/companies", name="Acme", domain="acme.example")
    await post(api, "/v1/contacts", last_name="Lovelace", first_name="Ada", email=ADA["email"])
    found = await make(api, name="Engines", company_id="acme.example")
    who = {"contact_id": ADA["email"], "is_primary": True}
    await post(api, "/v1/deal_contacts", deal_id=found["id"], **who)
    line = {"deal_id": found["id"], "tax_rate": "19"}
    engine = {"description": "Größe L: Двигатель", "unit_price": "200", "quantity": "2"}
    await post(api, "/v1/deal_lines", **line, **engine, discount_percent="10")
    await post(api, "/v1/deal_lines", **line, description="Ελληνικά", unit_price="90")
    return found


async def quote(api: httpx.AsyncClient, deal: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return await post(api, QUOTES, deal_id=deal["id"], **fields)


async def sent(
    api: httpx.AsyncClient, deal: dict[str, Any], **fields: Any
) -> tuple[dict[str, Any], str]:
    """Make a quote and send it; return it and the token of its link."""
    one = await quote(api, deal, **fields)
    found = await post(api, f"{QUOTES}/{one['id']}/send", 200)
    assert found["url"].endswith(f"{LINK}/{found['token']}")
    return found["quote"], found["token"]


def day(days: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days)).isoformat()


class TestDraft:
    async def test_has_what_its_deal_has(
        self, api: httpx.AsyncClient, deal: dict[str, Any]
    ) -> None:
        one = await quote(api, deal, shipping="15", valid_until=day(30))
        assert (one["status"], one["revision"], one["number"]) == ("draft", 1, 1)
        assert (one["company_id"], one["currency"]) == (deal["company_id"], "EUR")
        assert one["contact_id"] is not None
        sums = [one[name] for name in ("subtotal", "discount", "tax", "shipping", "total")]
        assert sums == ["490.00", "40.00", "85.50", "15.00", "550.50"]
        where = {"where": "quote.number = 1", "sort": "position"}
        lines = (await api.get(LINES, params=where)).json()["items"]
        assert [(each["position"], each["net"]) for each in lines] == [(1, "360.00"), (2, "90.00")]
        reply = await api.patch(f"{LINES}/{lines[1]['id']}", json={"unit_price": "100"})
        assert reply.status_code == 200, reply.text
        more = {"quote_id": one["id"], "description": "Manual", "unit_price": "5"}
        assert (await post(api, LINES, **more))["position"] == 3
        now = (await api.get(f"{QUOTES}/{one['number']}")).json()
        assert (now["subtotal"], now["total"]) == ("505.00", "567.40")
        assert (await api.get(f"{URL}/{deal['id']}")).json()["amount"] == "450.00"

    async def test_needs_lines_and_a_day_to_come(
        self, api: httpx.AsyncClient, deal: dict[str, Any]
    ) -> None:
        empty = await quote(api, await make(api))
        reply = await api.post(f"{QUOTES}/{empty['id']}/send")
        assert refused(reply) == (422, "", "no_lines")
        reply = await api.post(QUOTES, json={"deal_id": deal["id"], "valid_until": day(-1)})
        assert refused(reply) == (422, "/valid_until", "in_the_past")
        for verb in ("accept", "decline", "revise"):
            reply = await api.post(f"{QUOTES}/{empty['id']}/{verb}")
            assert (reply.status_code, reply.json()["code"]) == (409, "quote_not_sent")


class TestSent:
    async def test_is_read_only_by_every_door(
        self, api: httpx.AsyncClient, deal: dict[str, Any]
    ) -> None:
        one = await quote(api, deal)
        url = f"{QUOTES}/{one['id']}"
        await api.patch(url, json={"terms": "Net 30"})
        [edit] = (await api.get("/v1/changes", params={"limit": 1})).json()["items"]
        lines = (await api.get(LINES, params={"sort": "position"})).json()["items"]
        line = f"{LINES}/{lines[0]['id']}"
        await api.delete(f"{LINES}/{lines[1]['id']}")
        await post(api, f"{url}/send", 200)
        new = {"quote_id": one["id"], "description": "x", "unit_price": "1"}
        for reply in (
            await api.patch(url, json={"terms": "Net 60"}),
            await api.delete(url),
            await api.patch(line, json={"quantity": "9"}),
            await api.delete(line),
            await api.post(f"{LINES}/{lines[1]['id']}/restore"),
            await api.post(LINES, json=new),
        ):
            assert refused(reply) == (422, "", "quote_sent"), reply.text
            assert "quotes revise" in reply.json()["detail"]
        undo = {"what": f"seq:{edit['seq']}", "yes": True}
        await api.post("/v1/undo", json=undo)
        now = (await api.get(url)).json()
        assert (now["terms"], now["total"]) == ("Net 30", "428.40")
        given = await api.patch(url, json={"team": None, "external_ids": {"erp": "7"}})
        assert given.status_code == 200
        await make(api, name="Other")
        other = (await api.get(URL, params={"where": "name = Other"})).json()["items"][0]
        await done(api, "deals.merge", into=other["id"], records=[deal["id"]])
        assert (await api.get(url)).json()["deal_id"] == other["id"]

    async def test_is_revised(self, api: httpx.AsyncClient, deal: dict[str, Any]) -> None:
        one, token = await sent(api, deal, notes="Thanks")
        draft = await post(api, f"{QUOTES}/{one['id']}/revise")
        assert (draft["revision"], draft["status"]) == (2, "draft")
        assert (draft["previous_id"], draft["total"]) == (one["id"], one["total"])
        assert draft["notes"] == "Thanks"
        old = (await api.get(f"{QUOTES}/{one['id']}")).json()
        assert old["status"] == "superseded"
        over = await api.get(f"{LINK}/{token}", headers=NOBODY)
        assert (over.status_code, over.json()["code"]) == (410, "quote_link_over")
        again = await api.post(f"{QUOTES}/{one['id']}/revise")
        assert (again.status_code, again.json()["code"]) == (409, "quote_not_sent")
        assert "later revision" in again.json()["detail"]
        reply = await api.post("/v1/undo", json={"what": f"quotes/{one['id']}", "yes": True})
        assert reply.status_code < 300, reply.text
        assert (await api.get(f"{QUOTES}/{one['id']}")).json()["status"] == "sent"
        assert (await api.get(f"{LINK}/{token}", headers=NOBODY)).status_code == 200

    async def test_what_was_agreed_on_stays_and_another_is_offered(
        self, api: httpx.AsyncClient, deal: dict[str, Any]
    ) -> None:
        one, _ = await sent(api, deal)
        url = f"{QUOTES}/{one['id']}"
        await post(api, f"{url}/accept", 200)
        lines = (await api.get(LINES)).json()["items"]
        for reply in (
            await api.patch(url, json={"terms": "Net 60"}),
            await api.delete(url),
            await api.delete(f"{LINES}/{lines[0]['id']}"),
            await api.post(f"{url}/revise"),
        ):
            said = reply.json()["detail"]
            assert f"cerebro quotes create deal_id={deal['id']}" in said
            assert "quotes revise" not in said
        again = await quote(api, deal)
        assert (again["status"], again["total"]) == ("draft", one["total"])

    async def test_expires(
        self, api: httpx.AsyncClient, installation: Installation, desk: Desk, deal: dict[str, Any]
    ) -> None:
        one, token = await sent(api, deal, valid_until=day(0))
        assert (await api.get(f"{LINK}/{token}", headers=NOBODY)).status_code == 200
        with psycopg.connect(installation.url) as connection:
            connection.execute("set cerebro.actor = 'system'; set search_path = ws_main")
            connection.execute("update quotes set valid_until = current_date - 1")
        for reply, code in (
            (await api.get(f"{LINK}/{token}", headers=NOBODY), "quote_link_over"),
            (await api.post(f"{LINK}/{token}/accept", json=ADA, headers=NOBODY), "quote_link_over"),
            (await api.post(f"{QUOTES}/{one['id']}/accept"), "quote_expired"),
        ):
            assert reply.json()["code"] == code, reply.text
        await desk.ask("quotes.expire")
        async with desk.working({}):
            await until(lambda: not set(desk.states()) & {"pending", "leased"}, "it is marked")
        assert (await api.get(f"{QUOTES}/{one['id']}")).json()["status"] == "expired"
        over = await api.get(f"{LINK}/{token}", headers=NOBODY)
        assert (over.status_code, over.json()["code"]) == (410, "quote_link_over")
        draft = await post(api, f"{QUOTES}/{one['id']}/revise")
        assert (draft["revision"], draft["valid_until"]) == (2, None)


class TestLink:
    async def test_shows_the_quote_and_nothing_else(
        self, api: httpx.AsyncClient, installation: Installation, deal: dict[str, Any]
    ) -> None:
        one, token = await sent(api, deal, terms="Net 30")
        shown = (await api.get(f"{LINK}/{token}", headers=NOBODY)).json()
        assert (shown["company"], shown["contact"]) == ("Acme", "Ada Lovelace")
        assert (shown["total"], shown["terms"], shown["status"]) == ("535.50", "Net 30", "sent")
        assert [each["total"] for each in shown["lines"]] == ["428.40", "107.10"]
        assert "id" not in shown and one["id"] not in str(shown)
        with psycopg.connect(installation.url) as connection:
            dump = connection.execute("select k::text from ws_main.quote_links k").fetchall()
            told = connection.execute("select string_agg(diff::text, '') from ws_main.changes")
            assert token.partition(".")[2] not in str(dump) + str(told.fetchall())
        other = f"{token[:-1]}{'A' if token[-1] != 'A' else 'B'}"
        for wrong in (other, "main.x", "x", "nowhere.x", f"{token}x"):
            assert (await api.get(f"{LINK}/{wrong}", headers=NOBODY)).status_code == 404
        as_key = {"Authorization": f"Bearer {token}"}
        assert (await api.get(QUOTES, headers=as_key)).status_code == 401
        anew = await post(api, f"{QUOTES}/{one['id']}/send", 200)
        assert anew["quote"]["version"] == one["version"]
        assert (await api.get(f"{LINK}/{token}", headers=NOBODY)).status_code == 404
        assert (await api.get(f"{LINK}/{anew['token']}", headers=NOBODY)).status_code == 200

    async def test_takes_one_decision(self, api: httpx.AsyncClient, deal: dict[str, Any]) -> None:
        one, token = await sent(api, deal, wins_deal=True)
        url = f"{LINK}/{token}"
        wrong = await api.post(f"{url}/accept", json={"name": "Ada"}, headers=NOBODY)
        assert refused(wrong) == (422, "/email", "missing")
        asked = [("accept", "decline")[number % 2] for number in range(6)]
        replies = await asyncio.gather(
            *(api.post(f"{url}/{verb}", json=ADA, headers=NOBODY) for verb in asked)
        )
        now = (await api.get(f"{QUOTES}/{one['id']}")).json()
        won = {"accepted": "accept", "declined": "decline"}[now["status"]]
        for verb, reply in zip(asked, replies, strict=True):
            assert reply.status_code == (200 if verb == won else 409), reply.text
        assert (now["decided_by_name"], now["decided_by_email"]) == tuple(ADA.values())
        record = {"record": f"quotes/{one['id']}"}
        changes = (await api.get("/v1/changes", params=record)).json()["items"]
        decided = [each for each in changes if "decided_at" in each["diff"]]
        assert [each["actor"]["type"] for each in decided] == ["system"]
        assert (await api.get(url, headers=NOBODY)).json()["status"] == now["status"]
        status = (await api.get(f"{URL}/{deal['id']}")).json()["status"]
        assert status == ("won" if won == "accept" else "open")
        reply = await api.post(f"{QUOTES}/{one['id']}/revise")
        assert reply.status_code == (409 if won == "accept" else 201)

    async def test_wins_the_deal_only_if_the_quote_says_so(
        self, api: httpx.AsyncClient, main: People, deal: dict[str, Any]
    ) -> None:
        main.role("offers", ["deals:read", "quotes:read", "quotes:create"])
        headers = {"Authorization": f"Bearer {main.key('*', user=main.user('bob', 'offers'))}"}
        body = {"deal_id": deal["id"], "wins_deal": True}
        reply = await api.post(QUOTES, json=body, headers=headers)
        assert refused(reply) == (403, "/wins_deal", "forbidden")
        plain, token = await sent(api, deal)
        reply = await api.post(f"{LINK}/{token}/accept", json=ADA, headers=NOBODY)
        assert (reply.status_code, reply.json().get("status")) == (200, "accepted"), reply.text
        assert (await api.get(f"{URL}/{deal['id']}")).json()["status"] == "open"
        one, _ = await sent(api, deal, wins_deal=True)
        await post(api, f"{QUOTES}/{one['id']}/accept", 200, name="Ada")
        assert (await api.get(f"{URL}/{deal['id']}")).json()["status"] == "won"
        await api.post(f"{URL}/{deal['id']}/reopen")
        await post(api, f"{QUOTES}/{one['id']}/accept", 200)
        assert (await api.get(f"{URL}/{deal['id']}")).json()["status"] == "open"
        assert (await api.get(f"{QUOTES}/{plain['id']}")).json()["status"] == "accepted"

    async def test_more_than_the_budget_of_an_address(self, installation: Installation) -> None:
        async with serving(installation, rate_limit_per_minute=4) as api:
            # the budgets of two minutes, should one end meanwhile, and one more
            tries = [await api.get(f"{LINK}/main.x", headers=NOBODY) for _ in range(9)]
        seen = [reply.status_code for reply in tries]
        assert seen.count(429) >= 1 and seen[0] == 404


class TestPdf:
    async def test_has_lines_and_totals(self, api: httpx.AsyncClient, deal: dict[str, Any]) -> None:
        one, _ = await sent(api, deal, shipping="15", terms="Net 30\n<b>no</b> markup & more")
        url = f"{QUOTES}/{one['number']}/pdf"
        first, second = await api.get(url), await api.get(url)
        assert first.headers["content-type"] == "application/pdf"
        assert first.content == second.content, "the same quote is the same bytes"
        pages = PdfReader(io.BytesIO(first.content)).pages
        text = " ".join(page.extract_text() for page in pages)
        for word in ("Quote 1", "Acme", "Ada Lovelace", "Größe L: Двигатель", "Ελληνικά", "360.00"):
            assert word in text
        for word in ("490.00", "-40.00", "85.50", "550.50 EUR", "<b>no</b> markup & more"):
            assert word in text

    async def test_of_many_and_long_lines_has_all_of_them(
        self, api: httpx.AsyncClient, deal: dict[str, Any]
    ) -> None:
        one = await quote(api, deal)
        long = " ".join(f"word{number}" for number in range(3_000))
        more = {"quote_id": one["id"], "unit_price": "1"}
        await post(api, LINES, **more, description=long)
        await post(api, LINES, **more, description="W" * 5_000)
        content = (await api.get(f"{QUOTES}/{one['id']}/pdf")).content
        text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
        assert "word0" in text and "word2999" in text

    async def test_refuses_letters_that_it_cannot_print(
        self, api: httpx.AsyncClient, main: People, deal: dict[str, Any]
    ) -> None:
        for letters in ("中文", "עברית", "हिन्दी", "🙂"):
            one = await quote(api, deal, notes=f"So: {letters}")
            reply = await api.get(f"{QUOTES}/{one['id']}/pdf")
            assert refused(reply) == (422, "/notes", "letter")
            assert reply.json()["code"] == "text_not_printable"
        main.role("half", ["deals:read", "quotes:read"], field_rules={"quotes.total": "hidden"})
        headers = {"Authorization": f"Bearer {main.key('*', user=main.user('bob', 'half'))}"}
        reply = await api.get(f"{QUOTES}/{one['id']}/pdf", headers=headers)
        assert reply.status_code == 403
