"""Operations as the server writes them."""

from __future__ import annotations

from typing import Any

ID = "01900000-0000-7000-8000-5b21c07d1e22"
SHORT = "5b21c07d1e22"
URL = f"/v1/operations/{ID}"
PLAN = ("create", "update", "delete", "restore", "unchanged", "skip", "error")
DONE = ("created", "updated", "deleted", "restored", "left")
READ = {
    "file": "accounts.csv",
    "format": "csv",
    "encoding": "cp1252",
    "encoding_source": "guess",
    "delimiter": ",",
    "sheet": None,
    "mapping": {"NAME": "name", "WEBSITE": "website"},
    "ignored": ["FAX"],
    "unknown": [],
}


def operation(state: str = "applied", /, **members: Any) -> dict[str, Any]:
    """An operation; counts are given as `create=3` and `created=3`."""
    plan = {name: members.pop(name, 0) for name in PLAN}
    done = {name: members.pop(name, 0) for name in DONE}
    return {
        "id": ID,
        "kind": "contacts.update",
        "state": state,
        "by": {"type": "user", "id": None, "name": "Ada"},
        "input": {},
        "options": {},
        "plan": plan,
        "done": done,
        "nouns": [],
        "fields": [],
        "report": {},
        "sample": [],
        "undoes": None,
        "undone_by": None,
        "problem": None,
        "created_at": "2026-05-01T09:30:00Z",
        "planned_at": None,
        "started_at": None,
        "ended_at": None,
        "expires_at": "2026-05-08T09:30:00Z",
        **members,
    }


def row(number: int = 1, action: str = "update", **members: Any) -> dict[str, Any]:
    """A row of a plan."""
    return {
        "number": number,
        "record_type": "contacts",
        "action": action,
        "record_id": f"01900000-0000-7000-8000-{number:012x}",
        "label": f"Contact {number}",
        "line": None,
        "changes": [],
        "problem": None,
        **members,
    }


def wrong(line: int, **problem: Any) -> dict[str, Any]:
    """A row of a file that is refused."""
    about = {"code": "url", "message": "it is wrong", "column": "WEBSITE", "field": "website"}
    problem = {**about, "value": "foo \x1b[31mbar", **problem}
    return row(line, "error", line=line, label=None, record_id=None, problem=problem)
