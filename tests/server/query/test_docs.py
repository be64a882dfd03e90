"""Every example in docs/query-language.md is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cerebro_sdk.schemas.query import Search
from cerebro_server import registry
from cerebro_server.components.contacts.records import companies
from cerebro_server.kernel.access import subject_of
from cerebro_server.kernel.access.actor import SYSTEM
from cerebro_server.kernel.errors import InvalidQuery
from cerebro_server.kernel.query import compile_predicate, compile_sql, parse, parse_sort

from .kinds import ENV

CATALOG = {record_type.name: record_type for record_type in registry.record_types()}
PAGE = (Path(__file__).parents[3] / "docs" / "query-language.md").read_text(encoding="utf-8")
MISTAKES = re.findall(r"^\| `(.+?)` \| `(.+)` \|$", PAGE, re.MULTILINE)


def lines(language: str) -> list[str]:
    blocks = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line]


class TestExamples:
    @pytest.mark.parametrize("text", lines("query"))
    def test_filters_compile(self, text):
        subject = subject_of(SYSTEM, companies, ENV, CATALOG)
        assert compile_sql(parse(text), subject, ENV).text
        assert compile_predicate(parse(text), subject, ENV)

    def test_the_tree_is_one(self):
        [block] = re.findall(r"^```json\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
        asked = Search.model_validate_json(block)
        assert asked.where is not None
        assert compile_sql(asked.where, subject_of(SYSTEM, companies, ENV, CATALOG), ENV).text

    @pytest.mark.parametrize("text", lines("sort"))
    def test_sorts_are_read(self, text):
        assert parse_sort(text, companies.fields).text.startswith(text)

    @pytest.mark.parametrize(("text", "meant"), MISTAKES)
    def test_mistakes_get_the_suggestion_named(self, text, meant):
        with pytest.raises(InvalidQuery) as caught:
            compile_sql(parse(text), companies.fields, ENV)
        assert caught.value.members["suggestion"] == meant

    def test_there_are_examples_of_each(self):
        assert len(lines("query")) > 20
        assert len(lines("sort")) == 3
        assert len(MISTAKES) > 5
