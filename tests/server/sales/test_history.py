"""The stages that deals were in: left behind by every door, seen by whoever sees the deal."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

import httpx
import psycopg
import pytest

from tests.fixtures.people import People, people
from tests.fixtures.stores import Installation
from tests.server.operations.doing import ask, done, undone
from tests.server.sales.conftest import URL, change, make

HISTORY = "/v1/deal_stages"


async def history(api: httpx.AsyncClient, deal: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the stays of a deal, and hold them to what is true of every history: one follows from
    the other without a gap, and the last is where the deal is."""
    asked = {"where": f'deal_id = "{deal["id"]}"', "sort": "entered_at"}
    reply = await api.get(HISTORY, params=asked)
    stays: list[dict[str, Any]] = reply.json()["items"]
    for one, other in pairwise(stays):
        assert one["left_at"] == other["entered_at"]
        assert (one["to_stage"], one["to_stage_id"]) == (
            other["from_stage"],
            other["from_stage_id"],
        )
        stayed = datetime.fromisoformat(one["left_at"]) - datetime.fromisoformat(one["entered_at"])
        seconds = Decimal(one["duration_seconds"])
        assert abs(seconds - Decimal(str(stayed.total_seconds()))) <= Decimal("0.001")
        assert seconds >= 0
    now = (await api.get(f"{URL}/{deal['id']}")).json()
    assert stays[0]["from_stage"] is None
    assert (stays[-1]["left_at"], stays[-1]["duration_seconds"]) == (None, None)
    assert (stays[-1]["to_stage_id"], stays[-1]["to_status"]) == (now["stage_id"], now["status"])
    return stays


def walked(stays: list[dict[str, Any]]) -> list[str]:
    return [stay["to_stage"] for stay in stays]


class TestHistory:
    async def test_keeps_what_was_at_that_moment(self, api: httpx.AsyncClient) -> None:
        deal = await make(api, amount="1000.10", expected_close="2026-12-31")
        deal = await change(api, deal, amount="2000.20", stage="proposal")
        deal = await change(api, deal, amount="3000.30")
        deal = await change(api, deal, stage="won")
        stays = await history(api, deal)
        assert walked(stays) == ["prospecting", "proposal", "won"]
        assert [stay["amount"] for stay in stays] == ["1000.10", "2000.20", "3000.30"]
        assert [stay["probability"] for stay in stays] == [10, 50, 100]
        assert [stay["to_status"] for stay in stays] == ["open", "open", "won"]
        assert {stay["expected_close"] for stay in stays} == {"2026-12-31"}
        assert stays[0]["actor"].startswith("user:") or stays[0]["actor"].startswith("key:")

    async def test_a_change_of_something_else_leaves_none(self, api: httpx.AsyncClient) -> None:
        deal = await make(api)
        await change(api, deal, name="Renamed", probability=5)
        assert len(await history(api, deal)) == 1

    async def test_an_import_and_a_bulk_change_leave_one_for_each(
        self, api: httpx.AsyncClient
    ) -> None:
        reply = await api.post(
            f"{URL}/import",
            content="name,stage,external_ids.a\nOne,proposal,1\nTwo,,2\n",
            headers={"content-type": "text/csv"},
        )
        assert reply.json()["created"] == 2, reply.text
        op = await done(api, "deals.update", where="status = open", values={"stage": "won"})
        deals = (await api.get(URL, params={"sort": "name"})).json()["items"]
        assert walked(await history(api, deals[0])) == ["proposal", "won"]
        assert walked(await history(api, deals[1])) == ["prospecting", "won"]
        await undone(api, op)
        assert walked(await history(api, deals[0])) == ["proposal", "won", "proposal"]
        assert walked(await history(api, deals[1])) == ["prospecting", "won", "prospecting"]

    async def test_an_undo_is_one_more_move(self, api: httpx.AsyncClient) -> None:
        deal = await make(api)
        await change(api, deal, stage="proposal")
        await ask(api, "/v1/undo", {"what": f"deals/{deal['id']}", "yes": True})
        assert walked(await history(api, deal)) == ["prospecting", "proposal", "prospecting"]

    async def test_a_deal_that_comes_in_closed_was_closed_then(
        self, api: httpx.AsyncClient
    ) -> None:
        deal = await make(api, stage="won", closed_at="2025-03-04T05:06:07Z")
        [stay] = await history(api, deal)
        assert stay["entered_at"].startswith("2025-03-04T05:06:07")

    async def test_is_only_read(self, api: httpx.AsyncClient) -> None:
        deal = await make(api)
        [stay] = await history(api, deal)
        for method in ("PATCH", "DELETE"):
            reply = await api.request(method, f"{HISTORY}/{stay['id']}", json={})
            assert reply.status_code == 405
        assert (await api.get(f"{HISTORY}/{stay['id']}")).json() == stay
        reply = await api.get(HISTORY, params={"as_of": "2026-01-01"})
        assert reply.json()["errors"][0]["code"] == "no_past"

    async def test_is_filtered_by_the_deal_and_the_deal_by_it(self, api: httpx.AsyncClient) -> None:
        await make(api, name="Other")
        deal = await change(api, await make(api, name="Acme"), stage="proposal")
        reply = await api.get(HISTORY, params={"where": "deal.name = Acme and left_at is empty"})
        assert [stay["deal_id"] for stay in reply.json()["items"]] == [deal["id"]]
        where = "stages has (from_stage = prospecting and to_stage = proposal)"
        reply = await api.get(URL, params={"where": where})
        assert [found["id"] for found in reply.json()["items"]] == [deal["id"]]

    async def test_goes_with_its_deal(self, api: httpx.AsyncClient) -> None:
        deal = await make(api)
        await api.delete(f"{URL}/{deal['id']}")
        assert (await api.get(HISTORY)).json()["items"] == []
        await api.post(f"{URL}/{deal['id']}/restore")
        assert len(await history(api, deal)) == 1
        await api.delete(f"{URL}/{deal['id']}")
        reply = await api.post(f"{URL}/{deal['id']}/destroy")
        assert reply.status_code == 200, reply.text
        assert (await api.get(HISTORY)).json()["items"] == []


@pytest.fixture
def main(installation: Installation) -> Any:
    with people(installation.url) as found:
        yield found


async def test_is_seen_by_whoever_sees_the_deal(api: httpx.AsyncClient, main: People) -> None:
    main.role("own", ["deals:read:own", "deals:create", "deal_stages:read"])
    mine = {"Authorization": f"Bearer {main.key('*', user=main.user('ada', 'own'))}"}
    await make(api, name="Theirs")
    reply = await api.post(URL, json={"name": "Mine"}, headers=mine)
    assert reply.status_code == 201, reply.text
    stays = (await api.get(HISTORY, headers=mine)).json()["items"]
    assert [stay["deal_id"] for stay in stays] == [reply.json()["id"]]


async def test_nobody_but_the_trigger_writes_it(
    api: httpx.AsyncClient, installation: Installation
) -> None:
    await make(api)
    with psycopg.connect(installation.url) as owner:
        row = owner.execute(
            "select role_name from public.workspaces where slug = 'main'"
        ).fetchone()
        assert row is not None
        owner.execute(f'set local role "{row[0]}"')
        owner.execute("set local search_path = ws_main")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            owner.execute("update deal_stages set left_at = now()")


async def test_the_past_has_the_stages_of_then(api: httpx.AsyncClient) -> None:
    deal = await make(api, amount="10.01", probability=33)
    [last] = (await api.get("/v1/changes", params={"limit": 1})).json()["items"]
    then = {"as_of": f"seq:{last['seq']}"}
    await change(api, deal, stage="proposal", amount="20")
    await change(api, deal, stage="prospecting")
    for word, now, before in (("proposal", 1, 0), ("prospecting", 1, 1), ("won", 0, 0)):
        asked = {"where": f"stages has (to_stage = {word})"}
        assert len((await api.get(URL, params=asked)).json()["items"]) == now
        assert len((await api.get(URL, params={**asked, **then})).json()["items"]) == before
    # a stay that ended later had not ended, and computed amounts have the places that they had
    asked = {"where": "stages has (to_stage = prospecting and left_at is empty)", **then}
    [found] = (await api.get(URL, params=asked)).json()["items"]
    assert (found["weighted_amount"], found["stage"]) == (deal["weighted_amount"], "prospecting")


async def test_tells_nothing_that_rules_hide_of_the_deal(
    api: httpx.AsyncClient, installation: Installation
) -> None:
    """A stay, and a quote, hold what fields of other records were: it is as closed as those are."""
    deal = await change(api, await make(api, amount="321000", probability=37), stage="proposal")
    file = f"deal,to_stage,entered_at,amount,probability\n{deal['number']},prospecting,"
    told = await api.post(
        f"{HISTORY}/import",
        content=f"{file}2020-01-01T00:00:00Z,654000,12\n",
        headers={"content-type": "text/csv"},
    )
    assert told.json()["created"] == 1, told.text
    await ask(api, "/v1/quotes", {"deal_id": deal["id"]}, 201)
    closed = {f"deals.{name}": "hidden" for name in ("amount", "expected_close", "probability")}
    closed |= {"deals.forecast_category": "masked", "companies.name": "hidden"}
    with people(installation.url) as main:
        role = main.role("blind", ["*:read"], field_rules=closed)
        headers = main.signed("blind", role)
    stays = (await api.get(HISTORY, headers=headers)).json()["items"]
    assert len(stays) == 2
    for stay in stays:
        assert not stay.keys() & {"amount", "expected_close", "probability"}
        assert stay["forecast_category"] not in ("pipeline", "commit")
    for path, where in (
        (URL, "stages has (amount > 200000)"),
        (HISTORY, "amount > 200000"),
        (HISTORY, "expected_close is empty"),
        (HISTORY, "forecast_category = pipeline"),
    ):
        reply = await api.get(path, params={"where": where}, headers=headers)
        assert reply.status_code == 422, (where, reply.text)
    feed = (await api.get("/v1/changes", params={"limit": 200}, headers=headers)).text
    assert "deal_stages" in feed
    assert "654000" not in feed
    assert "321000" not in feed
    quote = (await api.get("/v1/quotes", headers=headers)).json()["items"][0]
    assert "to_contact" in quote
    assert "to_company" not in quote
