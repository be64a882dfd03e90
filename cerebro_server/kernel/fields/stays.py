"""What the rows of a history are."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stays:
    """A row for each value that a field of another record had, in the order of time. The first is
    written with the record, one more with each change of the field, which ends the one before."""

    noun: str
    """The other record's noun: `deals`."""
    of: str
    """The column that names the record: `deal_id`."""
    field: str
    """The field whose changes are kept: `stage_id`."""
    since: str
    """The column that says when the value came: `entered_at`."""
    until: str
    """The column that says when it went: `left_at`, null of the one that is there."""
