"""Deals won, lost, opened again, moved and assigned; and those that are open."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.fixtures.people import People, people
from tests.fixtures.stores import Installation
from tests.server.sales.conftest import URL, make, refused

LOST_BY = {"lost_reason_id": "Other", "lost_note": "Mars"}
LOST = {"stage": "lost", **LOST_BY}


async def act(
    api: httpx.AsyncClient, deal: dict[str, Any], verb: str, code: int = 200, **said: Any
) -> Any:
    reply = await api.post(f"{URL}/{deal['id']}/{verb}", json=said)
    assert reply.status_code == code, reply.text
    return reply.json()


class TestVerbs:
    async def test_win_and_reopen(self, api: httpx.AsyncClient) -> None:
        then = "2026-10-01T00:00:00Z"
        deal = await make(api, stage="negotiation", amount="100", opened_at=then)
        won = await act(api, deal, "win", amount="90", closed_at="2026-11-01T00:00:00Z")
        assert (won["stage"], won["status"], won["amount"]) == ("won", "won", "90.00")
        assert won["closed_at"].startswith("2026-11-01")
        again = await act(api, deal, "win")
        assert again["version"] == won["version"]
        opened = await act(api, deal, "reopen")
        assert (opened["stage"], opened["closed_at"]) == ("negotiation", None)
        assert (await act(api, deal, "reopen"))["version"] == opened["version"]
        assert (await act(api, won, "win"))["status"] == "won"
        assert (await act(api, won, "reopen", stage="Proposal"))["stage"] == "proposal"

    async def test_win_needs_no_body(self, api: httpx.AsyncClient) -> None:
        deal = await make(api)
        reply = await api.post(f"{URL}/{deal['number']}/win")
        assert (reply.status_code, reply.json()["status"]) == (200, "won")

    async def test_lose_takes_a_reason(self, api: httpx.AsyncClient) -> None:
        deal = await make(api)
        reply = await api.post(f"{URL}/{deal['id']}/lose", json={})
        assert refused(reply) == (422, "/lost_reason_id", "lost_reason_required")
        reply = await api.post(f"{URL}/{deal['id']}/lose", json={"lost_reason_id": "nonsense"})
        assert refused(reply) == (422, "/lost_reason_id", "unknown_reference")
        lost = await act(api, deal, "lose", lost_reason_id="Other", lost_note="Mars")
        assert (lost["stage"], lost["lost_note"]) == ("lost", "Mars")
        opened = await act(api, deal, "reopen")
        assert (opened["stage"], opened["lost_reason_id"]) == ("prospecting", None)

    async def test_move(self, api: httpx.AsyncClient) -> None:
        deal = await make(api)
        assert (await act(api, deal, "move", stage="Proposal"))["stage"] == "proposal"
        for said, code in (({"stage": "lost"}, 422), ({}, 422), ({"stage": "nowhere"}, 422)):
            await act(api, deal, "move", code, **said)
        reply = await api.post(f"{URL}/{deal['id']}/win", json={"stage": "proposal"})
        assert refused(reply) == (422, "/stage", "unknown_stage")

    async def test_insist_on_a_version(self, api: httpx.AsyncClient) -> None:
        deal = await make(api)
        headers = {"If-Match": '"7"'}
        reply = await api.post(f"{URL}/{deal['id']}/win", json={}, headers=headers)
        assert reply.status_code == 412
        assert reply.json()["current"]["status"] == "open"
        headers = {"If-Match": f'"{deal["version"]}"'}
        reply = await api.post(f"{URL}/{deal['id']}/win", json={}, headers=headers)
        assert reply.status_code == 200
        assert reply.headers["etag"] == f'"{deal["version"] + 1}"'

    async def test_a_locked_deal_stays(self, api: httpx.AsyncClient) -> None:
        deal = await make(api)
        await api.post(f"{URL}/{deal['id']}/lock")
        reply = await api.post(f"{URL}/{deal['id']}/win", json={})
        assert (reply.status_code, reply.json()["code"]) == (409, "record_locked")


@pytest.fixture
def main(installation: Installation) -> Any:
    with people(installation.url) as found:
        yield found


class TestRights:
    """Winning, losing and opening again take rights of their own, whatever door a deal goes by."""

    async def test_hold_by_every_door(self, api: httpx.AsyncClient, main: People) -> None:
        held = [f"deals:{verb}:own" for verb in ("read", "update", "create", "move", "lose")]
        held += ["deals:bulk", "deals:import", "operations:read", "lost_reasons:read"]
        role = main.role("mover", [*held, "leads:read", "leads:convert", "contacts:create"])
        me = main.user("mover", role)
        headers = {"Authorization": f"Bearer {main.key('*', user=me)}"}
        is_open = await make(api, owner_id=str(me))
        is_won = await make(api, owner_id=str(me), stage="won")
        others = await make(api)
        lead = (await api.post("/v1/leads", json={"last_name": "A", "company_name": "B"})).json()

        async def no(method: str, path: str, body: Any) -> None:
            reply = await api.request(method, path, json=body, headers=headers)
            assert (reply.status_code, reply.json()["code"]) == (403, "forbidden"), reply.text
            assert "deals:win" in reply.text or "deals:reopen" in reply.text

        there, closed = f"{URL}/{is_open['id']}", f"{URL}/{is_won['id']}"
        for path in (there, f"{URL}/{others['id']}"):
            await no("POST", f"{path}/win", {})
        for stage in ("won", "Won"):
            await no("POST", f"{there}/move", {"stage": stage})
            await no("PATCH", there, {"stage": stage})
            await no("POST", URL, {"name": "New", "stage": stage, "amount": "1000000"})
        await no("POST", f"{closed}/reopen", {})
        await no("PATCH", closed, {"stage": "proposal"})
        await no("POST", f"{closed}/move", {"stage": "proposal"})
        body = {"deal": {"name": "D", "stage": "won"}, "company": False}
        await no("POST", f"/v1/leads/{lead['id']}/convert", body)
        items = [{"name": "Bad", "stage": "won"}, {"name": "Good"}, {**LOST, "name": "Gone"}]
        reply = await api.post(f"{URL}/batch", json={"items": items}, headers=headers)
        found = reply.json()["items"]
        assert [each["result"] for each in found] == ["refused", "created", "created"], found
        assert found[0]["errors"][0]["code"] == "forbidden"
        asked = {"kind": "deals.update", "input": {"where": "name = Acme", "values": {}}}
        asked["input"]["values"] = {"stage": "won"}
        planned = await api.post("/v1/operations", json=asked, headers=headers)
        assert planned.status_code == 202, planned.text
        assert planned.json()["plan"]["update"] == 0

        moved = await api.post(f"{there}/move", json={"stage": "proposal"}, headers=headers)
        assert moved.json()["stage"] == "proposal"
        lost = await api.patch(there, json={"stage": "lost", **LOST_BY}, headers=headers)
        assert lost.json()["status"] == "lost", lost.text
        renamed = await api.patch(closed, json={"amount": "5"}, headers=headers)
        assert (renamed.status_code, renamed.json()["status"]) == (200, "won")


class TestAssign:
    async def test_gives_a_deal_away(self, api: httpx.AsyncClient, main: People) -> None:
        ada = main.user("ada", "agent")
        main.role("giver", ["deals:read:own", "deals:create", "deals:assign:own"])
        mine = {"Authorization": f"Bearer {main.key('*', user=main.user('bob', 'giver'))}"}
        deal = (await api.post(URL, json={"name": "x"}, headers=mine)).json()
        url = f"{URL}/{deal['id']}"
        reply = await api.post(f"{url}/assign", json={"owner_id": str(ada)}, headers=mine)
        assert reply.status_code == 200, reply.text
        assert (await api.get(url)).json()["owner_id"] == str(ada)
        assert (await api.get(url, headers=mine)).status_code == 404
        assert (await api.post(f"{url}/win", json={}, headers=mine)).status_code == 403
        reply = await api.post(f"{url}/assign", json={})
        assert refused(reply) == (422, "/owner_id", "missing")
        reply = await api.post(f"{url}/assign", json={"owner_id": "nobody@x.example"})
        assert refused(reply) == (422, "/owner_id", "unknown_user")


async def test_says_what_can_be_done(api: httpx.AsyncClient) -> None:
    deal = await make(api)
    url = f"{URL}/{deal['id']}"

    async def said(path: str, **body: Any) -> tuple[str, str]:
        reply = await api.post(path, json=body)
        assert reply.status_code in (409, 422), reply.text
        [error] = reply.json().get("errors") or [{"pointer": "", "detail": reply.json()["detail"]}]
        return error["pointer"], error["detail"]

    where, text = await said(f"{url}/lose", lost_reason_id="Nope")
    assert (where, text.partition("; ")[2]) == (
        "/lost_reason_id",
        "there are: Bad timing, Competitor, No answer, No budget, Other, Price.",
    )
    where, text = await said(f"{url}/win", closed_at="2026-11-20T12:00:00")
    assert (where, "time zone" in text) == ("/closed_at", True)
    made = await api.post("/v1/pipelines", json={"name": "Bare"})
    assert made.status_code == 201
    _, text = await said(URL, name="x", pipeline_id="Bare")
    assert "pipeline Bare has no stage for deals that are open" in text
    assert "cerebro stages create pipeline_id=Bare key=open label=Open" in text
    lead = (await api.post("/v1/leads", json={"last_name": "King"})).json()
    where, text = await said(f"/v1/leads/{lead['id']}/convert", deal=133)
    assert (where, "a reference as text" in text) == ("/deal", True)
    reply = await api.post(f"/v1/leads/{lead['id']}/convert", json={"deal": "x" * 5000})
    assert {error["pointer"] for error in reply.json()["errors"]} <= {"/deal", "/deal/bool"}


class TestOpportunities:
    async def test_are_the_deals_that_are_open(self, api: httpx.AsyncClient) -> None:
        deals = [await make(api, name=f"D{n}", amount=str(n)) for n in range(4)]
        await act(api, deals[1], "win")
        await act(api, deals[2], "lose", lost_reason_id="Price")
        url = "/v1/opportunities"
        reply = await api.get(url, params={"sort": "amount", "limit": 1})
        assert [d["name"] for d in reply.json()["items"]] == ["D0"]
        asked = {"sort": "amount", "limit": 1, "cursor": reply.json()["next_cursor"]}
        reply = await api.get(url, params=asked)
        assert [d["name"] for d in reply.json()["items"]] == ["D3"]
        reply = await api.get(url, params={"where": "amount > 0 or name = D1", "count": "exact"})
        assert ([d["name"] for d in reply.json()["items"]], reply.json()["count"]) == (["D3"], 1)
        tree = {"where": {"op": "=", "field": "name", "value": {"word": "D1"}}}
        assert (await api.post(f"{url}/search", json=tree)).json()["items"] == []
        same = (await api.get(f"{url}/{deals[3]['number']}")).json()
        assert same == (await api.get(f"{URL}/{deals[3]['id']}")).json()
        assert (await api.get(f"{url}/{deals[1]['id']}")).status_code == 404
        assert (await api.get(url, params={"where": "stage ="})).status_code == 422

    async def test_are_as_they_were_and_so_is_their_forecast(self, api: httpx.AsyncClient) -> None:
        opened = "2026-11-01T00:00:00Z"
        deal = await make(
            api, amount="100", expected_close="2026-12-01", probability="50", opened_at=opened
        )
        rest = await make(api, amount="7", expected_close="2027-01-10", probability="100")
        seq = (await api.get("/v1/changes", params={"limit": 1})).json()["items"][0]["seq"]
        await act(api, deal, "win", closed_at="2026-11-20T00:00:00Z")
        then = {"as_of": f"seq:{seq}"}
        url, report = "/v1/opportunities/forecast", "/v1/reports/forecast"
        reply = await api.get("/v1/opportunities", params=then)
        assert [d["stage"] for d in reply.json()["items"]] == ["prospecting"] * 2
        assert [d["id"] for d in (await api.get("/v1/opportunities")).json()["items"]] == [
            rest["id"]
        ]
        whole, open_ = [(await api.get(each)).json()["items"] for each in (report, url)]
        assert [row["period"] for row in whole] == ["2026-11", "2027-01"]
        assert open_ == whole[1:]
        asked = {**then, "by": "quarter", "where": "amount > 50 or status = won"}
        [row] = (await api.get(url, params=asked)).json()["items"]
        assert (row["period"], row["amount"], row["weighted"]) == ("2026-Q4", "100.00", "50.0000")
        assert [row] == (await api.get(report, params=asked)).json()["items"]
        reply = await api.get(url, params={"by": "week"})
        assert (reply.status_code, reply.json()["errors"][0]["parameter"]) == (422, "by")
        assert (await api.get(url, params={"where": "stage ="})).status_code == 422
