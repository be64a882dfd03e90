"""What the files of one run share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from cerebro_server.kernel.records.importing.coming import Coming

_SHOWN = 5


class Pending(NamedTuple):
    """A record that names another of its own noun, which may stand further down."""

    file: int
    line: int
    record_id: UUID
    name: str
    named: Mapping[str, str]


@dataclass(slots=True)
class Tally:
    """How many references of a file led somewhere, and which did not."""

    made: int = 0
    missing: int = 0
    circles: int = 0
    """Of those that led nowhere, how many would have put a record above itself."""
    first: dict[str, None] = field(default_factory=dict)
    """The first few that did not."""

    def miss(self, said: str, *, is_circle: bool = False) -> None:
        """Count one that leads nowhere."""
        self.missing += 1
        self.circles += is_circle
        if len(self.first) < _SHOWN:
            self.first[said[:200]] = None

    def to_wire(self) -> dict[str, Any]:
        """Return the counts as a report has them."""
        return {
            "made": self.made,
            "missing": self.missing,
            "circles": self.circles,
            "first_missing": list(self.first),
        }


@dataclass(slots=True)
class Run:
    """An import of one file, or of a whole dump."""

    coming: Coming
    is_whole: bool = False
    """Whether it is a dump: rows may name what stands further down, or in another of its files."""
    keeps_ids: bool = False
    """Whether new records get the ids that the file has, where nothing ever had them here."""
    keeps_dates: bool = False
    """Whether new records keep since when they are there."""
    nouns: Mapping[str, int] = field(default_factory=dict)
    """How many files each noun has of its own."""
    file: int = 0
    """The one that is being read."""
    pending: list[Pending] = field(default_factory=list)
    """Of the noun whose files are being read."""
    columns: dict[str, dict[str, str]] = field(default_factory=dict)
    """By noun, what columns of its files are taken for."""
    addresses: Mapping[str, str] = field(default_factory=dict)
    """By the id that a user has where the dump is from, the address of that user."""
    tallies: dict[int, dict[str, Tally]] = field(default_factory=dict)
    """By file, and by the name of the reference."""

    def tally(self, name: str) -> Tally:
        """Return the counts of references of a name in the file that is being read."""
        return self.tallies.setdefault(self.file, {}).setdefault(name, Tally())

    def links(self, file: int) -> dict[str, Any]:
        """Return how many references of a file led somewhere, by name, for a report."""
        return {name: tally.to_wire() for name, tally in self.tallies.get(file, {}).items()}
