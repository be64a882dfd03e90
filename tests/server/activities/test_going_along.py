"""What goes along when a lead is converted, or records are merged, and comes back with the undo."""

from __future__ import annotations

from typing import Any

import httpx

from tests.fixtures.people import People
from tests.fixtures.stores import Installation
from tests.server.activities.doing import Found, change, listed, make, world
from tests.server.operations.doing import apply, ask, done, errors, everything, plan, undone
from tests.server.sales.converting import converted

NOUNS = ("tasks", "activities", "notes", "attendees", "follows")
ALL = (*NOUNS, "leads", "contacts", "companies", "deals", "positions", "deal_contacts")


async def about(api: httpx.AsyncClient, column: str, ref: str) -> None:
    """Make one of each that is about a record."""
    link: dict[str, Any] = {column: ref}
    await make(api, "tasks", subject="Call back", **link)
    call = await make(
        api, "activities", type="call", subject="Hello", starts_at="2026-03-02T09:00:00Z", **link
    )
    await make(api, "notes", text="Likes tea", **link)
    await make(api, "follows", **link)
    if column in ("contact_id", "lead_id"):
        await make(api, "attendees", activity_id=call["id"], **link)


async def names(api: httpx.AsyncClient, noun: str) -> list[dict[str, Any]]:
    """Return what the records of a noun name, without what they do not."""
    links = ("contact_id", "company_id", "deal_id", "lead_id")
    return [{n: one[n] for n in links if one.get(n)} for one in await listed(api, noun)]


def same(links: Found, lead: Found) -> dict[str, Any]:
    return {**links, "lead_id": lead["id"]}


async def test_a_conversion_carries_all_and_its_undo_takes_it_back(
    api: httpx.AsyncClient, installation: Installation, main: People
) -> None:
    lead = (await world(api))["lead"]
    await about(api, "lead_id", lead["id"])
    own = await make(api, "notes", text="Of Acme", lead_id=lead["id"], company_id="acme.example")
    agent = main.signed("agent", "agent")
    reply = await api.post("/v1/follows", json={"lead_id": lead["id"]}, headers=agent)
    assert reply.status_code == 201, reply.text
    before = everything(installation, *ALL)
    found = await converted(api, lead)
    contact, deal = found["contact"]["id"], found["deal"]["id"]
    gained = {"contact_id": contact, "deal_id": deal, "lead_id": lead["id"]}
    assert await names(api, "tasks") == await names(api, "activities") == [gained]
    assert await names(api, "notes") == [gained, {**gained, "company_id": own["company_id"]}]
    assert await names(api, "follows") == [
        *([{"lead_id": lead["id"]}] * 2),
        *([{"deal_id": deal}] * 2),
    ]
    assert len({each["user_id"] for each in await listed(api, "follows")}) == 2
    assert await names(api, "attendees") == [{"lead_id": lead["id"]}]
    undo = await ask(api, "/v1/undo", {"what": f"leads/{lead['id']}", "yes": True})
    assert undo["state"] == "applied" and await errors(api, undo) == []
    assert everything(installation, *ALL) == before
    without = await converted(api, lead, deal=False)
    gained = {"contact_id": without["contact"]["id"], "lead_id": lead["id"]}
    assert await names(api, "tasks") == [{**gained, "company_id": without["company"]["id"]}]
    kept = (await listed(api, "notes"))[1]
    assert kept["company_id"] == own["company_id"]  # what it names, it keeps naming


async def test_conversions_of_many_do_the_same_and_one_is_taken_back_alone(
    api: httpx.AsyncClient, installation: Installation
) -> None:
    leads = [
        await make(api, "leads", last_name=name, email=f"{name}@navy.example", company_name=name)
        for name in ("Hopper", "Holberton")
    ]
    for lead in leads:
        await about(api, "lead_id", lead["id"])
    before = everything(installation, *ALL)
    op = await done(api, "leads.convert", where="last_name starts with Ho")
    assert await errors(api, op) == []
    now = {each["id"]: each for each in await listed(api, "leads")}
    for noun in ("tasks", "activities", "notes"):
        assert await names(api, noun) == [
            {
                "contact_id": now[lead["id"]]["converted_contact_id"],
                "deal_id": now[lead["id"]]["converted_deal_id"],
                "lead_id": lead["id"],
            }
            for lead in leads
        ]
    assert len(await listed(api, "follows", "deal_id is not empty")) == 2
    undo = await undone(api, op, record=f"leads/{leads[0]['id']}")
    assert await errors(api, undo) == []
    left = {each["lead_id"]: each["deal_id"] for each in await listed(api, "tasks")}
    assert left[leads[0]["id"]] is None and left[leads[1]["id"]] is not None
    assert len(await listed(api, "follows", "deal_id is not empty")) == 1
    await undone(api, op)
    assert everything(installation, *ALL) == before


async def test_a_merge_keeps_all_of_those_that_go_and_a_split_gives_them_back(
    api: httpx.AsyncClient, installation: Installation, main: People
) -> None:
    into = await make(api, "contacts", last_name="Lovelace", email="ada@acme.example")
    goes = await make(api, "contacts", last_name="Lovelace", email="ada@home.example")
    for one in (into, goes):
        await about(api, "contact_id", one["id"])
    meeting = (await listed(api, "activities"))[0]
    await make(api, "attendees", activity_id=meeting["id"], contact_id=goes["id"], role="guest")
    agent = main.signed("agent", "agent")
    await api.post("/v1/follows", json={"contact_id": goes["id"]}, headers=agent)
    before = everything(installation, *ALL)
    op = await done(api, "contacts.merge", into=into["id"], records=[goes["id"]])
    assert await errors(api, op) == []
    for noun in ("tasks", "activities", "notes"):
        assert await names(api, noun) == [{"contact_id": into["id"]}] * 2, noun
    # who follows both, or comes as both, does so once
    assert await names(api, "follows") == [{"contact_id": into["id"]}] * 2
    assert await names(api, "attendees") == [{"contact_id": into["id"]}] * 2
    assert [each["role"] for each in await listed(api, "attendees")] == ["guest", None]
    await undone(api, op)
    assert everything(installation, *ALL) == before


async def test_merges_of_companies_deals_leads_and_meetings(
    api: httpx.AsyncClient, installation: Installation
) -> None:
    made: dict[str, list[Found]] = {
        "companies": [await make(api, "companies", name=name) for name in ("Acme", "Acme Inc")],
        "deals": [await make(api, "deals", name=name) for name in ("One", "Two")],
        "leads": [await make(api, "leads", last_name=name) for name in ("One", "Two")],
    }
    columns = {"companies": "company_id", "deals": "deal_id", "leads": "lead_id"}
    for noun, records in made.items():
        for record in records:
            await about(api, columns[noun], record["id"])
    before = everything(installation, *ALL)
    for noun, (into, goes) in made.items():
        op = await done(api, f"{noun}.merge", into=into["id"], records=[goes["id"]])
        column = columns[noun]
        for kind in ("tasks", "activities", "notes"):
            found = [each for each in await names(api, kind) if column in each]
            assert found == [{column: into["id"]}] * 2, (noun, kind)
        assert len(await listed(api, "follows", f"{column} is not empty")) == 1, noun
        await undone(api, op)
    assert everything(installation, *ALL) == before
    one, two = await listed(api, "activities", "lead_id is not empty")
    person = (await listed(api, "attendees"))[0]["lead_id"]
    await make(api, "attendees", activity_id=two["id"], lead_id=person)
    planned = await plan(api, "activities.merge", into=one["id"], records=[two["id"]])
    await apply(api, planned)
    came = await listed(api, "attendees")
    assert {each["activity_id"] for each in came} == {one["id"]} and len(came) == 2
    await change(api, "activities", one, outcome="Well")
