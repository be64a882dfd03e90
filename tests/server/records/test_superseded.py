"""What a row names that a later one for the same record takes the place of."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from .files import CONTACTS, companies, counts, imported, table

DEALS = "/v1/deals"
PEOPLE = ["Last name", "Email", "Company"]
FIRMS = ["external_ids.crm", "name", "parent"]


async def names(api: httpx.AsyncClient) -> list[str]:
    """Return what companies are called."""
    return [company["name"] for company in await companies(api)]


class TestOthers:
    async def test_of_a_link_are_not_made(self, api: httpx.AsyncClient) -> None:
        await imported(api, table(PEOPLE, ["Lovelace", "ada@x.example", ""]), url=CONTACTS)
        rows = [["", "ada@x.example", "Bolt"], ["Lovelace", "ada@x.example", "Acme"]]
        report = await imported(api, table(PEOPLE, *rows), url=CONTACTS, missing_parent="create")
        assert counts(report) == {"rows": 2, "unchanged": 1, "refused": 1}
        assert (report["parents_created"], report["linked"]) == (1, 1)
        assert await names(api) == ["Acme"]

    async def test_of_a_field_are_not_made(self, api: httpx.AsyncClient) -> None:
        header = ["external_ids.crm", "name", "company"]
        await imported(api, table(header, ["1", "Fleet", ""]), url=DEALS)
        rows = [["1", "", "Bolt"], ["1", "Fleet", "Acme"]]
        report = await imported(api, table(header, *rows), url=DEALS, missing_parent="create")
        assert counts(report) == {"rows": 2, "updated": 1, "refused": 1}
        assert report["parents_created"] == 1
        assert await names(api) == ["Acme"]

    async def test_that_another_row_names_too_are_made(self, api: httpx.AsyncClient) -> None:
        header = ["external_ids.crm", "name", "company"]
        await imported(api, table(header, ["1", "Fleet", ""]), url=DEALS)
        rows = [["1", "", "Bolt"], ["2", "More", "Bolt"], ["1", "Fleet", ""]]
        report = await imported(api, table(header, *rows), url=DEALS, missing_parent="create")
        assert counts(report) == {"rows": 3, "created": 1, "unchanged": 1, "refused": 1}
        assert await names(api) == ["Bolt"]

    @pytest.mark.parametrize("between", [0, 6_000], ids=["in a chunk", "over chunks"])
    async def test_are_the_same_each_time(self, api: httpx.AsyncClient, between: int) -> None:
        others = [[f"P{n}", f"p{n}@x.example", ""] for n in range(between)]
        rows = [["", "ada@x.example", "Bolt"], *others, ["Lovelace", "ada@x.example", ""]]
        for _ in range(2):
            await imported(api, table(PEOPLE, *rows), url=CONTACTS, missing_parent="create")
            assert await names(api) == []


class TestOwn:
    """Records of the same noun, which may stand further down."""

    async def company(self, api: httpx.AsyncClient, name: str) -> dict[str, Any]:
        [found] = [each for each in await companies(api) if each["name"] == name]
        return found

    @pytest.mark.parametrize("later", ["", "Acme Group"])
    async def test_are_those_of_the_row_that_counts(
        self, api: httpx.AsyncClient, later: str
    ) -> None:
        await imported(api, table(FIRMS, ["1", "Acme", ""], ["2", "Acme Group", ""]))
        rows = [["1", "", "Bolt Group"], ["1", "Acme", later]]
        report = await imported(api, table(FIRMS, *rows), missing_parent="create")
        assert report["refused"] == 1
        assert await names(api) == ["Acme", "Acme Group"]
        group = (await self.company(api, "Acme Group"))["id"] if later else None
        assert (await self.company(api, "Acme"))["parent_id"] == group

    async def test_that_are_missing_refuse_no_other_row(self, api: httpx.AsyncClient) -> None:
        await imported(api, table(FIRMS, ["1", "Acme", ""]))
        rows = [["1", "", "Nobody"], ["1", "Acme Ltd", ""]]
        report = await imported(api, table(FIRMS, *rows), missing_parent="refuse")
        assert counts(report) == {"rows": 2, "updated": 1, "refused": 1}
        [error] = report["errors"]
        assert (error["line"], error["code"]) == (2, "duplicate_key")
        assert await names(api) == ["Acme Ltd"]

    async def test_are_found_by_its_key(self, api: httpx.AsyncClient) -> None:
        await imported(api, table(FIRMS, ["1", "Acme", ""]))
        rows = [["1", "", ""], ["2", "Acme Rome", "crm:1"], ["1", "Acme Ltd", ""]]
        report = await imported(api, table(FIRMS, *rows), missing_parent="refuse")
        assert counts(report) == {"rows": 3, "created": 1, "updated": 1, "refused": 1}
        acme = await self.company(api, "Acme Ltd")
        assert (await self.company(api, "Acme Rome"))["parent_id"] == acme["id"]
