"""Deals keep the order that people put them in, among those of their stage."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import httpx
import pytest

from tests.fixtures.people import People, bearer
from tests.server.operations.doing import done, imported
from tests.server.sales.conftest import URL, change, make, refused


async def put(
    api: httpx.AsyncClient, deal: dict[str, Any], code: int = 200, **said: Any
) -> dict[str, Any]:
    """Move a deal."""
    reply = await api.post(f"{URL}/{deal['id']}/move", json=said)
    assert reply.status_code == code, reply.text
    found: dict[str, Any] = reply.json()
    return found


async def column(api: httpx.AsyncClient, stage: str = "prospecting", **asked: str) -> str:
    """Return the names of a stage's deals, in the order in which they stand."""
    asked = {"where": f"stage = {stage}", "sort": "position", "limit": "100", **asked}
    reply = await api.get(URL, params=asked)
    return "".join(each["name"] for each in reply.json()["items"])


@pytest.fixture
async def deals(api: httpx.AsyncClient) -> dict[str, dict[str, Any]]:
    return {name: await make(api, name=name) for name in "ABCDE"}


class TestOrder:
    async def test_new_deals_stand_last(
        self, api: httpx.AsyncClient, deals: dict[str, dict[str, Any]]
    ) -> None:
        assert await column(api) == "ABCDE"
        await put(api, deals["A"], after="5")
        await make(api, name="F")
        assert await column(api) == "BCDEAF"

    async def test_before_and_after(
        self, api: httpx.AsyncClient, deals: dict[str, dict[str, Any]]
    ) -> None:
        await put(api, deals["D"], before="1")
        assert await column(api) == "DABCE"
        await put(api, deals["D"], after=deals["B"]["id"])
        assert await column(api) == "ABDCE"
        await put(api, deals["E"], before="3")
        assert await column(api) == "ABDEC"

    async def test_one_that_stands_there_stays_as_it_is(
        self, api: httpx.AsyncClient, deals: dict[str, dict[str, Any]]
    ) -> None:
        for said in ({"before": "3"}, {"after": "1"}, {"after": "1", "stage": "Prospecting"}):
            assert (await put(api, deals["B"], **said))["version"] == deals["B"]["version"]

    async def test_goes_into_the_stage_of_the_other(
        self, api: httpx.AsyncClient, deals: dict[str, dict[str, Any]]
    ) -> None:
        for name in "CBA":
            await put(api, deals[name], stage="proposal")
        assert await column(api, "proposal") == "ABC"  # as they stood before, whoever came first
        moved = await put(api, deals["E"], after="1")
        assert (moved["stage"], moved["probability"]) == ("proposal", 50)
        assert (await column(api, "proposal"), await column(api)) == ("AEBC", "D")
        await put(api, deals["E"], stage="prospecting")
        assert await column(api) == "ED"
        await put(api, deals["B"], stage="proposal", before="1")
        assert await column(api, "proposal") == "BAC"

    async def test_into_another_pipeline(
        self, api: httpx.AsyncClient, deals: dict[str, dict[str, Any]]
    ) -> None:
        pipeline = (await api.post("/v1/pipelines", json={"name": "Renewals"})).json()["id"]
        stage = {"pipeline_id": pipeline, "key": "due", "label": "Due"}
        assert (await api.post("/v1/stages", json=stage)).status_code == 201
        other = await make(api, name="X", pipeline_id=pipeline)
        moved = await put(api, deals["A"], before=other["id"])
        assert (moved["pipeline_id"], moved["stage"]) == (pipeline, "due")
        assert await column(api, "due") == "AX"
        said = {"before": "1", "pipeline_id": "Renewals"}
        await put(api, deals["C"], **said)
        said = {"before": deals["B"]["id"], "pipeline_id": "Renewals"}
        assert (await put(api, deals["D"], 422, **said))["errors"][0]["code"] == "other_pipeline"

    @pytest.mark.parametrize(
        ("said", "pointer", "code"),
        [
            ({}, "/stage", "missing"),
            ({"before": "1", "after": "2"}, "/after", "conflict"),
            ({"before": "2"}, "/before", "itself"),
            ({"after": "99"}, "/after", "unknown_reference"),
            ({"after": "nothing"}, "/after", "unknown_reference"),
            ({"after": "1", "stage": "proposal"}, "/after", "other_stage"),
        ],
    )
    async def test_refuses(
        self,
        api: httpx.AsyncClient,
        deals: dict[str, dict[str, Any]],
        said: dict[str, Any],
        pointer: str,
        code: str,
    ) -> None:
        reply = await api.post(f"{URL}/{deals['B']['number']}/move", json=said)
        assert refused(reply) == (422, pointer, code)
        assert await column(api) == "ABCDE"

    async def test_into_a_lost_stage_takes_the_reason(
        self, api: httpx.AsyncClient, deals: dict[str, dict[str, Any]]
    ) -> None:
        await change(api, deals["A"], stage="lost", lost_reason_id="Price")
        reply = await api.post(f"{URL}/2/move", json={"after": "1"})
        assert refused(reply) == (422, "/lost_reason_id", "lost_reason_required")
        assert await column(api) == "BCDE"

    async def test_is_no_field_of_a_payload(
        self, api: httpx.AsyncClient, deals: dict[str, dict[str, Any]]
    ) -> None:
        reply = await api.patch(f"{URL}/1", json={"position": deals["E"]["position"]})
        assert reply.status_code == 422
        reply = await api.post(URL, json={"name": "F", "position": "1"})
        assert reply.status_code == 422

    async def test_many_at_once_stand_one_after_the_other(
        self, api: httpx.AsyncClient, deals: dict[str, dict[str, Any]]
    ) -> None:
        moves = [put(api, deals[name], after="1") for name in "BCDE"]
        found = await asyncio.gather(*moves)
        assert len({each["position"] for each in found}) == 4
        assert (await column(api))[0] == "A"
        assert sorted(await column(api)) == list("ABCDE")

    async def test_agrees_with_a_list(
        self, api: httpx.AsyncClient, deals: dict[str, dict[str, Any]]
    ) -> None:
        chance, order = random.Random(7), list("ABCDE")
        for _ in range(60):
            one, other = chance.sample("ABCDE", 2)
            side = chance.choice(("before", "after"))
            await put(api, deals[one], **{side: deals[other]["id"]})
            order.remove(one)
            order.insert(order.index(other) + (side == "after"), one)
            assert await column(api) == "".join(order)


class TestHistory:
    async def test_undo_puts_it_back(
        self, api: httpx.AsyncClient, deals: dict[str, dict[str, Any]]
    ) -> None:
        await put(api, deals["E"], before="1")
        reply = await api.post("/v1/undo", json={"yes": True})
        assert reply.is_success, reply.text
        assert await column(api) == "ABCDE"

    async def test_a_dry_run_moves_nothing(
        self, api: httpx.AsyncClient, deals: dict[str, dict[str, Any]]
    ) -> None:
        reply = await api.post(f"{URL}/5/move?dry_run=true", json={"before": "1"})
        assert reply.json()["position"] < deals["A"]["position"]
        assert await column(api) == "ABCDE"

    async def test_files_say_it_and_a_place_that_is_taken_is_the_last(
        self, api: httpx.AsyncClient, deals: dict[str, dict[str, Any]]
    ) -> None:
        rows = f"F,{'0' * 32}1\nG,{deals['A']['position']}\n"
        op = await imported(api, "deals", f"name,position\n{rows}")
        assert (op["done"]["created"], await column(api)) == (2, "FABCDEG")
        rows = f"1,{deals['E']['position'][:-1]}9\n2,here\n3,10\n"
        op = await imported(api, "deals", f"number,position\n{rows}", key="number")
        assert (op["plan"]["unchanged"], op["plan"]["error"]) == (1, 2)
        assert await column(api) == "FABCDEG"  # those that are there, people move

    async def test_as_it_was_on_another_day(
        self, api: httpx.AsyncClient, deals: dict[str, dict[str, Any]]
    ) -> None:
        then = (await api.get("/v1/changes", params={"limit": 1})).json()["items"][0]["seq"]
        await put(api, deals["E"], before="1")
        assert (await column(api), await column(api, as_of=f"seq:{then}")) == ("EABCD", "ABCDE")

    async def test_a_merge_leaves_the_place_of_the_one_that_stays(
        self, api: httpx.AsyncClient, deals: dict[str, dict[str, Any]]
    ) -> None:
        await done(api, "deals.merge", into=deals["D"]["id"], records=[deals["A"]["id"]])
        assert await column(api) == "BCDE"


class TestRights:
    async def test_takes_move_and_a_deal_that_is_seen(
        self, api: httpx.AsyncClient, main: People
    ) -> None:
        main.role("reader", ["deals:read:own", "deals:update:own"])
        main.role("seller", ["deals:read:own", "deals:move:own"])
        users = {name: main.user(name, name) for name in ("reader", "seller")}
        headers = {name: bearer(main.key("*", user=user)) for name, user in users.items()}
        names = {"A": "seller", "B": "seller", "C": "reader", "D": "reader"}
        for name, user in names.items():
            await make(api, name=name, owner_id=str(users[user]))
        seller = {"headers": headers["seller"]}
        reply = await api.post(f"{URL}/2/move", json={"before": "1"}, **seller)
        assert reply.is_success, reply.text
        reply = await api.post(f"{URL}/1/move", json={"after": "3"}, **seller)
        assert refused(reply) == (422, "/after", "unknown_reference")
        reply = await api.post(f"{URL}/3/move", json={"after": "4"}, headers=headers["reader"])
        assert reply.status_code == 403
        assert await column(api) == "BACD"
