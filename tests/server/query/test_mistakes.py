"""Bad filters: refused with a position and, where one is near, a suggestion."""

from __future__ import annotations

import psycopg
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cerebro_server.kernel.errors import InvalidQuery, Problem, QueryTooLarge
from cerebro_server.kernel.query import compile_predicate, compile_sql, parse

from .kinds import ENV, FIELDS

UNREADABLE = [
    ("", 1, None),
    ("  ", 1, None),
    ("name", 5, None),
    ("name = ", 7, None),
    ("name == x", 6, "="),
    ("name <> x", 6, "!="),
    ("name conatins x", 6, "contains"),
    ("name begins with x", 6, "starts with"),
    ("name starts wth x", 6, "starts with"),
    ("name is null", 6, "is empty"),
    ("name is not nul", 6, "is not empty"),
    ("name ilike x", 6, "contains"),
    ("name not in (x)", 6, None),
    ("name = x And note = y", 10, "and"),
    ("name = x || note = y", 10, "or"),
    ("name = x, note = y", 9, "and"),
    ("name = Gravity Investments", 16, '"Gravity Investments"'),
    ("name = 'a", 8, None),
    ("name = O'Brien", 9, None),
    ('name = "a\\q"', 10, None),
    ("name in ()", 10, None),
    ("name in (a,,b)", 12, None),
    ("name in a", 9, None),
    ("(name = a", 10, None),
    ("name = a)", 9, None),
    ("= a", 1, None),
    ("not", 4, None),
    ("name = a and", 13, None),
    ("name = \x00", 8, None),
    ("name = \ud800", 8, None),
]
UNFITTING = [
    ("employes > 3", 1, "employees"),
    ("name = a and NAME = b", 14, "name"),
    ("company.industry = x", 1, None),
    ("external_ids = x", 1, None),
    ("employees = 42.5", 13, None),
    ("employees = 1e5", 13, None),
    ("employees = forty", 13, None),
    ("employees = 10^400", 13, None),
    ("employees = 1" + "0" * 400, 13, None),
    ("amount = 1e400", 10, None),
    ("amount = nan", 10, None),
    ("employees in (1, two)", 18, None),
    ("employees contains 4", 1, "="),
    ("active > true", 1, None),
    ("active = yes", 10, "true"),
    ('active = "true"', 10, "true"),
    ("owner = 123", 9, None),
    ("owner < 00000000-0000-0000-0000-000000000000", 1, None),
    ("founded = now", 11, "today"),
    ("founded = today + 3h", 11, None),
    ("founded = 2026-02-30", 11, None),
    ("founded = today + 999999999y", 11, None),
    ("seen > 2026-01-31T10:00", 8, "2026-01-31T10:00Z"),
    ("seen > '2026-01-31 10:00'", 8, "2026-01-31T10:00Z"),
    ("seen > soon", 8, None),
    ('seen > "now"', 8, None),
    ("seen < now - 999999999s - 999999999w", 8, None),
    ("seen < 0001-01-01T00:00+05:00", 8, None),
    ("seen = 9999-12-31", 8, None),
    ("seen > 2026-01-31T10:00+99:00", 8, None),
    ('name = ""', 8, "name is empty"),
    ('name = "a\\u0000"', 8, None),
    ('name = "\\ud800"', 8, None),
    ("name = now - 3d", 8, '"now - 3d"'),
    ("name has x", 1, "contains"),
    ("name has any (x)", 1, "contains"),
    ("name has (x = 1)", 1, "contains"),
]


def refused(text: str) -> InvalidQuery:
    with pytest.raises(InvalidQuery) as caught:
        compile_sql(parse(text), FIELDS, ENV)
    return caught.value


class TestMistakes:
    @pytest.mark.parametrize(("text", "position", "meant"), UNREADABLE)
    def test_what_cannot_be_read_is_pointed_at(self, text, position, meant):
        with pytest.raises(InvalidQuery) as caught:
            parse(text)
        assert caught.value.members.get("position") == position
        assert caught.value.members.get("suggestion") == meant

    @pytest.mark.parametrize(("text", "position", "meant"), UNFITTING)
    def test_what_does_not_fit_is_pointed_at(self, text, position, meant):
        members = refused(text).members
        assert members.get("position") == position
        assert members.get("suggestion") == meant

    def test_details_name_field_and_value(self):
        assert "employees" in refused("employees = 42.5").detail
        assert "42.5" in refused("employees = 42.5").detail


class TestLimits:
    @pytest.mark.parametrize(
        "text",
        [
            "name = " + "x" * 4_000,
            " or ".join(["a = 1"] * 200),
            "not " * 20 + "a = 1",
            "not " * 900 + "a = 1",
            "a in (" + ",".join(["1"] * 1_001) + ")",
        ],
    )
    def test_beyond_is_too_large(self, text):
        with pytest.raises(QueryTooLarge):
            parse(text)

    @pytest.mark.parametrize(
        "text",
        [
            "name = " + "x" * 3_993,
            " or ".join(["a = 1"] * 199),
            "not " * 19 + "a = 1",
            "(" * 1_900 + "a = 1" + ")" * 1_900,
            "a in (" + ",".join(["1"] * 1_000) + ")",
        ],
    )
    def test_up_to_there_is_read(self, text):
        assert parse(text)


_PIECES = [
    *("name", "employees", "seen", "=", "!=", "<", "in", "(", ")", ",", "and", "or", "not", "is"),
    *("empty", "contains", "starts with", "has", "has any", "now", "- 3d", "42", '"a"', "'", '"'),
    *("today", "true", "2026-01-01", "%", "%s", "{", "}", "--", ";", ".", "\u2028", "é", "İ", "\\"),
]


class TestAnything:
    @settings(max_examples=400, deadline=None)
    @given(text=st.text(max_size=40) | st.lists(st.sampled_from(_PIECES), max_size=9).map(" ".join))
    @example(text="name = %s")
    @example(text="name contains '%(x)s' and name != \"{}\"")
    def test_is_answered_or_refused(self, connection: psycopg.Connection, text):
        try:
            node = parse(text)
            sql = compile_sql(node, FIELDS, ENV)
        except Problem as problem:
            assert problem.status == 422
            assert problem.members["position"] <= len(text) + 1
            return
        connection.execute(f"select 1 from things as t where {sql.text}", sql.params)
        compile_predicate(node, FIELDS, ENV)
