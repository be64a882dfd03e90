"""Between two places there is always a third."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from cerebro_server.kernel import places

_PLACE: TypeAdapter[str] = TypeAdapter(places.Place)
_NEW = st.uuids().map(lambda one: f"{one.hex}8")
_SAID = st.from_regex(r"\A[0-9a-f]{0,40}[1-9a-f]\Z")


@given(st.lists(st.one_of(_NEW, _SAID), unique=True), st.lists(st.integers(0, 10_000)))
def test_whatever_is_put_anywhere_stands_there(known: list[str], puts: list[int]) -> None:
    order = sorted(known)
    for put in puts:
        at = put % (len(order) + 1)
        low, high = order[at - 1] if at else None, order[at] if at < len(order) else None
        order.insert(at, _PLACE.validate_python(places.between(low, high)))
    assert order == sorted(set(order))


def test_a_gap_that_is_halved_four_times_takes_a_digit_more() -> None:
    low, high = "4" * 33, "6" * 33
    for _ in range(2_000):
        high = places.between(low, high)
    assert low < high
    assert len(high) < places.LONGEST


def test_ends_take_no_more_digits_the_more_stand_there() -> None:
    first = last = "0192" * 8 + "8"
    for _ in range(2_000):
        first, last = places.between(None, first), places.between(last, None)
    assert len(first) == len(last) == 33


def test_two_who_ask_at_once_get_two_places() -> None:
    assert len({places.between("4", "5") for _ in range(100)}) == 100
