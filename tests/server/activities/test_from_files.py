"""Attendees and follows from files: by what they join, once, with plan and undo."""

from __future__ import annotations

import httpx

from tests.fixtures.people import People
from tests.fixtures.stores import Installation
from tests.server.activities.doing import listed, make, world
from tests.server.operations.doing import (
    apply,
    ask,
    done,
    errors,
    everything,
    imported,
    plan,
    undone,
    uploaded,
)

NOUNS = ("attendees", "follows")
GUESTS = (
    "Meeting,Contact,Lead,User,Role,RSVP\n"
    "Demo,ada@acme.example,,,,Accepted\n"  # who comes already
    "demo,,grace@navy.example,,optional,\n"
    "Demo,,,agent@cerebro.test,,tentative\n"
    "crm:7,,,me,organiser,\n"
    "Demo,,GRACE@navy.example,,twice,\n"
    "Demo,nobody@acme.example,,,,\n"
    "Demo,,,nobody@acme.example,,\n"
    "Nothing,,,me,,\n"
    "Demo,ada@acme.example,,me,,\n"
)


async def test_attendees_are_found_by_activity_and_person(
    api: httpx.AsyncClient, installation: Installation, main: People
) -> None:
    there = await world(api)
    main.signed("agent", "agent")
    demo = await make(
        api, "activities", type="meeting", subject="Demo", deal_id=there["deal"]["id"]
    )
    call = await make(
        api,
        "activities",
        type="call",
        subject="Call",
        deal_id=there["deal"]["id"],
        external_ids={"crm": "7"},
    )
    held = await make(
        api, "attendees", activity_id=demo["id"], contact_id=there["contact"]["id"], role="host"
    )
    before = everything(installation, *NOUNS)
    upload = await uploaded(api, GUESTS)
    op = await plan(api, "attendees.import", upload_id=upload)
    assert {name: op["plan"][name] for name in ("create", "update", "skip", "error")} == {
        "create": 3,
        "update": 1,
        "skip": 1,
        "error": 4,
    }
    wrong = [(each["line"], each["problem"]["code"]) for each in await errors(api, op)]
    assert [line for line, _ in wrong if _ != "exactly_one"] == [7, 8, 9]
    assert everything(installation, *NOUNS) == before
    op = await apply(api, op)
    rows = {
        (each["activity_id"], each["contact_id"] or each["lead_id"] or each["user_id"]): each
        for each in await listed(api, "attendees")
    }
    assert len(rows) == 4
    updated = rows[demo["id"], there["contact"]["id"]]
    assert [updated[name] for name in ("id", "role", "acceptance")] == [
        *(held["id"], "host", "accepted"),
    ]
    assert rows[demo["id"], there["lead"]["id"]]["role"] == "optional"
    assert {activity for activity, _ in rows} == {demo["id"], call["id"]}
    again = await plan(api, "attendees.import", upload_id=upload)
    assert (again["plan"]["create"], again["plan"]["update"]) == (0, 0)
    # what one joins is what it is
    moved = f"id,activity_id,contact_id\n{held['id']},{call['id']},{there['contact']['id']}\n"
    op_moved = await plan(
        api, "attendees.import", upload_id=await uploaded(api, moved, "moved.csv")
    )
    [problem] = await errors(api, op_moved)
    assert problem["problem"]["code"] == "links_never_change"
    await undone(api, op)
    assert everything(installation, *NOUNS) == before


async def test_follows_are_found_by_user_and_record(
    api: httpx.AsyncClient, installation: Installation, main: People
) -> None:
    there = await world(api)
    rights = ("leads:read", "follows:read", "follows:create:own", "follows:update:own")
    narrow = main.signed("narrow", main.role("narrow", [*rights, "follows:import"]))
    main.signed("agent", "agent")
    manager = main.signed("boss", "manager")
    await make(api, "follows", deal_id=there["deal"]["id"])
    before = everything(installation, *NOUNS)
    file = (
        "user,deal,company,contact,lead,note\n"
        ",Engines,,,,now with a note\n"  # mine, which is there
        "agent@cerebro.test,1,,,,\n"
        "agent@cerebro.test,,acme.example,,,\n"
        "me,,,ada@acme.example,,\n"
        "me,1,acme.example,,,\n"
    )
    op = await imported(api, "follows", file)
    assert (op["done"]["created"], op["done"]["updated"], op["plan"]["error"]) == (3, 1, 1)
    assert len(await listed(api, "follows", "user.email = agent@cerebro.test")) == 2
    again = await plan(api, "follows.import", upload_id=await uploaded(api, file))
    assert (again["plan"]["create"], again["plan"]["update"]) == (0, 0)
    found = await done(api, "follows.update", where="user = me", values={"note": None})
    assert found["done"]["updated"] == 1
    await undone(api, found)
    await undone(api, op)
    assert everything(installation, *NOUNS) == before
    # who may do so follows for oneself alone
    theirs = {"content": "user,lead\nboss@cerebro.test,grace@navy.example\n"}
    for who, created in ((narrow, 0), (manager, 1)):
        headers = {**who, "Content-Type": "text/csv"}
        reply = await api.post("/v1/follows/import", headers=headers, **theirs)  # type: ignore[arg-type]
        assert reply.status_code == 200, reply.text
        assert reply.json()["created"] == created, reply.text


async def test_in_a_folder_whoever_is_not_here_is_left_out(
    api: httpx.AsyncClient, installation: Installation, main: People
) -> None:
    there = await world(api)
    main.signed("agent", "agent")
    own, gone = (f"00000000-0000-4000-8000-00000000000{n}" for n in (1, 2))
    people = f"id,email\n{own},agent@cerebro.test\n{gone},gone@cerebro.test\n"
    follows = "user_id,deal_id\n" + "".join(
        f"{user},{there['deal']['id']}\n" for user in (own, gone)
    )
    notes = f"text,owner_id,deal_id\nKept,{own},{there['deal']['id']}\n"
    files = [
        {"name": f"{noun}.csv", "noun": noun, "upload_id": await uploaded(api, content)}
        for noun, content in (("follows", follows), ("users", people), ("notes", notes))
    ]
    op = await ask(
        api, "/v1/operations", {"kind": "import", "input": {"files": files, "keep_ids": True}}
    )
    assert (op["plan"]["create"], op["plan"]["skip"], op["plan"]["error"]) == (2, 1, 0)
    [of_follows] = (
        each for each in op["report"]["reconciliation"]["files"] if each["file"] == "follows.csv"
    )
    assert of_follows["links"]["user_id"]["first_missing"] == ["gone@cerebro.test"]
    await apply(api, op)
    [follow] = await listed(api, "follows", "user.email = agent@cerebro.test")
    [note] = await listed(api, "notes", "owner.email = agent@cerebro.test")
    assert (follow["deal_id"], note["text"]) == (there["deal"]["id"], "Kept")
    assert len(await listed(api, "follows")) == 1
