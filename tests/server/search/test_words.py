"""Words: the same in SQL and in Python, and found by their beginnings and with one mistake."""

from __future__ import annotations

import string

import httpx
import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cerebro_server.kernel.query.searching import grams, search_text
from cerebro_server.kernel.records.searching.words import TYPO_TO, Word, attempts, trigrams
from tests.fixtures.people import People
from tests.fixtures.stores import Installation
from tests.server.search.conftest import titles

TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cn", "Co"], max_codepoint=0x2FFFF),
    max_size=40,
).filter(lambda text: "\0" not in text)
LETTERS = string.ascii_lowercase
WORDS = st.text(LETTERS, min_size=5, max_size=12)
NAMES = st.lists(
    st.text("abcdefghijklmnopqrstuvwxyzäöüéñçøł", min_size=3, max_size=10).map(str.title),
    min_size=1,
    max_size=4,
).map(" ".join)


@st.composite
def mistakes(draw: st.DrawFn) -> tuple[str, str]:
    """A word of five letters or more as it is typed, and the one that is meant."""
    word = draw(WORDS)
    place = draw(st.integers(0, len(word) - 1))
    letter = draw(st.sampled_from(LETTERS))
    match draw(st.sampled_from(["other", "more", "less", "swapped"])):
        case "other":
            return word, word[:place] + letter + word[place + 1 :]
        case "more":
            return word, word[:place] + letter + word[place:]
        case "less":
            return word, word[:place] + word[place + 1 :]
    place = max(place, 1)
    return word, word[: place - 1] + word[place] + word[place - 1] + word[place + 1 :]


class TestTwins:
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(texts=st.lists(TEXTS, min_size=20, max_size=20))
    @example(["\u1680", "a\u1680b ", " \u00a0"])  # blanks to Python, and no ASCII
    def test_agree(self, words_in_sql: psycopg.Connection, texts: list[str]) -> None:
        rows = words_in_sql.execute(
            "select search_text(v) from unnest(%s::text[]) with ordinality as t(v, n) order by n",
            (texts,),
        ).fetchall()
        assert [row[0] for row in rows] == [search_text(text) for text in texts]

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(text=NAMES)
    def test_have_the_trigrams_that_are_asked_for(
        self, words_in_sql: psycopg.Connection, text: str
    ) -> None:
        row = words_in_sql.execute("select search_grams(%s)", (text,)).fetchone()
        assert row is not None
        for word in filter(None, search_text(text).split(" ")):
            assert {*grams(f"  {word} ")} <= {*row[0]}

    @pytest.fixture(scope="class")
    def words_in_sql(self, template: Installation):
        with psycopg.connect(template.url, autocommit=True) as connection:
            connection.execute("set search_path = ws_main")
            yield connection


@given(pair=mistakes(), before=st.sampled_from(["", "ada "]), after=st.sampled_from(["", " co"]))
@settings(max_examples=300, deadline=None)
def test_one_mistake_leaves_what_the_index_is_asked_for(
    pair: tuple[str, str], before: str, after: str
) -> None:
    import re

    typed, meant = pair
    word = Word(typed, loose=True)
    text = f"{before}{meant}{after}"
    there = {gram for each in text.split() for gram in grams(f"  {each} ")}
    assert re.search(word.pattern, f" {text} ")
    assert any({*wanted} <= there for wanted in trigrams([word]))


def test_numbers_are_read_as_words_first() -> None:
    assert [[word.text for word in way] for way in attempts("020 7946")] == [
        ["020", "7946"],
        ["020", "7946"],
        ["207946"],
    ]


@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(name=NAMES, data=st.data())
async def test_every_record_is_found_by_its_name(
    api: httpx.AsyncClient, main: People, name: str, data: st.DataObject
) -> None:
    main.connection.execute("delete from companies")
    main.connection.execute(
        "insert into companies (id, name) select gen_random_uuid(), n from unnest(%s::text[]) n",
        ([name, "Gravity Investments", "Ada & Sons", name[::-1].title()],),
    )
    parts = name.split()
    assert name in await titles(api, name, limit=100)
    assert name in await titles(api, " ".join(reversed(parts)), limit=100)
    assert name in await titles(api, " ".join(part[:3] for part in parts), limit=100)
    long = [part for part in parts if len(search_text(part).strip()) >= 5]
    if long:
        word = data.draw(st.sampled_from(long))
        place = data.draw(st.integers(0, len(word) - 1))
        typo = word[:place] + data.draw(st.sampled_from(LETTERS)) + word[place + 1 :]
        query = " ".join(typo if part == word else part for part in parts)
        assert name in await titles(api, query, limit=100)


def test_long_words_are_taken_as_they_are_typed() -> None:
    long = Word("a" * (TYPO_TO + 1), loose=True)
    assert long.pattern == f" {long.text}"
    assert list(long.mistyped()) == []
    assert list(Word("a" * TYPO_TO, loose=True).mistyped()) != []
