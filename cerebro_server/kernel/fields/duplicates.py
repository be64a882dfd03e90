"""Rules that tell whether two records are probably the same thing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Normalise = Callable[[str], str]
"""Returns what two values have in common that mean the same; empty for one that says nothing."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One field in which two records are compared."""

    field: str
    weight: float
    """What it adds to the score where both are the same."""
    reason: str
    """Said of such a pair: `same phone`."""
    normalise: Normalise
    alike_weight: float = 0.0
    """What it adds where both are nearly the same."""
    alike_reason: str = ""
    unlike_weight: float = 0.0
    """What it takes from the score where both have values that differ; negative."""


@dataclass(frozen=True, slots=True)
class Duplicates:
    """How a record type's duplicates are found: by index first, then by comparing."""

    blocks: tuple[str, ...]
    """Fields that an index serves: who shares the value of one is compared."""
    compared: tuple[Compared, ...]
    threshold: float = 0.8
    """The score from 0 to 1 from which on two records are possible duplicates."""
    derive: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None
    """Returns the fields that the database would compute for a new row."""
    elsewhere: Mapping[str, Duplicates] = field(default_factory=dict)
    """By what rules it is held against records of other nouns, which call the same things alike."""
