"""Which record a row of a file is: by its id, by a key, by the first of its addresses."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.fixtures.people import people
from tests.fixtures.stores import Installation

from .files import counts, table

URL = "/v1/contacts"


async def imported(
    api: httpx.AsyncClient, header: list[str], *rows: list[str], **params: Any
) -> dict[str, Any]:
    """Import contacts, and return the report."""
    return await sent(api, table(header, *rows), **params)


async def sent(
    api: httpx.AsyncClient, text: str, headers: dict[str, str] | None = None, **params: Any
) -> dict[str, Any]:
    """Import a file of contacts as somebody, and return the report."""
    csv = {"Content-Type": "text/csv", **(headers or {})}
    reply = await api.post(f"{URL}/import", params=params, content=text, headers=csv)
    assert reply.status_code == 200, reply.text
    report: dict[str, Any] = reply.json()
    return report


async def make(api: httpx.AsyncClient, name: str, *emails: str, **values: Any) -> dict[str, Any]:
    """Create a contact."""
    payload = {"last_name": name, "emails": emails, **values}
    reply = await api.post(URL, json=payload, params={"allow_duplicates": True})
    assert reply.status_code == 201, reply.text
    found: dict[str, Any] = reply.json()
    return found


async def contacts(api: httpx.AsyncClient) -> dict[str, list[str]]:
    """Return e-mail addresses by last name."""
    items = (await api.get(URL)).json()["items"]
    return {item["last_name"]: [each["address"] for each in item["emails"]] for item in items}


def told(report: dict[str, Any]) -> list[tuple[int, str, str]]:
    """Return line, field and code of each error."""
    return [(error["line"], error["field"], error["code"]) for error in report["errors"]]


def listed(*emails: str) -> str:
    """Return a cell of addresses."""
    return json.dumps(emails)


class TestAddresses:
    @pytest.mark.parametrize("dry_run", [True, False])
    async def test_that_two_rows_share_refuse_the_second(
        self, api: httpx.AsyncClient, dry_run: bool
    ) -> None:
        report = await imported(
            api,
            ["last_name", "emails"],
            ["A", listed("a@x.example", "s@x.example")],
            ["B", listed("b@x.example", "S@x.example")],
            ["C", listed("s@x.example")],
            ["D", listed("d@x.example")],
            dry_run=dry_run,
        )
        assert counts(report) == {"rows": 4, "created": 2, "refused": 2}
        assert told(report) == [(3, "emails", "duplicate_key"), (4, "emails", "duplicate_key")]
        assert "Line 2" in report["errors"][0]["message"]
        assert set(await contacts(api)) == (set() if dry_run else {"A", "D"})

    async def test_are_one_key_with_their_short_form(self, api: httpx.AsyncClient) -> None:
        header = ["external_ids.crm", "last_name", "email", "emails"]
        report = await imported(
            api,
            header,
            ["1", "A", "a@x.example", listed("a@x.example", "b@x.example")],
            ["2", "B", "", listed("b@x.example")],
            ["3", "C", "b@x.example", ""],
            ["4", "D", "A@x.example", ""],
        )
        assert counts(report) == {"rows": 4, "created": 1, "refused": 3}
        assert told(report) == [
            (3, "emails", "duplicate_key"),
            (4, "emails", "duplicate_key"),
            (5, "email", "duplicate_key"),
        ]

    async def test_alone_say_by_the_first_whose_a_row_is(self, api: httpx.AsyncClient) -> None:
        header = ["last_name", "emails"]
        rows = [["A", listed("a@x.example", "s@x.example")], ["B", listed("b@x.example")]]
        assert counts(await imported(api, header, *rows)) == {"rows": 2, "created": 2}
        assert counts(await imported(api, header, *rows)) == {"rows": 2, "unchanged": 2}
        rows[1][0] = "New"
        report = await imported(api, header, *rows, ["Again", listed("B@x.example")])
        assert counts(report) == {"rows": 3, "updated": 1, "unchanged": 1, "skipped": 1}
        assert set(await contacts(api)) == {"A", "New"}

    async def test_of_one_record_in_two_rows_refuse_the_second(
        self, api: httpx.AsyncClient
    ) -> None:
        await make(api, "A", "a@x.example", "s@x.example")
        report = await imported(
            api, ["last_name", "email"], ["One", "a@x.example"], ["Two", "s@x.example"]
        )
        assert counts(report) == {"rows": 2, "updated": 1, "refused": 1}
        assert told(report) == [(3, None, "duplicate_key")]
        assert set(await contacts(api)) == {"One"}


class TestId:
    async def test_of_an_export_finds_its_record(self, api: httpx.AsyncClient) -> None:
        for name in ("A", "B"):
            await make(api, name, phones=["+49 30 1234567"])
        text = (await api.get(f"{URL}/export")).text
        report = await sent(api, text)
        assert (counts(report), report["mapping"]["id"]) == ({"rows": 2, "unchanged": 2}, "id")
        report = await sent(api, text.replace("B", "C"))
        assert counts(report) == {"rows": 2, "updated": 1, "unchanged": 1}
        assert set(await contacts(api)) == {"A", "C"}

    @pytest.mark.parametrize("unknown", ["", "01a20ee7-f905-7ffb-97b5-be476320158f"])
    async def test_that_is_unknown_leaves_it_to_the_keys(
        self, api: httpx.AsyncClient, unknown: str
    ) -> None:
        await make(api, "A", "a@x.example")
        header, row = ["id", "last_name", "email"], [unknown, "A", "a@x.example"]
        assert counts(await imported(api, header, row)) == {"rows": 1, "unchanged": 1}
        row[2] = "b@x.example"
        assert counts(await imported(api, header, row)) == {"rows": 1, "created": 1}

    async def test_that_is_none_makes_no_record(self, api: httpx.AsyncClient) -> None:
        await make(api, "A", "a@x.example")
        header = ["id", "last_name", "email"]
        rows = [["01a20ee7-f905-7ffb-97b5", "A", "a@x.example"], ["0031x", "B", "b@x.example"]]
        report = await imported(api, header, *rows)
        assert counts(report) == {"rows": 2, "unchanged": 1, "refused": 1}
        assert told(report) == [(3, "id", "not_an_id")]
        assert "--map 'id=external_ids.NAME'" in report["errors"][0]["message"]

    async def test_of_a_deleted_record_is_unknown(self, api: httpx.AsyncClient) -> None:
        gone = await make(api, "A")
        await api.delete(f"{URL}/{gone['id']}")
        report = await imported(api, ["id", "last_name"], [gone["id"], "B"])
        assert counts(report) == {"rows": 1, "created": 1}
        [made] = (await api.get(URL)).json()["items"]
        assert made["id"] != gone["id"]

    async def test_comes_before_keys_and_takes_none_of_others(self, api: httpx.AsyncClient) -> None:
        one = await make(api, "A", "a@x.example")
        await make(api, "B", "b@x.example")
        header = ["id", "last_name", "email"]
        report = await imported(api, header, [one["id"], "A", "b@x.example"])
        assert told(report) == [(2, "email", "duplicate_key")]
        report = await imported(
            api,
            header,
            [one["id"], "A", "c@x.example"],
            [one["id"], "D", "d@x.example"],
            ["", "E", "C@x.example"],
        )
        assert counts(report) == {"rows": 3, "updated": 1, "skipped": 2}
        assert (await contacts(api))["A"][0] == "c@x.example"

    async def test_changes_nothing_that_is_not_theirs_to_change(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        made = await make(api, "A")
        text = table(["id", "last_name"], [made["id"], "Mine"])
        with people(installation.url) as main:
            for name, reads in (("bob", "read"), ("eve", "read:own")):
                scopes = (reads, "create", "update:own", "import")
                main.role(name, [f"contacts:{scope}" for scope in scopes])
            seeing, unseeing = main.signed("bob", "bob"), main.signed("eve", "eve")
        report = await sent(api, text, seeing)
        assert counts(report) == {"rows": 1, "refused": 1}
        assert report["errors"][0]["code"] == "forbidden"
        # the id of what may not be read is as one that is not there
        assert counts(await sent(api, text, unseeing)) == {"rows": 1, "created": 1}
        assert set(await contacts(api)) == {"A", "Mine"}
        assert (await api.get(f"/v1/contacts/{made['id']}")).json()["last_name"] == "A"


class TestNoLongerThere:
    async def test_owners_and_parents_stay_as_they_are(
        self, api: httpx.AsyncClient, installation: Installation
    ) -> None:
        url = "/v1/companies"
        parent = (await api.post(url, json={"name": "P"})).json()["id"]
        with people(installation.url) as main:
            gone = str(main.user("gone", "agent"))
        child = {"name": "C", "parent_id": parent, "owner_id": gone}
        assert (await api.post(url, json=child)).status_code == 201
        assert (await api.delete(f"{url}/{parent}")).is_success
        assert (await api.delete(f"/v1/users/{gone}")).is_success
        text = (await api.get(f"{url}/export")).text
        assert gone in text
        csv = {"Content-Type": "text/csv"}
        report = (await api.post(f"{url}/import", content=text, headers=csv)).json()
        assert (counts(report), report["errors"]) == ({"rows": 1, "unchanged": 1}, [])
        text = table(["name", "owner_id", "parent_id"], ["New", gone, parent])
        report = (await api.post(f"{url}/import", content=text, headers=csv)).json()
        assert told(report) == [
            (2, "owner_id", "unknown_user"),
            (2, "parent_id", "unknown_reference"),
        ]
        assert counts(report) == {"rows": 1, "refused": 1}
