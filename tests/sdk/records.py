"""Records as a server would send them."""

from __future__ import annotations

from typing import Any


def company(number: int = 1, **fields: Any) -> dict[str, Any]:
    return {
        "id": f"01890000-0000-7000-8000-{number:012d}",
        "version": 1,
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-02T00:00:00Z",
        "name": f"Company {number}",
        "external_ids": {},
        **fields,
    }


def change(seq: int = 1) -> dict[str, Any]:
    return {
        "seq": seq,
        "at": "2026-01-01T00:00:00Z",
        "actor": {"type": "key", "id": None, "name": "laptop"},
        "record_type": "companies",
        "record_id": company()["id"],
        "action": "updated",
        "version": 2,
        "diff": {"employees": [42, 43]},
    }


def report(**fields: Any) -> dict[str, Any]:
    counts = dict.fromkeys(("created", "updated", "unchanged", "skipped", "refused"), 0)
    return {
        "record_type": "companies",
        "dry_run": False,
        "rows": 1,
        **counts,
        "errors": [],
        "encoding": "utf-8",
        "encoding_source": "utf-8",
        "delimiter": ",",
        "mapping": {},
        "ignored": [],
        **fields,
    }


def user(number: int = 1, **fields: Any) -> dict[str, Any]:
    return {
        **company(number, name="Ada"),
        "email": "ada@acme.example",
        "roles": ["agent"],
        "teams": [],
        **fields,
    }


def key(number: int = 1, **fields: Any) -> dict[str, Any]:
    return {
        **company(number, name="ci"),
        "scopes": ["*"],
        "prefix": "cbr_main_4Hs0",
        "user_id": user()["id"],
        **fields,
    }


def session(number: int = 1, **fields: Any) -> dict[str, Any]:
    return {
        **company(number),
        "client": "cerebro on laptop",
        "user_id": user()["id"],
        "expires_at": "2026-02-01T00:00:00Z",
        "last_seen_at": "2026-01-02T00:00:00Z",
        **fields,
    }
