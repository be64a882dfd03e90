"""Many leads assigned by one plan: who gets how many, drift, room, and the way back."""

from __future__ import annotations

from collections import Counter

import httpx

from tests.fixtures.people import People
from tests.fixtures.stores import Installation
from tests.server.operations.doing import apply, done, errors, everything, plan, undone
from tests.server.operations.test_dump import planned
from tests.server.sales.assigning import owners, rule
from tests.server.sales.test_assign import unowned
from tests.server.sales.test_leads import lead

KIND = "leads.assign"


async def test_says_who_gets_how_many_and_takes_it_back_with_the_turns(
    api: httpx.AsyncClient, main: People, installation: Installation
) -> None:
    for name in ("ada", "bob", "kai"):
        main.user(name, "agent")
    await lead(api, last_name="Old", email="x@x.example", owner_id="kai@cerebro.test")
    ids = await unowned(api, *(f"W{number}" for number in range(6)), "Rest")
    same = (await lead(api, last_name="Same", email="X@x.example"))["id"]
    await api.patch(f"/v1/leads/{same}", json={"owner_id": None})
    made = await rule(api, "Web", {"ada": 2, "bob": None}, where="last_name starts with W")
    before = everything(installation, "leads")
    op = await plan(api, KIND, where="last_name != Old")
    assert everything(installation, "leads") == before
    told = [(each["rule"], each["owner"], each["leads"]) for each in op["report"]["handed"]]
    assert told == [("Web", "Ada", 2), ("Web", "Bob", 4), (None, "Kai", 1), (None, None, 1)]
    assert op["report"]["stays"] == {"no_rule": 1}
    assert op["plan"]["update"] == op["report"]["assigned"] == 7
    op = await apply(api, op)
    assert Counter(await owners(api, "last_name starts with W")) == {"Ada": 2, "Bob": 4}
    assert (await owners(api, "last_name starts with W"))[:4] == ["Ada", "Bob", "Ada", "Bob"]
    first = (await api.get(f"/v1/leads/{ids[0]}")).json()
    assert (first["assignment_rule_id"], first["assigned_at"] is None) == (made["id"], False)
    await undone(api, op)
    assert everything(installation, "leads") == before
    # whose turn it is was taken back with it
    op = await done(api, KIND, leads=[ids[1], "nobody"])
    assert await owners(api, "last_name = W1") == ["Ada"]
    assert [each["problem"]["code"] for each in await errors(api, op)] == ["not_found"]


async def test_refuses_what_drifted_and_leaves_what_has_no_room_left(
    api: httpx.AsyncClient, main: People
) -> None:
    main.user("ada", "agent")
    ids = await unowned(api, "One", "Two", "Three")
    await rule(api, "All", {"ada": 2})
    op = await plan(api, KIND, leads=ids)
    assert op["report"]["stays"] == {"no_rule": 1}
    other = await lead(api, last_name="Four")  # takes one of the two places
    assert other["owner_id"] is not None
    op = await apply(api, op)
    assert (op["done"]["updated"], op["done"]["left"]) == (1, 1)
    [left] = await errors(api, op)
    assert left["problem"]["code"] == "no_room" or "2 leads" in left["problem"]["message"]
    assert Counter(await owners(api)) == {"Ada": 2, None: 2}
    await api.patch(f"/v1/leads/{other['id']}", json={"owner_id": None})
    op = await plan(api, KIND, leads=[ids[2]])
    await api.patch(f"/v1/leads/{ids[2]}", json={"job_title": "Countess"})
    reply = await api.post(f"/v1/operations/{op['id']}/apply", json={})
    assert (reply.status_code, reply.json()["code"]) == (409, "plan_drifted"), reply.text
    for said, status in (
        ({"leads": ids, "where": "source = web"}, 422),
        ({"where": "sorce = web"}, 422),
        ({"rule": "None"}, 404),
    ):
        reply = await api.post("/v1/operations", json={"kind": KIND, "input": said})
        assert reply.status_code == status, reply.text
    headers = main.signed("eve", "agent")
    reply = await api.post("/v1/operations", json={"kind": KIND, "input": {}}, headers=headers)
    assert reply.status_code == 403


async def test_an_import_says_who_gets_what(
    api: httpx.AsyncClient, main: People, installation: Installation
) -> None:
    for name in ("ada", "bob"):
        main.user(name, "agent")
    await rule(api, "Web", {"ada": 1, "bob": 2}, where="source = web")
    before = everything(installation, "leads")
    content = "last_name,source\n" + "".join(f"L{n},web\n" for n in range(4)) + "M,fair\n"
    op = await planned(api, {"leads.csv": content})
    assert everything(installation, "leads") == before
    told = [(each["rule"], each["owner"], each["leads"]) for each in op["report"]["handed"]]
    assert told == [("Web", "Ada", 1), ("Web", "Bob", 2), (None, None, 2)]
    await apply(api, op)
    assert Counter(await owners(api)) == {"Ada": 1, "Bob": 2, None: 2}
