"""The predicate against PostgreSQL, on generated filters over rows full of traps."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from hypothesis import given, settings

from cerebro_sdk.schemas.query import Node, Not
from cerebro_server.kernel.query import compile_predicate, compile_sql

from .generated import filters
from .kinds import ENV, FIELDS, fill, rows_at_random

Rows = list[dict[str, Any]]


@pytest.fixture(scope="class")
def rows(connection: psycopg.Connection) -> Rows:
    found = rows_at_random(connection.info.server_version)
    fill(connection, found)
    return found


def selected(connection: psycopg.Connection, node: Node) -> set[Any]:
    sql = compile_sql(node, FIELDS, ENV)
    found = connection.execute(f"select t.id from things as t where {sql.text}", sql.params)
    return {row[0] for row in found}


class TestAgreement:
    @settings(max_examples=500, deadline=None)
    @given(node=filters)
    def test_selects_what_postgresql_selects(self, connection, rows: Rows, node: Node):
        predicate = compile_predicate(node, FIELDS, ENV)
        assert selected(connection, node) == {row["id"] for row in rows if predicate(row)}

    @settings(max_examples=150, deadline=None)
    @given(node=filters)
    def test_not_selects_the_rest(self, connection, rows: Rows, node: Node):
        rest = {row["id"] for row in rows} - selected(connection, node)
        assert selected(connection, Not(of=node)) == rest
