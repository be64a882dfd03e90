"""`cerebro fields`, and custom fields on other command lines."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.conftest import company, page
from tests.cli.scripted import Script

FIELD = {"id": "01900000-0000-7000-8000-0000000000f1", "path": "companies.tier", "version": 1}


def sent(server: Script) -> Any:
    return json.loads(server.asked[-1].body)


class TestFields:
    def test_add_sends_what_was_given(self, cerebro: Any, server: Script) -> None:
        server.tell("POST /v1/fields", FIELD, status=201)
        words = "fields add companies tier --type select --options gold,Very high --required"
        ran = cerebro(*words.replace("Very high", "Very_high").split())
        assert ran.code == 0
        assert sent(server) == {
            "record_type": "companies",
            "key": "tier",
            "type": "select",
            "options": ["gold", "Very_high"],
            "is_required": True,
        }

    @pytest.mark.parametrize("words", [["companies", "tier"], ["companies.tier"]])
    def test_a_field_is_named_by_noun_and_key_or_path(
        self, cerebro: Any, server: Script, words: list[str]
    ) -> None:
        server.tell("PATCH /v1/fields/companies.tier", FIELD)
        assert cerebro("fields", "deactivate", *words).code == 0
        assert sent(server) == {"is_active": False}
        assert cerebro("fields", "update", *words, "label=Class", "options=a,b").code == 0
        assert sent(server) == {"label": "Class", "options": ["a", "b"]}

    def test_too_many_words_are_wrong_usage(self, cerebro: Any) -> None:
        assert cerebro("fields", "remove", "companies", "tier", "x").code == 2
        assert cerebro("fields", "update", "companies", "tier").code == 2


class TestRecords:
    def test_unknown_keys_travel_in_custom(self, cerebro: Any, server: Script) -> None:
        server.tell("PATCH /v1/companies/acme.example", company(1))
        ran = cerebro("companies", "update", "acme.example", "name=A", "tier=gold", "score=")
        assert ran.code == 0
        assert sent(server) == {"name": "A", "custom": {"tier": "gold", "score": None}}
        cerebro("companies", "update", "acme.example", "custom.name=x")
        assert sent(server) == {"custom": {"name": "x"}}
        assert [asked.method for asked in server.asked] == ["PATCH", "PATCH"]

    def test_columns_are_shown_by_key(self, cerebro: Any, server: Script) -> None:
        server.tell("GET /v1/companies", page(company(1, custom={"tier": "gold"})))
        ran = cerebro("companies", "list", "--columns", "name,tier")
        assert ran.out.splitlines() == ["name\ttier", "Company 1\tgold"]
        wrong = cerebro("companies", "list", "--columns", "name,teir")
        assert (wrong.code, wrong.out) == (2, "")
        assert "Did you mean tier?" in wrong.err
