"""A second server, to see what came from the first arrive there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import pytest_asyncio

from tests.fixtures.server import serving
from tests.fixtures.stores import Installation, copied


@pytest.fixture
def elsewhere(postgres: str, template: Installation) -> Iterator[Installation]:
    yield from copied(postgres, template)


@pytest_asyncio.fixture
async def other_api(elsewhere: Installation) -> AsyncIterator[httpx.AsyncClient]:
    """A client of another server with an empty database."""
    async with serving(elsewhere) as client:
        yield client
