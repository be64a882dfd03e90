"""Values of records that are compared, packed."""

from __future__ import annotations

import pytest

from cerebro_server.kernel.records.matching import packing
from cerebro_server.kernel.records.matching.packing import Packed
from cerebro_server.kernel.records.matching.scoring import Prepared


def test_come_out_as_they_went_in_however_few_are_held_unpacked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(packing, "_UNPACKED", 2)
    values: list[Prepared] = [
        (0b101, (("ada", "lovelace"), (), ("+4930",))),
        (0b011, (("", "müller"), ("1815-12-10",), ())),
        (0, ((), (), ())),
        (1 << 39 | 0b011, (("a\x00b", "\x1f"), ("x", "y", "z"), ())),
    ]
    held = Packed(len(values) + 1)
    assert held.lacking([3, 1, 3]) == [3, 1]
    for number, each in enumerate(values):
        held.hold(number, each)
    assert held.lacking(range(5)) == [4]
    for number in (0, 1, 2, 3, 0, 3, 1):
        assert held.get(number) == values[number]
    assert held.get(4) is None
