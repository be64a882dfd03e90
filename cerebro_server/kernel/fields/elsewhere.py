"""What the rows of a noun are that tell what happened to records elsewhere."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A row for each change of one field of one record, which is one of the noun's ends; the others
    are null. It is there for whoever may read that record and that field, and goes with the record:
    whoever may change that may give it to another, as merges do. Imports alone make such rows.

    These are the columns that say what happened.
    """

    field: str = "field"
    """By our name, where we have it."""
    old: str = "old_value"
    new: str = "new_value"
    at: str = "changed_at"
    by: str = "changed_by"
    source: str = "source"
