"""Territories: a tree in which deals and leads lie, and what their managers see."""

from __future__ import annotations

from typing import Any

import httpx

from tests.fixtures.people import People, bearer
from tests.server.sales.conftest import make
from tests.server.sales.test_leads import lead

URL = "/v1/territories"


async def territory(api: httpx.AsyncClient, name: str, **fields: Any) -> dict[str, Any]:
    reply = await api.post(URL, json={"name": name, **fields})
    assert reply.status_code == 201, reply.text
    made: dict[str, Any] = reply.json()
    return made


async def test_stay_a_tree_and_are_kept_while_they_are_used(api: httpx.AsyncClient) -> None:
    await territory(api, "Europe")
    await territory(api, "Germany", parent_id="Europe")
    reply = await api.patch(f"{URL}/Europe", json={"parent_id": "Germany"})
    [error] = reply.json()["errors"]
    assert (reply.status_code, error["pointer"], error["code"]) == (422, "/parent_id", "cycle")
    assert (await api.post(URL, json={"name": "germany"})).status_code == 409
    deal = await make(api, territory_id="Germany")
    for name, said in (("Europe", "lie in this one"), ("Germany", "Deals or leads")):
        gone = await api.delete(f"{URL}/{name}")
        assert (gone.status_code, gone.json()["errors"][0]["code"]) == (422, "in_use")
        assert said in gone.json()["detail"]
    await api.patch(f"/v1/deals/{deal['id']}", json={"territory_id": None})
    assert (await api.delete(f"{URL}/Germany")).status_code == 200


async def test_of_a_lead_is_that_of_its_deal_and_filters_follow_it(api: httpx.AsyncClient) -> None:
    await territory(api, "Europe")
    await territory(api, "Germany", parent_id="Europe")
    made = await lead(api, last_name="Lovelace", company_name="Acme", territory_id="Germany")
    await lead(api, last_name="Byron")
    done = await api.post(f"/v1/leads/{made['id']}/convert", json={})
    assert done.status_code == 200, done.text
    for noun, where in (
        ("deals", "territory.name = Germany"),
        ("leads", "territory.parent.name = Europe"),
    ):
        found = (await api.get(f"/v1/{noun}", params={"where": where})).json()["items"]
        assert len(found) == 1, noun
    found = (await api.get(URL, params={"where": "deals has (status = open)"})).json()["items"]
    assert [each["name"] for each in found] == ["Germany"]


async def test_managers_see_and_change_what_lies_in_them(
    api: httpx.AsyncClient, main: People
) -> None:
    main.role("team", ["deals:read:team", "deals:update:team", "leads:read:team", "deals:win:team"])
    boss = main.user("boss", "team")
    headers = bearer(main.key("*", user=boss))
    await territory(api, "Europe", manager_id="boss@cerebro.test")
    await territory(api, "Germany", parent_id="Europe")
    await territory(api, "Asia")
    deal = await make(api, name="In", territory_id="Germany")
    out = await make(api, name="Out", territory_id="Asia")
    await make(api, name="Nowhere")
    await lead(api, last_name="In", territory_id="Europe")
    await lead(api, last_name="Out", territory_id="Asia")
    for noun in ("deals", "leads"):
        items = (await api.get(f"/v1/{noun}", headers=headers)).json()["items"]
        assert [each.get("name", each.get("last_name")) for each in items] == ["In"]
    won = await api.post(f"/v1/deals/{deal['id']}/win", headers=headers)
    assert won.status_code == 200, won.text
    assert (await api.post(f"/v1/deals/{out['id']}/win", headers=headers)).status_code == 404
    moved = {"territory_id": None}
    reply = await api.patch(f"/v1/deals/{deal['id']}", json=moved, headers=headers)
    assert reply.status_code == 403
    await api.patch(f"{URL}/Germany", json={"parent_id": "Asia"})
    assert (await api.get("/v1/deals", headers=headers)).json()["items"] == []
