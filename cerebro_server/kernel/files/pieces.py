"""Pieces of one size, so that a range of bytes is found without reading what lies before it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import Final

PIECE: Final = 1 << 20


async def evenly(content: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """Yield the same bytes in pieces of one size, but for the last."""
    buffer = bytearray()
    async for piece in content:
        buffer += piece
        while len(buffer) >= PIECE:
            yield bytes(buffer[:PIECE])
            del buffer[:PIECE]
    if buffer:
        yield bytes(buffer)


async def ranged(
    fetch: Callable[[int], Awaitable[bytes]], *, first: int, end: int
) -> AsyncGenerator[bytes, None]:
    """Yield bytes from one place up to another; `fetch` gives the piece that starts somewhere."""
    start = first - first % PIECE
    while start < end:
        yield (await fetch(start))[max(0, first - start) : end - start]
        start += PIECE
