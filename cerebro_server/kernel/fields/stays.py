"""What the rows of a history are."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType


@dataclasses.dataclass(frozen=True, slots=True)
class Stays:
    """A row for each value that a field of another record had, in the order of time. The first is
    written with the record, one more with each change of the field, which ends the one before.

    Rows that imports bring say what a record was before it was here, too.
    """

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
    holds: Mapping[str, str] = dataclasses.field(default_factory=lambda: MappingProxyType({}))
    """The columns of the record that a row has as they were when the value came, by what it calls
    them: `{to_stage_id: stage_id}`."""
    tells: Mapping[str, str] = dataclasses.field(default_factory=lambda: MappingProxyType({}))
    """What follows for other columns of the record: SQL over the row `s`, `k` with whether
    imported rows tell of a column at all, the record `n` as it came here, `b` with the columns that
    the row holds, as far as is known, and `b.is_last` where it is the last before the record came,
    and `m.at`, the moment that is looked at."""
    beside: str = ""
    """Joins that these need, behind all of those."""
