"""Bodies: those that come, of the type and size that is allowed, and those that go in pieces."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing

from fastapi import Request

from cerebro_server.kernel.errors import BadRequest, PayloadTooLarge, UnsupportedMediaType

JSON = ("application/json", "application/merge-patch+json")


async def read_json(request: Request, *, limit: int | None = None) -> bytes:
    """Return the body of an ordinary request, or of one with another limit. Raises 413 and 415."""
    limit = limit or request.app.state.settings.max_body_bytes
    return b"".join([chunk async for chunk in chunks(request, types=JSON, limit=limit)])


async def chunks(request: Request, *, types: Sequence[str], limit: int) -> AsyncIterator[bytes]:
    """Yield the body as it arrives; stop with 413 as soon as it is too large."""
    given = request.headers.get("content-type", types[0]).partition(";")[0].strip().lower()
    if given not in types:
        raise UnsupportedMediaType(f"Send {types[0]}, not {given!r}.")
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise UnsupportedMediaType("Send the body as it is, without a Content-Encoding.")
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or len(length) > 18:
        raise BadRequest("Content-Length is not a number.")
    size = 0
    if int(length) > limit:
        raise _too_large(limit)
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        yield chunk


async def begun(pieces: AsyncGenerator[bytes, None]) -> AsyncIterator[bytes]:
    """Wait for the first piece, so that what fails before it is a problem and no broken file."""
    first = await anext(pieces, b"")

    async def all_of_them() -> AsyncIterator[bytes]:
        async with aclosing(pieces):
            yield first
            async for piece in pieces:
                yield piece

    return all_of_them()


def _too_large(limit: int) -> PayloadTooLarge:
    return PayloadTooLarge(f"At most {limit:,} bytes are taken here.", limit=limit)
