"""Relations: how a filter gets from a record to others."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Via:
    """A table of links between two nouns."""

    noun: str
    """The link's own noun; its living rows count."""
    here: str
    """The link's column with this record."""
    there: str
    """The link's column with the other record."""
    only: str | None = None
    """A boolean column that must be true."""


@dataclass(frozen=True, slots=True)
class Relation:
    """One step of a path: `company` in `company.industry`."""

    noun: str
    """What is at its other end."""
    here: str = "id"
    """This record's column."""
    there: str = "id"
    """The other record's column that has the same value."""
    via: Via | None = None
    """Where links lie between the two; `here` and `there` are then both ids."""
