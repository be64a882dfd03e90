"""Which rule assigns leads that are there, who may have that done, and one lead alone."""

from __future__ import annotations

import httpx

from tests.fixtures.people import People, bearer
from tests.server.operations.doing import ask, done, errors
from tests.server.sales.assigning import owners, rule
from tests.server.sales.test_leads import lead

KIND = "leads.assign"


async def unowned(api: httpx.AsyncClient, *names: str, **fields: str) -> list[str]:
    """Make leads that nobody owns; return their ids."""
    found = [(await lead(api, last_name=name, **fields))["id"] for name in names]
    for one in found:
        await api.patch(f"/v1/leads/{one}", json={"owner_id": None})
    return found


async def test_by_one_rule_alone_and_one_lead_is_taken_back_alone(
    api: httpx.AsyncClient, main: People
) -> None:
    for name in ("ada", "bob"):
        main.user(name, "agent")
    one, two = await unowned(api, "One", "Two")
    await rule(api, "Web", {"ada": 1}, where="source = web")
    await rule(api, "Old", {"bob": 1}, where="last_name != Web", is_active=False)
    op = await done(api, KIND, leads=[one, two], rule="Old")
    assert (op["report"]["assigned"], op["report"]["stays"]) == (1, {"no_rule": 1})
    assert await owners(api) == ["Bob", None]
    by_hand = await api.patch(f"/v1/leads/{one}", json={"owner_id": "ada@cerebro.test"})
    assert (by_hand.json()["assignment_rule_id"], by_hand.json()["assigned_at"]) == (None, None)
    await done(api, KIND, leads=[two], rule="Old")  # there is room again
    assert await owners(api) == ["Ada", "Bob"]
    await ask(api, "/v1/undo", {"what": f"leads/{two}", "yes": True})
    assert await owners(api) == ["Ada", None]
    op = await done(api, KIND, leads=[one, two])
    assert op["report"]["stays"] == {"has_owner": 1, "no_rule": 1}


async def test_takes_the_rights_to(api: httpx.AsyncClient, main: People) -> None:
    main.team("red")
    main.user("ada", "agent")
    [one] = await unowned(api, "One", team="red")
    [two] = await unowned(api, "Two")
    await rule(api, "All", {"ada": None})
    body = {"kind": KIND, "input": {"leads": [one]}}
    for role, status in (("read_only", 403), ("agent", 403), ("manager", 202)):
        headers = main.signed(role, role, teams=["red"])
        reply = await api.post("/v1/operations", json=body, headers=headers)
        assert reply.status_code == status, (role, reply.text)
    # of a team, its leads alone; who gets one need not be in it
    may = ["leads:read", "leads:bulk", *(f"leads:{verb}:team" for verb in ("update", "assign"))]
    role = main.role("desk", [*may, "assignment_rules:read", "operations:read"])
    api_key = main.key("*", user=main.user("dee", role, teams=["red"]))
    main.connection.commit()
    api.headers.update(bearer(api_key))
    op = await done(api, KIND, leads=[one, two])
    assert [each["problem"]["code"] for each in await errors(api, op)] == ["forbidden"]
    assert (await api.get(f"/v1/leads/{one}")).json()["owner_id"] is not None
    assert (await api.get(f"/v1/leads/{two}")).json()["owner_id"] is None
