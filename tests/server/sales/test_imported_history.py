"""Stays of deals that come in by files: knitted into the chain, taken back, refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx

from tests.fixtures.stores import Installation
from tests.server.operations.doing import ask, done, everything, imported, redone, undone, uploaded
from tests.server.sales.conftest import URL, change, make
from tests.server.sales.test_history import history, walked

KEPT = ("deals", "deal_stages")
_HEADER = "deal,to_stage,entered_at,amount,actor,external_ids.crm\n"


def told(installation: Installation) -> dict[str, Any]:
    """Return what is stored of deals and their stays."""
    return everything(installation, *KEPT)


def file(number: object, *rows: str) -> str:
    """Return a file of stays of one deal."""
    return _HEADER + "".join(f"{number},{row}\n" for row in rows)


class TestKnitting:
    async def test_the_chain_goes_through_what_was_and_what_is(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        deal = await make(api, stage="proposal", amount="50")
        other = await make(api, name="Other", stage="won", closed_at="2025-03-04T00:00:00Z")
        before = told(installation)
        rows = file(
            deal["number"],
            "Proposal,2025-02-01T10:00:00Z,30.10,Ada,2",
            "prospecting,2025-01-01T10:00:00Z,10.05,Ada,1",
            "proposal,2025-02-02T10:00:00Z,40,Ada,3",  # only the amount changed
        )
        rows += file(
            other["number"],
            "negotiation,2025-03-04T09:00:00Z,,,4",  # the day has no time of day
            "won,2025-03-05T09:00:00Z,,,5",
        ).removeprefix(_HEADER)
        op = await imported(api, "deal_stages", rows)
        assert (op["done"]["created"], op["plan"]["skip"]) == (4, 1)
        stays = await history(api, deal)
        assert walked(stays) == ["prospecting", "proposal"]
        assert [stay["origin"] for stay in stays] == ["imported", "imported"]
        assert [stay["amount"] for stay in stays] == ["10.05", "30.10"]
        assert walked(await history(api, other)) == ["negotiation", "won"]
        now = (await api.get(f"{URL}/{deal['id']}")).json()
        assert now["last_stage_change_at"].startswith("2025-02-01T10:00")
        assert now["opened_at"].startswith("2025-01-01T10:00")
        again = await imported(api, "deal_stages", rows)
        assert (again["plan"]["unchanged"], again["plan"]["skip"]) == (4, 1)
        after = told(installation)
        await undone(api, op)
        assert told(installation) == before
        await redone(api, op)
        assert told(installation) == after
        moved = await change(api, now, stage="won")
        assert walked(await history(api, moved)) == ["prospecting", "proposal", "won"]

    async def test_a_deal_that_came_in_closed_was_closed_in_the_last_open_stage(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        deals = [
            await make(api, stage="lost", lost_reason_id="Price", closed_at="2025-03-01T00:00:00Z")
            for _ in range(2)
        ]
        assert {deal["last_open_stage_id"] for deal in deals} == {None}
        before = told(installation)
        rows = _HEADER + "".join(
            f"{deal['number']},{stage},2025-01-{day:02}T08:00:00Z,,,\n"
            for deal in deals
            for day, stage in ((1, "prospecting"), (5, "qualification"), (9, "lost"))
        )
        op = await imported(api, "deal_stages", rows)
        items = (await api.get("/v1/reports/funnel")).json()["items"]
        assert {row["stage"]: row["lost"] for row in items if row["lost"]} == {"qualification": 2}
        after = told(installation)
        await undone(api, op)
        assert told(installation) == before
        await redone(api, op)
        assert told(installation) == after
        reply = await api.post(f"{URL}/{deals[0]['id']}/reopen", json={})
        opened = reply.json()
        assert (opened["stage"], opened["last_open_stage_id"]) == ("qualification", None)
        await ask(api, "/v1/undo", {"what": f"deals/{opened['id']}", "yes": True})
        # a deal and its history say the same of when it came into its stage
        for deal in (opened, await change(api, deals[1], stage="won")):
            now = (await api.get(f"{URL}/{deal['id']}")).json()
            [*_, stay] = await history(api, now)
            assert now["last_stage_change_at"] == stay["entered_at"]
            assert now["closed_at"] == deal["closed_at"] or deal is opened

    async def test_moves_made_here_stay_last_and_an_undo_leaves_them(
        self, api: httpx.AsyncClient
    ) -> None:
        deal = await make(api, stage="prospecting")
        # the old product went on to be used for a while
        deal = await change(api, deal, stage="negotiation")
        rows = file(
            deal["number"],
            "qualification,2024-05-01T00:00:00Z,,,",
            "proposal,2024-06-01T00:00:00Z,,,",
        )
        op = await imported(api, "deal_stages", rows)
        way = ["qualification", "proposal", "prospecting", "negotiation"]
        assert walked(await history(api, deal)) == way
        again = await imported(api, "deal_stages", rows)  # by deal, stage and time
        assert again["plan"]["unchanged"] == 2
        deal = await change(api, deal, stage="won")
        await undone(api, op)
        assert (await api.get(f"/v1/operations/{op['id']}")).json()["state"] == "undone"
        assert walked(await history(api, deal)) == ["prospecting", "negotiation", "won"]

    async def test_what_contradicts_is_refused_by_row(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        deal = await make(api)
        [own] = (await api.get("/v1/deal_stages")).json()["items"]
        reply = await api.post("/v1/pipelines", json={"name": "Renewals"})
        stage = {"pipeline_id": reply.json()["id"], "key": "trial", "label": "Trial"}
        assert (await api.post("/v1/stages", json=stage)).status_code == 201
        before = told(installation)
        rows = file(
            deal["number"],
            "proposal,2999-01-01T00:00:00Z,,,1",
            "nowhere,2025-01-01T00:00:00Z,,,2",
            "trial,2025-01-01T00:00:00Z,,,3",
            "proposal,2025-01-01,,,4",
        )
        rows += "99,proposal,2025-01-01T00:00:00Z,,,5\n"
        op = await ask(
            api,
            "/v1/operations",
            {"kind": "deal_stages.import", "input": {"upload_id": await uploaded(api, rows)}},
        )
        assert (op["plan"]["create"], op["plan"]["error"]) == (0, 5)
        found = (await api.get(f"/v1/operations/{op['id']}/errors")).json()["items"]
        codes = [each["problem"]["code"] for each in found]
        assert codes[:3] == ["in_the_future", "unknown_stage", "unknown_stage"]
        assert codes[4] == "unknown_reference"
        assert "cerebro stages create" in found[1]["problem"]["message"]
        assert told(installation) == before
        # what happened here is not told anew
        changed = (
            f"id,deal,to_stage,entered_at\n{own['id']},{deal['number']},won,{own['entered_at']}\n"
        )
        op = await imported(api, "deal_stages", changed)
        found = (await api.get(f"/v1/operations/{op['id']}/errors")).json()["items"]
        assert [each["problem"]["code"] for each in found] == ["kept_here"]
        # with its pipeline named, a stage of another one is right: deals go from one to another
        moved = "deal,pipeline,to_stage,entered_at\n"
        moved += f"{deal['number']},Renewals,trial,2025-01-01T00:00:00Z\n"
        op = await done(api, "deal_stages.import", upload_id=await uploaded(api, moved))
        assert walked(await history(api, deal)) == ["trial", "prospecting"]


class TestSlips:
    async def test_are_told_by_stays_unless_each_change_is(self, api: httpx.AsyncClient) -> None:
        header = "deal,to_stage,entered_at,expected_close,external_ids.crm\n"
        told = [await make(api, name=name, expected_close="2026-03-01") for name in ("a", "b")]
        rows = header + "".join(
            f"{deal['number']},{stage},2025-0{month}-01T08:00:00Z,{close},{deal['number']}-{month}\n"
            for deal in told
            for month, stage, close in (
                (1, "prospecting", "2025-06-01"),
                (2, "qualification", "2025-05-01"),  # pulled in
                (3, "proposal", "2025-05-11"),
                (4, "negotiation", "2025-05-11"),
            )
        )
        op = await imported(api, "deal_stages", rows)
        assert op["done"]["created"] == 8
        assert await slips(api) == (2, 2, 2, 20)
        seen = (await api.get("/v1/changes?limit=500")).json()["items"]
        seq = max(each["seq"] for each in seen)

        changes = "deal,field,old_value,new_value,changed_at,source\n" + "".join(
            f"{told[1]['number']},expected_close,{old},{new},2025-0{month}-02T08:00:00Z,salesforce\n"
            for month, old, new in (
                (1, "2025-06-01", "2025-06-08"),
                (2, "2025-06-08", "2025-07-08"),
                (3, "2025-07-08", ""),
            )
        )
        op = await imported(api, "earlier_changes", changes)
        assert op["done"]["created"] == 3
        assert await slips(api) == (2, 2, 3, 10 + 7 + 30)
        await change(api, told[0], expected_close="2026-03-04")
        # of what happened since the deal is here, a second import tells nothing new
        rows = f"{told[0]['number']},prospecting,{datetime.now(UTC).isoformat()},2026-12-31,late\n"
        assert (await imported(api, "deal_stages", header + rows))["done"]["created"] == 1
        assert await slips(api) == (2, 2, 4, 10 + 7 + 30 + 3)
        assert await slips(api, as_of=f"seq:{seq}") == (2, 2, 2, 20)


async def slips(api: httpx.AsyncClient, **asked: str) -> tuple[int, ...]:
    """Return deals, those that slipped, how often, and days."""
    reply = await api.get("/v1/reports/slipped", params=asked)
    assert reply.status_code == 200, reply.text
    [row] = reply.json()["items"]
    return row["deals"], row["slipped"], row["times"], row["days"]
