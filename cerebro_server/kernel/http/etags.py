"""ETags (RFC 9110, section 8.8.3): a record's is its version, strong, and serves If-Match."""

from __future__ import annotations

import re

from fastapi import Request

from cerebro_server.kernel.errors import BadRequest

_ETAG = re.compile(r'"(\d{1,9})"')


def etag(version: int) -> str:
    """Return the ETag of a version."""
    return f'"{version}"'


def if_match(request: Request) -> int | None:
    """Return the version that the caller insists on; None without If-Match, or with `*`."""
    given = request.headers.get("if-match")
    if given is None or given.strip() == "*":
        return None
    match = _ETAG.fullmatch(given.strip())
    if not match:
        raise BadRequest('If-Match takes one ETag as the record\'s reply gave it, such as "3".')
    return int(match[1])
