"""Unique custom fields: bulk edits and undos plan as they are applied."""

from __future__ import annotations

from typing import Any

import httpx

from tests.fixtures.people import People
from tests.server.fields.test_indexes import desk, state, working
from tests.server.jobs.conftest import Desk
from tests.server.operations.doing import URL, apply, ask, contact, errors, plan, undone

__all__ = ["desk", "working"]
CSV = {"Content-Type": "text/csv"}


async def why(api: httpx.AsyncClient, op: dict[str, Any]) -> tuple[str, str]:
    [row] = await errors(api, op)
    return row["problem"]["code"], row["problem"]["message"]


async def change(api: httpx.AsyncClient, name: str, **values: Any) -> dict[str, Any]:
    """Plan to change the contact of that name."""
    return await plan(api, "contacts.update", where=f"last_name = {name}", values=values)


async def test_what_another_has_is_left_by_plan_and_apply(
    api: httpx.AsyncClient, main: People, working: Desk
) -> None:
    asked = {"record_type": "contacts", "key": "card", "type": "text", "is_unique": True}
    await ask(api, "/v1/fields", {**asked, "label": "Card"}, 201)
    await state(api, "card", "ready")
    await contact(api, "Ada", custom={"card": "1"})
    bob = await contact(api, "Bob", custom={"card": "2"})

    bulk = await change(api, "Ada", custom={"card": "2"})
    assert bulk["plan"]["error"] == 1
    assert await why(api, bulk) == ("key_taken", f"Another contact has its Card by now: {bob}.")
    own = await change(api, "Ada", custom={"card": "1"})
    assert (own["plan"]["unchanged"], own["plan"]["error"]) == (1, 0)
    mail = await contact(api, "Mail", email="m@x.example")
    bulk = await change(api, "Bob", email="m@x.example")
    assert (await why(api, bulk))[0] == "key_taken", mail

    # an edit, and a deletion, whose value somebody else has since
    edit = await apply(
        api,
        await change(api, "Ada", custom={"card": "3"}),
    )
    gone = await apply(api, await plan(api, "contacts.delete", where="last_name = Bob"))
    late = await ask(api, f"{URL}/{gone['id']}/undo", {})
    assert late["plan"]["restore"] == 1
    cid = await contact(api, "Cid", custom={"card": "2"})
    dan = await contact(api, "Dan", custom={"card": "1"})
    for op, holder in ((edit, dan), (gone, cid)):
        undo = await undone(api, op)
        assert (undo["plan"]["error"], undo["done"]["left"]) == (1, 1)
        assert await why(api, undo) == (
            "key_taken",
            f"Another contact has its Card by now: {holder}.",
        )
    # one that was planned while it was free
    left = await apply(api, late)
    assert (left["done"]["left"], left["done"]["restored"]) == (1, 0)
    assert await why(api, left) == ("key_taken", f"Another contact has its Card by now: {cid}.")

    # who may not read the other one is told only that there is one
    own = ("contacts:read:own", "contacts:update:own", "contacts:bulk", "operations:*")
    eve = main.signed("eve", main.role("own", own))
    body = {"last_name": "Eve", "owner_id": "eve@cerebro.test", "custom": {"card": "9"}}
    made = await api.post("/v1/contacts", json=body)
    assert made.status_code == 201, made.text
    asked = {"kind": "contacts.update", "input": {"values": {"custom": {"card": "2"}}}}
    op = (await api.post(URL, json=asked, headers=eve)).json()
    reply = await api.get(f"{URL}/{op['id']}/errors", headers=eve)
    [row] = reply.json()["items"]
    assert row["problem"]["message"] == "Another contact has its Card by now."


async def test_files_name_who_has_it(api: httpx.AsyncClient) -> None:
    ada = await contact(api, "Ada", email="ada@x.example", external_ids={"crm": "1"})
    bob = await contact(api, "Bob", email="bob@x.example", external_ids={"crm": "2"})
    file = "external_ids.crm,Email\n1,bob@x.example\n"
    reply = await api.post("/v1/contacts/import", content=file, headers=CSV)
    [error] = reply.json()["errors"]
    assert error["message"] == f"Another contact has it: {bob}.", ada
