"""Dumps of EspoCRM, Zoho, Odoo and Twenty: deals, leads, tasks, activities and notes.

The columns are those of the makers' sources, as docs/importing.md says.
"""

from __future__ import annotations

from typing import Any

import httpx

from tests.server.activities.doing import listed
from tests.server.operations.doing import apply, errors
from tests.server.operations.test_dump import file_of, imported, planned

ESPOCRM = {
    "Account.csv": "id,name,website,createdAt,deleted\na1,Acme,,2020-01-01 10:00:00,0\n",
    "Contact.csv": (
        "id,firstName,lastName,emailAddress,accountId,createdAt,deleted\n"
        "c1,Eva,Espo,eva@x.example,a1,2020-02-01 10:00:00,0\n"
    ),
    "Opportunity.csv": (
        "id,name,amount,amountCurrency,stage,accountId,contactId,closeDate,createdAt,"
        "assignedUserId,probability,deleted\n"
        "o1,Big,1000.50,USD,Closed Won,a1,c1,2021-03-01,2020-12-01 10:00:00,u1,100,0\n"
        "o2,Lost,5,EUR,Proposal,gone,c1,2031-03-01,2020-12-02 10:00:00,u1,50,0\n"
        "o3,Deleted,9999,EUR,Closed Won,a1,c1,2021-03-01,2020-12-01 10:00:00,1,100,1\n"
    ),
    "Lead.csv": (
        "id,firstName,lastName,emailAddress,status,accountName,opportunityAmount,"
        "opportunityAmountCurrency,createdAt,deleted\n"
        "l1,Lea,Lead,lea@x.example,New,Navy,70,USD,2021-01-01 10:00:00,0\n"
    ),
    "Task.csv": (
        "id,name,status,priority,dateEnd,parentType,parentId,createdAt,deleted\n"
        "t1,Call Eva,Started,Urgent,2021-01-05 10:00:00,Contact,c1,2021-01-01 10:00:00,0\n"
        "t2,Offer,Completed,Normal,,Opportunity,o1,2021-01-01 10:00:00,0\n"
        "t3,Case,Not Started,Normal,,Case,k1,2021-01-01 10:00:00,0\n"
        "t4,Gone,Not Started,Normal,,Account,a1,2021-01-01 10:00:00,1\n"
    ),
    "Call.csv": (
        "id,name,status,dateStart,dateEnd,direction,parentType,parentId,deleted\n"
        "k1,Ring,Not Held,2021-01-05 10:00:00,2021-01-05 10:05:00,Inbound,Lead,l1,0\n"
    ),
    "Meeting.csv": (
        "id,name,status,dateStart,dateEnd,parentType,parentId,deleted\n"
        "m1,Demo,Held,2021-01-06 10:00:00,2021-01-06 11:00:00,Account,a1,0\n"
    ),
    "Note.csv": (
        "id,post,type,parentType,parentId,createdAt,deleted\n"
        "n1,Likes tea,Post,Contact,c1,2021-01-06 10:00:00,0\n"
        "n2,,Create,Contact,c1,2021-01-06 10:00:00,0\n"
    ),
    "Case.csv": "id,name,status\nk1,Broken,New\n",
}
ZOHO = {
    "Accounts.csv": "Record Id,Account Name,Website\nzcrm_1,Acme,acme.example\n",
    "Contacts.csv": (
        "Record Id,First Name,Last Name,Email,Account Name,Account Name.id\n"
        "zcrm_2,Zoe,Zoho,zoe@x.example,Acme,zcrm_1\n"
    ),
    "Deals.csv": (
        "Record Id,Deal Name,Amount,Stage,Closing Date,Account Name,Account Name.id,Contact Name,"
        "Contact Name.id,Probability (%),Next Step,Created Time\n"
        "zcrm_3,Fleet,700,Closed Won,2024-01-01,Acme,zcrm_1,Zoe Zoho,zcrm_2,100,Sing,"
        "2023-05-01 08:00:00\n"
    ),
    "Leads.csv": (
        "Record Id,First Name,Last Name,Company,Email,Lead Status,Zip Code,Created Time\n"
        "zcrm_4,Zed,Lead,Navy,zed@x.example,Contacted,10115,2023-05-01 08:00:00\n"
    ),
    "Tasks.csv": (
        "Record Id,Subject,Due Date,Status,Priority,Contact Name.id,Related To.id\n"
        "zcrm_5,Ring,2024-02-01,Waiting for input,Highest,zcrm_2,zcrm_3\n"
    ),
}
ODOO = {
    "Contact (res.partner).csv": (
        "id,is_company,name,email,parent_id/id\n"
        "res_partner_1,True,Acme,,\nres_partner_2,False,Odo Person,odo@x.example,res_partner_1\n"
    ),
    "Lead Opportunity (crm.lead).csv": (
        "id,type,name,stage_id,active,expected_revenue,probability,date_deadline,partner_id/id,"
        "contact_name,partner_name,email_from,lost_reason_id,create_date,description\n"
        "crm_lead_1,opportunity,Fleet,Proposition,True,900.0,55.31,2031-01-01,res_partner_1,,,,,"
        "2023-05-01 08:00:00,<p>Big</p>\n"
        "crm_lead_2,opportunity,Gone,Qualified,False,10.0,0.0,,res_partner_1,,,,Too expensive,"
        "2023-05-01 08:00:00,\n"
        "crm_lead_3,lead,Wants boats,New,True,20.0,10.0,,,Ada Lovelace,Navy,ada@x.example,,"
        "2023-05-01 08:00:00,\n"
    ),
}
_TW = "{}1111111-1111-4111-8111-111111111111"
TWENTY = {
    "companies.csv": (
        "Id,Name,Domain Name / Link URL,Creation date\n"
        f"{_TW.format(1)},Acme,https://acme.example,2024-01-01T10:00:00Z\n"
    ),
    "people.csv": (
        "Id,Name / First Name,Name / Last Name,Emails / Primary Email,Company Id\n"
        f"{_TW.format(2)},Tina,Twenty,tina@x.example,{_TW.format(1)}\n"
    ),
    "opportunities.csv": (
        "Id,Name,Amount / Amount,Amount / Currency,Close date,Stage,Company Id,"
        "Point of Contact Id,Creation date\n"
        f"{_TW.format(3)},Fleet,500,USD,2024-06-01T00:00:00Z,CUSTOMER,{_TW.format(1)},"
        f"{_TW.format(2)},2024-01-01T10:00:00Z\n"
        f"{_TW.format(4)},More,,,2034-06-01T00:00:00Z,MEETING,,,2024-01-01T10:00:00Z\n"
    ),
    "tasks.csv": (
        "Id,Title,Status,Due Date,Body / Markdown\n"
        f"{_TW.format(5)},Ring,IN_PROGRESS,2024-06-01T00:00:00Z,Say hello\n"
    ),
}


async def arrived(api: httpx.AsyncClient, files: dict[str, str], preset: str) -> dict[str, Any]:
    """Import a dump, and see that a second import changes nothing; return the operation."""
    op = await imported(api, files, preset=preset)
    assert (op["done"]["left"], op["plan"]["error"]) == (0, 0), str(await errors(api, op))
    again = await planned(api, files, preset=preset)
    assert (again["plan"]["create"], again["plan"]["update"]) == (0, 0), again["plan"]
    return op


async def ids(api: httpx.AsyncClient, noun: str, name: str = "name") -> dict[str, str]:
    return {each["id"]: each.get(name) for each in await listed(api, noun)}


async def deals_of(api: httpx.AsyncClient) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in await listed(api, "deals")}


async def test_espocrm(api: httpx.AsyncClient) -> None:
    op = await arrived(api, ESPOCRM, "espocrm")
    [company], [contact] = await ids(api, "companies"), await ids(api, "contacts")
    deals = await deals_of(api)
    assert {*deals} == {"Big", "Lost"}  # what was deleted there does not come
    big, lost = deals["Big"], deals["Lost"]
    assert (big["amount"], big["currency"], big["company_id"]) == ("1000.50", "USD", company)
    assert (big["status"], big["closed_at"][:10]) == ("won", "2021-03-01")
    assert big["source_created_at"].startswith("2020-12-01T10:00")
    assert (lost["stage"], lost["company_id"]) == ("proposal", None)
    links = await listed(api, "deal_contacts")
    assert {(x["deal_id"], x["contact_id"]) for x in links} == {
        *((deal["id"], contact) for deal in deals.values())
    }
    [lead] = await listed(api, "leads")
    assert (lead["amount"], lead["currency"], lead["company_name"]) == ("70.00", "USD", "Navy")
    assert lead["external_ids"] == {"espocrm": "l1"}
    tasks = {each["subject"]: each for each in await listed(api, "tasks")}
    assert {*tasks} == {"Call Eva", "Offer", "Case"}
    assert (tasks["Call Eva"]["contact_id"], tasks["Offer"]["deal_id"]) == (contact, big["id"])
    assert (tasks["Call Eva"]["status"], tasks["Call Eva"]["priority"]) == ("in_progress", "urgent")
    acts = {each["subject"]: each for each in await listed(api, "activities")}
    ring, demo = acts["Ring"], acts["Demo"]
    assert (ring["type"], ring["direction"], ring["status"]) == ("call", "in", "not_held")
    assert (ring["lead_id"], demo["type"], demo["company_id"]) == (lead["id"], "meeting", company)
    [note] = await listed(api, "notes")
    assert (note["text"], note["contact_id"]) == ("Likes tea", contact)
    told = file_of(op, "Opportunity.csv")
    assert (told["deleted_at_source"], told["left_out"]) == (1, 1)
    assert told["ignored"] == {"assignedUserId": 2}
    assert told["links"]["company"]["first_missing"] == ["gone"]
    assert [each["file"] for each in op["report"]["reconciliation"]["not_imported"]] == ["Case.csv"]


async def test_zoho_and_odoo(api: httpx.AsyncClient) -> None:
    await arrived(api, ZOHO, "zoho")
    [company], [contact] = await ids(api, "companies"), await ids(api, "contacts")
    [deal] = await listed(api, "deals")
    assert (deal["company_id"], deal["status"], deal["amount"]) == (company, "won", "700.00")
    assert (deal["next_step"], deal["external_ids"]) == ("Sing", {"zoho": "zcrm_3"})
    [link] = await listed(api, "deal_contacts")
    assert (link["deal_id"], link["contact_id"]) == (deal["id"], contact)
    [lead] = await listed(api, "leads")
    assert (lead["postal_code"], lead["company_name"]) == ("10115", "Navy")
    [task] = await listed(api, "tasks")
    assert (task["status"], task["priority"], task["deal_id"]) == ("waiting", "urgent", deal["id"])

    await arrived(api, ODOO, "odoo")
    firms = {name: own for own, name in (await ids(api, "companies")).items()}
    assert {*firms} == {"Acme"}
    deals = await deals_of(api)
    fleet, gone = (each for each in deals.values() if "odoo" in each["external_ids"])
    fleet, gone = sorted((fleet, gone), key=lambda each: each["external_ids"]["odoo"])
    assert (fleet["amount"], fleet["probability"], fleet["description"]) == ("900.00", 55, "Big")
    assert fleet["company_id"] is not None
    assert (gone["status"], gone["lost_reason_id"] is not None) == ("lost", True)
    boats = next(each for each in await listed(api, "leads") if each["full_name"] == "Ada Lovelace")
    assert (boats["description"], boats["amount"]) == ("Wants boats", "20.00")


async def test_twenty_and_what_no_preset_knows(api: httpx.AsyncClient) -> None:
    await arrived(api, TWENTY, "twenty")
    [company], [contact] = await ids(api, "companies"), await ids(api, "contacts")
    deals = await deals_of(api)
    fleet = deals["Fleet"]
    assert (fleet["amount"], fleet["currency"], fleet["status"]) == ("500.00", "USD", "won")
    assert (fleet["company_id"], fleet["external_ids"]) == (company, {"twenty": _TW.format(3)})
    assert (deals["More"]["stage"], deals["More"]["status"]) == ("meeting", "open")
    [link] = await listed(api, "deal_contacts")
    assert (link["deal_id"], link["contact_id"]) == (fleet["id"], contact)
    [task] = await listed(api, "tasks")
    assert (task["status"], task["description"]) == ("in_progress", "Say hello")

    more = {
        "companies.csv": TWENTY["companies.csv"],
        "notes.csv": "Id,Text,Company\nn1,Likes tea,Acme\n",
        "leads.csv": "Number,Last Name\n1,Keyless\n",
    }
    odd = {"opportunities.csv": "Id,Label\no1,Odd\n"}
    op = await planned(api, {**more, **odd}, preset="twenty")
    why = {e["file"]: e["why"] for e in op["report"]["reconciliation"]["not_imported"]}
    assert "does not know notes" in why["notes.csv"]
    assert "--guess" in why["notes.csv"]
    assert "are not those of deals in exports of twenty" in why["opportunities.csv"]
    assert {*why} == {"notes.csv", "leads.csv", "opportunities.csv"}
    guessed = await apply(api, await planned(api, more, preset="twenty", guess=True))
    assert guessed["done"]["created"] == 2
    [note] = await listed(api, "notes")
    assert (note["external_ids"], note["company_id"]) == ({"twenty": "n1"}, company)
    said = {"notes.csv": {"map": {"Id": None}}}
    op = await planned(api, more, preset="twenty", of=said)
    assert [each["file"] for each in op["report"]["reconciliation"]["not_imported"]] == [
        "leads.csv"
    ]
