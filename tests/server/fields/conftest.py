"""A workspace with fields of its own, on a server that remembers nothing."""

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
    """The owner, on a server that remembers no definitions: a new field is there at once."""
    async with serving(installation, key_cache_seconds=0.0) as client:
        yield client


async def define(api: httpx.AsyncClient, key: str, kind: str, **more: Any) -> dict[str, Any]:
    """Give contacts a field."""
    payload = {"record_type": "contacts", "key": key, "type": kind, **more}
    reply = await api.post("/v1/fields", json=payload)
    assert reply.status_code == 201, reply.text
    found: dict[str, Any] = reply.json()
    return found


async def make(api: httpx.AsyncClient, name: str = "Lovelace", **custom: Any) -> dict[str, Any]:
    """Make a contact with values of custom fields."""
    reply = await api.post("/v1/contacts", json={"last_name": name, "custom": custom})
    assert reply.status_code == 201, reply.text
    found: dict[str, Any] = reply.json()
    return found


async def names(api: httpx.AsyncClient, where: str, sort: str = "last_name") -> list[str]:
    """Return the last names of contacts that fit."""
    reply = await api.get("/v1/contacts", params={"where": where, "sort": sort})
    assert reply.status_code == 200, reply.text
    return [item["last_name"] for item in reply.json()["items"]]
