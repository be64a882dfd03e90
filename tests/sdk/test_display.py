"""Values as text: readable, on one line, and harmless to a terminal."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cerebro_sdk import display
from cerebro_sdk.schemas.contacts.companies import Company
from cerebro_sdk.schemas.workspace.changes import Change
from tests.sdk.records import change, company


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Zoë & Søn, 株式会社 👩‍👩‍👧", "Zoë & Søn, 株式会社 👩‍👩‍👧"),
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("\x9b31m", r"\x9b31m"),
        ("a\nb\tc\r\x00\x07\x7f", r"a\nb\tc\r\x00\x07\x7f"),
        ("a\u202egpj.exe", r"a\u202egpj.exe"),
        ("\u2066\u2069\u200f\u061c", r"\u2066\u2069\u200f\u061c"),
        ("zero\u200bwidth\ufeff", r"zero\u200bwidth\ufeff"),
        ("line\u2028para\u2029", r"line\u2028para\u2029"),
        ("\udc80", r"\udc80"),
        ("\U000e0041", r"\U000e0041"),
        ("[bold]markup[/bold]", "[bold]markup[/bold]"),
    ],
)
def test_spells_out_what_is_hidden(text: str, shown: str) -> None:
    assert display.visible(text) == shown


def test_keeps_what_it_is_told_to() -> None:
    assert display.visible("a\nb\x1b", keep="\n") == "a\nb\\x1b"


@given(st.text())
def test_nothing_that_moves_a_cursor_is_left(text: str) -> None:
    shown = display.cell({"key": [text]})
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 for c in shown)
    shown.encode()


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (None, None, ""),
        (True, None, "yes"),
        (0, "integer", "0"),
        ("2026-05-01T09:30:15.123Z", "datetime", "2026-05-01 09:30Z"),
        (datetime(2026, 5, 1, 9, 30, tzinfo=UTC), "datetime", "2026-05-01 09:30Z"),
        ("2026-05-01T09:30:15Z", "text", "2026-05-01T09:30:15Z"),
        ("never\n", "datetime", "never\\n"),
        (UUID(int=0xABCDEF12), "uuid", "abcdef12"),
        ({"salesforce": "001", "hubspot": 5}, "map", "salesforce:001, hubspot:5"),
        ({}, "map", ""),
        (["a", None, 1], None, "a, , 1"),
        ({"a": {"b": "\x1b"}}, None, r'a:{"b": "\u001b"}'),
    ],
)
def test_cells(value: object, kind: str | None, text: str) -> None:
    assert display.cell(value, kind) == text


def test_columns_of_plain_and_typed_records() -> None:
    for record in (company(employees=3), Company(**company(employees=3))):
        assert display.column(record, "employees") == "3"
        assert display.column(record, "domain") == ""
        assert display.column(record, "id", "uuid") == "00000001"
        assert display.column(record, "created_at", "datetime") == "2026-01-01 00:00Z"
    for entry in (change(), Change(**change())):
        assert display.column(entry, "actor") == "laptop"
        assert display.column(entry, "actor.type") == "key"
        assert display.column(entry, "diff") == "employees:[42, 43]"
