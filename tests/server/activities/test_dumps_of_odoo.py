"""Messages, activities and meetings in dumps of Odoo, as it writes them.

Where the columns are known from is said in docs/importing.md.
"""

from __future__ import annotations

import httpx
import pytest

from cerebro_server.components.activities.records.activities import activities
from cerebro_server.components.activities.records.notes import notes
from cerebro_server.components.activities.records.tasks import tasks
from cerebro_server.kernel.records.importing.choosing import recognised
from tests.server.activities.doing import listed, told
from tests.server.operations.test_dump import file_of

from .test_other_dumps import arrived

ODOO = {
    "Contact (res.partner).csv": (
        "id,is_company,name,email,parent_id/id\n"
        "__export__.res_partner_7_0a1b2c3d,True,Acme,,\n"
        "__export__.res_partner_8_0a1b2c3e,False,Odo Person,odo@x.example,"
        "__export__.res_partner_7_0a1b2c3d\n"
    ),
    "Lead Opportunity (crm.lead).csv": (
        ".id,id,type,name,stage_id,contact_name,partner_name,email_from\n"
        "7,crm.lead_seven,opportunity,Fleet,Proposition,,,\n"
        "9,__export__.crm_lead_9_0a1b2c3f,lead,Wants boats,New,Ada Lovelace,Navy,ada@x.example\n"
    ),
    "Message (mail.message).csv": (
        "id,date,message_type,subtype_id,model,res_id,author_id,subject,body\n"
        "m_1,2024-01-05 07:00:00,Comment,Note,crm.lead,7,Ann,,<p>Big <b>one</b></p>\n"
        "m_2,2024-01-06 07:00:00,Comment,Note,res.partner,8,Ann,Drinks,<p>Likes tea</p>\n"
        "m_3,2024-01-07 07:00:00,Comment,Note,res.partner,7,Ann,,<p>A firm</p>\n"
        "m_4,2024-01-08 07:00:00,System notification,Note,crm.lead,9,Ann,,<p>Stage changed</p>\n"
    ),
    "Activity (mail.activity).csv": (
        "id,res_model,res_id,activity_type_id,summary,note,date_deadline,user_id,state,date_done,"
        "create_date\n"
        "a_1,crm.lead,7,Call,Ask for money,<p>Now</p>,2024-02-01,Ann,Overdue,,"
        "2024-01-01 08:00:00\n"
        "a_2,crm.lead,9,To-Do,,,2999-02-01,Ann,Planned,,2024-01-01 08:00:00\n"
        "a_3,res.partner,8,Email,Send it,,2024-02-01,Ann,Done,2024-02-02,2024-01-01 08:00:00\n"
        "a_4,sale.order,7,Email,An order,,2024-02-01,Ann,Overdue,,2024-01-01 08:00:00\n"
    ),
    "Calendar Event (calendar.event).csv": (
        "id,name,start,stop,location,videocall_location,description,active,opportunity_id/id,"
        "res_model,res_id\n"
        "e_1,Demo,2024-03-01 10:00:00,2024-03-01 10:30:00,Rome,https://meet.example/1,"
        "<p>All of it</p>,True,crm.lead_seven,,\n"
        "e_2,Lunch,2999-03-02 10:00:00,2999-03-02 11:00:00,,,,True,,res.partner,8\n"
        "e_3,Off,2999-03-02 10:00:00,2999-03-02 11:00:00,,,,False,,crm.lead,9\n"
    ),
}
LABELLED = {
    "Contact (res.partner).csv": "ID,Is a Company,Name,Email\n8,False,Odo Person,odo@x.example\n",
    "Message (mail.message).csv": (
        "External ID,Date,Type,Related Document Model,Related Document ID,Contents\n"
        "m_2,2024-01-06 07:00:00,Comment,res.partner,8,Likes tea\n"
    ),
    "Activity (mail.activity).csv": (
        "External ID,Related Document Model,Related Document ID,Activity Type,Summary,Due Date,"
        "State\na_3,res.partner,8,Call,,2024-02-01,Today\n"
    ),
    "Calendar Event (calendar.event).csv": (
        "External ID,Meeting Subject,Start,Stop,Document Model Name,Document ID\n"
        "e_2,Lunch,2024-03-02 10:00:00,2024-03-02 11:00:00,res.partner,8\n"
    ),
}
OF_ODOO = {
    "notes": {
        "Big one": {"source_created_at": "2024-01-05T07:00", "about": {"Fleet"}},
        "Drinks\nLikes tea": {"source_created_at": "2024-01-06T07:00", "about": {"Odo Person"}},
        "A firm": {"source_created_at": "2024-01-07T07:00", "about": {"Acme"}},
    },
    "tasks": {
        "Ask for money": {
            "status": "open",
            "priority": "normal",
            "description": "Now\nCall",
            "due_at": "2024-02-01T00:00",
            "source_created_at": "2024-01-01T08:00",
            "about": {"Fleet"},
        },
        "To-Do": {
            "status": "open",
            "priority": "normal",
            "description": "To-Do",
            "due_at": "2999-02-01T00:00",
            "source_created_at": "2024-01-01T08:00",
            "about": {"Ada Lovelace"},
        },
        "Send it": {
            "status": "completed",
            "priority": "normal",
            "description": "Email",
            "due_at": "2024-02-01T00:00",
            "completed_at": "2024-02-02T00:00",
            "source_created_at": "2024-01-01T08:00",
            "about": {"Odo Person"},
        },
        "An order": {
            "status": "open",
            "priority": "normal",
            "description": "Email",
            "due_at": "2024-02-01T00:00",
            "source_created_at": "2024-01-01T08:00",
            "about": set(),
        },
    },
    "activities": {
        "Demo": {
            "type": "meeting",
            "status": "held",
            "duration_seconds": 1800,
            "description": "All of it",
            "starts_at": "2024-03-01T10:00",
            "ends_at": "2024-03-01T10:30",
            "about": {"Fleet"},
        },
        "Lunch": {
            "type": "meeting",
            "status": "planned",
            "duration_seconds": 3600,
            "starts_at": "2999-03-02T10:00",
            "ends_at": "2999-03-02T11:00",
            "about": {"Odo Person"},
        },
        "Off": {
            "type": "meeting",
            "status": "cancelled",
            "duration_seconds": 3600,
            "starts_at": "2999-03-02T10:00",
            "ends_at": "2999-03-02T11:00",
            "about": {"Ada Lovelace"},
        },
    },
}


async def test_odoo(api: httpx.AsyncClient) -> None:
    op = await arrived(api, ODOO, "odoo")
    assert op["report"]["reconciliation"]["not_imported"] == []
    for noun, told_of in OF_ODOO.items():
        assert await told(api, noun) == told_of
    assert file_of(op, "Message (mail.message).csv")["of_another_noun"] == 1
    [fleet] = await listed(api, "deals")
    assert fleet["external_ids"] == {"odoo": "crm.lead_seven", "odoo_id": "7"}
    [demo] = await listed(api, "activities", "subject = Demo")
    assert (demo["location"], demo["join_url"]) == ("Rome", "https://meet.example/1")


async def test_odoo_by_labels(api: httpx.AsyncClient) -> None:
    await arrived(api, LABELLED, "odoo")
    for noun, called in (("notes", "Likes tea"), ("tasks", "Call"), ("activities", "Lunch")):
        found = await told(api, noun)
        assert {name: one["about"] for name, one in found.items()} == {called: {"Odo Person"}}


@pytest.mark.parametrize("files", [ODOO, LABELLED])
def test_a_file_by_itself_is_recognised(files: dict[str, str]) -> None:
    _, *others = (content for name, content in files.items() if "crm.lead" not in name)
    for record_type, content in zip((notes, tasks, activities), others, strict=True):
        assert recognised(record_type, content.splitlines()[0].split(",")) == "odoo"
