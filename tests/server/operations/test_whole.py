"""Operations that write all of their rows, or none."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from cerebro_server.kernel.records.operations import whole
from tests.server.operations.doing import URL, ask, contact, uploaded

WHOLE = {"yes": True, "all_or_nothing": True}


async def names(api: httpx.AsyncClient, where: str) -> list[str]:
    """Return the last names of the contacts that a filter fits."""
    reply = await api.get("/v1/contacts", params={"where": where, "sort": "last_name"})
    return [each["last_name"] for each in reply.json()["items"]]


async def asked(api: httpx.AsyncClient, kind: str, code: int, **given: Any) -> dict[str, Any]:
    """Plan and apply all of an operation, or nothing."""
    body = {"kind": kind, "input": given, "options": WHOLE}
    found: dict[str, Any] = await ask(api, URL, body, code)
    return found


class TestAllOrNothing:
    async def test_writes_all(self, api: httpx.AsyncClient) -> None:
        await contact(api, "Ada")
        await contact(api, "Bob")
        op = await asked(api, "contacts.update", 202, values={"job_title": "Boss"})
        assert op["state"] == "applied"
        assert await names(api, "job_title = Boss") == ["Ada", "Bob"]

    async def test_writes_nothing_where_a_row_of_the_file_is_wrong(
        self, api: httpx.AsyncClient
    ) -> None:
        upload = await uploaded(api, "last_name,email\nAda,ada@x.example\nBob,none\n")
        refused = await asked(api, "contacts.import", 409, upload_id=upload)
        assert refused["code"] == "not_whole"
        [error] = refused["errors"]
        assert error["line"] == 3
        assert await names(api, "last_name is not empty") == []
        [op] = (await api.get(URL)).json()["items"]
        assert (op["state"], op["plan"]["error"], op["done"]["created"]) == ("failed", 1, 0)

    async def test_writes_nothing_where_a_record_changed_since(
        self, api: httpx.AsyncClient
    ) -> None:
        await contact(api, "Ada")
        bob = await contact(api, "Bob")
        body = {"kind": "contacts.update", "input": {"values": {"job_title": "Boss"}}}
        op = await ask(api, URL, {**body, "options": {"all_or_nothing": True}})
        await api.patch(f"/v1/contacts/{bob}", json={"city": "Rome"})
        refused = await ask(api, f"{URL}/{op['id']}/apply", {"on_drift": "skip"}, 409)
        assert refused["code"] == "not_whole"
        assert refused["errors"][0]["code"] == "changed"
        assert await names(api, "job_title = Boss") == []
        assert (await api.get(f"{URL}/{op['id']}")).json()["done"]["updated"] == 0

    async def test_is_not_for_more_than_one_transaction_holds(
        self, api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(whole, "MOST", 1)
        await contact(api, "Ada")
        await contact(api, "Bob")
        refused = await asked(api, "contacts.delete", 409)
        assert "at most 1 rows" in refused["detail"]
        assert await names(api, "last_name is not empty") == ["Ada", "Bob"]
