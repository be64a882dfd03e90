"""Imports of several files in one operation."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from cerebro_server.kernel.records.operations import applying
from cerebro_server.kernel.records.past import moments
from cerebro_server.kernel.worker import Work
from tests.fixtures.people import People, bearer
from tests.fixtures.stores import Installation
from tests.server.jobs.conftest import Desk, until
from tests.server.jobs.conftest import desk as desk  # noqa: PLC0414 - a fixture

from .doing import URL, apply, ask, errors, everything, redone, undone, uploaded
from .test_left import as_job, leave

ACCOUNTS = """Id,Name,AnnualRevenue,ParentId,CreatedDate,Fax
001A,Child,10.50,001C,2019-03-01T10:00:00Z,1
001B,Lonely,20,001X,2018-03-01T10:00:00Z,
001C,Parent,30.25,001D,2017-03-01T10:00:00Z,
001D,Top,,,2016-03-01T10:00:00Z,
001E,Ouroboros,1,001F,2016-03-01T10:00:00Z,
001F,Uroboros,2,001E,2016-03-01T10:00:00Z,
"""
CONTACTS = """Id,FirstName,LastName,Email,AccountId,Title
003A,Ada,Lovelace,ada@x.example,001A,Countess
003B,Grace,Hopper,grace@x.example,001X,Admiral
003C,Nobody,No,no address,001A,
"""
FILES = {"Contact.csv": CONTACTS, "Account.csv": ACCOUNTS}


async def dump(api: httpx.AsyncClient, files: dict[str, str], **how: Any) -> dict[str, Any]:
    """Return the input of an import of files by name; `of` says more of some of them."""
    of = how.pop("of", {})
    listed = [
        {"name": name, "upload_id": await uploaded(api, content, name), **of.get(name, {})}
        for name, content in files.items()
    ]
    return {"files": listed, **how}


async def planned(api: httpx.AsyncClient, files: dict[str, str], **how: Any) -> dict[str, Any]:
    asked = await dump(api, files, **how)
    op: dict[str, Any] = await ask(api, URL, {"kind": "import", "input": asked})
    assert op["state"] == "planned", op
    return op


async def imported(api: httpx.AsyncClient, files: dict[str, str], **how: Any) -> dict[str, Any]:
    return await apply(api, await planned(api, files, **how))


async def refused(api: httpx.AsyncClient, files: dict[str, str], **how: Any) -> dict[str, Any]:
    asked = await dump(api, files, **how)
    found: dict[str, Any] = await ask(api, URL, {"kind": "import", "input": asked}, 422)
    return found


def file_of(op: dict[str, Any], name: str) -> dict[str, Any]:
    """Return what the reconciliation says of a file."""
    files = op["report"]["reconciliation"]["files"]
    found: dict[str, Any] = next(each for each in files if each["file"] == name)
    return found


async def listed(api: httpx.AsyncClient, noun: str) -> list[dict[str, Any]]:
    reply = await api.get(f"/v1/{noun}", params={"limit": 100})
    found: list[dict[str, Any]] = reply.json()["items"]
    return found


async def above(api: httpx.AsyncClient) -> dict[str, str | None]:
    """Return the names of companies with those of their parents."""
    found = await listed(api, "companies")
    names = {each["id"]: each["name"] for each in found}
    return {each["name"]: names.get(each["parent_id"]) for each in found}


class TestOrder:
    async def test_what_is_named_is_found_wherever_it_stands(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        before = everything(installation)
        op = await planned(api, FILES)
        assert everything(installation) == before
        assert op["plan"] == {**dict.fromkeys(op["plan"], 0), "create": 9, "error": 1}
        op = await apply(api, op)
        assert await above(api) == {
            "Child": "Parent",
            "Lonely": None,
            "Parent": "Top",
            "Top": None,
            "Ouroboros": None,
            "Uroboros": None,
        }
        works = (await listed(api, "positions"))[0]
        assert works["role"] == "Countess"
        after = everything(installation)
        await undone(api, op)
        assert everything(installation) == before
        await redone(api, op)
        assert everything(installation) == after

    async def test_a_second_time_nothing_changes(self, api: httpx.AsyncClient) -> None:
        await imported(api, FILES)
        again = await planned(api, FILES)
        assert again["plan"] == {**dict.fromkeys(again["plan"], 0), "unchanged": 8, "error": 1}

    async def test_a_record_that_is_there_gets_a_parent_of_the_dump(
        self, api: httpx.AsyncClient
    ) -> None:
        await imported(api, {"Account.csv": "Id,Name\n001B,Lonely\n"}, preset="salesforce")
        op = await imported(
            api, {"Account.csv": "Id,Name,ParentId\n001B,Lonely,1\n1,New,\n"}, preset="salesforce"
        )
        assert (op["done"]["updated"], op["done"]["left"]) == (1, 0)
        assert (await above(api))["Lonely"] == "New"

    async def test_a_chain_upside_down_goes_on_where_it_was_killed(
        self, api: httpx.AsyncClient, desk: Desk
    ) -> None:
        rows = "".join(f"{n},Firm {n},{n + 1}\n" for n in range(30))
        content = f"Id,Name,ParentId\n{rows}30,Firm 30,\n"
        op = await planned(api, {"accounts.csv": content}, preset="salesforce")
        leave(desk, op, "applying", started_at="now()")

        async def some(work: Work) -> None:
            for _ in range(3):
                async with work.transaction() as context:
                    await applying.step(context, UUID(op["id"]), 7)

        await as_job(desk, some)
        assert len(await listed(api, "companies")) == 21
        op = await ask(api, f"{URL}/{op['id']}/resume")
        assert (op["state"], op["done"]["created"], op["done"]["left"]) == ("applied", 31, 0)
        assert await above(api) == {
            **{f"Firm {n}": f"Firm {n + 1}" for n in range(30)},
            "Firm 30": None,
        }

    async def test_two_files_of_a_noun_are_one(self, api: httpx.AsyncClient) -> None:
        files = {
            "companies.csv": "external_ids.crm,name,parent\n1,One,crm:2\n",
            "accounts.csv": "external_ids.crm,name,domain\n2,Two,two.example\n1,Again,\n",
            "organizations.csv": "external_ids.crm,name,domain\n3,Three,two.example\n",
        }
        op = await imported(api, files)
        assert (await above(api)) == {"One": "Two", "Two": None}
        assert file_of(op, "accounts.csv")["left_out"] == 1
        [wrong] = await errors(api, op)
        assert (wrong["file"], wrong["problem"]["code"]) == ("organizations.csv", "duplicate_key")

    async def test_links_have_a_file_of_their_own(self, api: httpx.AsyncClient) -> None:
        relations = (
            "Id,ContactId,AccountId,Roles,IsActive\n"
            "07kA,003A,001A,CTO,true\n07kB,003A,001D,Board,false\n07kC,003Z,001A,,true\n"
        )
        op = await imported(api, {**FILES, "AccountContactRelation.csv": relations})
        assert {each["role"] for each in await listed(api, "positions")} == {"CTO", "Board"}
        links = file_of(op, "AccountContactRelation.csv")
        assert (links["created"], links["refused"]) == (2, 1)
        assert file_of(op, "Contact.csv")["links"] == {}


class TestReconciliation:
    async def test_rows_links_and_sums_add_up(self, api: httpx.AsyncClient) -> None:
        op = await imported(api, {**FILES, "Case.csv": "Id,Subject\n1,Broken\n"})
        accounts, contacts = file_of(op, "Account.csv"), file_of(op, "Contact.csv")
        assert (accounts["rows"], accounts["created"]) == (6, 6)
        parents = accounts["links"]["parent"]
        assert (parents["made"], parents["missing"], parents["circles"]) == (2, 3, 2)
        assert {*parents["first_missing"]} == {"001X", "001E", "001F"}
        assert accounts["sums"] == {"annual_revenue": {"in_file": "63.75", "stored": "63.75"}}
        assert (contacts["rows"], contacts["created"], contacts["refused"]) == (3, 2, 1)
        assert contacts["links"]["company"]["first_missing"] == ["001X"]
        [left] = op["report"]["reconciliation"]["not_imported"]
        assert left["file"] == "Case.csv"
        assert "companies, contacts, positions" in left["why"]
        assert op["report"]["files"][0]["ignored"] == ["Fax"]
        totals = op["report"]["reconciliation"]["totals"]
        assert (totals["rows"], totals["created"], totals["refused"]) == (9, 8, 1)

    async def test_refused_rows_come_as_files(self, api: httpx.AsyncClient) -> None:
        op = await imported(api, FILES)
        reply = await api.get(f"{URL}/{op['id']}/errors-file", params={"file": "Contact.csv"})
        assert reply.text.splitlines()[1].startswith("003C,Nobody,No,no address,001A,,")
        reply = await api.get(f"{URL}/{op['id']}/errors-file", params={"file": "Contacts.csv"})
        assert reply.status_code == 422
        assert "Contact.csv, Account.csv" in reply.json()["detail"]

    async def test_rows_that_name_nothing_are_refused_if_asked_and_so_are_those_that_name_them(
        self, api: httpx.AsyncClient
    ) -> None:
        op = await imported(api, FILES, missing_parent="refuse")
        assert {(e["file"], e["line"]) for e in await errors(api, op)} == {
            ("Account.csv", 3),
            ("Contact.csv", 3),
            ("Contact.csv", 4),
        }

    async def test_owners_of_elsewhere_are_let_go_of(self, api: httpx.AsyncClient) -> None:
        op = await imported(api, {"companies.csv": "name,owner_id\nAcme,bob@there.example\n"})
        assert file_of(op, "companies.csv")["links"]["owner_id"]["missing"] == 1
        assert (await listed(api, "companies"))[0]["owner_id"] is not None


class TestMapping:
    async def test_says_what_files_and_columns_are(self, api: httpx.AsyncClient) -> None:
        files = {
            "firms.csv": "key;firm;boss\nA;Acme;B\nB;Bcme;\n",
            "staff.csv": "no,surname,works at\n1,Lovelace,A\n",
        }
        of: dict[str, Any] = {
            "firms.csv": {
                "noun": "companies",
                "map": {
                    "key": "external_ids.old",
                    "firm": "name",
                    "boss": {"from": "companies.external_ids.old"},
                },
                "values": {"tags": "moved,2026", "country": "DE"},
            },
            "staff.csv": {
                "noun": "contacts",
                "map": {
                    "no": "external_ids.old",
                    "surname": "last_name",
                    "works at": {"to": "company", "from": "companies.external_ids.old"},
                },
            },
        }
        await imported(api, files, of=of)
        assert await above(api) == {"Acme": "Bcme", "Bcme": None}
        assert {tuple(each["tags"]) for each in await listed(api, "companies")} == {
            ("moved", "2026")
        }
        assert len(await listed(api, "positions")) == 1

    async def test_what_is_wrong_names_the_file(self, api: httpx.AsyncClient) -> None:
        files = {"firms.csv": "key,firm\nA,Acme\n"}
        for said, part in (
            ({"noun": "firms"}, "There are no 'firms' to import; there are: companies, contacts"),
            ({"noun": "companies", "map": {"Key": "nam"}}, "Did you mean name?"),
            ({"noun": "companies", "map": {"kee": "name"}}, "no column 'kee'. Did you mean 'key'"),
            ({"noun": "companies", "map": {"key": {"from": "tickets.id"}}}, "refers to 'tickets'"),
            ({"noun": "companies", "map": {"key": {"from": "contacts.id"}}}, "do not name"),
            ({"noun": "companies", "preset": "siebel"}, "There is no preset 'siebel'"),
        ):
            problem = await refused(api, files, of={"firms.csv": said})
            assert problem["detail"].startswith("firms.csv: "), problem
            assert part in problem["detail"]
            assert problem["errors"][0]["file"] == "firms.csv"
        assert "hubspot" in (await refused(api, files, preset="siebel"))["detail"]
        broken = await refused(api, {"companies.csv": 'name\n"Acme\n'})
        assert broken["detail"].startswith("companies.csv: Line 2")


class TestKept:
    """What a dump of Cerebro's own, or of anybody with times, keeps."""

    async def test_ids_where_nothing_had_them(self, api: httpx.AsyncClient) -> None:
        ids = [f"01900000-0000-7000-8000-00000000000{n}" for n in range(3)]
        files = {
            "companies.jsonl": "".join(
                json.dumps({"id": own, "name": f"Firm {own[-1]}", "parent_id": other}) + "\n"
                for own, other in zip(ids[:2], [ids[1], None], strict=True)
            ),
            "contacts.jsonl": json.dumps({"id": ids[2], "last_name": "Lovelace"}),
            "positions.jsonl": json.dumps({"contact_id": ids[2], "company_id": ids[0]}),
        }
        op = await imported(api, files, keep_ids=True)
        assert {each["id"] for each in await listed(api, "companies")} == {*ids[:2]}
        assert await above(api) == {"Firm 0": "Firm 1", "Firm 1": None}
        await undone(api, op)
        # they were used here: what comes now is not what was there
        await imported(api, files, keep_ids=True)
        assert not {each["id"] for each in await listed(api, "companies")} & {*ids[:2]}
        assert await above(api) == {"Firm 0": "Firm 1", "Firm 1": None}
        assert len(await listed(api, "positions")) == 1

    async def test_times_if_asked(
        self, api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await imported(api, FILES, keep_dates=True)
        made = {each["name"]: each["created_at"][:10] for each in await listed(api, "companies")}
        assert made["Child"] == "2019-03-01"
        monkeypatch.setattr(moments, "_NEAR", -1)  # as if much had changed since
        then = {"as_of": "seq:1", "count": "exact"}
        past = (await api.get("/v1/companies", params=then)).json()
        assert (past["items"], past["count"]) == ([], 0)
        contact = (await listed(api, "contacts"))[0]
        assert contact["created_at"][:4] == str(datetime.now(UTC).year)
        changes = (await api.get("/v1/changes", params={"record_type": "companies"})).json()
        assert changes["items"][0]["at"][:4] == str(datetime.now(UTC).year)

    async def test_times_that_a_mapping_names(self, api: httpx.AsyncClient) -> None:
        of = {"companies.csv": {"map": {"since": "created_at", "changed": "updated_at"}}}
        files = {"companies.csv": "name,Since,Changed\nAcme,2001-02-03,2002-03-04T05:06Z\n"}
        await imported(api, files, of=of)
        [acme] = await listed(api, "companies")
        assert (acme["created_at"][:10], acme["updated_at"][:10]) == ("2001-02-03", "2002-03-04")

    async def test_no_time_lies_ahead(self, api: httpx.AsyncClient) -> None:
        files = {"companies.csv": "name,created_at\nAcme,2999-01-01\nBcme,never\n"}
        op = await imported(api, files, keep_dates=True)
        wrong = [row["problem"] for row in await errors(api, op)]
        assert [each["column"] for each in wrong] == ["created_at", "created_at"]
        assert (wrong[0]["code"], wrong[1]["value"]) == ("in_the_future", "never")


async def test_it_takes_the_rights_for_every_noun_in_it(
    main: People, api: httpx.AsyncClient
) -> None:
    may = [f"contacts:{verb}" for verb in ("read", "import", "create", "update")]
    api.headers.update(bearer(main.key("*", user=main.user("ada", main.role("importer", may)))))
    asked = await dump(api, FILES)
    problem = await ask(api, URL, {"kind": "import", "input": asked}, 403)
    assert "companies:import" in problem["detail"]
    assert (await api.get(URL)).json()["items"] == []
    op = await imported(api, {"Contact.csv": CONTACTS}, missing_parent="skip")
    assert (op["done"]["created"], op["plan"]["error"]) == (2, 1)


async def test_statements_do_not_grow_with_the_rows(api: httpx.AsyncClient, desk: Desk) -> None:
    applied = "select 1 from operations where id = %s and state = 'applied'"

    async def cost(rows: int) -> int:
        own = f"{rows}_"
        firms = "".join(f"{own}{n},Firm {own}{n},{own}{n + 1}\n" for n in range(rows))
        people = "".join(f"{own}{n},P{n},{own}{n}\n" for n in range(rows))
        asked = await dump(
            api,
            {
                "accounts.csv": f"Id,Name,ParentId\n{firms}",
                "contacts.csv": f"Id,LastName,AccountId\n{people}",
            },
            preset="salesforce",
        )
        before = await statements(api)
        op = await ask(api, URL, {"kind": "import", "input": asked, "options": {"yes": True}})
        async with desk.working({}):
            await until(lambda: desk.rows(applied, op["id"]), "it is applied", seconds=120)
        op = (await api.get(f"{URL}/{op['id']}")).json()
        assert (op["done"]["created"], op["done"]["left"]) == (3 * rows, 0)
        return await statements(api) - before

    few = await cost(30)
    # whoever reads the journal on behalf of subscribers does so by the hundred
    assert await cost(3_000) < few + 1_500


async def statements(api: httpx.AsyncClient) -> int:
    """Return how many the database was sent, as the server's own counter has it."""
    text = (await api.get("/metrics")).text
    return int(float(re.findall(r"(?m)^cerebro_database_statements_total (\S+)", text)[0]))


async def test_accounts_of_salesforce(api: httpx.AsyncClient, data_folder: Path) -> None:
    """Columns in capitals, most of them empty; rows that were deleted there; parents."""
    text = (data_folder / "salesforce" / "accountData.csv").read_text(encoding="latin-1")
    target = io.StringIO()
    csv.writer(target).writerows(islice(csv.reader(io.StringIO(text, newline="")), 60))
    op = await imported(api, {"accountData.csv": target.getvalue()}, preset="salesforce")
    found = file_of(op, "accountData.csv")
    parts = ("created", "updated", "unchanged", "deleted", "refused", "left_out")
    assert (found["rows"], sum(found[name] for name in parts)) == (59, 59)
    assert found["created"] > 40
    sums = found["sums"]["annual_revenue"]
    assert Decimal(sums["in_file"]) == Decimal(sums["stored"])
