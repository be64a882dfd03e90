"""Rows of a file that are read and validated while others are planned."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import islice
from typing import Final

from cerebro_server.kernel.records.importing.preparing import Prepared, Preparing
from cerebro_server.kernel.records.importing.table import Row

_CHUNK: Final = 2_500
"""Rows that are validated while a transaction is open: less than a second."""
_SLICE: Final = 250
"""Rows after which it is looked whether there is something else to do."""


async def next_rows(preparing: Preparing, rows: Iterator[Row]) -> Prepared | None:
    """Return the next rows of a file, validated in a thread; None where there are no more.

    A slice begins when the loop has nothing else to do, which is while PostgreSQL works: begun all
    at once, they would be ready before it does, and their thread in the way of what it waits for.
    """

    def some() -> int:
        chunk = list(islice(rows, _SLICE))
        preparing.prepare(chunk, found)
        return len(chunk)

    found, count = Prepared(), 0
    while count < _CHUNK and (more := await asyncio.to_thread(some)):
        count += more
    return found if count else None
