"""API keys: `cbr_<workspace>_<id>_<secret><crc>`, stored as a hash, shown once.

The CRC-32 at the end (as GitHub's tokens have) lets a scanner, and this server, tell a real key
from text that looks like one, without asking the database.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import zlib
from dataclasses import dataclass
from typing import Literal

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_REST = r"([a-z][a-z0-9_]{0,29})_([0-9A-Za-z]{12})_([0-9A-Za-z]{32})([0-9A-Za-z]{6})"
_KEYS = {kind: re.compile(f"cbr_{kind}{_REST}") for kind in ("", "ot_")}


@dataclass(frozen=True, slots=True)
class Key:
    """A key taken apart: which workspace, which row, and the hash to compare."""

    workspace: str
    lookup: str
    secret_hash: bytes

    @property
    def prefix(self) -> str:
        """What may be shown of it, to tell it from others."""
        return f"cbr_{self.workspace}_{self.lookup}"


def new_key(workspace: str, *, kind: Literal["", "ot_"] = "") -> tuple[str, Key]:
    """Make a key, or with kind `ot_` a one-time token; return its text, which is never stored, and
    what is."""
    lookup = "".join(secrets.choice(_ALPHABET) for _ in range(12))
    secret = "".join(secrets.choice(_ALPHABET) for _ in range(32))
    body = f"cbr_{kind}{workspace}_{lookup}_{secret}"
    return body + _checksum(body), Key(workspace, lookup, _hash(secret))


def parse_key(text: str, *, kind: Literal["", "ot_"] = "") -> Key | None:
    """Take a key apart; None for anything that cannot be one."""
    match = _KEYS[kind].fullmatch(text)
    if not match or _checksum(text[:-6]) != match[4]:
        return None
    return Key(match[1], match[2], _hash(match[3]))


def _hash(secret: str) -> bytes:
    # a plain hash will do: 190 random bits cannot be guessed, and every request needs it
    return hashlib.sha256(secret.encode()).digest()


def _checksum(body: str) -> str:
    number, digits = zlib.crc32(body.encode()), ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        digits = _ALPHABET[digit] + digits
    return digits
