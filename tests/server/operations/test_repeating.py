"""Requests about operations that are sent again, since the reply to the first was lost."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from .doing import URL, contact, done, plan

KEY = {"Idempotency-Key": '"8e03978e-40d5-43dd-bc93-6894a57f9324"'}
UPDATE = {"kind": "contacts.update", "input": {"values": {"job_title": "Boss"}}}
YES = {"options": {"yes": True}}


async def send(api: httpx.AsyncClient, path: str, body: Any = None) -> httpx.Response:
    return await api.post(f"{URL}{path}", json=body, headers=KEY)


async def twice(api: httpx.AsyncClient, path: str, body: Any = None) -> dict[str, Any]:
    """Send a request twice; both get the same operation."""
    first, again = await send(api, path, body), await send(api, path, body)
    assert (first.status_code, again.status_code) == (202, 202), again.text
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json()["id"] == first.json()["id"]
    found: dict[str, Any] = again.json()
    return found


async def count(api: httpx.AsyncClient) -> int:
    return len((await api.get(URL)).json()["items"])


class TestRepeated:
    async def test_create(self, api: httpx.AsyncClient) -> None:
        await contact(api, "Ada")
        op = await twice(api, "", {**UPDATE, **YES})
        assert (op["state"], op["done"]["updated"]) == ("applied", 1)
        assert await count(api) == 1

    async def test_create_at_once(self, api: httpx.AsyncClient) -> None:
        await contact(api, "Ada")
        replies = await asyncio.gather(*(send(api, "", {**UPDATE, **YES}) for _ in range(8)))
        assert {reply.status_code for reply in replies} <= {202, 409}
        assert await count(api) == 1

    async def test_apply(self, api: httpx.AsyncClient) -> None:
        await contact(api, "Ada")
        op = await plan(api, "contacts.delete")
        assert (await twice(api, f"/{op['id']}/apply", {}))["state"] == "applied"

    async def test_undo_and_redo(self, api: httpx.AsyncClient) -> None:
        await contact(api, "Ada")
        op = await done(api, "contacts.delete")
        assert (await twice(api, f"/{op['id']}/undo", {"yes": True}))["done"]["restored"] == 1
        assert (await twice(api, f"/{op['id']}/redo", {"yes": True}))["done"]["deleted"] == 1
        assert await count(api) == 3

    async def test_cancel_and_resume(self, api: httpx.AsyncClient) -> None:
        await contact(api, "Ada")
        op = await plan(api, "contacts.delete")
        assert (await twice(api, f"/{op['id']}/cancel"))["state"] == "cancelled"
        assert (await twice(api, f"/{op['id']}/resume"))["state"] == "planned"

    async def test_with_another_body_is_refused(self, api: httpx.AsyncClient) -> None:
        await send(api, "", UPDATE)
        reply = await send(api, "", {**UPDATE, **YES})
        assert (reply.status_code, reply.json()["code"]) == (422, "idempotency_key_reused")

    async def test_after_a_refusal_is_done(self, api: httpx.AsyncClient) -> None:
        content = {"Content-Type": "application/octet-stream"}
        upload = await api.put("/v1/uploads", content=b"nothing\nfits\n", headers=content)
        asked = {"kind": "contacts.import", "input": {"upload_id": upload.json()["id"]}}
        assert (await send(api, "", asked)).status_code == 422
        assert (await send(api, "", {"kind": "undo", "input": {}})).status_code == 422
        assert (await send(api, "", UPDATE)).status_code == 202
