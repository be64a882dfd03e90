"""A workspace whose people the test makes, and searches in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.fixtures.people import People, people
from tests.fixtures.server import serving
from tests.fixtures.stores import Installation


@pytest.fixture
def main(installation: Installation) -> Iterator[People]:
    with people(installation.url) as found:
        yield found


@pytest_asyncio.fixture
async def api(installation: Installation) -> AsyncIterator[httpx.AsyncClient]:
    """The owner, on a server that remembers nobody: what changes bites at once."""
    async with serving(installation, key_cache_seconds=0.0) as client:
        yield client


async def hits(
    api: httpx.AsyncClient, query: str, headers: dict[str, str] | None = None, **more: Any
) -> list[dict[str, Any]]:
    reply = await api.get("/v1/search", params={"q": query, **more}, headers=headers)
    assert reply.status_code == 200, reply.text
    found: list[dict[str, Any]] = reply.json()["items"]
    return found


async def titles(
    api: httpx.AsyncClient, query: str, headers: dict[str, str] | None = None, **more: Any
) -> list[str]:
    return [hit["title"] for hit in await hits(api, query, headers, **more)]


async def make(api: httpx.AsyncClient, noun: str, **values: Any) -> str:
    reply = await api.post(f"/v1/{noun}", json=values)
    assert reply.status_code == 201, reply.text
    return str(reply.json()["id"])
