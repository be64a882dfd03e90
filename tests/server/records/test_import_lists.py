"""Lists of a file in place of what records have, or behind it."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.server.fields.conftest import define
from tests.server.operations.doing import ask, done, undone, uploaded

from .files import CONTACTS, contacts, counts, imported, send

ADA: dict[str, Any] = {
    "last_name": "Ada",
    "emails": [{"address": "ada@x.example", "type": "work"}],
    "phones": [{"number": "+493012345678", "type": "mobile"}],
    "addresses": [{"street": "Main St", "city": "Rome"}],
    "tags": ["vip"],
}
NEW: dict[str, Any] = {
    "last_name": "Ada",
    "external_ids": {"crm": "1"},
    "emails": [{"address": "ADA@x.example"}, {"address": "new@x.example", "type": "home"}],
    "phones": [{"number": "+49 30 12345678"}, {"number": "+493087654321"}],
    "addresses": [{"city": "Rome"}, {"city": "Bonn"}],
    "tags": ["new", "vip"],
}


@pytest.fixture
async def ada(api: httpx.AsyncClient) -> dict[str, Any]:
    reply = await api.post(CONTACTS, json={**ADA, "external_ids": {"crm": "1"}})
    assert reply.status_code == 201, reply.text
    made: dict[str, Any] = reply.json()
    return made


async def told(api: httpx.AsyncClient, row: dict[str, Any], **params: Any) -> dict[str, Any]:
    """Import one row that tells of Ada; return the report."""
    return await imported(
        api, json.dumps({**row, "external_ids": {"crm": "1"}}), url=CONTACTS, **params
    )


def shown(contact: dict[str, Any]) -> dict[str, Any]:
    """Return the lists of a contact without what they leave open."""
    return {
        name: [
            {k: v for k, v in each.items() if v is not None and k != "is_valid"}
            if isinstance(each, dict)
            else each
            for each in contact[name]
        ]
        for name in ("emails", "phones", "addresses", "tags")
    }


class TestAppend:
    async def test_adds_what_is_new_and_keeps_what_is_there(
        self, api: httpx.AsyncClient, ada: dict[str, Any]
    ) -> None:
        assert counts(await told(api, NEW, lists="append")) == {"rows": 1, "updated": 1}
        assert shown((await contacts(api))[0]) == {
            "emails": [*ADA["emails"], {"address": "new@x.example", "type": "home"}],
            "phones": [*ADA["phones"], {"number": "+493087654321"}],
            "addresses": [*ADA["addresses"], {"city": "Bonn"}],
            "tags": ["vip", "new"],
        }
        again = await told(api, NEW, lists="append")
        assert counts(again) == {"rows": 1, "unchanged": 1}

    async def test_changes_nothing_where_all_is_there(
        self, api: httpx.AsyncClient, ada: dict[str, Any]
    ) -> None:
        await api.post(f"{CONTACTS}/{ada['id']}/lock")
        row = {"last_name": "Ada", "tags": ["vip"], "emails": ["ada@x.example"]}
        assert counts(await told(api, row, lists="append")) == {"rows": 1, "unchanged": 1}
        row["tags"] = ["other"]
        assert counts(await told(api, row, lists="append")) == {"rows": 1, "refused": 1}

    async def test_of_an_older_export_keeps_what_came_since(
        self, api: httpx.AsyncClient, ada: dict[str, Any]
    ) -> None:
        content = (await api.get(f"{CONTACTS}/export")).content
        since = [{"address": "first@x.example"}, *ADA["emails"]]
        reply = await api.patch(f"{CONTACTS}/{ada['id']}", json={"emails": since, "tags": ["now"]})
        assert reply.status_code == 200
        report = await imported(api, content, url=CONTACTS, lists="append")
        assert counts(report) == {"rows": 1, "updated": 1}
        found = shown((await contacts(api))[0])
        assert (found["emails"], found["tags"]) == (since, ["now", "vip"])

    async def test_of_multi_selects(self, api: httpx.AsyncClient) -> None:
        await define(api, "likes", "multi_select", options=["tea", "rum", "ale"])
        await define(api, "size", "integer")
        first = "external_ids.crm,last_name,likes,size\n1,Ada,tea,1\n"
        assert (await imported(api, first, url=CONTACTS))["created"] == 1
        second = first.replace("tea,1", '"rum,tea",2')
        assert (await imported(api, second, url=CONTACTS, lists="append"))["updated"] == 1
        assert (await contacts(api))[0]["custom"] == {"likes": ["tea", "rum"], "size": 2}
        report = await imported(api, second, url=CONTACTS, lists="append")
        assert report["unchanged"] == 1
        await imported(api, first.replace("tea", "ale"), url=CONTACTS)
        assert (await contacts(api))[0]["custom"] == {"likes": ["ale"], "size": 1}

    async def test_makes_new_records_as_ever(self, api: httpx.AsyncClient) -> None:
        await told(api, NEW, lists="append")
        found = shown((await contacts(api))[0])
        assert (found["tags"], len(found["emails"])) == (["new", "vip"], 2)

    async def test_refuses_more_than_a_list_may_hold(
        self, api: httpx.AsyncClient, ada: dict[str, Any]
    ) -> None:
        row = {"last_name": "Ada", "tags": [f"t{n}" for n in range(100)]}
        report = await told(api, row, lists="append")
        [error] = report["errors"]
        assert (error["column"], error["code"]) == ("tags", "too_long")
        assert "101; 100 are the most" in error["message"]

    async def test_is_taken_back(self, api: httpx.AsyncClient, ada: dict[str, Any]) -> None:
        content = json.dumps({**NEW, "external_ids": {"crm": "1"}})
        upload = await uploaded(api, content, "a.jsonl")
        op = await done(api, "contacts.import", upload_id=upload, lists="append")
        assert op["done"]["updated"] == 1
        await undone(api, op)
        assert shown((await contacts(api))[0]) == shown(ada)


class TestReplace:
    @pytest.mark.parametrize("params", [{}, {"lists": "replace"}])
    async def test_puts_the_lists_of_the_file_in_their_place(
        self, api: httpx.AsyncClient, ada: dict[str, Any], params: dict[str, str]
    ) -> None:
        await told(api, NEW, **params)
        found = shown((await contacts(api))[0])
        assert (found["tags"], found["addresses"]) == (NEW["tags"], NEW["addresses"])
        assert [part["number"] for part in found["phones"]] == ["+493012345678", "+493087654321"]


async def test_another_word_is_refused(api: httpx.AsyncClient) -> None:
    reply = await send(api, "last_name\nAda\n", url=CONTACTS, lists="both")
    assert reply.status_code == 422
    asked = {"upload_id": await uploaded(api, "last_name\nAda\n"), "lists": "both"}
    body = {"kind": "contacts.import", "input": asked}
    assert (await ask(api, "/v1/operations", body, 422))["code"] == "validation_failed"
