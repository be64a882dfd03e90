"""The world of the proof, made once for all of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx
import psycopg
import pytest
import pytest_asyncio

from tests.fixtures.people import People
from tests.fixtures.server import serving
from tests.fixtures.stores import Installation, copied
from tests.proof.world import Principal, World, principals, strangers


@pytest.fixture(scope="session")
def two_workspaces(postgres: str, template: Installation) -> Iterator[Installation]:
    """An installation of the proof's own, with a second workspace."""
    for installation in copied(postgres, template):
        installation.add_workspace("other")
        yield installation


@pytest.fixture(scope="session")
def world(two_workspaces: Installation) -> Iterator[World]:
    with psycopg.connect(two_workspaces.url, autocommit=True) as connection:
        other = People(connection, "other")
        main = People(connection, "main")
        world = World(main, other)
        world.foreign = strangers(other)
        world.principals = principals(main, other)
        yield world


@pytest_asyncio.fixture
async def server(two_workspaces: Installation) -> AsyncIterator[httpx.AsyncClient]:
    """A client of nobody, on the world's installation; tokens are remembered as usual."""
    async with serving(two_workspaces, rate_limit_per_minute=0) as client:
        del client.headers["authorization"]
        yield client


def named(world: World, name: str) -> Principal:
    return next(principal for principal in world.principals if principal.name == name)
