"""Ranges of bytes: how a download goes on where it broke off (RFC 9110, section 14)."""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

from fastapi import Request

from cerebro_server.kernel.errors import RangeNotSatisfiable

_ONE = re.compile(r"bytes=\s*([0-9]{0,18})-([0-9]{0,18})\s*", re.IGNORECASE)

RANGE: Final = [
    {
        "name": name,
        "in": "header",
        "required": False,
        "schema": {"type": "string"},
        "description": says,
    }
    for name, says in (
        ("Range", "Which bytes: `bytes=1048576-`, to go on where a download broke off."),
        ("If-Range", "The `ETag` of what is there already; of another file all bytes are sent."),
    )
]
"""The headers of a request for a part, as OpenAPI tells them."""


def bytes_reply(*types: str) -> dict[str, Any]:
    """Return OpenAPI's description of a reply that is a file, of one of these types."""
    return {
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in types},
        "headers": {
            "ETag": {"description": "SHA-256 of the whole file.", "schema": {"type": "string"}},
            "Accept-Ranges": {"description": "`bytes`.", "schema": {"type": "string"}},
        },
    }


class Span(NamedTuple):
    """Which bytes of a file to send."""

    first: int
    end: int
    """The byte behind the last one."""
    is_part: bool
    """Whether it was asked for, and is to be said with status 206."""

    def headers(self, *, size: int, etag: str) -> dict[str, str]:
        """Return the headers of the reply."""
        said = {
            "Accept-Ranges": "bytes",
            "ETag": etag,
            "Content-Length": str(self.end - self.first),
        }
        if self.is_part:
            said["Content-Range"] = f"bytes {self.first}-{self.end - 1}/{size}"
        return said


def asked_span(request: Request, *, size: int, etag: str) -> Span:
    """Return which bytes a request asks for: all of them where it names none, several ranges, or an
    older state of the file (If-Range). Raises `RangeNotSatisfiable`."""
    whole = Span(0, size, is_part=False)
    match = _ONE.fullmatch(request.headers.get("range", ""))
    if match is None or match.group(1, 2) == ("", ""):
        return whole
    if request.headers.get("if-range", etag) != etag:
        return whole
    first, last = match[1], match[2]
    if not first:
        span = Span(max(0, size - int(last)), size, is_part=True)
    else:
        end = min(size, int(last) + 1) if last else size
        span = Span(int(first), end, is_part=True)
        if last and int(last) < int(first):  # it is no range
            return whole
    if span.first >= span.end:
        raise RangeNotSatisfiable(
            f"The file has {size:,} bytes, and none of those that were asked for.",
            headers={"Content-Range": f"bytes */{size}"},
            size=size,
        )
    return span
