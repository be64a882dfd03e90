"""Text to tree, tree to text, tree to JSON: nothing is lost."""

from __future__ import annotations

from hypothesis import given, settings
from pydantic import TypeAdapter

from cerebro_sdk.schemas.query import Node
from cerebro_server.kernel.query import format_query, parse

from .generated import filters

_NODE = TypeAdapter(Node)


class TestRoundTrip:
    @settings(max_examples=250, deadline=None)
    @given(node=filters)
    def test_text_parses_back_to_the_same_tree(self, node):
        assert parse(format_query(node)) == node

    @settings(max_examples=150, deadline=None)
    @given(node=filters)
    def test_json_reads_back_to_the_same_tree(self, node):
        assert _NODE.validate_json(node.model_dump_json()) == node

    def test_keeps_brackets_that_matter_and_drops_the_rest(self):
        for text, expected in {
            "((a = 1))": "a = 1",
            "a = 1 or (b = 2 and c = 3)": "a = 1 or b = 2 and c = 3",
            "(a = 1 or b = 2) and c = 3": "(a = 1 or b = 2) and c = 3",
            "not (a = 1 and b = 2)": "not (a = 1 and b = 2)",
            "not (a = 1) and b = 2": "not a = 1 and b = 2",
            "a = 1 and (b = 2 and c = 3)": "a = 1 and (b = 2 and c = 3)",
            "deals has (stage = won)": "deals has (stage = won)",
            "tags HAS ANY (vip, 'a b')": 'tags has any (vip, "a b")',
            "seen > NOW-30d+2h": "seen > now - 30d + 2h",
        }.items():
            assert format_query(parse(text)) == expected
