"""Record ids: UUIDv7 (RFC 9562, section 5.7), made in Python so that any PostgreSQL will do."""

from __future__ import annotations

import os
import re
import threading
import time
from datetime import datetime
from typing import Final
from uuid import UUID

EXTERNAL: Final = re.compile(r"([a-z][a-z0-9_]{0,39}):(.+)", re.S)
"""What another system calls a record: `source:external-id`."""
_lock = threading.Lock()
_last = 0


def read_id(text: str) -> UUID | None:
    """Return the id that a text is; None where it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def uuid7() -> UUID:
    """Return a new UUIDv7; ids of one process rise strictly, also within a millisecond.

    The 12 bits after the milliseconds hold their fraction in 1/4096 (method 3 of section 6.2).
    """
    global _last
    moment = (time.time_ns() << 12) // 1_000_000
    with _lock:
        _last = moment = max(moment, _last + 1)
    random = int.from_bytes(os.urandom(8), "big") & (2**62 - 1)
    value = (moment >> 12) << 80 | 0x7 << 76 | (moment & 0xFFF) << 64 | 0b10 << 62 | random
    return UUID(int=value)


def uuid7_at(moment: datetime) -> UUID:
    """Return a new UUIDv7 of an earlier moment: among others it stands where that one was."""
    random = int.from_bytes(os.urandom(10), "big")
    milliseconds = int(moment.timestamp() * 1000)
    value = milliseconds << 80 | 0x7 << 76 | (random >> 68 & 0xFFF) << 64
    return UUID(int=value | 0b10 << 62 | random & (2**62 - 1))
