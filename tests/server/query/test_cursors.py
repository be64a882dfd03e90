"""Cursors: exact, and good for one list only."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cerebro_sdk.schemas.kinds import Kind
from cerebro_server.kernel.errors import InvalidCursor
from cerebro_server.kernel.query import Signing, decode_cursor, encode_cursor

from .generated import huge, texts
from .kinds import POOLS

BOUND = ["main", "companies", "employees > 3", "-employees,name", "exclude"]
SIGNING = Signing(key=b"k" * 32, now=datetime(2026, 1, 1, tzinfo=UTC), max_age_seconds=60)
VALUES = (42, 'é"\\\n', "x")
_pools = (st.sampled_from(pool) for kind, pool in POOLS.items() if kind is not Kind.KEYS)
values = st.one_of(st.none(), huge, texts, st.text(), *_pools)


def read(cursor: str, bound: list[str] = BOUND, signing: Signing = SIGNING) -> tuple[object, ...]:
    return decode_cursor(cursor, bound=bound, signing=signing)


class TestCursor:
    @given(one=st.tuples(values, values, values))
    def test_reads_back_exactly(self, one):
        found = read(encode_cursor(one, bound=BOUND, signing=SIGNING))
        assert found == one
        assert list(map(str, found)) == list(map(str, one))

    def test_is_fit_for_an_address(self):
        cursor = encode_cursor(VALUES, bound=BOUND, signing=SIGNING)
        assert cursor.isascii()
        assert all(one.isalnum() or one in "-_" for one in cursor)

    def test_refuses_a_changed_one(self):
        cursor = encode_cursor(VALUES, bound=BOUND, signing=SIGNING)
        for place in range(0, len(cursor) - 1, 3):
            other = "A" if cursor[place] != "A" else "B"
            with pytest.raises(InvalidCursor, match="Start again without `cursor`"):
                read(cursor[:place] + other + cursor[place + 1 :])

    @given(st.text(max_size=80))
    def test_refuses_anything_else(self, text):
        with pytest.raises(InvalidCursor):
            read(text)

    @pytest.mark.parametrize("place", range(5))
    def test_refuses_one_of_another_list(self, place):
        cursor = encode_cursor(VALUES, bound=BOUND, signing=SIGNING)
        other = [*BOUND[:place], "other", *BOUND[place + 1 :]]
        with pytest.raises(InvalidCursor, match="another list"):
            read(cursor, bound=other)

    def test_refuses_one_of_another_key(self):
        cursor = encode_cursor(VALUES, bound=BOUND, signing=SIGNING)
        with pytest.raises(InvalidCursor):
            read(cursor, signing=replace(SIGNING, key=b"z" * 32))

    def test_expires(self):
        cursor = encode_cursor(VALUES, bound=BOUND, signing=SIGNING)
        read(cursor, signing=replace(SIGNING, now=SIGNING.now + timedelta(seconds=60)))
        with pytest.raises(InvalidCursor, match="expired"):
            read(cursor, signing=replace(SIGNING, now=SIGNING.now + timedelta(seconds=61)))
