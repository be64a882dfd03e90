"""Which records take no part in merges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cerebro_server.kernel.errors import Problem


@dataclass(frozen=True, slots=True)
class Unmerged:
    """What keeps a record out of merges, whether it would stay or go."""

    column: str
    """Those in which this has a value."""
    refusal: Callable[[str], Problem]
    """Returns the error for one, by what it was named as."""
