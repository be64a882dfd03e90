"""Locking records, so that nobody changes them, and unlocking them."""

from __future__ import annotations

from cerebro_cli.verbs.acting import on_each

lock = on_each(
    "lock",
    "locked",
    "Lock records: until they are unlocked, nobody changes or deletes them.",
    undo="unlock",
)
unlock = on_each("unlock", "unlocked", "Unlock records, so that they can be changed again.")
