"""Places of records that people put in order by hand: texts of hexadecimal digits, read as the
digits of a fraction, so that between two there is always a third and putting one record somewhere
writes that record alone ("fractional indexing", D. Greenspan, 2017).

A place never ends in 0: nothing sorts between `a` and `a0`.
"""

from __future__ import annotations

import secrets
from typing import Annotated, Final

from pydantic import StringConstraints

LONGEST: Final = 1_000
"""Digits. A gap that is halved again and again needs one more after each four times."""
Place = Annotated[str, StringConstraints(pattern=rf"^[0-9a-f]{{0,{LONGEST - 1}}}[1-9a-f]$")]
_NEW: Final = 33
"""The digits of a new record's place: its id's and an 8, so they rise as records are made."""
_ROOM: Final = 16**4
"""How many places are to be left between two, at the least, for a chosen one."""


def of_id(record_id: str) -> str:
    """Return the SQL expression with the place of a new record, after all that were made before;
    `record_id` is an expression, too."""
    return f"replace({record_id}::text, '-', '') || '8'"


def between(low: str | None, high: str | None) -> str:
    """Return a place after `low` and before `high`; None: there is nothing on that side.

    Chosen by chance within the middle half, so that two who ask at once get two places.
    """
    digits = max(len(low or ""), len(high or ""), _NEW)
    first, last = int(low or "0", 16), int(high or "f", 16)
    first <<= 4 * (digits - len(low or "0"))
    last <<= 4 * (digits - len(high or "f"))
    if low is None:  # a step, and no half of the way: digits would grow with each
        first = max(0, last - 16 ** (digits - 11))
    if high is None:
        last = min(16**digits, first + 16 ** (digits - 11))
    while last - first < _ROOM:
        digits, first, last = digits + 4, first * _ROOM, last * _ROOM
    gap = last - first
    chosen = first + gap // 4 + secrets.randbelow(gap // 2)
    return f"{chosen | 1:0{digits}x}"
