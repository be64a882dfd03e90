"""`fold` in SQL and in Python: the same over all of Unicode."""

from __future__ import annotations

import random
import sys
import unicodedata

import psycopg
import pytest

from cerebro_server.kernel.query import fold


@pytest.fixture
def folding(connection: psycopg.Connection) -> psycopg.Connection:
    if connection.info.server_version < 170_000:
        pytest.skip("before PostgreSQL 17 the database's own collation maps case")
    return connection


def differences(connection: psycopg.Connection, texts: list[str]) -> list[tuple[str, str]]:
    found = connection.execute(
        "select value, fold(value) from unnest(%s::text[], %s::text[]) as t (value, twin) "
        "where fold(value) <> twin",
        (texts, [fold(text) for text in texts]),
    )
    return [(ascii(value), ascii(folded)) for value, folded in found]


def assigned() -> list[str]:
    """Every character that this Python knows."""
    every = (chr(code) for code in range(1, sys.maxunicode + 1))
    return [one for one in every if unicodedata.category(one) not in ("Cn", "Cs", "Co")]


class TestFold:
    def test_agrees_on_every_assigned_character(self, folding):
        assert differences(folding, assigned()) == []

    def test_agrees_on_characters_in_context(self, folding):
        """A final sigma, a dotted I and marks in any order depend on no neighbour."""
        chance = random.Random(5)
        marks = [one for one in assigned() if unicodedata.combining(one)]
        letters = [one for one in assigned() if one.isalpha()]
        some = [
            chance.choice(letters) + "".join(chance.choices(marks, k=3)) + chance.choice("ΣİIς ")
            for _ in range(5_000)
        ]
        assert differences(folding, [*some, "ΟΔΟΣ", "İSTANBUL", "ẞ", "DŽ Dž"]) == []

    def test_is_inlined_so_that_indexes_serve(self, connection):
        plan = connection.execute("explain verbose select fold(name) from things").fetchall()
        assert "lower(" in str(plan)
        assert "fold(" not in str(plan)

    def test_of_null_is_null(self, connection):
        assert connection.execute("select fold(null)").fetchone() == (None,)

    def test_ignores_case_and_normal_form(self):
        assert fold("E\u0301COLE") == fold("école") == "école"
