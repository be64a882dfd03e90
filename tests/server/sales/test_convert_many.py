"""Many leads converted by one plan: what each becomes, what is shared, refused and taken back."""

from __future__ import annotations

from typing import Any

import httpx

from tests.fixtures.stores import Installation
from tests.server.operations.doing import apply, ask, done, errors, everything, plan, redone, undone
from tests.server.sales.converting import ADA, converted, count, get, lead

KIND = "leads.convert"
TABLES = ("leads", "contacts", "companies", "positions", "deals", "deal_contacts")


def ids(*leads: dict[str, Any]) -> list[str]:
    return [one["id"] for one in leads]


async def test_comes_to_the_same_as_each_alone(api: httpx.AsyncClient) -> None:
    """Two leads that say the same but for their names: one alone, one by a plan."""
    alone = await lead(api, **ADA, amount="900.50", utm_campaign="spring")
    one = await converted(api, alone)
    other = ADA | {
        "email": "grace@navy.example",
        "phone": "+1 202 555 0100",
        "website": "https://navy.example",
        "company_name": "Navy",
    }
    await lead(api, **other, amount="900.50", utm_campaign="spring")
    op = await done(api, KIND, where="company_name = Navy")
    assert (op["done"]["created"], op["done"]["updated"]) == (5, 1)
    [twin] = (await api.get("/v1/leads", params={"where": "company_name = Navy"})).json()["items"]
    assert twin["status_id"] == one["lead"]["status_id"]
    own = {"id", "created_at", "updated_at", "version", "email", "emails", "domain", "website"}
    own |= {"phone", "phones", "company_id", "name", "number", "opened_at", "last_stage_change_at"}
    own |= {"position", "assigned_at"}
    for noun, became in (("contact", "contacts"), ("company", "companies"), ("deal", "deals")):
        there = await get(api, became, twin[f"converted_{noun}_id"])
        same = {k: v for k, v in there.items() if k not in own}
        assert same == {k: v for k, v in one[noun].items() if k not in own}, noun
    assert there["company_id"] == twin["converted_company_id"]
    for noun in ("positions", "deal_contacts"):
        rows = (await api.get(f"/v1/{noun}")).json()["items"]
        assert len(rows) == 2, noun
        assert len({(row.get("role"), row.get("is_primary")) for row in rows}) == 1


async def test_each_has_a_row_and_one_refused_stops_none(api: httpx.AsyncClient) -> None:
    ada, twin = await lead(api, **ADA), await lead(api, **ADA)
    friend = await lead(api, last_name="King", company_name="analytical engines")
    gone, other = await lead(api, last_name="Done"), await lead(api, last_name="Byron")
    await converted(api, gone)
    op = await plan(api, KIND, leads=[*ids(ada, twin, friend, gone, other), "nobody"])
    assert await count(api, "contacts") == 1
    assert (op["report"]["converts"], op["report"]["refuses"]) == (3, 3)
    wrong = await errors(api, op)
    assert {row["problem"]["code"] for row in wrong} == {
        *("not_found", "possible_duplicate", "lead_converted")
    }
    op = await apply(api, op)
    # of one company: they share it
    first, second = [await get(api, "leads", one) for one in ids(ada, friend)]
    assert first["converted_company_id"] == second["converted_company_id"]
    assert first["converted_contact_id"] != second["converted_contact_id"]
    assert (await get(api, "leads", twin["id"]))["converted_at"] is None
    assert [await count(api, noun) for noun in ("contacts", "companies", "deals")] == [4, 1, 4]


async def test_duplicates_are_refused_chosen_or_made(api: httpx.AsyncClient) -> None:
    person = {"last_name": "Lovelace", "email": ADA["email"]}
    contact = (await api.post("/v1/contacts", json=person)).json()
    company = (await api.post("/v1/companies", json={"name": "Analytical Engines"})).json()
    one = await lead(api, **ADA)
    op = await plan(api, KIND, leads=ids(one))
    [wrong] = await errors(api, op)
    assert wrong["problem"]["code"] == "possible_duplicate"
    assert wrong["problem"]["candidates"][0]["id"] == company["id"]
    op = await done(api, KIND, leads=ids(one), duplicates="choose", deal=False)
    found = await get(api, "leads", one["id"])
    assert found["converted_contact_id"] == contact["id"]
    assert found["converted_company_id"] == company["id"]
    filled = await get(api, "contacts", contact["id"])
    assert (filled["first_name"], filled["job_title"]) == ("Ada", "Countess")
    assert op["report"]["takes"] == {"companies": 1, "contacts": 1}
    await undone(api, op)
    assert (await get(api, "contacts", contact["id"]))["first_name"] is None
    # made once more: the address is the contact's own, and cannot be
    op = await plan(api, KIND, leads=ids(one), duplicates="make")
    [wrong] = await errors(api, op)
    assert (wrong["problem"]["code"], wrong["problem"]["record_type"]) == (
        *("duplicate_key", "contacts"),
    )


async def test_all_of_it_is_taken_back_and_done_again(
    api: httpx.AsyncClient, installation: Installation
) -> None:
    for name in ("Byron", "King"):
        await lead(api, last_name=name, email=f"{name}@x.example", company_name="Acme")
    before = everything(installation, *TABLES)
    op = await done(api, KIND, deal={"next_step": "Call"})
    after = everything(installation, *TABLES)
    assert {row["next_step"] for at, row in after.items() if at.startswith("deals/")} == {"Call"}
    await undone(api, op)
    assert everything(installation, *TABLES) == before
    await redone(api, op)
    assert everything(installation, *TABLES).keys() == after.keys()


async def test_one_is_taken_back_with_what_is_its_own(api: httpx.AsyncClient) -> None:
    one, other = [
        await lead(api, last_name=name, company_name="Acme", email=f"{name}@x.example")
        for name in ("Byron", "King")
    ]
    await done(api, KIND)
    await ask(api, "/v1/undo", {"what": f"leads/{one['id']}", "yes": True})
    assert (await get(api, "leads", one["id"]))["converted_at"] is None
    assert (await get(api, "leads", other["id"]))["converted_at"] is not None
    # the company is the other's, too
    assert [await count(api, noun) for noun in ("contacts", "companies", "deals")] == [1, 1, 1]
    await ask(api, "/v1/undo", {"what": f"leads/{other['id']}", "yes": True})
    assert [await count(api, noun) for noun in ("contacts", "deals")] == [0, 0]


async def test_what_cannot_be_asked_for_is_said_at_once(api: httpx.AsyncClient) -> None:
    one = (await lead(api, last_name="Byron"))["id"]
    for said, pointer in (
        ({"owner_id": "nobody@x.example"}, "/owner_id"),
        ({"team": "nowhere"}, "/team"),
        ({"status_id": one}, "/status_id"),
        ({"where": "last_name = x", "leads": [one]}, "/input/leads"),
        ({"duplicates": "guess"}, "/duplicates"),
    ):
        reply = await api.post("/v1/operations", json={"kind": KIND, "input": said})
        assert reply.status_code in (400, 422), said
        assert reply.json()["errors"][0]["pointer"] == pointer
    op = await plan(api, KIND, leads=[one], deal={"colour": "red"})
    [wrong] = await errors(api, op)
    assert "colour" in wrong["problem"]["message"]
    assert await count(api, "contacts") == 0
