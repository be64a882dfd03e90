"""Bars in the terminal, as wide as that is."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from cerebro_cli import output
from cerebro_sdk.display import visible

_EIGHTHS = " ▏▎▍▌▋▊▉"
_FULL = "█"
_PLAIN = "#"
_GAP = "  "
_NARROWEST = 5  # a bar that is shorter tells nothing
_LABEL = 3  # part of the width that labels take at most


class Bar(NamedTuple):
    """One bar: the longest of a scale fills what room there is."""

    label: str
    value: Decimal
    said: str
    """What stands behind it."""
    scale: str = ""
    """Only bars of one scale are compared: a currency."""


def draw(bars: Sequence[Bar]) -> None:
    """Write bars to the terminal; what a locale cannot show is drawn with plain signs."""
    width = shutil.get_terminal_size().columns
    is_plain = not (sys.stdout.encoding or "utf-8").lower().startswith("utf")
    for line in lines(bars, width=width, is_plain=is_plain):
        output.write(f"{output.readable(line)}\n")


def lines(bars: Sequence[Bar], *, width: int, is_plain: bool = False) -> Iterator[str]:
    """Yield the lines of bars, none wider than `width`; where that is little, bars are left out."""
    # 20 ms, and only where a person looks on
    from rich.cells import cell_len, set_cell_size

    most = max((cell_len(visible(bar.label)) for bar in bars), default=0)
    wide = min(most, max(width // _LABEL, 1))
    said = max((cell_len(bar.said) for bar in bars), default=0)
    room = width - wide - said - 2 * len(_GAP)
    longest: dict[str, Decimal] = {}
    for bar in bars:
        longest[bar.scale] = max(longest.get(bar.scale, Decimal()), bar.value)
    for bar in bars:
        label = visible(bar.label)
        if cell_len(label) > wide:
            label = set_cell_size(label, wide - 1).rstrip() + "…"
        label += " " * (wide - cell_len(label))
        drawn = ""
        if room >= _NARROWEST:
            drawn = _drawn(bar.value, longest[bar.scale], room, is_plain=is_plain)
            drawn = drawn.ljust(room) + _GAP
        told = " " * (said - cell_len(bar.said)) + bar.said
        yield set_cell_size(f"{label}{_GAP}{drawn}{told}", width).rstrip()


def _drawn(value: Decimal, longest: Decimal, room: int, *, is_plain: bool) -> str:
    """Return a bar in eighths of a cell; what is more than nothing is seen."""
    if value <= 0 or longest <= 0:
        return ""
    eighths = max(int(value / longest * room * 8), 1)
    if is_plain:
        return _PLAIN * max(round(eighths / 8), 1)
    full, rest = divmod(eighths, 8)
    return _FULL * full + _EIGHTHS[rest].strip()
