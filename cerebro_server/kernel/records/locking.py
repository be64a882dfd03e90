"""Locks of records: what is locked stays as it is until it is unlocked.

Whatever changes a record asks for its lock in the statement that takes hold of the row, so that a
write that waited sees what was set meanwhile.
"""

from __future__ import annotations

from datetime import UTC, datetime

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.errors import RecordLocked
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.fields.columns import LOCKED

CODE = RecordLocked.code
OPENING = ("unlock", "restore")
"""What is done with locked records, too."""
HARMLESS = ("lock", *OPENING)
"""What is not refused because of a lock: a second one changes nothing."""


def since(record_type: RecordType) -> str:
    """Return the SQL of when the row `t` was locked: null where it is not, or cannot be."""
    return f"t.{LOCKED}" if record_type.lockable else "null::timestamptz"


def is_open(record_type: RecordType) -> str:
    """Return the condition that the row `t` is not locked."""
    return f"t.{LOCKED} is null" if record_type.lockable else "true"


def refusal(
    context: Context, record_type: RecordType, reference: str, locked_at: datetime
) -> RecordLocked:
    """Return the error for a record that is locked."""
    what = f"The {record_type.noun.singular} {reference}"
    return RecordLocked(said(context, record_type, what, locked_at))


def said(context: Context, record_type: RecordType, what: str, locked_at: datetime) -> str:
    """Say that something is locked, since when if the caller may see that, and what to do."""
    when = ""
    if LOCKED in context.seen(record_type).fields:
        when = f" since {locked_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return (
        f"{what} is locked{when}: nothing in it changes until it is unlocked, "
        f"which takes the permission {record_type.name}:unlock."
    )
