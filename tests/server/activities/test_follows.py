"""Follows: oneself and others, once each, of what one may see."""

from __future__ import annotations

import httpx

from tests.fixtures.people import People
from tests.server.activities.doing import listed, make, refused, world
from tests.server.operations.doing import ask


async def test_follows_as_oneself_once_and_takes_it_back(api: httpx.AsyncClient) -> None:
    there = await world(api)
    me = (await api.get("/v1/auth/whoami")).json()["user_id"]
    follow = await make(api, "follows", deal_id=str(there["deal"]["number"]), note="watch it")
    assert (follow["user_id"], follow["deal_id"]) == (me, there["deal"]["id"])
    again = await refused(api, "follows", deal_id=there["deal"]["id"])
    assert again[:2] == (409, "duplicate_key")
    both = {"deal_id": there["deal"]["id"], "contact_id": there["contact"]["id"]}
    for wrong in ({}, both):
        assert (await refused(api, "follows", **wrong))[2][0][1] == "exactly_one"
    [found] = await listed(api, "follows", "user = me and deal.name = Engines")
    assert found["id"] == follow["id"]
    await ask(api, "/v1/undo", {"yes": True})
    assert await listed(api, "follows") == []


async def test_of_others_takes_the_right(api: httpx.AsyncClient, main: People) -> None:
    there = await world(api)
    agent, manager = main.signed("agent", "agent"), main.signed("boss", "manager")
    deal = there["deal"]["id"]
    mine = await api.post("/v1/follows", json={"deal_id": deal}, headers=agent)
    assert mine.status_code == 201, mine.text
    other = {"deal_id": deal, "user_id": "boss@cerebro.test"}
    assert (await refused(api, "follows", agent, **other))[:2] == (403, "forbidden")
    made = await api.post(
        "/v1/follows",
        json={"contact_id": there["contact"]["id"], "user_id": "agent@cerebro.test"},
        headers=manager,
    )
    assert made.status_code == 201, made.text
    assert len(await listed(api, "follows", headers=agent)) == 2
    narrow = main.role("narrow", ["follows:*", "users:read", "contacts:read", "deals:read:own"])
    stranger = main.signed("stranger", narrow)
    seen = await listed(api, "follows", headers=stranger)
    assert [each["deal_id"] for each in seen] == [None]  # not what they may not see
    unseen = await refused(api, "follows", stranger, deal_id=deal)
    assert unseen[2] == [("/deal_id", "unknown_reference")]
