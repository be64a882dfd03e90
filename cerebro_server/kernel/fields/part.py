"""Parts: what has no life of its own and lies in an ordered list on the record's row."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Primary:
    """A column that shows one sub-field of the first part of a list."""

    field: str
    """The list: `emails`."""
    of: str
    """The sub-field: `address`."""


@dataclass(frozen=True, slots=True)
class PartKey:
    """What tells the parts of a list apart, and finds their record."""

    of: str
    """The sub-field: `address`."""
    kind: str
    """Its name among the keys of records: `email`."""
    is_unique: bool
    """Whether two living records may not share one."""
