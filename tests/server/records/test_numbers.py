"""The map that remembers the keys of a file."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cerebro_server.kernel.records.importing.numbers import Numbers

_KEYS = st.integers(-(1 << 63), (1 << 63) - 1) | st.sampled_from([0, 1 << 16, -(1 << 16), 1 << 17])


@given(st.lists(st.tuples(_KEYS, st.integers(0, 1 << 62))))
def test_is_a_dict(entries: list[tuple[int, int]]) -> None:
    ours, plain = Numbers(), dict[int, int]()
    for key, number in entries:
        assert ours.put(key, number) == (key not in plain)
        plain[key] = number
        assert ours.get(key) == number
    assert all(ours.get(key) == number for key, number in plain.items())
    assert all(ours.get(key ^ 1) == plain.get(key ^ 1) for key in plain)
