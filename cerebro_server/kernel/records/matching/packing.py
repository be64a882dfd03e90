"""What is compared of records, held for a million of them: packed, and unpacked as it is needed."""

from __future__ import annotations

import marshal
from collections.abc import Iterable
from typing import Final

from cerebro_server.kernel.records.matching.scoring import Prepared

_UNPACKED: Final = 100_000
"""Records of which the values are held unpacked, too."""


class Packed:
    """The values of records by their numbers. To read and to prepare those of a record takes twenty
    times as long as to unpack them, and its partners lie all over the table."""

    def __init__(self, count: int) -> None:
        self._packed: list[bytes | None] = [None] * count
        self._unpacked: dict[int, Prepared] = {}

    def lacking(self, numbers: Iterable[int]) -> list[int]:
        """Return those of these records that have no values here."""
        return [number for number in dict.fromkeys(numbers) if self._packed[number] is None]

    def hold(self, number: int, values: Prepared) -> None:
        """Take the values of a record."""
        self._packed[number] = marshal.dumps(values)

    def get(self, number: int) -> Prepared | None:
        """Return the values of a record; of one that was never there to be read, none."""
        found = self._unpacked.get(number)
        if found is None and (packed := self._packed[number]) is not None:
            if len(self._unpacked) >= _UNPACKED:
                self._unpacked.clear()
            # what this process packed itself
            found = self._unpacked[number] = marshal.loads(packed)  # noqa: S302
        return found
