"""Which column is which field: by preset, by name, as the caller says; and what fits nowhere."""

from __future__ import annotations

import io
import json
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from cerebro_server.components.contacts.records import contacts as contact_type
from cerebro_server.kernel.errors import Invalid
from cerebro_server.kernel.records.importing.choosing import map_columns
from cerebro_server.kernel.records.importing.reading import read_table
from cerebro_server.kernel.records.importing.unknown import guessed

from .files import CONTACTS, companies, contacts, counts, imported, real, refused, table


def values(header: list[str], *cells: str, **options: Any) -> dict[str, Any]:
    return map_columns(contact_type, header, **options).values([*cells])


def said(header: list[str], laid: dict[str, str | None]) -> dict[str, str]:
    found = map_columns(contact_type, header, laid=laid)
    return {header[index]: target for index, target in found.fields.items()}


def wrong(header: list[str], laid: dict[str, str | None], **options: Any) -> Invalid:
    with pytest.raises(Invalid) as caught:
        map_columns(contact_type, header, laid=laid, **options)
    return caught.value


class TestMap:
    def test_counts_more_than_what_is_found_by_name(self) -> None:
        found = said(["Last name", "City", "Town"], {"Town": "city", "Last name": "last_name"})
        assert found == {"Last name": "last_name", "Town": "city"}
        assert said(["Last name", "City"], {"City": None}) == {"Last name": "last_name"}

    def test_takes_parts_of_lists_with_types(self) -> None:
        laid = {"a": "emails[1]", "b": "emails[2:home]", "c": "phones[1:mobile].number"}
        found = values(["Name", "a", "b", "c"], "Ada Lovelace", "a@x.de", "b@x.de", "1", laid=laid)
        assert found == {
            "first_name": "Ada",
            "last_name": "Lovelace",
            "emails": [{"address": "a@x.de"}, {"address": "b@x.de", "type": "home"}],
            "phones": [{"number": "1", "type": "mobile"}],
        }

    def test_leaves_out_parts_that_a_row_lacks(self) -> None:
        header = ["Last name", "a", "b", "c"]
        laid = {"a": "emails[1:work]", "b": "emails[2]", "c": "emails[2].type"}
        assert values(header, "X", "", "b@x.de", "home", laid=laid)["emails"] == [
            {"address": "b@x.de", "type": "home"}
        ]
        assert "emails" not in values(header, "X", "", "", "home", laid=laid)

    def test_makes_a_short_form_the_first_of_its_list(self) -> None:
        found = said(["Last name", "E-mail", "second"], {"second": "emails[2]"})
        assert found["E-mail"] == "emails[1].address"

    def test_puts_texts_behind_one_another(self) -> None:
        header = ["First name", "Middle", "Last name", "Notes"]
        laid = {"Middle": "first_name+", "Notes": "description"}
        assert values(header, "Ada", "King", "Lovelace", "x", laid=laid)["first_name"] == "Ada King"
        assert values(header, "", "King", "Lovelace", "", laid=laid)["first_name"] == "King"
        turned = ["Middle", "First name", "Last name"]
        found = values(turned, "King", "Ada", "Lovelace", laid={"Middle": "first_name+"})
        assert found["first_name"] == "Ada King"

    @pytest.mark.parametrize(
        ("laid", "code", "meant"),
        [
            ({"Twon": "city"}, "unknown_column", "Town"),
            ({"Town": "citty"}, "unknown_field", "city"),
            ({"Town": "consent_at"}, "unknown_field", None),
            ({"Town": "emails[0]"}, "unknown_field", None),
            ({"Town": "emails[1].street"}, "unknown_field", None),
            ({"Town": "city", "Last name": "city"}, "map", None),
            ({"Town": "email", "Last name": "emails[2]"}, "map", None),
        ],
    )
    def test_refuses_what_cannot_be(
        self, laid: dict[str, str | None], code: str, meant: str | None
    ) -> None:
        error = wrong(["Last name", "Town"], laid)
        assert (error.errors[0]["parameter"], error.errors[0]["code"]) == ("map", code)
        if meant:
            assert error.members["suggestion"] == meant

    async def test_is_taken_by_the_route(self, api: httpx.AsyncClient) -> None:
        content = "Firm name,Where,city\nAcme,Rome,Bonn\n"
        laid = json.dumps({"Firm name": "name", "Where": "city", "city": None})
        report = await imported(api, content, map=laid)
        assert report["mapping"] == {"Firm name": "name", "Where": "city"}
        assert (await companies(api))[0]["city"] == "Rome"
        for text in ("{", "[]", '{"a": 1}', '"x"'):
            problem = await refused(api, content, map=text)
            assert problem["errors"][0]["parameter"] == "map"

    async def test_names_the_column_of_a_part_that_is_wrong(self, api: httpx.AsyncClient) -> None:
        content = "Last name,one,two\nX,,no address\n"
        laid = json.dumps({"one": "emails[1]", "two": "emails[2]"})
        report = await imported(api, content, url=CONTACTS, map=laid)
        [error] = report["errors"]
        assert (error["column"], error["value"]) == ("two", "no address")


class TestKey:
    async def test_says_which_field_finds_a_record(self, api: httpx.AsyncClient) -> None:
        await imported(api, "name,domain\nAcme,acme.example\n")
        content = "name,domain,external_ids.crm\nAcme Inc,ACME.example,1\n"
        report = await imported(api, content, key="domain")
        assert (counts(report), report["key"]) == ({"rows": 1, "updated": 1}, "domain")
        assert (await companies(api))[0]["external_ids"] == {"crm": "1"}

    async def test_must_be_in_the_file(self, api: httpx.AsyncClient) -> None:
        problem = await refused(api, "name,domain\nAcme,acme.example\n", key="external_ids.crm")
        assert problem["errors"][0]["parameter"] == "key"
        assert "domain" in problem["detail"]


class TestOutlook:
    async def test_real_file(self, api: httpx.AsyncClient, data_folder: Path) -> None:
        content = real(data_folder, "outlook/outlook.csv")
        report = await imported(api, content, url=CONTACTS, preset="outlook")
        assert counts(report) == {"rows": 3, "created": 2, "skipped": 1}
        assert (report["deleted_at_source"], report["parents_created"]) == (1, 1)
        adam, duncan = sorted(await contacts(api), key=lambda contact: contact["full_name"])
        assert (adam["first_name"], adam["last_name"]) == ("Adam", "Glacius")
        assert [part["address"] for part in adam["emails"]] == [
            "adam.glacius@anycom.com",
            "adam.g@example.com",
            "ag@glacius.com",
        ]
        assert [part["type"] for part in adam["addresses"]] == ["work", "home"]
        assert {part["type"] for part in adam["phones"]} >= {"mobile", "work", "home", "pager"}
        assert adam["description"] == "Has 2 kids"
        assert duncan["external_ids"] == {"outlook": "527fbda08922b018"}
        again = await imported(api, content, url=CONTACTS, preset="outlook")
        assert counts(again) == {"rows": 3, "unchanged": 2, "skipped": 1}
        assert (again["parents_created"], again["linked"]) == (0, 0)

    async def test_without_an_address_is_created(self, api: httpx.AsyncClient) -> None:
        content = (
            "First Name,Middle Name,Last Name,Suffix,Business Street,Business City,Birthday,"
            "Categories,E-mail Address\n"
            "Ada,King,Lovelace,Jr.,1 Main St,Rome,12/10/1815,vip;math,\n"
            "Bob,,Bolt,,,,0/0/00,,bob@bolt.example\n"
        )
        report = await imported(api, content, url=CONTACTS, preset="outlook")
        assert counts(report) == {"rows": 2, "created": 2}
        bob, ada = await contacts(api)
        assert ada["full_name"] == "Ada King Lovelace Jr."
        assert (ada["birthday"], ada["tags"]) == ("1815-12-10", ["vip", "math"])
        assert ada["addresses"] == [{"type": "work", "street": "1 Main St", "city": "Rome"}]
        assert bob["birthday"] is None


class TestGoogle:
    OLD = (
        "Name,Given Name,Additional Name,Family Name,Birthday,Group Membership,E-mail 1 - Type,"
        "E-mail 1 - Value,Phone 1 - Type,Phone 1 - Value,Organization 1 - Name\n"
        "Ada King Lovelace,Ada,King,Lovelace,1815-12-10,* myContacts ::: Friends,* Work,"
        "ada@x.example ::: old@x.example,Mobile,+493012345678,Analytical Engines\n"
    )
    NEW = (
        "First Name,Middle Name,Last Name,Birthday,Labels,E-mail 1 - Label,"
        "E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value,Organization Name\n"
        "Ada,King,Lovelace,1815-12-10,* myContacts ::: Friends,* Work,"
        "ada@x.example,Mobile,+493012345678,Analytical Engines\n"
    )

    async def test_both_generations_are_the_same(self, api: httpx.AsyncClient) -> None:
        report = await imported(api, self.OLD, url=CONTACTS, preset="google")
        assert (counts(report), report["linked"]) == ({"rows": 1, "created": 1}, 1)
        [ada] = await contacts(api)
        assert (ada["first_name"], ada["tags"]) == ("Ada King", ["Friends"])
        assert ada["emails"] == [{"address": "ada@x.example", "type": "work"}]
        assert (ada["phones"][0]["type"], ada["birthday"]) == ("mobile", "1815-12-10")
        report = await imported(api, self.NEW, url=CONTACTS, preset="google")
        assert counts(report) == {"rows": 1, "unchanged": 1}


class TestHubspotAndSalesforce:
    async def test_companies_and_contacts_find_one_another(self, api: httpx.AsyncClient) -> None:
        await imported(
            api,
            "Record ID,Company name,Company Domain Name,Annual Revenue,Create Date\n"
            "7,Acme,acme.example,1.5E6,2023-01-31 12:34\n",
            preset="hubspot",
        )
        [acme] = await companies(api)
        assert acme["annual_revenue"] == "1500000.00"
        assert acme["source_created_at"].startswith("2023-01-31T12:34:00")
        report = await imported(
            api,
            "Record ID,First Name,Last Name,Email,Company Domain Name,Lifecycle Stage\n"
            "1,Ada,Lovelace,ada@acme.example,acme.example,lead\n",
            url=CONTACTS,
            preset="hubspot",
        )
        assert (report["parents_created"], report["linked"]) == (0, 1)
        assert report["unknown"][0]["key"] == "lifecycle_stage"

    async def test_accounts_by_their_id(self, api: httpx.AsyncClient) -> None:
        await imported(api, "Id,Name\n001,Acme\n", preset="salesforce")
        content = (
            "Id,IsDeleted,FirstName,LastName,Email,MobilePhone,AccountId,MailingCity\n"
            "003,false,Ada,Lovelace,ada@x.example,+493012345678,001,Rome\n"
            "004,true,Gone,Gone,,,,\n005,false,No,Firm,,,999,\n"
        )
        report = await imported(api, content, url=CONTACTS, preset="salesforce")
        assert counts(report) == {"rows": 3, "created": 1, "skipped": 1, "refused": 1}
        assert (report["linked"], report["errors"][0]["code"]) == (1, "unknown_reference")
        assert report["errors"][0]["column"] == "AccountId"


class TestUnknownColumns:
    async def test_are_offered_as_fields_by_commands(self, api: httpx.AsyncClient) -> None:
        rows = [
            [f"c{n}", n, f"{n}.5", "yes", "2020-01-31", "a@b.example", "http://x.example",
             "red" if n % 2 else "blue", f"0{n}", "x" * 300, ""]
            for n in range(20)
        ]  # fmt: skip
        header = ["name", "Score (old)", "Größe", "Active", "Since", "Mail", "Page"]
        header += ["Favourite color", "Code", "Long", "Nothing"]
        report = await imported(api, table(header, *rows))
        assert [(p["column"], p["key"], p["type"]) for p in report["unknown"]] == [
            ("Score (old)", "score_old", "integer"),
            ("Größe", "groe", "decimal"),
            ("Active", "active", "boolean"),
            ("Since", "since", "date"),
            ("Mail", "mail", "email"),
            ("Page", "page", "url"),
            ("Favourite color", "favourite_color", "select"),
            ("Code", "code", "text"),
            ("Long", "long", "long_text"),
        ]
        select = report["unknown"][6]
        assert select["command"] == (
            "cerebro fields add companies favourite_color --type select --options blue,red"
        )

    @pytest.mark.parametrize(
        ("column", "key"),
        [("名前", "column_2"), ("2nd", "column_2nd"), ("Deleted at", "deleted_at_2"),
         ("Quote's $(x)", "quote_s_x")],
    )  # fmt: skip
    async def test_have_keys_that_are_free_and_commands_that_are_safe(
        self, api: httpx.AsyncClient, column: str, key: str
    ) -> None:
        report = await imported(api, table(["name", column], ["Acme", "x"]))
        [found] = report["unknown"]
        assert found["key"] == key
        parts = subprocess.run(
            ["bash", "-c", f"printf '%s\\n' {found['command']}"],
            capture_output=True, text=True, check=True,
        ).stdout.splitlines()  # fmt: skip
        assert parts[:7] == ["cerebro", "fields", "add", "companies", key, "--type", "text"]

    def test_look_at_the_first_values_only_and_are_never_slow_to_say(self) -> None:
        assert guessed(["true", "false"]) == ("boolean", [])
        assert guessed(["1", "x"]) == ("text", [])


def test_a_column_of_errors_is_none_of_the_file() -> None:
    found = read_table(io.BytesIO(b"last_name,_error\nx,bad\n"))
    assert map_columns(contact_type, found.header).fields == {0: "last_name"}
