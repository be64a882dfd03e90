"""Dumps of other products with deals: what arrives, the ways through stages, sums, and the undo."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import httpx

from cerebro_server.components.sales.rules.arranging import in_order
from tests.fixtures.stores import Installation
from tests.server.operations.doing import apply, everything, undone
from tests.server.operations.test_dump import file_of, imported, planned
from tests.server.sales.test_history import history, walked

NOUNS = (
    *("pipelines", "stages", "lost_reasons", "deals", "deal_contacts", "leads"),
    *("lead_statuses", "companies", "contacts", "positions"),
)
SALESFORCE = {
    "Account.csv": "Id,Name,ParentId\n001A,Acme,\n",
    "Contact.csv": "Id,FirstName,LastName,Email,AccountId\n003A,Ada,Lovelace,ada@x.example,001A\n",
    "Opportunity.csv": (
        "Id,IsDeleted,AccountId,Name,StageName,Amount,Probability,CloseDate,IsClosed,IsWon,"
        "ForecastCategoryName,CurrencyIsoCode,LeadSource,CreatedDate\n"
        "006A,false,001A,Fleet,Closed Won,1000.10,100.0,2024-03-01,true,true,Closed,USD,Web,"
        "2024-01-01T08:00:00.000+0000\n"
        "006B,false,001A,More,Id. Decision Makers,20.05,60.0,2030-01-01,false,false,Best Case,USD,,"
        "2024-02-01T08:00:00.000+0000\n"
        "006C,false,001X,Gone,Closed Lost,5,0.0,2024-02-15,true,false,Omitted,EUR,,"
        "2024-01-15T08:00:00.000+0000\n"
        "006D,true,001A,Deleted,Prospecting,1,10.0,2024-02-15,false,false,Pipeline,EUR,,"
        "2024-01-15T08:00:00.000+0000\n"
    ),
    "OpportunityContactRole.csv": (
        "Id,OpportunityId,ContactId,Role,IsPrimary,IsDeleted\n"
        "00KA,006A,003A,Decision Maker,true,false\n"
    ),
    "OpportunityHistory.csv": (
        "Id,OpportunityId,CreatedById,CreatedDate,StageName,Amount,ExpectedRevenue,CloseDate,"
        "Probability,ForecastCategory,SystemModstamp,IsDeleted\n"
        "008C,006A,005A,2024-03-01T10:00:00.000Z,Closed Won,1000.10,1,2024-03-01,100,Closed,,"
        "false\n"
        "008A,006A,005A,2024-01-01T08:00:00.000Z,Prospecting,500,50,2024-03-01,10,Pipeline,,false\n"
        "008B,006A,005A,2024-02-01T08:00:00.000Z,Value Proposition,900,1,2024-03-01,50,BestCase,,"
        "false\n"
        "008D,006A,005A,2024-02-03T08:00:00.000Z,Value Proposition,950,1,2024-03-01,50,Forecast,,"
        "false\n"
    ),
    "OpportunityFieldHistory.csv": (
        "Id,OpportunityId,CreatedById,CreatedDate,Field,OldValue,NewValue\n"
        "017A,006B,005A,2024-02-01T08:00:00.000Z,created,,\n"
        "017B,006B,005A,2024-02-09T08:00:00.000Z,StageName,Qualification,Id. Decision Makers\n"
        "017C,006B,005A,2024-02-09T08:00:00.000Z,Amount,10,20.05\n"
    ),
    "Lead.csv": (
        "Id,LastName,Company,Status,IsConverted,ConvertedDate,ConvertedAccountId,"
        "ConvertedContactId,ConvertedOpportunityId,Email,CreatedDate\n"
        "00QA,Lovelace,Acme,Closed - Converted,true,2024-01-01,001A,003A,006A,ada@x.example,"
        "2023-12-01T08:00:00.000Z\n"
        "00QB,Hopper,Navy,Working - Contacted,false,,,,,grace@x.example,2023-12-02T08:00:00.000Z\n"
    ),
}
HUBSPOT = {
    "all-companies.csv": (
        "Record ID,Company name,Company Domain Name,City\n11,Acme,acme.example,Rome\n"
    ),
    "all-deals.csv": (
        "Record ID,Deal Name,Pipeline,Deal Stage,Amount,Close Date,Deal probability,Is Closed Won,"
        "Is Deal Closed?,Associated Company IDs (Primary),Associated Company (Primary),Create Date,"
        'Closed Lost Reason,"Date entered ""Appointment Scheduled (Sales Pipeline)""",'
        '"Date entered ""Closed Won (Sales Pipeline)"""\n'
        "21,Fleet,Sales Pipeline,Closed Won,1000.10,2024-03-01 10:00,1.0,true,true,11,Acme,"
        "2024-01-01 08:00,,2024-01-01 08:00,2024-03-01 10:00\n"
        "22,More,Sales Pipeline,Appointment Scheduled,20.05,2030-01-01,0.2,false,false,,Acme,"
        "2024-02-01 08:00,,2024-02-02 08:00,\n"
        "23,Gone,Sales Pipeline,Closed Lost,5,2024-02-01,0,false,true,,,2024-01-01 08:00,"
        "Too dear,,\n"
    ),
}
PIPEDRIVE = {
    "organizations.csv": "Organization - ID,Organization - Name\n31,Acme\n",
    "deals.csv": (
        "Deal - ID,Deal - Title,Deal - Value,Deal - Currency,Deal - Organization,Deal - Pipeline,"
        "Deal - Stage,Deal - Status,Deal - Probability,Deal - Expected close date,"
        "Deal - Deal created,Deal - Won time,Deal - Lost time,Deal - Lost reason,Deal - Label\n"
        "41,Fleet,1000.10,USD,Acme,Pipeline,Negotiations Started,Won,,2024-03-01,"
        "2024-01-01 08:00:00,2024-03-01 10:00:00,,,Hot\n"
        "42,More,20.05,USD,Acme,Pipeline,Qualified,Open,30,,2024-02-01 08:00:00,,,,\n"
        "43,Gone,5,USD,Acme,Pipeline,Qualified,Lost,,,2024-01-01 08:00:00,,2024-02-01 08:00:00,"
        "Too dear,\n"
    ),
    "leads.csv": (
        "Lead - ID,Lead - Title,Lead - Value,Lead - Contact person,Lead - Organization,"
        "Lead - Labels\n"
        "a1,Wants boats,9.99,Grace Hopper,Navy,Hot\n"
    ),
}


async def arrived(api: httpx.AsyncClient, files: dict[str, str], product: str) -> dict[str, Any]:
    """Import a dump a second time, which changes nothing; return the deals by name."""
    again = await planned(api, files, preset=product)
    assert {k: again["plan"][k] for k in ("create", "update", "error")} == dict.fromkeys(
        ("create", "update", "error"), 0
    ), (again["plan"], (await api.get(f"/v1/operations/{again['id']}/plan")).text)
    items = (await api.get("/v1/deals", params={"limit": 100})).json()["items"]
    return {each["name"]: each for each in items}


async def test_salesforce(api: httpx.AsyncClient, installation: Installation) -> None:
    before = everything(installation, *NOUNS)
    op = await planned(api, SALESFORCE, preset="salesforce")
    assert everything(installation, *NOUNS) == before
    assert op["plan"]["error"] == 0, (await api.get(f"/v1/operations/{op['id']}/errors")).text
    op = await apply(api, op)
    assert op["done"]["left"] == 0
    for name, total in (("Opportunity.csv", "1025.15"), ("OpportunityHistory.csv", "2400.10")):
        sums = file_of(op, name)["sums"]["amount"]
        assert Decimal(sums["stored"]) == Decimal(total)
    assert file_of(op, "OpportunityHistory.csv")["left_out"] == 1  # only the amount changed
    assert file_of(op, "OpportunityFieldHistory.csv")["left_out"] == 2  # no stages
    deals = await arrived(api, SALESFORCE, "salesforce")
    fleet, more, gone = deals["Fleet"], deals["More"], deals["Gone"]
    told = (fleet["status"], fleet["stage"], fleet["amount"], fleet["currency"], fleet["source"])
    assert told == ("won", "closed_won", "1000.10", "USD", "Web")
    assert fleet["closed_at"].startswith("2024-03-01")
    assert fleet["opened_at"].startswith("2024-01-01")
    assert (more["probability"], more["forecast_category"]) == (60, "best_case")
    assert (gone["status"], gone["company_id"]) == ("lost", None)
    stays = await history(api, fleet)
    assert walked(stays) == ["prospecting", "value_proposition", "closed_won"]
    assert [stay["amount"] for stay in stays] == ["500.00", "900.00", "1000.10"]
    assert {stay["actor"] for stay in stays} == {"005A"}
    stays = await history(api, more)  # what it came from tells how it began
    assert walked(stays) == ["qualification", "id_decision_makers"]
    assert stays[0]["entered_at"].startswith("2024-02-01T08:00")
    [part] = (await api.get("/v1/deal_contacts")).json()["items"]
    assert (part["deal_id"], part["role"], part["is_primary"]) == (
        fleet["id"],
        "Decision Maker",
        True,
    )
    leads = {each["last_name"]: each for each in (await api.get("/v1/leads")).json()["items"]}
    assert leads["Lovelace"]["converted_deal_id"] == fleet["id"]
    assert leads["Lovelace"]["converted_at"].startswith("2024-01-01")
    statuses = (await api.get("/v1/lead_statuses", params={"limit": 100})).json()["items"]
    labels = {each["id"]: (each["label"], each["type"]) for each in statuses}
    assert labels[leads["Lovelace"]["status_id"]] == ("Closed - Converted", "won")
    assert labels[leads["Hopper"]["status_id"]] == ("Working - Contacted", "ongoing")
    await undone(api, op)
    assert everything(installation, *NOUNS) == before
    assert (await api.get("/v1/deal_stages")).json()["items"] == []


async def test_hubspot(api: httpx.AsyncClient, installation: Installation) -> None:
    before = everything(installation, *NOUNS)
    op = await imported(api, HUBSPOT, preset="hubspot")
    assert (op["done"]["left"], op["plan"]["error"]) == (0, 0)
    deals = await arrived(api, HUBSPOT, "hubspot")
    fleet, more, gone = deals["Fleet"], deals["More"], deals["Gone"]
    assert (fleet["status"], fleet["stage"], fleet["amount"]) == ("won", "closed_won", "1000.10")
    assert (more["status"], more["probability"]) == ("open", 20)
    assert (gone["status"], gone["lost_note"]) == ("lost", "Too dear")
    [pipeline] = {deal["pipeline_id"] for deal in deals.values()}
    reply = await api.get(f"/v1/pipelines/{pipeline}")
    assert (reply.json()["name"], reply.json()["is_default"]) == ("Sales Pipeline", False)
    stays = await history(api, fleet)
    assert walked(stays) == ["appointment_scheduled", "closed_won"]
    assert stays[1]["entered_at"].startswith("2024-03-01T10:00")
    assert walked(await history(api, more)) == ["appointment_scheduled"]
    assert file_of(op, "all-deals (deal_stages).csv")["created"] == 3
    await undone(api, op)
    assert everything(installation, *NOUNS) == before
    assert (await api.get("/v1/deal_stages")).json()["items"] == []


async def test_stages_that_are_made_stand_in_the_order_in_which_deals_went(
    api: httpx.AsyncClient,
) -> None:
    labels = ("Appointment Scheduled", "Contract Sent", "Closed Won", "Closed Lost")
    entered = [f'"Date entered ""{label} (Sales Pipeline)"""' for label in labels]
    head = "Record ID,Deal Name,Pipeline,Deal Stage,Is Closed Won,Is Deal Closed?,"
    rows = [head + ",".join(entered)]
    for number, (stage, is_won, is_closed, *days) in enumerate(
        (
            ("Closed Won", "true", "true", 3, 5, 9, 0),
            ("Closed Lost", "false", "true", 3, 4, 0, 6),
            ("Contract Sent", "false", "false", 6, 7, 0, 0),
            ("Contract Sent", "false", "false", 8, 2, 0, 0),  # went back and forth
            ("Appointment Scheduled", "false", "false", 3, 0, 0, 0),
            ("Never Entered", "false", "false", 0, 0, 0, 0),
        )
    ):
        said = [f"2024-03-{day:02} 10:00" if day else "" for day in days]
        told = (f"{number}", f"D{number}", "Sales Pipeline", stage, is_won, is_closed, *said)
        rows.append(",".join(told))
    op = await planned(api, {"all-deals.csv": "\n".join(rows) + "\n"}, preset="hubspot")
    [told] = op["report"]["arranged"]["stages"]
    listed = [(stage["label"], stage["type"], stage["position"]) for stage in told["stages"]]
    assert (told["pipeline"], listed) == (
        "Sales Pipeline",
        [
            ("Appointment Scheduled", "open", 1),
            ("Contract Sent", "open", 2),
            ("Never Entered", "open", 3),
            ("Closed Won", "won", 4),
            ("Closed Lost", "lost", 5),
        ],
    )
    op = await apply(api, op)
    assert (op["done"]["left"], op["plan"]["error"]) == (0, 0)
    items = (await api.get("/v1/reports/funnel")).json()["items"]
    told = [(row["label"], row["reached"], row["lost"]) for row in items if row["reached"]]
    assert told[-4:] == [
        ("Appointment Scheduled", 6, 0),
        ("Contract Sent", 5, 1),
        ("Never Entered", 2, 0),
        ("Closed Won", 1, 0),
    ]


def test_what_goes_in_circles_is_set_in_order_all_the_same() -> None:
    before = {("b", "a"): 3, ("a", "b"): 1, ("c", "b"): 2, ("a", "c"): 2, ("d", "a"): 1}
    assert in_order("abcd", before) == ["d", "a", "c", "b"]
    assert in_order("abcd", {}) == [*"abcd"]
    assert in_order("abcd", {("d", "c"): 1, ("c", "b"): 1, ("b", "a"): 1}) == [*"dcba"]


async def test_pipedrive(api: httpx.AsyncClient, installation: Installation) -> None:
    before = everything(installation, *NOUNS)
    op = await imported(api, PIPEDRIVE, preset="pipedrive")
    assert (op["done"]["left"], op["plan"]["error"]) == (0, 0)
    deals = await arrived(api, PIPEDRIVE, "pipedrive")
    fleet, more, gone = deals["Fleet"], deals["More"], deals["Gone"]
    stages = {
        each["id"]: each
        for each in (await api.get("/v1/stages", params={"limit": 100})).json()["items"]
    }
    assert (fleet["status"], stages[fleet["stage_id"]]["label"]) == ("won", "Won")
    assert stages[fleet["last_open_stage_id"]]["label"] == "Negotiations Started"
    assert fleet["closed_at"].startswith("2024-03-01T10:00")
    assert fleet["tags"] == ["Hot"]
    assert (more["status"], more["stage"], more["probability"]) == ("open", "qualified", 30)
    reason = (await api.get(f"/v1/lost_reasons/{gone['lost_reason_id']}")).json()
    assert (gone["status"], reason["name"]) == ("lost", "Too dear")
    [lead] = (await api.get("/v1/leads")).json()["items"]
    assert (lead["full_name"], lead["company_name"], lead["amount"]) == (
        "Grace Hopper",
        "Navy",
        "9.99",
    )
    await undone(api, op)
    assert everything(installation, *NOUNS) == before
    assert (await api.get("/v1/deal_stages")).json()["items"] == []


async def test_a_file_alone_makes_no_stages_unless_it_is_said(api: httpx.AsyncClient) -> None:
    content = "Id,StageName,CloseDate,Name,IsClosed,IsWon\n"
    content += "006A,Signed,2024-03-01,Fleet,true,true\n006B,Walking,2030-03-01,More,false,false\n"
    asked: dict[str, Any] = {"content": content, "headers": {"content-type": "text/csv"}}
    reply = await api.post("/v1/deals/import", **asked)
    report = reply.json()
    assert (report["created"], report["refused"]) == (0, 2), report
    assert "cerebro stages create" in report["errors"][0]["message"]
    reply = await api.post("/v1/deals/import", params={"missing_parent": "create"}, **asked)
    assert (reply.json()["created"], reply.json()["refused"]) == (2, 0), reply.text
    items = (await api.get("/v1/deals", params={"sort": "name"})).json()["items"]
    assert [(each["stage"], each["status"]) for each in items] == [
        ("signed", "won"),
        ("walking", "open"),
    ]
