"""What tests of sales begin with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.fixtures.people import People, people
from tests.fixtures.server import serving
from tests.fixtures.stores import Installation

URL = "/v1/deals"
Stages = dict[str, dict[str, Any]]


@pytest.fixture
def main(installation: Installation) -> Iterator[People]:
    with people(installation.url) as found:
        yield found


@pytest_asyncio.fixture
async def api(installation: Installation) -> AsyncIterator[httpx.AsyncClient]:
    """The owner, on a server that remembers nobody: what changes bites at once."""
    async with serving(installation, key_cache_seconds=0.0) as client:
        yield client


@pytest.fixture
async def stages(api: httpx.AsyncClient) -> dict[str, dict[str, Any]]:
    """The stages of the pipeline that every workspace begins with, by key."""
    return {each["key"]: each for each in (await api.get("/v1/stages")).json()["items"]}


async def make(api: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    """Create a deal."""
    made = await api.post(URL, json={"name": "Acme", **fields})
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    return found


async def change(api: httpx.AsyncClient, deal: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Change a deal."""
    reply = await api.patch(f"{URL}/{deal['id']}", json=fields)
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


def refused(reply: httpx.Response) -> tuple[int, str, str]:
    """Return status, pointer and code of what was refused because of one field."""
    [error] = reply.json()["errors"]
    return reply.status_code, error["pointer"], error["code"]
