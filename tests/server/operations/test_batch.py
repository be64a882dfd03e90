"""Many records in one request, with a result for each."""

from __future__ import annotations

from typing import Any

import httpx

from cerebro_server import registry
from tests.fixtures.samples import sample
from tests.server.operations.doing import ask, contact

BATCH = "/v1/contacts/batch"


async def batch(api: httpx.AsyncClient, *items: dict[str, Any], **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = await ask(api, BATCH, {"items": items, **more}, 200)
    return found


def results(report: dict[str, Any]) -> list[str]:
    assert [each["index"] for each in report["items"]] == list(range(len(report["items"])))
    return [each["result"] for each in report["items"]]


class TestBatch:
    async def test_says_what_came_of_each(self, api: httpx.AsyncClient) -> None:
        ada = await contact(api, "Ada", emails=[{"address": "ada@x.example"}])
        report = await batch(
            api,
            {"last_name": "Lovelace", "email": "ADA@x.example"},
            {"last_name": "Bob", "emails": [{"address": "bob@x.example", "type": "work"}]},
            {"last_name": "Eve", "email": "no address"},
            {"id": ada, "job_title": "Countess"},
            {},
        )
        assert results(report) == ["updated", "created", "refused", "refused", "skipped"]
        wrong = report["items"][2]
        assert (wrong["id"], wrong["errors"][0]["field"]) == (None, "email")
        for index, name in ((0, "Lovelace"), (1, "Bob")):
            got = await api.get(f"/v1/contacts/{report['items'][index]['id']}")
            assert got.json()["last_name"] == name
        counted = {name: report[name] for name in ("created", "updated", "skipped", "refused")}
        assert counted == {"created": 1, "updated": 1, "skipped": 1, "refused": 2}

    async def test_is_one_operation_that_is_taken_back(self, api: httpx.AsyncClient) -> None:
        report = await batch(api, *({"last_name": f"No {n}"} for n in range(1_200)))
        assert report["created"] == 1_200
        few = await batch(api, *({"last_name": f"Few {n}"} for n in range(40)))
        undone = await ask(api, f"/v1/operations/{few['operation_id']}/undo", {"yes": True})
        assert (undone["state"], undone["done"]["deleted"]) == ("applied", 40)
        left = await api.get("/v1/contacts", params={"count": "exact"})
        assert left.json()["count"] == 1_200

    async def test_writes_all_or_none(self, api: httpx.AsyncClient) -> None:
        items = [{"last_name": "Ada"}, {"last_name": "Bob", "email": "none"}]
        body = {"items": items, "all_or_nothing": True}
        refused = await ask(api, BATCH, body, 409)
        assert (refused["code"], refused["errors"][0]["line"]) == ("not_whole", 2)
        assert (await api.get("/v1/contacts")).json()["items"] == []
        assert results(await batch(api, *items[:1], all_or_nothing=True)) == ["created"]

    async def test_creates_only_or_updates_only(self, api: httpx.AsyncClient) -> None:
        await contact(api, "Ada", emails=[{"address": "ada@x.example"}])
        items = [
            {"last_name": "Countess", "email": "ada@x.example"},
            {"last_name": "Bob", "email": "bob@x.example"},
        ]
        assert results(await batch(api, *items, mode="update")) == ["updated", "skipped"]
        assert results(await batch(api, *items, mode="create")) == ["unchanged", "created"]
        assert results(await batch(api, *items)) == ["unchanged", "unchanged"]

    async def test_is_done_once_for_a_key(self, api: httpx.AsyncClient) -> None:
        headers = {"Idempotency-Key": '"one"'}
        body = {"items": [{"last_name": "Ada"}]}
        first = await api.post(BATCH, json=body, headers=headers)
        again = await api.post(BATCH, json=body, headers=headers)
        assert first.json() == again.json()
        other = await api.post(BATCH, json={"items": [{"last_name": "B"}]}, headers=headers)
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
        assert len((await api.get("/v1/contacts")).json()["items"]) == 1

    async def test_refuses_what_is_no_batch(self, api: httpx.AsyncClient) -> None:
        for body in ({}, {"items": []}, {"items": [{}] * 10_001}, {"items": ["x"]}):
            refused = await ask(api, BATCH, body, 422)
            assert refused["code"] == "validation_failed"
        assert (await ask(api, BATCH, {"items": [{}]}, 422))["code"] == "invalid_file"
        report = await batch(api, {"last_name": "A", "nonsense": 1}, {"last_name": "\0"})
        assert (results(report), report["ignored"]) == (["created", "refused"], ["nonsense"])


async def test_of_any_noun_what_names_no_record_is_refused(api: httpx.AsyncClient) -> None:
    """Nouns that are told apart by what they name look for it before they know whether it is."""
    for record_type in registry.record_types():
        if not (record_type.is_bulk and record_type.refers):
            continue
        item = {**sample(record_type), **dict.fromkeys(record_type.refers, "nobody")}
        known = {name: item[name] for name in item if name in record_type.writable}
        known |= dict.fromkeys((n for n in record_type.same_by if n not in known), "nothing")
        reply = await api.post(f"/v1/{record_type.name}/batch", json={"items": [known]})
        assert reply.status_code in (200, 422), (record_type.name, reply.text)
        assert reply.status_code == 422 or reply.json()["refused"] == 1, record_type.name
