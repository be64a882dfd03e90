"""What is checked and derived when activities, attendees, notes and follows are written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from cerebro_server.components.activities.rules import links
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.fields import Batch

PERSONS: Final = ("contact_id", "lead_id", "user_id")
"""Who may take part in an activity."""
TIMES: Final = ("starts_at", "ends_at", "duration_seconds")
_LAST: Final = 2_147_483_647
"""The longest duration that there can be, in seconds: 68 years."""


async def activities(context: Context, batch: Batch) -> None:
    """Give new activities a status, and a start to those that were held; refuse those that are
    about nothing, or end before they begin."""
    links.require_link(batch, "activity")
    for number, row in enumerate(batch.rows):
        starts = _moment(row.get("starts_at"))
        if not row.get("status"):
            row["status"] = "held" if starts is None or starts <= context.now else "planned"
        if starts is None and row["status"] == "held":
            row["starts_at"] = _moment(row.get("source_created_at")) or context.now
        _settle_times(batch, number, row, row)


async def changed_activities(context: Context, batch: Batch) -> None:
    """Refuse the same of activities that are changed; how long they took goes by the new times."""
    links.require_link(batch, "activity")
    for number, (row, before) in enumerate(zip(batch.rows, batch.before, strict=True)):
        if not row.keys().isdisjoint(TIMES):
            _settle_times(batch, number, row, {**before, "duration_seconds": None, **row})


def _settle_times(batch: Batch, number: int, row: dict[str, Any], held: Mapping[str, Any]) -> None:
    """Work out how long it took, where start and end are known and nobody says."""
    starts, ends = (_moment(held.get(name)) for name in TIMES[:2])
    if starts is None or ends is None:
        return
    if ends < starts:
        batch.refuse(number, "ends_at", "ends_before_start", "It ends before it begins.")
    elif held.get("duration_seconds") is None:
        row["duration_seconds"] = min(int((ends - starts).total_seconds()), _LAST)


def _moment(value: Any) -> datetime | None:
    """Return a time, as payloads have it or as JSON does."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


async def notes(context: Context, batch: Batch) -> None:
    """Refuse notes that are about nothing."""
    links.require_link(batch, "note")


async def attendees(context: Context, batch: Batch) -> None:
    """Refuse new attendees who are nobody, or several at once."""
    said = "An attendee is one contact, one lead or one user: send one of the three."
    links.require_one(batch, PERSONS, said)


async def changed_attendees(context: Context, batch: Batch) -> None:
    """Refuse others in their place: only files could say so, and merges do."""
    links.keep_links(batch, ("activity_id", *PERSONS))


async def changed_follows(context: Context, batch: Batch) -> None:
    """Refuse another record, or another user, in place of the one that there is."""
    links.keep_links(batch, ("user_id", *links.LINKS))


async def follows(context: Context, batch: Batch) -> None:
    """Refuse new follows of nothing, or of several records at once."""
    said = "One contact, company, deal or lead is followed: send one of the four."
    links.require_one(batch, links.LINKS, said)
    for number, row in enumerate(batch.rows):
        if row.get("user_id") is None:  # a program of nobody's
            batch.refuse(number, "user_id", "missing", "Say who follows it.")
