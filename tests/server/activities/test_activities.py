"""Activities, their attendees, and notes."""

from __future__ import annotations

import httpx

from tests.fixtures.people import People
from tests.server.activities.doing import change, listed, make, refused, world
from tests.server.operations.doing import errors, imported

START, END = "2026-03-02T09:00:00Z", "2026-03-02T09:45:00Z"


async def test_know_whether_they_were_held_and_how_long(api: httpx.AsyncClient) -> None:
    there = await world(api)
    about = {"deal_id": there["deal"]["id"]}
    call = await make(
        api,
        "activities",
        **about,
        type="call",
        subject="First call",
        direction="out",
        starts_at=START,
        ends_at=END,
        from_address="+49 30 1234567",
        recording_url="records.example/1",
    )
    assert (call["status"], call["duration_seconds"]) == ("held", 45 * 60)
    assert call["recording_url"] == "https://records.example/1"
    longer = await change(api, "activities", call, ends_at="2026-03-02T10:00:00Z")
    assert longer["duration_seconds"] == 3600
    told = await change(api, "activities", call, duration_seconds=60)
    assert told["duration_seconds"] == 60
    ahead = await make(
        api, "activities", **about, type="Meeting", subject="Demo", starts_at="2999-01-01T09:00:00Z"
    )
    assert (ahead["type"], ahead["status"], ahead["duration_seconds"]) == (
        *("meeting", "planned"),
        None,
    )
    now = await make(api, "activities", **about, type="mail", subject="Offer")
    assert now["status"] == "held" and now["starts_at"] is not None
    wrong = await refused(
        api, "activities", **about, type="call", subject="X", starts_at=END, ends_at=START
    )
    assert wrong[2] == [("/ends_at", "ends_before_start")]


async def test_and_notes_are_about_something(api: httpx.AsyncClient) -> None:
    there = await world(api)
    missing = [("/contact_id", "link_missing")]
    assert (await refused(api, "activities", type="call", subject="X"))[2] == missing
    assert (await refused(api, "notes", text="X"))[2] == missing
    note = await make(api, "notes", text="**Likes** tea", lead_id=there["lead"]["id"])
    assert (note["is_pinned"], note["is_internal"]) == (False, False)
    reply = await api.patch(f"/v1/notes/{note['id']}", json={"lead_id": None})
    assert reply.json()["errors"][0]["code"] == "link_missing"
    moved = await change(api, "notes", note, lead_id=None, company_id="acme.example")
    assert (moved["lead_id"], moved["company_id"]) == (None, there["company"]["id"])
    pinned = await change(api, "notes", note, is_pinned=True, is_internal=True)
    assert (pinned["is_pinned"], pinned["is_internal"]) == (True, True)
    file = "Text,Contact\nFine,ada@acme.example\nLost,nobody@nowhere.example\n"
    op = await imported(api, "notes", file)
    assert op["done"]["created"] == 1
    [row] = await errors(api, op)
    assert row["problem"]["code"] == "link_missing"


async def test_attendees_are_one_person_once(api: httpx.AsyncClient, main: People) -> None:
    there = await world(api)
    contact, lead = there["contact"]["id"], there["lead"]["id"]
    meeting = await make(
        api, "activities", type="meeting", subject="Demo", contact_id=contact, ics_uid="1@x"
    )
    of = {"activity_id": meeting["id"]}
    one = await make(api, "attendees", **of, contact_id="ada@acme.example", acceptance="Accepted")
    await make(api, "attendees", **of, lead_id=lead)
    await make(api, "attendees", **of, user_id="me", role="organiser")
    assert (await refused(api, "attendees", **of, contact_id=contact))[:2] == (
        *(409, "duplicate_key"),
    )
    for wrong, where in (({}, "contact_id"), ({"contact_id": contact, "user_id": "me"}, "user_id")):
        assert (await refused(api, "attendees", **of, **wrong))[2] == [(f"/{where}", "exactly_one")]
    for where in ("attendees.acceptance = accepted", "attending.last_name = Lovelace"):
        assert len(await listed(api, "activities", where)) == 1
    later = await change(api, "attendees", one, acceptance="declined")
    assert later["acceptance"] == "declined"
    # who does not see the person does not see that they come; nor may others' meetings be written
    narrow = main.role(
        "narrow", ["activities:read", "attendees:*", "leads:read", "contacts:read:own"]
    )
    stranger = main.signed("stranger", narrow)
    seen = await listed(api, "attendees", headers=stranger)
    assert [each["contact_id"] for each in seen] == [None, None]
    reply = await api.delete(f"/v1/attendees/{seen[0]['id']}", headers=stranger)
    assert reply.status_code == 403
    await api.delete(f"/v1/contacts/{contact}")
    assert len(await listed(api, "attendees")) == 2
    reply = await api.post(f"/v1/contacts/{contact}/destroy")
    assert reply.status_code == 200, reply.text
    [left] = await listed(api, "activities")
    assert left["contact_id"] is None
