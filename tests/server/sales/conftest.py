"""A workspace whose people the test makes, on a server that remembers nobody."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

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
