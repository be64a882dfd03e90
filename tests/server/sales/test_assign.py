"""Leads that are there are assigned: shown first, written at once, taken back whole."""

from __future__ import annotations

import httpx

from tests.fixtures.people import People
from tests.fixtures.stores import Installation
from tests.server.operations.doing import ask, everything
from tests.server.sales.assigning import assign, owners, rule
from tests.server.sales.test_leads import lead


async def unowned(api: httpx.AsyncClient, *names: str) -> list[str]:
    """Make leads that nobody owns; return their ids."""
    found = [(await lead(api, last_name=name))["id"] for name in names]
    for one in found:
        await api.patch(f"/v1/leads/{one}", json={"owner_id": None})
    return found


async def test_shows_first_then_writes_and_is_taken_back(
    api: httpx.AsyncClient, main: People, installation: Installation
) -> None:
    for name in ("ada", "bob"):
        main.user(name, "agent")
    one, two, three = await unowned(api, "One", "Two", "Three")
    mine = (await lead(api, last_name="Mine"))["id"]
    made = await rule(api, "All", {"ada": None, "bob": None})
    before = everything(installation, "leads")
    shown = await assign(api, leads=[one, two, mine], dry_run=True)
    assert everything(installation, "leads") == before
    assert [(each["owner"], each["outcome"]) for each in shown["items"]][:2] == [
        ("Ada", "by_rule"),
        ("Bob", "by_rule"),
    ]
    assert shown["items"][2]["outcome"] == "has_owner"
    assert (shown["assigned"], shown["dry_run"]) == (2, True)
    done = await assign(api, where="last_name != Two")
    assert {each["lead_id"] for each in done["items"]} == {one, three}
    assert done["items"][0]["rule_id"] == made["id"]
    assert (await owners(api))[:3] == ["Ada", None, "Bob"]
    await ask(api, "/v1/undo", {"yes": True})
    assert everything(installation, "leads") == before


async def test_by_one_rule_alone_and_what_is_done_by_hand_is_no_rules(
    api: httpx.AsyncClient, main: People
) -> None:
    for name in ("ada", "bob"):
        main.user(name, "agent")
    one, two = await unowned(api, "One", "Two")
    await rule(api, "Web", {"ada": 1}, where="source = web")
    await rule(api, "Old", {"bob": 1}, where="last_name != Web", is_active=False)
    done = await assign(api, leads=[one, two], rule="Old")
    assert [each["outcome"] for each in done["items"]] == ["by_rule", "no_rule"]
    assert await owners(api) == ["Bob", None]
    by_hand = await api.patch(f"/v1/leads/{one}", json={"owner_id": "ada@cerebro.test"})
    assert (by_hand.json()["assignment_rule_id"], by_hand.json()["assigned_at"]) == (None, None)
    done = await assign(api, leads=[two], rule="Old")  # there is room again
    assert done["assigned"] == 1


async def test_takes_the_right_to_and_says_what_is_wrong(
    api: httpx.AsyncClient, main: People
) -> None:
    main.team("red")
    [one] = await unowned(api, "One")
    await rule(api, "All", {})
    for role, status in (("read_only", 403), ("agent", 403), ("manager", 200)):
        headers = main.signed(role, role, teams=["red"])
        reply = await api.post("/v1/leads/assign", json={"leads": [one]}, headers=headers)
        assert reply.status_code == status, (role, reply.text)
    for body, status in (
        ({"leads": ["nobody@x.example"]}, 404),
        ({"leads": [one], "where": "source = web"}, 422),
        ({"where": "sorce = web"}, 422),
        ({"leads": [one], "rule": "None"}, 404),
    ):
        reply = await api.post("/v1/leads/assign", json=body)
        assert reply.status_code == status, reply.text
