"""A workspace whose people the test makes, and files over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.fixtures.people import People, people
from tests.fixtures.stores import Installation
from tests.server.jobs.conftest import desk  # noqa: F401 - a fixture

URL = "/v1/files"
BINARY = {"Content-Type": "application/octet-stream"}


@pytest.fixture
def main(installation: Installation) -> Iterator[People]:
    with people(installation.url) as found:
        yield found


async def add(
    api: httpx.AsyncClient, content: bytes, name: str = "notes.txt", code: int = 201, **said: Any
) -> dict[str, Any]:
    """Add a file; return the reply."""
    headers = {**BINARY, **said.pop("headers", {})}
    params = {"name": name, **said}
    reply = await api.put(URL, params=params, content=content, headers=headers)
    assert reply.status_code == code, reply.text
    found: dict[str, Any] = reply.json()
    return found


async def content(api: httpx.AsyncClient, file: dict[str, Any], **more: Any) -> httpx.Response:
    """Fetch the bytes of a file."""
    return await api.get(f"{URL}/{file['id']}/content", **more)
