"""A creating request that is sent again."""

from __future__ import annotations

import asyncio
from collections import Counter

import httpx
import pytest

URL = "/v1/companies"
KEY = {"Idempotency-Key": '"8e03978e-40d5-43dd-bc93-6894a57f9324"'}


async def count(api: httpx.AsyncClient) -> int:
    return len((await api.get(URL)).json()["items"])


async def test_is_answered_as_before_and_done_once(api: httpx.AsyncClient) -> None:
    first = await api.post(URL, json={"name": "Acme"}, headers=KEY)
    again = await api.post(URL, json={"name": "Acme"}, headers=KEY)
    assert (again.status_code, again.content) == (201, first.content)
    for name in ("etag", "location", "content-type"):
        assert again.headers[name] == first.headers[name]
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert await count(api) == 1


async def test_fifty_at_once_make_one_record(api: httpx.AsyncClient) -> None:
    replies = await asyncio.gather(
        *(api.post(URL, json={"name": "Acme"}, headers=KEY) for _ in range(50))
    )
    seen = Counter((reply.status_code, reply.json().get("code")) for reply in replies)
    assert set(seen) <= {(201, None), (409, "in_flight")}
    assert len({reply.json()["id"] for reply in replies if reply.status_code == 201}) == 1
    assert await count(api) == 1


async def test_another_body_is_refused(api: httpx.AsyncClient) -> None:
    await api.post(URL, json={"name": "Acme"}, headers=KEY)
    reply = await api.post(URL, json={"name": "Other"}, headers=KEY)
    assert (reply.status_code, reply.json()["code"]) == (422, "idempotency_key_reused")
    assert await count(api) == 1


async def test_a_refused_request_leaves_the_key_free(api: httpx.AsyncClient) -> None:
    await api.post(URL, json={"name": "A", "domain": "a.example"})
    body = {"name": "B", "domain": "a.example"}
    assert (await api.post(URL, json=body, headers=KEY)).status_code == 409
    await api.delete(f"{URL}/a.example")
    assert (await api.post(URL, json=body, headers=KEY)).status_code == 201


@pytest.mark.parametrize("key", ["bare", '""', '"a', f'"{"x" * 256}"', '"a" ; q=1'])
async def test_a_key_that_is_no_quoted_string_is_refused(api: httpx.AsyncClient, key: str) -> None:
    reply = await api.post(URL, json={"name": "A"}, headers={"Idempotency-Key": key})
    assert (reply.status_code, reply.json()["code"]) == (400, "bad_request")
