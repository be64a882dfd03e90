"""Demo data of what is done for open deals: calls, meetings, notes, and tasks for the days around
today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any, Final

_SEED: Final = 1852
_CLOSED: Final = ("won", "lost")
_OUTCOMES: Final = ("connected", "left voicemail", "connected", "no answer")
_CALLS: Final = ("First call", "Questions about the price", "Who decides", "Follow-up")
_MEETINGS: Final = ("Demo", "On-site visit", "Review of the offer", "Kick-off with IT")
_TASKS: Final = ("Send the references", "Ask legal about the terms", "Book a room for the demo")
_NOTES: Final = (
    "Budget is decided **in the autumn**.",
    "Has worked with us at a company before.",
    "Wants it in writing that data stays in the EU.",
    "Prefers mail; calls only after two.",
)
_FIRST, _LAST = 8, 18
"""Hours of an office's day."""

Row = dict[str, Any]


def told(
    deals: Sequence[Mapping[str, Any]], contacts: Sequence[Mapping[str, Any]], today: date
) -> tuple[list[Row], list[Row], list[Row]]:
    """Return the tasks, activities and notes of open deals, each with somebody of the company."""
    chance = Random(_SEED)  # noqa: S311 - the same each time
    people: dict[str, list[str]] = {}
    for contact in contacts:
        people.setdefault(contact["company.domain"], []).append(contact["email"])
    tasks: list[Row] = []
    activities: list[Row] = []
    notes: list[Row] = []
    for deal in deals:
        if deal["stage"] in _CLOSED:
            continue
        whom = chance.choice(people[deal["company.domain"]])
        about = {"deal": f"demo:{deal['external_ids.demo']}", "contact.email": whom}
        name = deal["external_ids.demo"]
        began = datetime.fromisoformat(deal["opened_at"]).date()
        tasks += _tasks(chance, {**about, "external_ids.demo": name}, deal, today)
        activities += _activities(chance, {**about, "external_ids.demo": name}, began, today)
        if chance.randrange(2):
            said = {"text": chance.choice(_NOTES), "is_pinned": not chance.randrange(4)}
            notes.append({"external_ids.demo": f"note-{name}", **about, **said})
    return tasks, activities, notes


def _tasks(chance: Random, about: Row, deal: Mapping[str, Any], today: date) -> list[Row]:
    """Return what is to be done next, and sometimes what was done."""
    found = []
    for number, subject in enumerate((deal["next_step"], chance.choice(_TASKS))):
        is_done = number > 0 and chance.randrange(2) > 0
        due = _moment(chance, today + timedelta(days=chance.randrange(-6, 21)))
        found.append(
            {
                **about,
                "external_ids.demo": f"task-{about['external_ids.demo']}-{number}",
                "subject": subject,
                "status": "completed" if is_done else chance.choice(("open", "in_progress")),
                "priority": chance.choice(("normal", "normal", "high", "low")),
                "due_at": due,
                "completed_at": _moment(chance, today - timedelta(days=1)) if is_done else "",
            }
        )
    return found


def _activities(chance: Random, about: Row, began: date, today: date) -> list[Row]:
    """Return a call since the deal began, and a meeting that was held or is planned."""
    ago = max((today - began).days, 1)
    called = began + timedelta(days=chance.randrange(ago))
    starts = _moment(chance, called)
    call = {
        "type": "call",
        "subject": chance.choice(_CALLS),
        "direction": chance.choice(("in", "out", "out")),
        "status": "held",
        "starts_at": starts,
        "duration_seconds": chance.randrange(1, 40) * 30,
        "outcome": chance.choice(_OUTCOMES),
        "location": "",
    }
    held = chance.randrange(2) > 0
    day = called if held else today + timedelta(days=chance.randrange(1, 15))
    meeting = {
        "type": "meeting",
        "subject": chance.choice(_MEETINGS),
        "direction": "",
        "status": "held" if held else "planned",
        "starts_at": _moment(chance, day),
        "duration_seconds": 3_600,
        "outcome": "",
        "location": chance.choice(("", "Their office", "Our office")),
    }
    name = about["external_ids.demo"]
    found = [{**about, **call, "external_ids.demo": f"call-{name}"}]
    if chance.randrange(3):
        found.append({**about, **meeting, "external_ids.demo": f"meeting-{name}"})
    return found


def _moment(chance: Random, day: date) -> str:
    """Return a time of an office's day."""
    at = time(chance.randrange(_FIRST, _LAST), chance.choice((0, 15, 30, 45)))
    return datetime.combine(day, at, UTC).isoformat()
