"""A database with `fold` and a table that has a column of every kind."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from cerebro_server.kernel.query import fold_sql
from cerebro_server.kernel.query.accessors import accessors_sql
from tests.fixtures.stores import drop_database, make_database

from .kinds import CREATE_TABLE


@pytest.fixture(scope="session")
def connection(postgres: str) -> Iterator[psycopg.Connection]:
    """A connection in autocommit to a database of its own."""
    url = make_database(postgres)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(fold_sql(connection.info.server_version))
        for statement in accessors_sql():
            connection.execute(statement)
        connection.execute(CREATE_TABLE)
        yield connection
    drop_database(url)
