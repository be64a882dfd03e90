"""Imports through the API: what is written, what is refused, and what stays."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fixtures.stores import Installation

from .files import (
    SALESFORCE,
    URL,
    ask,
    companies,
    counts,
    imported,
    journal,
    limited_key,
    real,
    refused,
    send,
    table,
)

ACCOUNTS = "salesforce/accountData.csv"


class TestRealFile:
    async def test_comes_in_once(
        self, api: httpx.AsyncClient, installation: Installation, data_folder: Path
    ) -> None:
        content, started = real(data_folder, ACCOUNTS), datetime.now(UTC)
        report = await imported(api, content, preset="salesforce")
        assert counts(report) == {"rows": 423, "created": 423}
        assert (report["encoding"], report["encoding_source"]) == ("cp1252", "guess")
        assert report["mapping"]["ID"] == "external_ids.salesforce"
        assert "SHIPPINGCITY" in report["ignored"]
        written = journal(installation)
        found = await companies(api)
        assert len(found) == written[0] == 423
        assert {company["source_created_at"][:4] for company in found} == {"2005", "2006"}
        slack = timedelta(seconds=5)  # of two clocks
        assert all(datetime.fromisoformat(c["created_at"]) > started - slack for c in found)
        assert sum(company["website"] is not None for company in found) == 3

        again = await imported(api, content, preset="salesforce")
        assert counts(again) == {"rows": 423, "unchanged": 423}
        assert journal(installation) == written
        assert await companies(api) == found

    async def test_dry_run_writes_nothing(
        self, api: httpx.AsyncClient, installation: Installation, data_folder: Path
    ) -> None:
        before, content = journal(installation), real(data_folder, ACCOUNTS)
        report = await imported(api, content, preset="salesforce", dry_run=True)
        assert (counts(report), report["dry_run"]) == ({"rows": 423, "created": 423}, True)
        assert journal(installation) == before
        assert await companies(api) == []

    async def test_two_at_once_write_it_once(
        self, api: httpx.AsyncClient, installation: Installation, data_folder: Path
    ) -> None:
        content = real(data_folder, ACCOUNTS)
        reports = await asyncio.gather(
            *(imported(api, content, preset="salesforce") for _ in range(2))
        )
        assert sum(report["created"] for report in reports) == 423
        # what one has planned when the other has it is left, and not written a second time
        assert sum(report["unchanged"] + report["refused"] for report in reports) == 423
        assert journal(installation)[0] == len(await companies(api)) == 423

    @pytest.mark.parametrize("mark", ["UTF8", "UTF16BE", "UTF16LE", "UTF32BE", "UTF32LE"])
    async def test_with_a_mark_but_no_known_column_is_refused(
        self, api: httpx.AsyncClient, data_folder: Path, mark: str
    ) -> None:
        problem = await refused(api, real(data_folder, f"salesforce/csvtext_BOM_{mark}.csv"))
        assert problem["code"] == "invalid_file"
        assert "column1, column2, column3" in problem["detail"]


class TestPreset:
    async def test_maps_skips_and_remembers(self, api: httpx.AsyncClient) -> None:
        content = SALESFORCE + "004,TRUE,Gone,,,\n"
        report = await imported(api, content, preset="salesforce")
        assert counts(report) == {"rows": 4, "created": 3, "skipped": 1}
        assert report["ignored"] == []
        acme = (await api.get(f"{URL}/salesforce:001")).json()
        assert acme["source_created_at"].startswith("2005-03-04T05:06:07")
        assert (acme["domain"], acme["employees"]) == ("acme.example", 12)
        again = await imported(api, content, preset="salesforce")
        assert counts(again) == {"rows": 4, "unchanged": 3, "skipped": 1}

    async def test_that_is_unknown_is_refused_with_the_one_that_was_meant(
        self, api: httpx.AsyncClient
    ) -> None:
        problem = await refused(api, SALESFORCE, preset="salesfroce")
        assert (problem["code"], problem["suggestion"]) == ("invalid", "salesforce")
        assert problem["errors"][0]["parameter"] == "preset"

    async def test_wants_its_key(self, api: httpx.AsyncClient) -> None:
        problem = await refused(api, "Name\nAcme\n", preset="salesforce")
        assert problem["code"] == "invalid_file"
        assert "'Id'" in problem["detail"]


class TestColumns:
    async def test_are_found_by_name_or_label_however_written(self, api: httpx.AsyncClient) -> None:
        report = await imported(api, 'NAME;"Postal Code";nonsense;also\nAcme;12345;x;\n')
        assert report["mapping"] == {"NAME": "name", "Postal Code": "postal_code"}
        assert (report["ignored"], report["delimiter"]) == (["nonsense"], ";")

    async def test_none_of_which_is_known_are_refused(self, api: httpx.AsyncClient) -> None:
        problem = await refused(api, "foo,bar\n1,2\n")
        assert problem["code"] == "invalid_file"
        assert "foo, bar" in problem["detail"]
        assert "employees" in problem["detail"]

    async def test_alone_bring_nothing(self, api: httpx.AsyncClient) -> None:
        report = await imported(api, "name,domain\n")
        assert (counts(report), report["errors"]) == ({}, [])

    async def test_may_be_ten_thousand(self, api: httpx.AsyncClient) -> None:
        header = ["name", *(f"c{number}" for number in range(9_999))]
        report = await imported(api, table(header, ["Acme", *["x"] * 9_999]))
        assert counts(report) == {"rows": 1, "created": 1}
        assert len(report["ignored"]) == 9_999


class TestMalformedFile:
    @pytest.mark.parametrize(
        ("tail", "line"),
        [('"open,x\n', 502), ('"a"b,x\n', 502), ("a,b,c\n", 502), (f'"{"x" * 1_000_001}",y', 502)],
    )
    async def test_writes_nothing_and_names_the_line(
        self, api: httpx.AsyncClient, tail: str, line: int
    ) -> None:
        good = table(["name", "city"], *(["Acme", "Rome"] for _ in range(500)))
        problem = await refused(api, good + tail)
        assert problem["code"] == "invalid_file"
        assert problem["errors"][0]["line"] == line

    @pytest.mark.parametrize("content", ["", "\n\n", "\ufeff"])
    async def test_that_is_empty(self, api: httpx.AsyncClient, content: str) -> None:
        assert (await refused(api, content))["code"] == "invalid_file"

    async def test_in_another_encoding_than_said(self, api: httpx.AsyncClient) -> None:
        content = "name\nAcme\nCafé\n".encode("cp1252")
        problem = await refused(api, content, encoding="utf-8")
        assert problem["code"] == "invalid_file"
        assert (problem["errors"][0]["line"], problem["errors"][0]["column"]) == (3, 4)
        report = await imported(api, content, encoding="latin-1")
        assert (report["encoding"], report["encoding_source"]) == ("iso8859-1", "option")

    @pytest.mark.parametrize(
        "params",
        [{"encoding": "klingon"}, {"encoding": "a\0"}, {"encoding": "rot13"}, {"delimiter": "x"}],
    )
    async def test_with_an_option_that_cannot_be(
        self, api: httpx.AsyncClient, params: dict[str, str]
    ) -> None:
        problem = await refused(api, "name\nAcme\n", **params)
        assert problem["errors"][0]["parameter"] == next(iter(params))

    async def test_too_large_or_of_another_type(self, api: httpx.AsyncClient) -> None:
        reply = await api.post(f"{URL}/import", json={"name": "Acme"})
        assert (reply.status_code, reply.json()["code"]) == (415, "unsupported_media_type")
        headers = {"Content-Type": "text/csv", "Content-Length": "9" * 12}
        reply = await api.post(f"{URL}/import", content=b"name\n", headers=headers)
        assert (reply.status_code, reply.json()["code"]) == (413, "payload_too_large")


class TestRowErrors:
    async def test_are_named_one_by_one_while_the_rest_is_written(
        self, api: httpx.AsyncClient
    ) -> None:
        content = table(
            ["Employees", "Name", "Domain", "Founded", "external_ids.crm"],
            ["12", "Good", "good.example", "1999", "1"],
            ["many", "Bad", "not a domain", "", "2"],
            ["3", "two\nlines", "", "", "3"],
            ["3", "", "", "", "4"],
            ["5", "Also good", "", "", "5"],
            ["5", "Long id", "", "", "x" * 300],
        )
        report = await imported(api, content)
        assert counts(report) == {"rows": 6, "created": 2, "refused": 4}
        assert [
            (e["line"], e["column"], e["field"], e["value"], e["code"]) for e in report["errors"]
        ] == [
            (3, "Domain", "domain", "not a domain", "domain"),
            (3, "Employees", "employees", "many", "int_parsing"),
            (4, "Name", "name", "two\nlines", "control_character"),
            (6, "Name", "name", "", "missing"),
            (8, "external_ids.crm", "external_ids.crm", "x" * 200, "string_too_long"),
        ]
        assert all(error["message"] for error in report["errors"])
        assert [c["name"] for c in await companies(api)] == ["Also good", "Good"]

    @pytest.mark.parametrize("bad", ["a\0b", "a\x1b[31mb", "a\x7fb", "a\x85b"])
    async def test_control_characters(self, api: httpx.AsyncClient, bad: str) -> None:
        report = await imported(api, table(["name", "unknown"], [bad, bad], ["Acme", bad]))
        assert counts(report) == {"rows": 2, "created": 1, "refused": 1}
        assert report["errors"][0]["code"] == "control_character"
        # what no JSON in PostgreSQL can hold is shown as what cannot be shown
        assert report["errors"][0]["value"] == bad.replace("\0", "\ufffd")

    async def test_lone_surrogates_are_never_text(self, api: httpx.AsyncClient) -> None:
        content = b"name\nA\xed\xa0\x80B\n"
        problem = await refused(api, content, encoding="utf-8")
        assert problem["errors"][0]["column"] == 2
        report = await imported(api, content)  # as cp1252 they are three characters
        assert (report["encoding_source"], report["created"]) == ("guess", 1)

    async def test_a_cell_of_a_megabyte(self, api: httpx.AsyncClient) -> None:
        big = "x" * 1_000_000
        report = await imported(api, table(["name", "description"], [big, ""], ["Acme", big]))
        assert counts(report) == {"rows": 2, "refused": 2}
        assert [error["code"] for error in report["errors"]] == ["string_too_long"] * 2
        assert all(len(error["value"]) == 200 for error in report["errors"])

    async def test_are_listed_up_to_a_thousand(self, api: httpx.AsyncClient) -> None:
        report = await imported(api, "name,city\n" + ",Rome\n" * 1_100)
        assert (report["refused"], len(report["errors"])) == (1_100, 1_000)


class TestKeys:
    async def test_repeated_in_the_file_the_first_row_counts(self, api: httpx.AsyncClient) -> None:
        content = table(
            ["name", "domain"], ["A", "acme.example"], ["B", "https://WWW.Acme.example/x"]
        )
        report = await imported(api, content)
        assert counts(report) == {"rows": 2, "created": 1, "skipped": 1}
        assert [c["name"] for c in await companies(api)] == ["A"]

    async def test_of_a_row_with_errors_are_left_to_the_next(self, api: httpx.AsyncClient) -> None:
        content = table(["external_ids.crm", "name"], ["1", ""], ["1", "Acme"])
        assert counts(await imported(api, content)) == {"rows": 2, "created": 1, "refused": 1}

    @pytest.mark.parametrize("between", [0, 6_000], ids=["in a chunk", "over chunks"])
    async def test_of_a_row_that_lacks_something_are_left_to_the_next_each_time(
        self, api: httpx.AsyncClient, between: int
    ) -> None:
        others = [[f"n{number}", f"N{number}", ""] for number in range(between)]
        rows = [["1", "", "Rome"], *others, ["1", "Acme", "Pisa"], ["1", "Later", ""]]
        content = table(["external_ids.crm", "name", "city"], *rows)
        fresh = {"rows": between + 3, "created": between + 1, "refused": 1, "skipped": 1}
        assert counts(await imported(api, content)) == fresh
        before = await companies(api)

        again = await imported(api, content)
        same = {"rows": between + 3, "unchanged": between + 1, "refused": 1, "skipped": 1}
        assert counts(again) == same
        assert [error["code"] for error in again["errors"]] == ["duplicate_key"]
        assert f"Line {between + 3} is for the same company" in again["errors"][0]["message"]
        assert await companies(api) == before

    async def test_of_a_row_that_lacks_something_find_the_record_that_has_it(
        self, api: httpx.AsyncClient
    ) -> None:
        await imported(api, table(["external_ids.crm", "name"], ["1", "Acme"]))
        content = table(["external_ids.crm", "name", "city"], ["1", "", "Rome"])
        assert counts(await imported(api, content)) == {"rows": 1, "updated": 1}
        [acme] = await companies(api)
        assert (acme["name"], acme["city"]) == ("Acme", "Rome")

    @pytest.mark.parametrize("dry_run", [True, False])
    async def test_beside_the_first_one_clash_within_the_file(
        self, api: httpx.AsyncClient, dry_run: bool
    ) -> None:
        content = table(
            ["external_ids.crm", "external_ids.erp", "name", "domain"],
            ["1", "x", "A", "acme.example"],
            ["2", "y", "B", "ACME.example"],
            ["3", "x", "C", "c.example"],
            ["4", "z", "D", "d.example"],
        )
        report = await imported(api, content, dry_run=dry_run)
        assert counts(report) == {"rows": 4, "created": 2, "refused": 2}
        assert [(e["line"], e["field"], e["code"]) for e in report["errors"]] == [
            (3, "domain", "duplicate_key"),
            (4, "external_ids.erp", "duplicate_key"),
        ]
        assert "Line 2" in report["errors"][0]["message"]

    async def test_in_another_chunk_are_seen(self, api: httpx.AsyncClient) -> None:
        rows = [[f"n{number}", str(number), ""] for number in range(5_000)]
        rows[0][2] = "acme.example"
        rows += [["again", "0", ""], ["taken", "x", "acme.example"], ["new", "y", "b.example"]]
        content = table(["name", "external_ids.crm", "domain"], *rows)
        expected = {"rows": 5_003, "created": 5_001, "skipped": 1, "refused": 1}
        assert counts(await imported(api, content, dry_run=True)) == expected
        report = await imported(api, content)
        assert counts(report) == expected
        assert (report["errors"][0]["line"], report["errors"][0]["value"]) == (
            5_003,
            "acme.example",
        )

    async def test_that_another_record_has_refuse_the_row(self, api: httpx.AsyncClient) -> None:
        for number, domain in enumerate(("a.example", "b.example")):
            body = {"name": domain, "domain": domain, "external_ids": {"erp": str(number)}}
            assert (await api.post(URL, json=body)).status_code == 201
        content = table(
            ["external_ids.crm", "name", "domain", "external_ids.erp"],
            ["1", "New", "A.example", ""],
            ["2", "Also new", "", "1"],
            ["3", "Right", "c.example", "3"],
        )
        report = await imported(api, content)
        assert counts(report) == {"rows": 3, "created": 1, "refused": 2}
        assert [(e["line"], e["column"], e["value"], e["code"]) for e in report["errors"]] == [
            (2, "domain", "A.example", "duplicate_key"),
            (3, "external_ids.erp", "1", "duplicate_key"),
        ]

    async def test_derived_give_way_to_those_that_the_file_names(
        self, api: httpx.AsyncClient
    ) -> None:
        await imported(api, table(["external_ids.crm", "name"], ["1", "Old"]))
        content = table(
            ["external_ids.crm", "name", "website", "domain"],
            ["2", "New", "acme.example", ""],
            ["1", "Old", "", "acme.example"],
        )
        assert counts(await imported(api, content)) == {"rows": 2, "created": 1, "updated": 1}
        found = {c["name"]: c["domain"] for c in await companies(api)}
        assert found == {"New": None, "Old": "acme.example"}


class TestUpdates:
    async def test_touch_what_changed_and_nothing_else(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        await imported(api, SALESFORCE, preset="salesforce")
        before = {c["name"]: c for c in await companies(api)}
        report = await imported(api, SALESFORCE.replace(",12,", ",13,"), preset="salesforce")
        assert counts(report) == {"rows": 3, "updated": 1, "unchanged": 2}
        after = {c["name"]: c for c in await companies(api)}
        assert (after["Acme"]["employees"], after["Acme"]["version"]) == (13, 2)
        assert {n: c for n, c in after.items() if n != "Acme"} == {
            n: c for n, c in before.items() if n != "Acme"
        }
        [(diff,)] = ask(installation, "select diff from ws_main.changes order by seq desc limit 1")
        assert diff == {"employees": [12, 13]}
        assert journal(installation)[0] == 4

    async def test_leave_what_the_file_has_blank_or_not_at_all(
        self, api: httpx.AsyncClient
    ) -> None:
        await imported(api, SALESFORCE, preset="salesforce")
        body = {"city": "Rome", "external_ids": {"salesforce": "001", "erp": "7"}}
        assert (await api.patch(f"{URL}/salesforce:001", json=body)).status_code == 200
        content = "Id,Name,NumberOfEmployees,Website\n001,Acme Inc, ,\n"
        report = await imported(api, content, preset="salesforce")
        assert counts(report) == {"rows": 1, "updated": 1}
        found = (await api.get(f"{URL}/erp:7")).json()
        assert (found["name"], found["city"], found["employees"]) == ("Acme Inc", "Rome", 12)
        assert found["website"] == "https://www.acme.example"
        assert found["external_ids"] == {"salesforce": "001", "erp": "7"}

    async def test_derive_nothing_anew(self, api: httpx.AsyncClient) -> None:
        await imported(api, SALESFORCE, preset="salesforce")
        content = SALESFORCE.replace("www.acme.example", "www.other.example")
        content = content.replace("Bolt,", "Bolt,bolt.example")
        report = await imported(api, content, preset="salesforce")
        assert counts(report) == {"rows": 3, "updated": 2, "unchanged": 1}
        assert [c["domain"] for c in await companies(api)] == ["acme.example", None, None]

    async def test_by_natural_key_compare_as_it_does(self, api: httpx.AsyncClient) -> None:
        assert (await api.post(URL, json={"name": "A", "domain": "ärger.example"})).is_success
        report = await imported(api, "domain,name\nÄRGER.example,B\n")
        assert counts(report) == {"rows": 1, "updated": 1}

    async def test_of_a_deleted_record_make_a_new_one(self, api: httpx.AsyncClient) -> None:
        await imported(api, SALESFORCE, preset="salesforce")
        await api.delete(f"{URL}/salesforce:001")
        report = await imported(api, SALESFORCE, preset="salesforce")
        assert counts(report) == {"rows": 3, "created": 1, "unchanged": 2}
        assert len(await companies(api, deleted="include")) == 4


class TestAtOnce:
    async def test_files_with_the_same_rows_in_another_order(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        rows = [[str(number), f"Company {number}"] for number in range(400)]
        one, other = (
            table(["external_ids.crm", "name"], *order) for order in (rows, reversed(rows))
        )
        reports = await asyncio.gather(*(imported(api, file) for file in (one, other, one)))
        assert sum(report["created"] for report in reports) == 400
        assert journal(installation)[0] == 400


class TestPermission:
    @pytest.mark.parametrize(
        ("scopes", "missing"),
        [
            (["companies:read"], "companies:import"),
            (["companies:import", "companies:create"], "companies:update"),
        ],
    )
    async def test_that_is_missing_is_named(
        self,
        api: httpx.AsyncClient,
        installation: Installation,
        scopes: list[str],
        missing: str,
    ) -> None:
        api.headers["Authorization"] = f"Bearer {limited_key(installation, *scopes)}"
        reply = await send(api, SALESFORCE, preset="salesforce")
        problem: dict[str, Any] = reply.json()
        assert (reply.status_code, problem["code"]) == (403, "forbidden")
        assert problem["permission"] == missing
        assert journal(installation)[0] == 0
