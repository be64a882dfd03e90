"""Full names: taken apart, and put together again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cerebro_server.components.contacts.presets.names import split


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Ada Lovelace", "Ada", "Lovelace"),
        ("Cher", None, "Cher"),
        ("Ludwig van Beethoven", "Ludwig", "van Beethoven"),
        ("Eddie Van Halen", "Eddie", "Van Halen"),
        ("Van Morrison", "Van", "Morrison"),
        ("Maria de la Cruz", "Maria", "de la Cruz"),
        ("Martin Luther King Jr.", "Martin Luther", "King Jr."),
        ("King, Martin Luther", "Martin Luther", "King"),
        ("Smith, John, Jr.", "John", "Smith Jr."),
        ("John Smith, PhD", "John", "Smith, PhD"),
        ("山田太郎", None, "山田太郎"),
        ("Acme, Bolt, Co", None, "Acme, Bolt, Co"),
    ],
)
def test_is_taken_apart(name: str, first: str | None, last: str) -> None:
    found = split(name)
    assert (found.get("first_name"), found["last_name"]) == (first, last)


@given(st.lists(st.text(st.characters(categories=("L", "P", "N")), min_size=1), min_size=1))
def test_put_together_gives_the_words_again(words: list[str]) -> None:
    found = split(" ".join(words))
    together = " ".join(filter(None, (found.get("first_name"), found["last_name"])))
    kept = " ".join(" ".join(words).split())
    assert found["last_name"].strip()
    if "," not in kept:
        assert together == kept
