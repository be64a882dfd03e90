"""What words of other products' exports mean here: statuses, priorities, types, directions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_STATUSES: Final = {
    "not started": "open",
    "in progress": "in_progress",
    "started": "in_progress",
    "completed": "completed",
    "done": "completed",
    "canceled": "cancelled",
    "waiting on someone else": "waiting",
    "waiting for input": "waiting",
    "waiting": "waiting",
    "deferred": "waiting",
}
_PRIORITIES: Final = {
    "lowest": "low",
    "low": "low",
    "high": "high",
    "highest": "urgent",
    "urgent": "urgent",
}
_TYPES: Final = {"call": "call", "meeting": "meeting", "email": "mail", "lunch": "meeting"}
_DIRECTIONS: Final = {"inbound": "in", "outbound": "out", "missed": "in"}
_DONE: Final = frozenset({"done", "true", "yes", "1"})
_NO: Final = frozenset({"false", "no", "0"})


def status(text: str) -> str:
    """Read the status of a task; one of a product's own counts as open."""
    return _STATUSES.get(_folded(text), "open")


def priority(text: str) -> str:
    """Read the priority of a task; one of a product's own counts as normal."""
    return _PRIORITIES.get(text.strip().lower(), "normal")


def kind(text: str) -> str:
    """Read the type of an activity; one of a product's own is another."""
    return _TYPES.get(text.strip().lower(), "other")


def is_meeting(text: str) -> str:
    """Read what only meetings have."""
    return "meeting"


def is_call(text: str) -> str:
    """Read what only calls have."""
    return "call"


def took_place(text: str) -> str:
    """Read whether an activity took place; what is of a product's own was planned."""
    word = text.strip().lower().replace(" ", "_")
    return word if word in ("held", "not_held", "cancelled") else "planned"


def found_in(words: Mapping[str, str], text: str) -> str | None:
    """Read a word of a product's list; others are left out."""
    return words.get(_folded(text))


def direction(text: str) -> str | None:
    """Read who began a call; one that was missed came in."""
    return _DIRECTIONS.get(text.strip().lower())


def done(text: str) -> str:
    """Read whether an activity was done."""
    return "held" if text.strip().lower() in _DONE else "planned"


def is_off(text: str) -> str | None:
    """Read `active` of an activity: what is archived does not take place."""
    return "cancelled" if text.strip().lower() in _NO else None


def _folded(text: str) -> str:
    return text.strip().lower().replace("_", " ")
