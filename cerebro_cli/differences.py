"""Differences between two states of a record, as the journal holds them and as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cerebro_cli import output
from cerebro_sdk.display import visible


def between(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return `{field: [old, new]}` for the fields of `new` that differ."""
    return {name: [old.get(name), value] for name, value in new.items() if old.get(name) != value}


def lines(diff: Mapping[str, Any]) -> list[str]:
    """Return one line per field: `employees: 42 → 43`, or `name: Acme` where nothing was."""
    found: list[str] = []
    for name, change in diff.items():
        if isinstance(change, Mapping):  # a map, by key
            found += lines({f"{name}.{key}": inner for key, inner in change.items()})
        elif isinstance(change, list) and len(change) == 2:
            found.append(f"{visible(name)}: {_step(*change)}")
        else:
            found.append(f"{visible(name)}: {_text(change)}")
    return found


def who(change: Mapping[str, Any], brief: bool) -> str:
    """Return who made a change, for a cell."""
    actor = change.get("actor") or {}
    return visible(str(actor.get("name") or actor.get("type") or ""))


def _step(old: Any, new: Any) -> str:
    if old in (None, {}, []):
        return _text(new)
    return f"{_text(old)} → {_text(new)}"


def _text(value: Any) -> str:
    if value is None:
        return "(empty)"
    if isinstance(value, str):
        return visible(value)
    return output.dump_json(value)
