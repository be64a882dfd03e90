"""Calls, meetings, tasks and notes in dumps of HubSpot and Zoho, as these write them.

Where the columns are known from is said in docs/importing.md.
"""

from __future__ import annotations

import httpx
import pytest

from cerebro_server.components.activities.records.activities import activities
from cerebro_server.components.activities.records.notes import notes
from cerebro_server.components.activities.records.tasks import tasks
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.records.importing.choosing import recognised
from tests.server.activities.doing import listed, told
from tests.server.operations.doing import errors
from tests.server.operations.test_dump import file_of, imported, planned

from .test_other_dumps import arrived

_ALL = "hubspot-crm-exports-all-{}-2024-05-01.csv"
_ABOUT = "Associated Contact IDs,Associated Company IDs,Associated Deal IDs"
HUBSPOT = {
    "companies.csv": "Record ID,Company name,Company Domain Name\n11,Acme,acme.example\n",
    "contacts.csv": (
        "Record ID,First Name,Last Name,Email\n21,Hugo,Spot,hugo@x.example\n"
        "22,Iris,Spot,iris@x.example\n"
    ),
    "deals.csv": (
        "Record ID,Deal Name,Deal Stage,Amount,Close Date\n31,Fleet,Qualified,10,2030-01-01 00:00\n"
    ),
    _ALL.format("calls"): (
        "Record ID,Call Title,Activity date,Call notes,Call direction,Call outcome,Call status,"
        f"Call duration,From number,To Number,Create date,Activity assigned to,{_ABOUT}\n"
        '41,Ring Hugo,2024-02-01 09:00,"<p>Fine &amp; well</p>",Outbound,Connected,Completed,95000,'
        "+4930111,+4930222,2024-02-01 09:05,Nobody,21;22,11,31\n"
        "42,,2024-02-02 09:00,,Inbound,,Missed,,,,2024-02-02 09:05,,22,,\n"
        "43,To Mars,2024-02-03 09:00,,,,,,,,2024-02-03 09:05,,99,,\n"
    ),
    _ALL.format("meetings"): (
        "Record ID,Meeting name,Meeting start time,Meeting end time,Meeting outcome,"
        f"Meeting description,Internal Meeting Notes,Activity date,Create date,{_ABOUT}\n"
        "51,Demo,2024-03-01 10:00,2024-03-01 10:30,Completed,Show it,<b>Likes it</b>,"
        "2024-03-01 10:00,2024-02-20 08:00,,,31\n"
        "52,,2999-03-01 10:00,2999-03-01 11:00,Scheduled,,,2999-03-01 10:00,2024-02-20 08:00,21,,\n"
        "53,Gone,2024-03-02 10:00,2024-03-02 11:00,No show,,,2024-03-02 10:00,2024-02-20 08:00,,"
        "11,\n"
    ),
    _ALL.format("tasks"): (
        f"Record ID,Task Title,Task Status,Priority,Due date,Notes,Create date,{_ABOUT}\n"
        "61,Send offer,Waiting,High,2024-04-01 12:00,<p>By post</p>,2024-03-01 08:00,21,11,31\n"
        "62,Rest,Not Started,None,,,2024-03-01 08:00,,,\n"
    ),
    _ALL.format("notes"): (
        f"Record ID,Note body,Activity date,Create date,{_ABOUT}\n"
        '71,"<div>Likes <b>tea</b></div>",2024-01-05 07:00,2024-01-06 07:00,21,,\n'
    ),
}
ZOHO = {
    "Accounts.csv": "Record Id,Account Name\nzcrm_1,Acme\n",
    "Contacts.csv": "Record Id,First Name,Last Name,Email\nzcrm_2,Zoe,Zoho,zoe@x.example\n",
    "Deals.csv": (
        "Record Id,Deal Name,Amount,Stage,Closing Date\nzcrm_3,Fleet,700,Qualification,2030-01-01\n"
    ),
    "Leads.csv": (
        "Record Id,First Name,Last Name,Company,Email,Lead Status\n"
        "zcrm_4,Zed,Lead,Navy,zed@x.example,Contacted\n"
    ),
    "Tasks.csv": (
        "Record Id,Subject,Due Date,Status,Priority,Closed Time,Contact Name.id,Related To.id,"
        "Created Time\n"
        "zcrm_50,Of the firm,2024-02-01,Completed,High,2024-01-31 17:00:00,zcrm_2,zcrm_1,"
        "2024-01-01 08:00:00\n"
        "zcrm_51,Of the lead,2024-02-01,Not Started,Low,,,zcrm_4,2024-01-01 08:00:00\n"
        "zcrm_52,Of a case,,Not Started,Low,,,zcrm_999,2024-01-01 08:00:00\n"
    ),
    "Calls.csv": (
        "Record Id,Subject,Call Type,Call Purpose,Contact Name.id,Contact Name,Related To.id,"
        "Related To,Call Start Time,Call Duration (in seconds),Description,Call Result,"
        "Call Status,Created Time\n"
        "zcrm_60,Ring Zoe,Outbound,Demo,zcrm_2,Zoe Zoho,zcrm_3,Fleet,2024-03-01 09:00:00,90,"
        "Asked,Interested,Completed,2024-03-01 09:02:00\n"
        "zcrm_61,Zed rang,Missed,,,,zcrm_4,Zed Lead,2024-03-02 09:00:00,0,,,,\n"
    ),
    "Meetings.csv": (
        "Record Id,Title,From,To,Location,Contact Name.id,Related To.id,Description,Created Time\n"
        "zcrm_70,Demo,2024-03-03 10:00:00,2024-03-03 11:00:00,Rome,zcrm_2,zcrm_1,All of it,"
        "2024-03-01 08:00:00\n"
    ),
    "Notes.csv": (
        "Record Id,Note Owner.id,Note Owner,Note Title,Note Content,Parent ID.id,Parent ID,"
        "Created Time\n"
        "zcrm_80,zcrm_9,Ann,Drinks,Likes tea,zcrm_2,Zoe Zoho,2024-01-05 07:00:00\n"
        "zcrm_81,zcrm_9,Ann,,Big one,zcrm_3,Fleet,2024-01-06 07:00:00\n"
        "zcrm_82,zcrm_9,Ann,,Builds boats,zcrm_4,Zed Lead,2024-01-07 07:00:00\n"
    ),
}
BACKUP = {
    **{name: ZOHO[name] for name in ("Accounts.csv", "Contacts.csv")},
    "Notes_001.csv": (
        "Record Id,Note Title,Note Content,Parent.id,Parent Id.Module,Created Time\n"
        "zcrm_80,,Likes tea,zcrm_2,Contacts,2024-01-05 07:00:00\n"
        "zcrm_83,,Of a task,zcrm_50,Tasks,2024-01-05 07:00:00\n"
    ),
}
OF_HUBSPOT = {
    "activities": {
        "Ring Hugo": {
            "type": "call",
            "status": "held",
            "direction": "out",
            "outcome": "Connected",
            "duration_seconds": 95,
            "description": "Fine & well",
            "starts_at": "2024-02-01T09:00",
            "source_created_at": "2024-02-01T09:05",
            "about": {"Hugo Spot", "Acme", "Fleet"},
        },
        "Call": {
            "type": "call",
            "status": "not_held",
            "direction": "in",
            "starts_at": "2024-02-02T09:00",
            "source_created_at": "2024-02-02T09:05",
            "about": {"Iris Spot"},
        },
        "Demo": {
            "type": "meeting",
            "status": "held",
            "duration_seconds": 1800,
            "description": "Show it\nLikes it",
            "starts_at": "2024-03-01T10:00",
            "ends_at": "2024-03-01T10:30",
            "source_created_at": "2024-02-20T08:00",
            "about": {"Fleet"},
        },
        "Meeting": {
            "type": "meeting",
            "status": "planned",
            "duration_seconds": 3600,
            "starts_at": "2999-03-01T10:00",
            "ends_at": "2999-03-01T11:00",
            "source_created_at": "2024-02-20T08:00",
            "about": {"Hugo Spot"},
        },
        "Gone": {
            "type": "meeting",
            "status": "not_held",
            "duration_seconds": 3600,
            "starts_at": "2024-03-02T10:00",
            "ends_at": "2024-03-02T11:00",
            "source_created_at": "2024-02-20T08:00",
            "about": {"Acme"},
        },
    },
    "tasks": {
        "Send offer": {
            "status": "waiting",
            "priority": "high",
            "description": "By post",
            "due_at": "2024-04-01T12:00",
            "source_created_at": "2024-03-01T08:00",
            "about": {"Hugo Spot", "Acme", "Fleet"},
        },
        "Rest": {
            "status": "open",
            "priority": "normal",
            "source_created_at": "2024-03-01T08:00",
            "about": set(),
        },
    },
    "notes": {"Likes tea": {"source_created_at": "2024-01-05T07:00", "about": {"Hugo Spot"}}},
}
OF_ZOHO = {
    "tasks": {
        "Of the firm": {
            "status": "completed",
            "priority": "high",
            "due_at": "2024-02-01T00:00",
            "completed_at": "2024-01-31T17:00",
            "source_created_at": "2024-01-01T08:00",
            "about": {"Zoe Zoho", "Acme"},
        },
        "Of the lead": {
            "status": "open",
            "priority": "low",
            "due_at": "2024-02-01T00:00",
            "source_created_at": "2024-01-01T08:00",
            "about": {"Zed Lead"},
        },
        "Of a case": {
            "status": "open",
            "priority": "low",
            "source_created_at": "2024-01-01T08:00",
            "about": set(),
        },
    },
    "activities": {
        "Ring Zoe": {
            "type": "call",
            "status": "held",
            "direction": "out",
            "outcome": "Interested",
            "duration_seconds": 90,
            "description": "Asked",
            "starts_at": "2024-03-01T09:00",
            "source_created_at": "2024-03-01T09:02",
            "about": {"Zoe Zoho", "Fleet"},
        },
        "Zed rang": {
            "type": "call",
            "status": "not_held",
            "direction": "in",
            "duration_seconds": 0,
            "starts_at": "2024-03-02T09:00",
            "about": {"Zed Lead"},
        },
        "Demo": {
            "type": "meeting",
            "status": "held",
            "duration_seconds": 3600,
            "description": "All of it",
            "starts_at": "2024-03-03T10:00",
            "ends_at": "2024-03-03T11:00",
            "source_created_at": "2024-03-01T08:00",
            "about": {"Zoe Zoho", "Acme"},
        },
    },
    "notes": {
        "Drinks\nLikes tea": {"source_created_at": "2024-01-05T07:00", "about": {"Zoe Zoho"}},
        "Big one": {"source_created_at": "2024-01-06T07:00", "about": {"Fleet"}},
        "Builds boats": {"source_created_at": "2024-01-07T07:00", "about": {"Zed Lead"}},
    },
}


async def test_hubspot(api: httpx.AsyncClient) -> None:
    op = await imported(api, HUBSPOT, preset="hubspot")
    assert (op["plan"]["error"], op["done"]["left"]) == (1, 0)
    [wrong] = await errors(api, op)  # about nobody who is here
    assert wrong["problem"]["code"] == "link_missing", wrong
    again = await planned(api, HUBSPOT, preset="hubspot")
    assert (again["plan"]["create"], again["plan"]["update"]) == (0, 0)
    for noun, told_of in OF_HUBSPOT.items():
        assert await told(api, noun) == told_of
    [ring] = await listed(api, "activities", "subject = 'Ring Hugo'")
    assert (ring["from_address"], ring["to_address"]) == ("+4930111", "+4930222")
    assert ring["external_ids"] == {"hubspot": "41"}


async def test_zoho(api: httpx.AsyncClient) -> None:
    op = await arrived(api, ZOHO, "zoho")
    for noun, told_of in OF_ZOHO.items():
        assert await told(api, noun) == told_of
    # an id that is of none of these kinds is missed once, not once for each
    links = file_of(op, "Tasks.csv")["links"]
    assert {name: (each["made"], each["missing"]) for name, each in links.items()} == {
        "contact": (1, 0),
        "company": (1, 1),
        "deal": (0, 0),
        "lead": (1, 0),
    }
    assert links["company"]["first_missing"] == ["zcrm_999"]
    nowhere = dict.fromkeys(("Note Owner.id", "Note Owner", "Parent ID"), 3)
    assert file_of(op, "Notes.csv")["ignored"] == nowhere
    refusing = {"Tasks.csv": {"missing_parent": "refuse"}}
    again = await planned(api, ZOHO, preset="zoho", of=refusing)
    assert again["plan"]["error"] == 1


async def test_notes_in_a_backup_of_zoho_say_whose_they_are(api: httpx.AsyncClient) -> None:
    op = await arrived(api, BACKUP, "zoho")
    assert await told(api, "notes") == {
        "Likes tea": {"source_created_at": "2024-01-05T07:00", "about": {"Zoe Zoho"}}
    }
    assert file_of(op, "Notes_001.csv")["of_another_noun"] == 1


@pytest.mark.parametrize(
    ("record_type", "product", "content"),
    [
        (activities, "hubspot", HUBSPOT[_ALL.format("calls")]),
        (activities, "hubspot", HUBSPOT[_ALL.format("meetings")]),
        (tasks, "hubspot", HUBSPOT[_ALL.format("tasks")]),
        (notes, "hubspot", HUBSPOT[_ALL.format("notes")]),
        (tasks, "zoho", ZOHO["Tasks.csv"]),
        (activities, "zoho", ZOHO["Calls.csv"]),
        (activities, "zoho", ZOHO["Meetings.csv"]),
        (notes, "zoho", ZOHO["Notes.csv"]),
        (notes, "zoho", BACKUP["Notes_001.csv"]),
    ],
)
def test_a_file_by_itself_is_recognised(
    record_type: RecordType, product: str, content: str
) -> None:
    assert recognised(record_type, content.splitlines()[0].split(",")) == product
