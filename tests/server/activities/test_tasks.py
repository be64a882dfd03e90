"""Tasks: what they are about, how they are completed, and what is overdue."""

from __future__ import annotations

import httpx

from tests.fixtures.people import People
from tests.server.activities.doing import act, change, listed, make, refused, world
from tests.server.operations.doing import ask, done, errors, imported, undone


async def test_name_records_and_are_found_by_them(api: httpx.AsyncClient) -> None:
    there = await world(api)
    task = await make(
        api,
        "tasks",
        subject="Call back",
        contact_id="ada@acme.example",
        company_id="acme.example",
        deal_id=str(there["deal"]["number"]),
        lead_id=there["lead"]["id"],
        due_at="2020-01-01T09:00:00Z",
    )
    assert {noun: task[f"{noun}_id"] for noun in there} == {
        noun: record["id"] for noun, record in there.items()
    }
    assert (task["status"], task["priority"], task["completed_at"]) == ("open", "normal", None)
    await make(api, "tasks", subject="Tidy up", status="In progress", priority="HIGH")
    await make(api, "tasks", subject="Later", due_at="2999-01-01T09:00:00Z")
    for where in (
        'contact.email = "ada@acme.example" and company.name = Acme',
        f"deal.number = {there['deal']['number']} and lead.last_name = Hopper",
        "owner = me and due_at < now and completed_at is empty",
    ):
        assert [each["subject"] for each in await listed(api, "tasks", where)] == ["Call back"]
    [idle] = await listed(api, "tasks", "status = in_progress and priority = high")
    assert idle["subject"] == "Tidy up"
    found = await api.get("/v1/search", params={"q": "tidy"})
    assert [hit["title"] for hit in found.json()["items"]] == ["Tidy up"]


async def test_are_refused_with_what_is_wrong(api: httpx.AsyncClient) -> None:
    assert await refused(api, "tasks", subject="X", deal_id="999") == (
        *(422, "validation_failed"),
        [("/deal_id", "unknown_reference")],
    )
    status, _, wrong = await refused(api, "tasks", subject="X", status="done")
    assert (status, wrong) == (422, [("/status", "literal_error")])
    status, _, wrong = await refused(api, "tasks", subject="X", completed_at="2020-01-01T00:00:00Z")
    assert (status, wrong) == (422, [("/completed_at", "extra_forbidden")])


async def test_completion_goes_with_the_status_by_every_door(api: httpx.AsyncClient) -> None:
    task = await make(api, "tasks", subject="Call back")
    path = f"tasks/{task['id']}"
    told = await act(api, f"{path}/complete", completed_at="2026-11-20T12:00:00Z")
    assert (told["status"], told["completed_at"]) == ("completed", "2026-11-20T12:00:00+00:00")
    assert (await act(api, f"{path}/complete"))["version"] == told["version"]
    again = await act(api, f"{path}/reopen", status="waiting")
    assert (again["status"], again["completed_at"]) == ("waiting", None)
    by_hand = await change(api, "tasks", task, status="completed")
    assert by_hand["completed_at"] is not None
    same = await change(api, "tasks", task, subject="Call them back")
    assert same["completed_at"] == by_hand["completed_at"]
    gone = await change(api, "tasks", task, status="cancelled")
    assert gone["completed_at"] is None
    await ask(api, "/v1/undo", {"yes": True})
    [now] = await listed(api, "tasks")
    assert (now["status"], now["completed_at"]) == ("completed", by_hand["completed_at"])
    await make(api, "tasks", subject="Other")
    op = await done(api, "tasks.update", where="status = open", values={"status": "completed"})
    assert (await listed(api, "tasks", "subject = Other"))[0]["completed_at"] is not None
    await undone(api, op)
    assert (await listed(api, "tasks", "subject = Other"))[0]["completed_at"] is None


async def test_come_from_files_with_what_they_are_about(api: httpx.AsyncClient) -> None:
    there = await world(api)
    file = (
        "Subject,Status,Due date,completed_at,Contact,Deal,Lead\n"
        f"One,Completed,,2024-05-01T10:00:00Z,ada@acme.example,{there['deal']['number']},\n"
        "Two,Waiting,2027-01-01T09:00:00Z,,,Engines,grace@navy.example\n"
        "Three,,,,nobody@nowhere.example,,\n"
    )
    op = await imported(api, "tasks", file)
    assert op["done"]["created"] == 3, await errors(api, op)
    one, two, three = await listed(api, "tasks")
    assert one["completed_at"] == "2024-05-01T10:00:00+00:00"
    assert (one["contact_id"], one["deal_id"]) == (there["contact"]["id"], there["deal"]["id"])
    assert (two["deal_id"], two["lead_id"]) == (there["deal"]["id"], there["lead"]["id"])
    assert (three["status"], three["contact_id"]) == ("open", None)
    assert len(await listed(api, "contacts")) == 1  # nobody is made of an address
    out = await api.get(
        "/v1/tasks/export", params={"columns": "subject,deal.name,contact.email", "sort": "subject"}
    )
    assert out.text.splitlines()[1] == "One,Engines,ada@acme.example"


async def test_verbs_have_rights_of_their_own(api: httpx.AsyncClient, main: People) -> None:
    agent = main.signed("agent", "agent")
    theirs = await make(api, "tasks", subject="Owner's")
    own = (await api.post("/v1/tasks", json={"subject": "Mine"}, headers=agent)).json()
    codes = [
        (await api.post(f"/v1/tasks/{one['id']}/{verb}", headers=agent)).status_code
        for one in (theirs, own)
        for verb in ("complete", "reopen")
    ]
    assert codes == [403, 403, 200, 200]
