"""What of a record is found by search."""

from __future__ import annotations

from typing import NamedTuple


class Searched(NamedTuple):
    """One field whose words are found. The table has a trigram index over all of a record type's
    searched fields, in their order: who changes them writes a migration."""

    field: str
    weight: float = 1.0
    """From 0 to 1: what a word counts for that is found here."""
