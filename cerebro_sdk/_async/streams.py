"""Downloads: a reply's bytes as they come, or into a file."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import BinaryIO, Self

from cerebro_sdk import _http
from cerebro_sdk._async.transport import AsyncTransport, Call

Target = str | os.PathLike[str] | BinaryIO


class AsyncStream:
    """The bytes of a file as the server sends them; asked for when the first piece is.

    >>> async with crm.companies.export(format="jsonl") as pieces:
    ...     async for piece in pieces:
    ...         print(len(piece))
    """

    def __init__(self, transport: AsyncTransport, call: Call) -> None:
        self._transport = transport
        self._call = call
        self._pieces = self._chunks()
        self._cursor: str | None = None

    @property
    def cursor(self) -> str | None:
        """Where the next export goes on, as its `since`; known once the first piece is there.

        >>> pieces = crm.companies.export(since=kept)
        >>> data = b"".join([piece async for piece in pieces])
        >>> kept = pieces.cursor
        """
        return self._cursor

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        return await anext(self._pieces)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Stop, and give the connection back."""
        await self._pieces.aclose()

    async def _chunks(self) -> AsyncGenerator[bytes, None]:
        reply = await self._transport.stream(self._call)
        self._cursor = reply.headers.get("cerebro-cursor")
        try:
            async for chunk in reply.chunks():
                yield chunk
        except _http.SendError as error:
            raise self._transport.broken(error) from error
        finally:
            await reply.close()


async def save(stream: AsyncStream, target: Target) -> int:
    """Write a stream into a file and return the number of bytes.

    A path gets the whole file or, if the stream breaks off, stays as it was.
    """
    written = 0
    with _opened(target) as file:
        async with stream:
            async for chunk in stream:
                file.write(chunk)
                written += len(chunk)
    return written


def _opened(target: Target) -> AbstractContextManager[BinaryIO]:
    if not isinstance(target, str | os.PathLike):
        return nullcontext(target)
    path = Path(target).resolve()  # through a symbolic link, to what it means
    return path.open("wb") if path.exists() and not path.is_file() else _replaced(path)


@contextmanager
def _replaced(path: Path) -> Iterator[BinaryIO]:
    draft = path.with_name(f".{path.name[:200]}.{os.urandom(4).hex()}.part")
    try:
        with draft.open("xb") as file:
            yield file
        if path.exists():
            draft.chmod(path.stat().st_mode & 0o7777)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def range_from(offset: int) -> dict[str, str]:
    """Return the header that asks for what lies behind an offset."""
    return {"Range": f"bytes={offset}-"} if offset else {}
