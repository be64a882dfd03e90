"""What happened to records elsewhere: in from dumps, beside the journal, seen by who may, gone with
the record."""

from __future__ import annotations

from typing import Any

import httpx

from tests.fixtures.people import People, bearer
from tests.fixtures.stores import Installation
from tests.server.operations.doing import done, errors, everything, undone
from tests.server.operations.doing import imported as imported_file
from tests.server.operations.test_dump import file_of, imported, planned

URL = "/v1/earlier_changes"
TABLES = ("earlier_changes", "companies", "contacts", "deals", "leads", "positions")
_HEAD = "CreatedById,CreatedDate,Field,OldValue,NewValue,DataType,IsDeleted\n"
FILES = {
    "Account.csv": "Id,Name,Tier__c\n001A,Acme,gold\n",
    "Contact.csv": "Id,LastName,Email,AccountId\n003A,Lovelace,ada@x.example,001A\n",
    "Opportunity.csv": (
        "Id,AccountId,Name,StageName,Amount,CloseDate,CreatedDate\n"
        "006A,001A,Fleet,Prospecting,20.05,2030-01-01,2024-01-01T08:00:00Z\n"
    ),
    "Lead.csv": "Id,LastName,Company,Status\n00QA,Hopper,Navy,Working\n",
    "AccountHistory.csv": (
        f"Id,AccountId,{_HEAD}"
        "017A,001A,005A,2024-01-01T08:00:00.000Z,created,,,Text,false\n"
        "017B,001A,005A,2024-01-02T08:00:00.000Z,AnnualRevenue,100,1.5E3,Currency,false\n"
        "017C,001A,005A,2024-01-03T08:00:00.000Z,Fax,,+49 1,Phone,false\n"
        "017D,001A,owner@cerebro.test,2024-01-04T08:00:00.000Z,Tier__c,silver,gold,Text,false\n"
        "017E,001A,005A,2024-01-05T08:00:00.000Z,Name,Acmee,Acme,Text,true\n"
        "017F,001X,005A,2024-01-05T08:00:00.000Z,Name,Xcme,X,Text,false\n"
        "017G,001A,005A,2999-01-05T08:00:00.000Z,Name,Xcme,X,Text,false\n"
    ),
    "ContactHistory.csv": (
        f"Id,ContactId,{_HEAD}"
        "017H,003A,005A,2024-02-01T08:00:00.000Z,Phone,+49 30 1,+49 30 2,Phone,false\n"
        "017I,003A,005A,2024-02-02T08:00:00.000Z,Title,Boss,Countess,Text,false\n"
        "017J,003A,005A,2024-02-02T08:00:00.000Z,Owner,Ann,Bob,Text,false\n"
    ),
    "OpportunityFieldHistory.csv": (
        f"Id,OpportunityId,{_HEAD}"
        "017K,006A,005A,2024-01-09T08:00:00.000Z,StageName,Qualification,Prospecting,Text,false\n"
        "017L,006A,005A,2024-01-09T08:00:00.000Z,Amount,10,20.05,Currency,false\n"
        "017M,006A,005A,2024-01-10T08:00:00.000Z,CloseDate,2029-12-31,2030-01-01,Date,false\n"
    ),
    "LeadHistory.csv": (
        f"Id,LeadId,{_HEAD}017N,00QA,005A,2024-03-01T08:00:00.000Z,Status,Open,Working,Text,false\n"
    ),
}
TIER = {"Account.csv": {"map": {"Tier__c": "tier"}}}


async def listed(api: httpx.AsyncClient, **asked: Any) -> list[dict[str, Any]]:
    headers = asked.pop("headers", {})
    reply = await api.get(URL, params={"sort": "changed_at,id", **asked}, headers=headers)
    assert reply.status_code == 200, reply.text
    found: list[dict[str, Any]] = reply.json()["items"]
    return found


async def timeline(
    api: httpx.AsyncClient, record: str, headers: dict[str, str] | None = None, **asked: Any
) -> list[dict[str, Any]]:
    """Return all entries, page by page."""
    found: list[dict[str, Any]] = []
    while True:
        reply = await api.get(f"/v1/{record}/timeline", params=asked, headers=headers or {})
        assert reply.status_code == 200, reply.text
        found += reply.json()["items"]
        if (cursor := reply.json()["next_cursor"]) is None:
            return found
        asked["cursor"] = cursor


async def moved(api: httpx.AsyncClient) -> dict[str, Any]:
    """Bring the dump in."""
    tier = {"record_type": "companies", "key": "tier", "type": "text"}
    assert (await api.post("/v1/fields", json=tier)).status_code == 201
    return await imported(api, FILES, preset="salesforce", of=TIER)


async def test_come_in_from_a_dump_and_go_with_its_undo(
    api: httpx.AsyncClient, installation: Installation
) -> None:
    before = everything(installation, *TABLES)
    op = await moved(api)
    accounts = file_of(op, "AccountHistory.csv")
    assert (accounts["rows"], accounts["created"]) == (7, 4)
    assert (accounts["refused"], accounts["left_out"]) == (2, 1)
    codes = {row["problem"]["code"] for row in await errors(api, op)}
    assert codes == {"unknown_reference", "in_the_future"}
    # one file of two nouns: each takes its own
    stays = file_of(op, "OpportunityFieldHistory.csv")
    others = file_of(op, "OpportunityFieldHistory (earlier_changes).csv")
    assert (stays["created"], others["created"], others["left_out"]) == (1, 2, 1)
    assert op["report"]["reconciliation"]["not_imported"] == []
    told = [
        (each["record_type"], each["field"], each["old_value"], each["new_value"])
        for each in await listed(api)
    ]
    assert told == [
        ("companies", "created", None, None),
        ("companies", "annual_revenue", "100", "1500"),
        ("companies", "Fax", None, "+49 1"),
        ("companies", "tier", "silver", "gold"),
        ("deals", "amount", "10", "20.05"),
        ("deals", "expected_close", "2029-12-31", "2030-01-01"),
        ("contacts", "phone", "+49 30 1", "+49 30 2"),
        ("contacts", "job_title", "Boss", "Countess"),
        ("contacts", "owner_id", "Ann", "Bob"),
        ("leads", "status_id", "Open", "Working"),
    ]
    one = (await listed(api, where="contact.email = ada@x.example and field = phone"))[0]
    assert (one["source"], one["changed_by"]) == ("salesforce", "005A")
    assert one["external_ids"] == {"salesforce": "017H"}
    # of these the journal of the contact says nothing
    journal = await api.get("/v1/changes", params={"record": f"contacts/{one['record_id']}"})
    assert [each["action"] for each in journal.json()["items"]] == ["created"]
    again = await planned(api, FILES, preset="salesforce", of=TIER)
    assert (again["plan"]["create"], again["plan"]["update"]) == (0, 0)
    await undone(api, op)
    assert everything(installation, *TABLES) == before


async def test_stand_in_the_timeline_by_their_moment(api: httpx.AsyncClient, main: People) -> None:
    await moved(api)
    acme = "companies/salesforce:001A"
    company = (await api.get(f"/v1/{acme}")).json()
    owner = main.connection.execute("select email from users order by id limit 1").fetchone()
    assert owner is not None
    late = (
        "company,field,old,new,changed_at,changed_by\n"
        f"salesforce:001A,City,Rome,Bonn,2100-01-01T00:00:00Z,{owner[0]}\n"
    )
    wrong = await imported_file(api, "earlier_changes", late)
    assert wrong["plan"]["error"] == 1  # nothing has happened that is to come
    late = late.replace("2100-01-01T00:00:00Z", "2024-01-03T12:00:00Z")
    await imported_file(api, "earlier_changes", late)
    await api.patch(f"/v1/companies/{company['id']}", json={"industry": "Engines"})
    whole = await timeline(api, acme)
    assert [(each["action"], each["source"]) for each in whole] == [
        *(("updated", None), ("created", None), ("updated", "salesforce"), ("updated", "file")),
        *(("updated", "salesforce"), ("updated", "salesforce"), ("created", "salesforce")),
    ]
    assert [each["at"] for each in whole] == sorted((e["at"] for e in whole), reverse=True)
    told = [[change["text"] for change in each["changes"]] for each in whole[2:]]
    assert told == [
        ["Tier: silver → gold"],
        ["City: Rome → Bonn"],
        ["Fax: +49 1"],
        ["Annual revenue: 100 → 1,500"],
        [],
    ]
    assert whole[3]["actor"]["name"].endswith(" (file)")
    assert whole[3]["actor"]["id"] is not None
    assert whole[5]["actor"] == {"type": "elsewhere", "id": None, "name": "005A (salesforce)"}
    assert (whole[5]["seq"], whole[5]["version"]) == (None, None)
    assert await timeline(api, acme, limit=2) == whole
    assert await timeline(api, acme, actions="created", limit=1) == [whole[1], whole[6]]
    assert await timeline(api, acme, actions="deleted") == []


async def test_are_for_whoever_sees_the_record_and_the_field(
    api: httpx.AsyncClient, main: People
) -> None:
    await moved(api)
    read = [f"{noun}:read" for noun in ("contacts", "companies", "earlier_changes", "changes")]
    hidden = {"contacts.job_title": "hidden", "contacts.phone": "masked"}
    main.role("limited", [*read, "earlier_changes:export"], field_rules=hidden)
    main.role("mine", ["contacts:read:own", "earlier_changes:read"])
    limited, mine = main.signed("lim", "limited"), main.signed("min", "mine")
    fields = {"created", "annual_revenue", "Fax", "tier", "owner_id"}
    assert {each["field"] for each in await listed(api, headers=limited)} == fields
    assert await listed(api, headers=mine) == []
    file = await api.get(f"{URL}/export", headers=limited)
    assert len(file.text.splitlines()) == 1 + len(fields)
    journal = (await api.get("/v1/changes?record_type=earlier_changes", headers=limited)).json()
    assert len(journal["items"]) == len(fields)
    ada = await timeline(api, "contacts/ada@x.example", headers=limited)
    texts = str([each["changes"] for each in ada if each["source"]])
    assert "Bob" in texts
    assert "Countess" not in texts
    assert "+49 30" not in texts
    reply = await api.get("/v1/contacts/ada@x.example/timeline", headers=mine)
    assert reply.status_code == 404


async def test_go_where_the_record_goes(api: httpx.AsyncClient, main: People) -> None:
    await moved(api)
    other = await api.post("/v1/contacts", json={"last_name": "King", "email": "king@x.example"})
    king, ada = other.json()["id"], (await api.get("/v1/contacts/ada@x.example")).json()["id"]
    # whoever may change contacts needs no right to import what was
    may = [f"contacts:{verb}" for verb in ("read", "update", "delete", "restore", "bulk", "merge")]
    may += [f"positions:{verb}" for verb in ("read", "update", "delete")]
    api_key = main.key("*", user=main.user("mer", main.role("merger", [*may, "companies:read"])))
    owner, merger = dict(api.headers), bearer(api_key)
    api.headers.update(merger)
    op = await done(api, "contacts.merge", into=king, records=[ada])
    api.headers.update(owner)
    assert {each["record_id"] for each in await listed(api, where="contact_id is not empty")} == {
        king
    }
    entries = await timeline(api, f"contacts/{king}")
    assert [each["source"] for each in entries].count("salesforce") == 3
    await undone(api, op)
    assert {each["record_id"] for each in await listed(api, where="contact_id is not empty")} == {
        ada
    }
    assert (await api.delete(f"/v1/contacts/{ada}")).status_code == 200
    assert await listed(api, where="contact_id is not empty") == []
    assert len([e for e in await timeline(api, f"contacts/{ada}") if e["source"]]) == 3
    assert (await api.post(f"/v1/contacts/{ada}/destroy")).status_code == 200
    left = main.connection.execute(
        "select count(*) from earlier_changes where contact_id = %s", (ada,)
    )
    assert left.fetchone() == (0,)


async def test_come_in_by_imports_alone(api: httpx.AsyncClient, main: People) -> None:
    await api.post("/v1/contacts", json={"last_name": "Ada", "external_ids": {"hubspot": "7"}})
    await api.post("/v1/companies", json={"name": "Acme", "domain": "acme.example"})
    assert (await api.post(URL, json={"field": "x"})).status_code == 405
    both = (
        "contact,company,field,changed_at\n"
        "hubspot:7,acme.example,name,2024-01-01T00:00:00Z\n,,name,2024-01-01T00:00:00Z\n"
    )
    op = await imported_file(api, "earlier_changes", both)
    assert {each["problem"]["code"] for each in await errors(api, op)} == {"one_record"}
    # rows without an id are known by what they say
    history = (
        "contactId,property,value,timestamp,sourceType,updatedByUserId\n"
        "7,jobtitle,Boss,2024-01-01T00:00:00.000Z,CRM_UI,12\n"
        "7,jobtitle,,2024-02-01T00:00:00.000Z,CRM_UI,12\n"
    )
    op = await imported_file(api, "earlier_changes", history)
    found = [(each["field"], each["new_value"], each["source"]) for each in await listed(api)]
    assert found == [("job_title", "Boss", "hubspot"), ("job_title", None, "hubspot")]
    again = await imported_file(api, "earlier_changes", history)
    assert (again["plan"]["create"], again["plan"]["unchanged"]) == (0, 2)
    await undone(api, op)
    assert await listed(api) == []
    reader = main.signed("rea", main.role("reader", ["contacts:read", "earlier_changes:read"]))
    reply = await api.post(
        f"{URL}/import", content=history, headers={**reader, "content-type": "text/csv"}
    )
    assert (reply.status_code, "earlier_changes:import" in reply.text) == (403, True)
