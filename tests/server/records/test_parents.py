"""Records that a file names beside its own: found, made, refused, linked once."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.fixtures.stores import Installation
from tests.server.operations import doing

from .files import CONTACTS, URL, companies, contacts, counts, imported, limited_key, send, table

HEADER = ["Last name", "Email", "Company", "Job title"]


async def positions(api: httpx.AsyncClient) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await api.get("/v1/positions", params={"limit": 500})).json()[
        "items"
    ]
    return items


async def people(
    api: httpx.AsyncClient, *rows: list[str], header: list[str] = HEADER, **params: Any
) -> dict[str, Any]:
    return await imported(api, table(header, *rows), url=CONTACTS, **params)


class TestCompanies:
    async def test_are_found_by_domain_name_or_id_however_written(
        self, api: httpx.AsyncClient
    ) -> None:
        await imported(api, "name,domain,external_ids.crm\nÇelik AG,celik.example,7\n")
        [celik] = await companies(api)
        ways = ["çelik ag", "https://www.CELIK.example/x", "crm:7", celik["id"]]
        rows = [[f"P{n}", f"p{n}@x.example", way, "CTO"] for n, way in enumerate(ways)]
        report = await people(api, *rows, missing_parent="refuse")
        assert (counts(report), report["linked"]) == ({"rows": 4, "created": 4}, 4)
        found = await positions(api)
        assert {position["company_id"] for position in found} == {celik["id"]}
        assert {(position["role"], position["is_current"]) for position in found} == {("CTO", True)}
        assert len(await companies(api)) == 1

    async def test_that_are_missing_are_made_once(self, api: httpx.AsyncClient) -> None:
        header = ["Last name", "Company", "company.domain"]
        rows = [["A", "Acme", ""], ["B", "ACME", "acme.example"], ["C", "acme", ""], ["D", "", ""]]
        report = await people(api, *rows, header=header)
        assert (report["parents_created"], report["linked"]) == (1, 3)
        [acme] = await companies(api)
        assert (acme["name"], acme["domain"]) == ("ACME", "acme.example")

    async def test_are_linked_once_and_keep_other_positions(self, api: httpx.AsyncClient) -> None:
        row = ["Lovelace", "ada@x.example", "Acme", "CTO"]
        await people(api, row)
        again = await people(api, row)
        assert counts(again) == {"rows": 1, "unchanged": 1}
        assert (again["parents_created"], again["linked"]) == (0, 0)
        report = await people(api, ["Lovelace", "ada@x.example", "Bolt", "CTO"])
        assert report["linked"] == 1
        assert len(await positions(api)) == 2

    async def test_that_share_a_name_are_refused_with_candidates(
        self, api: httpx.AsyncClient
    ) -> None:
        await imported(api, "name\nAcme\nACME\n")
        report = await people(api, ["A", "", "acme", ""], ["B", "", "", ""])
        assert counts(report) == {"rows": 2, "created": 1, "refused": 1}
        [error] = report["errors"]
        assert (error["column"], error["code"]) == ("Company", "ambiguous_reference")
        assert all(company["id"] in error["message"] for company in await companies(api))

    @pytest.mark.parametrize(
        ("policy", "created", "refused"), [("refuse", 0, 1), ("skip", 1, 0), ("create", 1, 0)]
    )
    async def test_that_are_missing_are_treated_as_asked(
        self, api: httpx.AsyncClient, policy: str, created: int, refused: int
    ) -> None:
        report = await people(api, ["A", "", "Acme", ""], missing_parent=policy)
        assert (report["created"], report["refused"]) == (created, refused)
        assert len(await companies(api)) == (policy == "create")
        assert len(await contacts(api)) == created

    async def test_are_not_made_for_rows_that_are_refused(self, api: httpx.AsyncClient) -> None:
        header = ["Last name", "external_ids.crm", "Email", "Company"]
        await people(api, ["Ada", "1", "ada@x.example", "Acme"], header=header)
        rows = [["Bob", "2", "ada@x.example", "Bolt"], ["Eve", "3", "eve@x.example", "acme"]]
        report = await people(api, *rows, header=header)
        assert counts(report) == {"rows": 2, "created": 1, "refused": 1}
        assert (report["parents_created"], report["linked"]) == (0, 1)
        assert [company["name"] for company in await companies(api)] == ["Acme"]

    async def test_cannot_be_made_of_an_id(self, api: httpx.AsyncClient) -> None:
        report = await people(api, ["A", "", "crm:1", ""], missing_parent="create")
        assert "import it first" in report["errors"][0]["message"]

    async def test_dry_run_makes_nothing(self, api: httpx.AsyncClient) -> None:
        report = await people(api, ["A", "", "Acme", ""], dry_run=True)
        assert (report["created"], report["parents_created"]) == (1, 1)
        assert await companies(api) == await contacts(api) == []


class TestRights:
    async def test_what_may_not_be_read_is_not_found_and_without_create_refused(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        await imported(api, "name\nAcme\n")
        key = limited_key(
            installation, "contacts:import", "contacts:create", "contacts:update", "contacts:read"
        )
        api.headers["Authorization"] = f"Bearer {key}"
        report = await people(api, ["A", "", "Acme", ""])
        assert report["errors"][0]["code"] == "unknown_reference"
        reply = await send(
            api, table(HEADER, ["A", "", "X", ""]), url=CONTACTS, missing_parent="create"
        )
        assert (reply.status_code, reply.json()["code"]) == (403, "forbidden")

    async def test_linking_needs_the_right_to(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        await imported(api, "name\nAcme\n")
        key = limited_key(installation, "contacts:*", "companies:read", "positions:read")
        api.headers["Authorization"] = f"Bearer {key}"
        reply = await send(api, table(HEADER, ["A", "", "Acme", ""]), url=CONTACTS)
        assert reply.status_code == 403
        assert "positions:create" in reply.json()["detail"]
        assert (await api.get(CONTACTS)).json()["items"] == []


class TestParentsOfCompanies:
    async def test_are_found_by_name_and_kept(self, api: httpx.AsyncClient) -> None:
        await imported(api, "name,domain\nHolding,holding.example\n")
        content = "name,domain,Parent\nSub,sub.example,holding\n"
        report = await imported(api, content)
        assert counts(report) == {"rows": 1, "created": 1}
        holding, sub = await companies(api)
        assert sub["parent_id"] == holding["id"]
        assert counts(await imported(api, content)) == {"rows": 1, "unchanged": 1}

    async def test_change_by_a_file_and_never_close_a_circle(self, api: httpx.AsyncClient) -> None:
        await imported(api, "name,domain\nA,a.example\nB,b.example\n")
        report = await imported(api, "name,domain,parent.domain\nA,a.example,b.example\n")
        assert counts(report) == {"rows": 1, "updated": 1}
        report = await imported(api, "name,domain,parent.domain\nB,b.example,a.example\n")
        assert report["errors"][0]["code"] == "cycle"

    async def test_are_made_where_they_are_missing(self, api: httpx.AsyncClient) -> None:
        report = await imported(api, "name,Parent\nA,Holding\nB,holding\n")
        assert (counts(report), report["parents_created"]) == ({"rows": 2, "created": 2}, 1)
        reply = await api.get(URL, params={"where": "parent.name = Holding"})
        assert len(reply.json()["items"]) == 2

    async def test_may_stand_further_down(self, api: httpx.AsyncClient) -> None:
        await imported(api, "name\nOld\n")
        content = "Name,Parent\nP1,P2\nP2,P3\nP3,old\nP4,New\n"
        report = await imported(api, content)
        assert (counts(report), report["parents_created"]) == ({"rows": 4, "created": 4}, 1)
        found = {each["id"]: each for each in await companies(api)}
        above = {e["name"]: found[e["parent_id"]]["name"] for e in found.values() if e["parent_id"]}
        assert above == {"P1": "P2", "P2": "P3", "P3": "Old", "P4": "New"}
        content = "external_ids.x,Name,Parent\n1,X,Y\n2,Y,X\n3,Below,X\n4,Self,Self\n5,Fine,Old\n"
        op = await doing.imported(api, "companies", content)
        assert (op["plan"]["create"], op["plan"]["error"]) == (1, 4)
        wrong = [row["problem"] for row in await doing.errors(api, op)]
        assert [each["code"] for each in wrong] == [
            *("cycle", "cycle", "unknown_reference", "cycle"),
        ]
        assert {each["column"] for each in wrong} == {"Parent"}
        assert op["report"]["links"]["parent"]["made"] == 1

    async def test_are_not_made_for_rows_that_are_left_out(self, api: httpx.AsyncClient) -> None:
        await imported(api, "name,domain\nTaken,taken.example\n")
        content = "name,domain,external_ids.crm,Parent\nB,taken.example,2,Holding\n"
        report = await imported(api, content)
        assert (counts(report), report["parents_created"]) == ({"rows": 1, "refused": 1}, 0)
        op = await doing.imported(api, "companies", "name,Parent\nA,Holding\n", mode="update")
        assert {action: n for action, n in op["plan"].items() if n} == {"skip": 1}
        assert [company["name"] for company in await companies(api)] == ["Taken"]

    async def test_are_made_for_the_next_row_that_stays(self, api: httpx.AsyncClient) -> None:
        await imported(api, "name,domain\nTaken,taken.example\n")
        rows = [["B", "taken.example", "2", "Holding"]]
        rows += [[f"N{n}", "", f"n{n}", ""] for n in range(2_500)]
        rows += [["C", "c.example", "3", "holding"]]
        report = await imported(api, table(["name", "domain", "external_ids.crm", "Parent"], *rows))
        assert (report["refused"], report["created"], report["parents_created"]) == (1, 2_501, 1)
        reply = await api.get(URL, params={"where": "parent.name = Holding"})
        assert [each["name"] for each in reply.json()["items"]] == ["C"]
