"""The predicate against PostgreSQL, on generated filters over rows full of traps."""

from __future__ import annotations

import os
from typing import Any

import psycopg
import pytest
from hypothesis import given, settings

from cerebro_sdk.schemas.query import Node, Not
from cerebro_server.kernel.query import compile_predicate, compile_sql

from .generated import custom_filters, filters
from .kinds import ENV, FIELDS, fill, rows_at_random

Rows = list[dict[str, Any]]
EXAMPLES = 10_000 if os.environ.get("CEREBRO_TORTURE") else 500


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
    @settings(max_examples=EXAMPLES, deadline=None)
    @given(node=filters)
    def test_selects_what_postgresql_selects(self, connection, rows: Rows, node: Node):
        predicate = compile_predicate(node, FIELDS, ENV)
        assert selected(connection, node) == {row["id"] for row in rows if predicate(row)}

    @settings(max_examples=150, deadline=None)
    @given(node=filters)
    def test_not_selects_the_rest(self, connection, rows: Rows, node: Node):
        rest = {row["id"] for row in rows} - selected(connection, node)
        assert selected(connection, Not(of=node)) == rest

    @settings(max_examples=EXAMPLES, deadline=None)
    @given(node=custom_filters)
    def test_selects_what_postgresql_selects_by_custom_fields(
        self, connection, rows: Rows, node: Node
    ):
        predicate = compile_predicate(node, FIELDS, ENV)
        assert selected(connection, node) == {row["id"] for row in rows if predicate(row)}


class TestAccessors:
    def test_what_does_not_fit_is_null(self, connection) -> None:
        for kind, texts in UNFITTING.items():
            for text in texts:
                found = connection.execute(f"select as_{kind}(%s)", (text,)).fetchone()
                assert found == (None,), (kind, text)

    def test_what_is_no_list_is_no_list(self, connection) -> None:
        found = "select as_words(%s::jsonb, '')"
        for text, words in (("5", None), ("{}", None), ('["a", 5, null]', ["a", "5", None])):
            assert connection.execute(found, (text,)).fetchone() == (words,)

    def test_are_immutable(self, connection) -> None:
        names = ["as_number", "as_date", "as_time", "as_uuid", "as_boolean", "as_words"]
        volatile = "select proname from pg_proc where proname = any(%s) and provolatile <> 'i'"
        assert connection.execute(volatile, (names,)).fetchall() == []
        count = "select count(*) from pg_proc where proname = any(%s)"
        assert connection.execute(count, (names,)).fetchone() == (len(names),)


UNFITTING = {
    "number": ["", "x", "1e5", "NaN", "Infinity", "1.", ".5", " 1", "1" * 61, "0x1"],
    "date": ["", "2026-02-30", "2023-02-29", "1900-02-29", "2026-13-01", "2026-1-1", "0000-01-01"],
    "time": ["2026-02-30T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:00:00", "now", "x"],
    "uuid": ["", "x", "0" * 32, "{00000000-0000-0000-0000-000000000000}"],
    "boolean": ["", "yes", "1", "TRUE"],
}
