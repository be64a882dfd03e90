"""What filters mean, said by hand: the anchor of the generated tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from cerebro_server.kernel.errors import InvalidQuery
from cerebro_server.kernel.query import compile_predicate, compile_sql, parse, parse_sort

from .kinds import ENV, FIELDS

AT = datetime(2026, 3, 29, 10, tzinfo=UTC)
ROW = {"name": "Ärzte GmbH", "note": "", "employees": 42, "active": True, "seen": AT}


def holds(text: str, row: dict[str, Any] = ROW) -> bool:
    return compile_predicate(parse(text), FIELDS, ENV)(row)


class TestMeaning:
    @pytest.mark.parametrize(
        "text",
        [
            "name = 'ÄRZTE gmbh'",
            "name = 'a\u0308rzte GmbH'",
            "name contains zte",
            "name starts with är and name ends with H",
            "note is empty and domain is empty",
            "note != x and domain != x and amount != 1",
            "not (amount > 1) and not (amount <= 1)",
            "employees in (1, 42) and employees < 99999999999999999999",
            "active = TRUE",
            "seen = today and seen <= today and seen >= today",
            "seen = 2026-03-29 and seen < 2026-03-30 and seen > 2026-03-28",
            "seen > now - 3h and not seen > now - 2h",
            "seen in (2026-03-01, 2026-03-29)",
            "seen = 2026-03-29T12:00:00+02:00",
        ],
    )
    def test_holds(self, text):
        assert holds(text)

    @pytest.mark.parametrize(
        "text",
        [
            "name contains 'z_e'",
            "name contains %",
            "note < zzz",
            "amount = 0",
            "employees != 42",
            "seen > today",
            "seen < today",
            "employees > 99999999999999999999",
        ],
    )
    def test_does_not_hold(self, text):
        assert not holds(text)

    def test_days_are_those_of_the_callers_zone(self):
        """On 2026-03-29 Berlin's clocks went forward: the day has 23 hours, from 23:00 UTC."""
        sql = compile_sql(parse("seen = today"), FIELDS, ENV)
        assert sql.params == (
            datetime(2026, 3, 28, 23, tzinfo=UTC),
            datetime(2026, 3, 29, 22, tzinfo=UTC),
        )

    def test_days_keep_the_time_of_day_over_a_change_of_clocks(self):
        (moment,) = compile_sql(parse("seen > now - 1d"), FIELDS, ENV).params
        assert moment == datetime(2026, 3, 28, 13, 30, 15, 123456, UTC)
        (moment,) = compile_sql(parse("seen > now - 24h"), FIELDS, ENV).params
        assert moment == datetime(2026, 3, 28, 12, 30, 15, 123456, UTC)

    def test_months_end_within_the_month(self):
        (day,) = compile_sql(parse("founded = today - 1mo"), FIELDS, ENV).params
        assert day.isoformat() == "2026-02-28"

    @pytest.mark.parametrize(
        ("text", "sql"),
        [
            ("name = x", '(fold(t."name") = %s)'),
            ("employees != 1", '((t."employees" = %s) is not true)'),
            ("name in (a, b)", '(fold(t."name") = any(%s))'),
            ("employees is not empty", '(t."employees" is not null)'),
            ("employees > 1 and active = true", '((t."employees" > %s) and (t."active" = %s))'),
        ],
    )
    def test_compiles_to_what_indexes_serve(self, text, sql):
        assert compile_sql(parse(text), FIELDS, ENV).text == sql


class TestSort:
    def test_adds_the_id_in_the_last_direction(self):
        assert parse_sort("-employees,name", FIELDS).text == "-employees,name,id"
        assert parse_sort(" name , -employees ", FIELDS).text == "name,-employees,-id"
        assert parse_sort("-id,name", FIELDS).text == "-id,name"

    def test_falls_back_to_the_default(self):
        assert parse_sort(None, FIELDS).text == "id"
        assert parse_sort("", FIELDS, default="-seen").text == "-seen,-id"

    @pytest.mark.parametrize(
        ("text", "position", "meant"),
        [
            ("nmae", 1, "name"),
            ("name, -employes", 7, "employees"),
            ("name,,id", 6, None),
            ("name,-name", 6, None),
            ("name desc", 1, "-name"),
            ("external_ids", 1, None),
            ("name,note,domain,employees,amount,active", 35, None),
            ("company.name", 1, None),
        ],
    )
    def test_refuses_the_rest(self, text, position, meant):
        with pytest.raises(InvalidQuery) as caught:
            parse_sort(text, FIELDS)
        assert caught.value.members.get("position") == position
        assert caught.value.members.get("suggestion") == meant
