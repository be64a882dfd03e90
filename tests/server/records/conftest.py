"""A second server, to see what came from the first arrive there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import pytest_asyncio
from sqlalchemy.engine import make_url

from tests.fixtures.server import serving
from tests.fixtures.stores import Installation, drop_database, make_database


@pytest.fixture
def elsewhere(postgres: str, template: Installation) -> Iterator[Installation]:
    name = make_url(template.url).database
    assert name is not None
    url = make_database(postgres, template=name)
    yield Installation(url, template.api_key)
    drop_database(url)


@pytest_asyncio.fixture
async def other_api(elsewhere: Installation) -> AsyncIterator[httpx.AsyncClient]:
    """A client of another server with an empty database."""
    async with serving(elsewhere) as client:
        yield client
