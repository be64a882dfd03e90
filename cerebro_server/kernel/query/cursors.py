"""Cursors: where a list goes on, signed, and good only for the list they were made for."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from cerebro_server.kernel.errors import InvalidCursor

_READ: dict[str, Callable[[str], Any]] = {
    "t": datetime.fromisoformat,
    "d": date.fromisoformat,
    "n": Decimal,
    "u": UUID,
}


@dataclass(frozen=True, slots=True)
class Signing:
    """What cursors are signed and checked with."""

    key: bytes
    now: datetime
    max_age_seconds: int | None
    """None: they stay good."""
    restart: str = "Start again without `cursor`."
    """What to do instead of using one that is not good."""


def encode_cursor(values: Sequence[Any], *, bound: Sequence[str], signing: Signing) -> str:
    """Return the cursor for going on after the row with these key values.

    `bound` says which list it belongs to: workspace, noun, filter, sort, deleted or not.
    """
    tagged = [_tagged(value) for value in values]
    body = [int(signing.now.timestamp()), _digest(tuple(bound)), tagged]
    payload = to_json(body)
    return _encode(_mac(payload, signing.key) + payload)


def decode_cursor(text: str, *, bound: Sequence[str], signing: Signing) -> tuple[Any, ...]:
    """Return the key values of a cursor. Raises InvalidCursor: changed, foreign or too old."""
    try:
        raw = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise InvalidCursor(f"This is not a cursor. {signing.restart}") from None
    mac, payload = raw[:16], raw[16:]
    if not hmac.compare_digest(mac, _mac(payload, signing.key)):
        raise InvalidCursor(f"This cursor was changed, or is another server's. {signing.restart}")
    issued, digest, tagged = json.loads(payload)
    if digest != _digest(tuple(bound)):
        raise InvalidCursor(
            "This cursor belongs to another list: workspace, noun, where, sort and deleted must be "
            f"those of the page it came with. {signing.restart}"
        )
    age, most = signing.now.timestamp() - issued, signing.max_age_seconds
    if most is not None and not -300 <= age <= most:
        raise InvalidCursor(f"This cursor has expired; one is good for {most} s. {signing.restart}")
    return tuple(_untagged(value) for value in tagged)


@lru_cache(1_000)
def _digest(bound: tuple[str, ...]) -> str:
    """Return a short hash, so that a cursor of another list is known as such."""
    return _encode(hashlib.sha256(json.dumps(list(bound)).encode()).digest()[:9])


def _mac(payload: bytes, key: bytes) -> bytes:
    return hmac.digest(key, b"cerebro cursor\0" + payload, "sha256")[:16]


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _tagged(value: Any) -> Any:
    """JSON's own types stay; the others become `[tag, text]`, which reads back exactly."""
    match value:
        case None | bool() | int() | str():
            return value
        case datetime():
            return ["t", value.isoformat()]
        case date():
            return ["d", value.isoformat()]
        case Decimal():
            return ["n", str(value)]
        case UUID():
            return ["u", value.hex]
    raise TypeError(f"no place in a cursor for {type(value).__name__}")


def _untagged(value: Any) -> Any:
    return _READ[value[0]](value[1]) if isinstance(value, list) else value
