"""Presets: how another product's export maps to our fields."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

_NOTHING: Mapping[str, Any] = MappingProxyType({})
TRUE = frozenset({"true", "1", "yes"})


@dataclass(frozen=True, slots=True)
class Unfolding:
    """Columns each of which makes a row of its own: what its name says, and what its cell says."""

    pattern: str
    """What the names of such columns are, a regular expression with named groups."""
    names: tuple[str, ...]
    """The groups, which become columns."""
    cell: str
    """The column that the cell becomes."""


@dataclass(frozen=True, slots=True)
class Fork:
    """A column whose cells mean one thing or another, as a column beside it says."""

    of: str
    """The column: `parentId`."""
    by: str
    """The one that says what it means: `parentType`."""
    to: Mapping[str, str]
    """`{what that one says, in lower case: the column that its cells are put into}`."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A column whose cells mean several things: they are put into a column for each.

    Where these name other records, one is meant that may be of several kinds, and none of them is
    missed where another is found: ids are unique there, and nothing says of what kind one is.
    """

    of: str
    """The column, or one that a fork makes: `Related To.id`."""
    to: tuple[str, ...]
    """The columns that its cells are put into."""


@dataclass(frozen=True, slots=True)
class Preset:
    """The columns of another product's export. Headers are compared without case."""

    source: str
    """The key under `external_ids`."""
    key: str | None
    """The column with the record's id there; a second import finds the record by it. None where
    there is no such column, or some rows lack it: `found_by` then says how."""
    columns: Mapping[str, str]
    """`{column: field}`; of two columns for one field the first that the file has is taken."""
    deleted: str | None = None
    """The column that tells which rows were deleted there; such rows are skipped."""
    deleted_words: frozenset[str] = TRUE
    """What that column then says, in lower case."""
    found_by: str | None = None
    """The natural key that finds a record."""
    readers: Mapping[str, Callable[[str], Any]] = field(default_factory=lambda: _NOTHING)
    """`{column: how its cells become ours}`; None leaves the cell out."""
    joined: frozenset[str] = frozenset()
    """Columns that a blank parts from what they are put behind (`street+`), where that would be a
    new line or a comma."""
    marks: tuple[tuple[str, ...], ...] = ()
    """Columns that no other file has together, written just so: a header that has one of these sets
    is recognised."""
    only: tuple[str, ...] = ()
    """The column that tells rows of this noun from others in the same file; the first that is there
    counts."""
    only_words: frozenset[str] | None = TRUE
    """What that column then says, in lower case; other rows are skipped. None: anything."""
    other_words: frozenset[str] = frozenset()
    """What it says of rows of another noun."""
    values: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    """What every row gets: `{field: value}`."""
    shares: tuple[tuple[str, ...], ...] = ()
    """Columns of files that have rows of several nouns: one whose header has one of these sets is
    of this noun, too, whatever else it is."""
    unfolding: Unfolding | None = None
    """Columns of which each makes a row, where the export has a list in its columns."""
    forks: tuple[Fork, ...] = ()
    """Columns that are parted by what another says; both count as read."""
    spreads: tuple[Spread, ...] = ()
    """Columns that mean several things; they count as read."""
    keeps_wholes: bool = False
    """Whether a row has either the pieces of a name or the whole, so that both columns count."""


@dataclass(frozen=True, slots=True)
class Chain:
    """Rows that follow one another: one of a file that says what the one before says is none."""

    of: str
    """The column with whose chain it is."""
    what: str
    """The column with what a row says."""
    at: str
    """The column with when it began."""
    before: str
    """The field with what was before it, as far as a file says it."""
    began: Callable[[Any, Sequence[Mapping[str, Any]]], Awaitable[Sequence[Mapping[str, Any]]]]
    """What a chain begins with where its first row says what was before; its first argument is a
    `Context`."""


@dataclass(frozen=True, slots=True)
class ImportParent:
    """A record that a file names beside its own: the company that a contact works for."""

    noun: str
    here: str
    """The field of this record that holds the other's id; of the link, where there is one."""
    by: tuple[str, ...]
    """What finds the other one, the surest first: `domain`, `name`; external ids come before."""
    created_by: str
    """The field without which none can be created: `name`."""
    called: tuple[str, ...] = ()
    """Other names of a column that holds it: `organization`."""
    via: str | None = None
    """The link's noun: `positions`; None where `here` is a field of the record itself."""
    there: str = ""
    """The link's field with the other record."""
    current: str | None = None
    """The link's boolean field that is true of what holds today."""
    fresh: Callable[[str], Mapping[str, Any]] | None = None
    """What a new record has besides, by what it is called."""
    is_optional: bool = False
    """Whether rows do without one that is not there."""
    copied: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    """`{field of the link: field of the row}` that come from the same row."""
