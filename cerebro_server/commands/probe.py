"""Ask a running server, as a client of it would, whether it works and knows a key."""

from __future__ import annotations

import http.client
import json
from typing import Any, NamedTuple
from urllib.parse import urlsplit

_SECONDS = 5.0


class Answer(NamedTuple):
    """What a server said; status 0 when nobody answered, `body` then says why."""

    status: int
    body: dict[str, Any]


def get(url: str, path: str, *, api_key: str | None = None) -> Answer:
    """GET a JSON document. Never raises for what a server or the network may do."""
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    headers = {"Accept": "application/json"}
    if api_key is not None:
        headers["Authorization"] = f"Bearer {api_key}"
    try:
        connection = kind(parts.hostname or "", parts.port, timeout=_SECONDS)
        try:
            connection.request("GET", parts.path.rstrip("/") + path, headers=headers)
            reply = connection.getresponse()
            return Answer(reply.status, _json(reply.read()))
        finally:
            connection.close()
    except (OSError, ValueError, http.client.HTTPException) as error:
        return Answer(0, {"detail": str(error) or type(error).__name__})


def _json(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
