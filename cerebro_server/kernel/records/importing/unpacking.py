"""Reads a workbook in a process of its own: `python unpacking.py [SHEET] < FILE > ROWS`.

The reader takes sizes in the file at their word, and a wrong one ends its process: it must not be
the server's. Writes a JSON array a line: first the names of the sheets and the one that is read,
then each row's number and texts. Imports nothing of Cerebro, so that it starts at once.
"""

from __future__ import annotations

import json
import resource
import sys
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from python_calamine import CalamineWorkbook

MAX_MEMORY = 3 << 30
UNREADABLE = 3
"""The exit code where the reader says what is wrong, on stderr."""


def unpack(asked: str | None) -> None:
    """Write the rows of a sheet, the first or the one of that name; of an unknown name, none."""
    with open(0, "rb", closefd=False) as file:
        book = CalamineWorkbook.from_filelike(file)
        names = book.sheet_names
        name = _chosen(names, asked)
        _say([names, name])
        if name is not None:
            for line, cells in enumerate(book.get_sheet_by_name(name).iter_rows(), 1):
                texts = [_text(cell) for cell in cells]
                if any(texts):
                    _say([line, texts])


def _chosen(names: list[str], asked: str | None) -> str | None:
    if asked is None:
        return names[0] if names else None
    wanted = asked.strip().casefold()
    return next((name for name in names if name.strip().casefold() == wanted), None)


def _text(cell: Any) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        # what Excel shows: fifteen digits, and no exponent
        return f"{Decimal(f'{cell:.15g}'):f}"
    if isinstance(cell, datetime):  # Excel's times have no zone; exports write UTC
        return f"{cell.isoformat()}Z"
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)


def _say(value: object) -> None:
    sys.stdout.write(f"{json.dumps(value)}\n")


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        unpack(sys.argv[1] if len(sys.argv) > 1 else None)
    except BaseException as error:
        sys.stderr.write(str(error) or type(error).__name__)
        sys.exit(UNREADABLE)
