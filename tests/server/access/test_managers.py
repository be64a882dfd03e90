"""Managers of teams: what belongs to their team, to its members, and to all teams below."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from tests.fixtures.people import People, bearer
from tests.server.access.test_rows import URL, make, names, whole

TEAMS = "/v1/teams"


async def team(api: httpx.AsyncClient, key: str, **fields: Any) -> dict[str, Any]:
    reply = await api.post(TEAMS, json={"key": key, "name": key.title(), **fields})
    assert reply.status_code == 201, reply.text
    made: dict[str, Any] = reply.json()
    return made


async def move(api: httpx.AsyncClient, key: str, parent: str | None) -> httpx.Response:
    return await api.patch(f"{TEAMS}/{key}", json={"parent_id": parent})


async def test_sees_the_subtree_and_nothing_beside_it(api: httpx.AsyncClient, main: People) -> None:
    main.role("team", whole("team"))
    main.role("own", whole("own"))
    boss = main.user("boss", "team")
    await team(api, "emea", manager_id="boss@cerebro.test")
    await team(api, "dach", parent_id="emea")
    await team(api, "berlin", parent_id="dach")
    await team(api, "apac")
    ada, kai = (main.user(n, "team", teams=[t]) for n, t in (("ada", "berlin"), ("kai", "apac")))
    await make(api, "Of Ada", owner_id=str(ada), domain="ada.example")
    await make(api, "Of Berlin", team="berlin")
    await make(api, "Of EMEA", team="emea")
    await make(api, "Of Kai", owner_id=str(kai), team="apac")
    of_boss = bearer(main.key("*", user=boss))
    assert await names(api, of_boss) == ["Of Ada", "Of Berlin", "Of EMEA"]
    assert await names(api, of_boss, where="team = berlin") == ["Of Berlin"]
    # what may be seen may be written, and counted, and nothing more
    changed = await api.patch(f"{URL}/ada.example", json={"city": "Bonn"}, headers=of_boss)
    assert changed.status_code == 200, changed.text
    taken = await api.patch(f"{URL}/ada.example", json={"owner_id": str(kai)}, headers=of_boss)
    assert taken.status_code == 403
    counted = await api.get(URL, params={"count": "exact"}, headers=of_boss)
    assert counted.json()["count"] == 3
    asked = {"user": str(boss), "record": "companies/ada.example"}
    said = (await api.get("/v1/access/explain", params=asked)).json()
    assert said["allowed"] is True
    assert "below one that they manage" in said["reasons"][0]["detail"]
    # members see their own team's only, and a key or a role for one's own stays that
    assert await names(api, main.signed("eve", "team", teams=["emea"])) == ["Of EMEA"]
    assert await names(api, bearer(main.key("companies:read:own", user=boss))) == []
    main.connection.execute("update users set roles = '{own}' where id = %s", (boss,))
    assert await names(api, of_boss) == []


async def test_follows_the_tree_at_once(api: httpx.AsyncClient, main: People) -> None:
    main.role("team", whole("team"))
    of_boss = main.signed("boss", "team")
    await team(api, "emea", manager_id="boss@cerebro.test")
    await team(api, "dach", parent_id="emea")
    ada = main.user("ada", "team", teams=["dach"])
    await make(api, "Of Ada", owner_id=str(ada))
    assert await names(api, of_boss) == ["Of Ada"]
    assert (await move(api, "dach", None)).status_code == 200
    assert await names(api, of_boss) == []
    assert (await move(api, "dach", "emea")).status_code == 200
    assert await names(api, of_boss) == ["Of Ada"]
    await api.patch(f"{TEAMS}/emea", json={"manager_id": None})
    assert await names(api, of_boss) == []


async def test_teams_stay_a_tree(api: httpx.AsyncClient) -> None:
    for key in ("emea", "dach", "berlin"):
        await team(api, key)
    assert (await move(api, "dach", "emea")).status_code == 200
    assert (await move(api, "berlin", "dach")).status_code == 200
    for key, parent, code in (
        ("emea", "berlin", "cycle"),
        ("emea", "emea", "cycle"),
        ("emea", "nowhere", "unknown_reference"),
    ):
        reply = await move(api, key, parent)
        [error] = reply.json()["errors"]
        assert (reply.status_code, error["pointer"], error["code"]) == (422, "/parent_id", code)
    gone = await api.delete(f"{TEAMS}/dach")
    assert (gone.status_code, gone.json()["errors"][0]["code"]) == (422, "in_use")
    found = await api.get(TEAMS, params={"where": "parent.parent.key = emea"})
    assert [each["key"] for each in found.json()["items"]] == ["berlin"]
    # two that are right by themselves
    assert (await move(api, "dach", None)).status_code == 200
    both = await asyncio.gather(move(api, "emea", "dach"), move(api, "dach", "emea"))
    assert sorted(each.status_code for each in both) == [200, 422]
