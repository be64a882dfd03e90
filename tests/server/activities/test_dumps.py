"""Other products' exports of tasks and activities."""

from __future__ import annotations

import httpx

from tests.server.activities.doing import listed
from tests.server.operations.doing import apply
from tests.server.operations.test_dump import planned

SALESFORCE = {
    "Account.csv": "Id,Name,ParentId\n001A,Acme,\n",
    "Contact.csv": "Id,FirstName,LastName,Email,AccountId\n003A,Ada,Lovelace,ada@x.example,001A\n",
    "Lead.csv": "Id,FirstName,LastName,Company,Status\n00QX,Lea,Lead,Navy,New\n",
    "Opportunity.csv": (
        "Id,IsDeleted,AccountId,Name,StageName,Amount,CloseDate,IsClosed,IsWon\n"
        "006A,false,001A,Fleet,Prospecting,10,2030-03-01,false,false\n"
    ),
    "Task.csv": (
        "Id,WhoId,WhatId,AccountId,Subject,ActivityDate,Status,Priority,CompletedDateTime,"
        "Description,IsDeleted,CreatedDate\n"
        "00TA,003A,006A,001A,Call,2026-03-02,Completed,High,2026-03-01T10:00:00.000Z,,false,"
        "2026-02-01T10:00:00.000Z\n"
        "00TB,00QX,001A,001A,Wait,,Waiting on someone else,Normal,,Said so,false,\n"
        "00TC,,,,Old,,Not Started,Normal,,,true,\n"
    ),
    "Event.csv": (
        "Id,WhoId,WhatId,AccountId,Subject,StartDateTime,EndDateTime,DurationInMinutes,Location,"
        "IsDeleted\n"
        "00UA,003A,006A,001A,Demo,2026-03-02T09:00:00.000Z,2026-03-02T09:30:00.000Z,30,Rome,false\n"
    ),
}
PIPEDRIVE = {
    "deals.csv": (
        "Deal - ID,Deal - Title,Deal - Value,Deal - Stage,Deal - Status,Deal - Pipeline\n"
        "41,Fleet,10,Qualified,Open,Pipeline\n"
    ),
    "activities.csv": (
        "Activity - ID,Activity - Subject,Activity - Type,Activity - Done,Activity - Due date,"
        "Activity - Note,Deal - ID\n"
        "7,Ring them,Call,Done,2024-03-01,<p>Fine &amp; well</p>,41\n"
        "8,Eat,Lunch,To do,2999-03-01,,41\n"
        "9,About nothing,Call,Done,2024-03-01,,\n"
    ),
}


async def test_of_salesforce(api: httpx.AsyncClient) -> None:
    op = await apply(api, await planned(api, SALESFORCE, preset="salesforce"))
    assert op["done"]["left"] == 0
    call, wait = await listed(api, "tasks")
    [deal], [contact] = await listed(api, "deals"), await listed(api, "contacts")
    [lead] = await listed(api, "leads")
    assert (call["deal_id"], call["contact_id"]) == (deal["id"], contact["id"])
    assert (call["status"], call["priority"]) == ("completed", "high")
    assert call["completed_at"].startswith("2026-03-01T10:00")
    assert call["due_at"].startswith("2026-03-02T00:00")
    assert (wait["status"], wait["deal_id"], wait["contact_id"]) == ("waiting", None, None)
    assert (wait["company_id"] is not None, wait["lead_id"]) == (True, lead["id"])
    [demo] = await listed(api, "activities")
    assert (demo["type"], demo["status"], demo["duration_seconds"]) == ("meeting", "held", 1800)
    assert (demo["deal_id"], demo["location"]) == (deal["id"], "Rome")
    again = await planned(api, SALESFORCE, preset="salesforce")
    assert (again["plan"]["create"], again["plan"]["update"]) == (0, 0)


async def test_of_pipedrive(api: httpx.AsyncClient) -> None:
    op = await apply(api, await planned(api, PIPEDRIVE, preset="pipedrive"))
    assert op["plan"]["error"] == 1  # about nothing that is here
    ring, eat = await listed(api, "activities", "deal.name = Fleet")
    assert (ring["type"], ring["status"], ring["description"]) == ("call", "held", "Fine & well")
    assert (eat["type"], eat["status"]) == ("meeting", "planned")
    assert ring["external_ids"] == {"pipedrive": "7"}
