"""Refresh tokens: `cbr_rt_<workspace>_<session>_<number>_<mac>`.

The mac follows from the session and the number: nothing of a token is stored, and whoever lost a
reply can be given the same successor again.
"""

from __future__ import annotations

import hmac
import json
import re
from dataclasses import dataclass
from uuid import UUID

from cerebro_server.components.identity.service import derived_keys
from cerebro_server.kernel.config import Settings

_PURPOSE = "refresh tokens"
_TEXT = re.compile(
    r"cbr_rt_([a-z][a-z0-9_]{0,29})_([0-9a-f]{32})_([1-9][0-9]{0,8})_([0-9a-f]{64})", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Refresh:
    """A refresh token taken apart; genuine once its mac has been looked at."""

    workspace: str
    session_id: UUID
    number: int
    mac: str = ""


def parse(text: str) -> Refresh | None:
    """Take a token apart; None for anything that cannot be one."""
    match = _TEXT.fullmatch(text)
    return Refresh(match[1], UUID(match[2]), int(match[3]), match[4]) if match else None


def text_of(settings: Settings, token: Refresh, seed: bytes) -> str:
    """Return the text of a session's token; the same every time."""
    mac = _mac(derived_keys.keys(settings, _PURPOSE)[0], token, seed)
    return f"cbr_rt_{token.workspace}_{token.session_id.hex}_{token.number}_{mac}"


def is_genuine(settings: Settings, token: Refresh, seed: bytes) -> bool:
    """Tell whether we made the token, for the session that has this seed."""
    macs = [_mac(key, token, seed) for key in derived_keys.keys(settings, _PURPOSE)]
    return any(hmac.compare_digest(mac, token.mac) for mac in macs)


def _mac(key: bytes, token: Refresh, seed: bytes) -> str:
    said = json.dumps([token.workspace, token.session_id.hex, token.number]).encode()
    return hmac.digest(key, seed + said, "sha256").hex()
