"""Differences as people read them: `Employees: 42 → 43`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from cerebro_sdk.schemas.kinds import Kind
from cerebro_server.kernel.fields import Field, RecordType

_EMPTY = "(empty)"
_LONGEST = 80  # characters of a text
_SHOWN_OF_ID = 8
_TITLES = ("address", "number", "amount", "name", "label", "text")
"""What stands for a part: an e-mail address without its type."""
_DERIVED = "is_valid"
"""What the server says of a number, beside it."""

Change = dict[str, Any]


def readable(
    record_type: RecordType, diff: Mapping[str, Any], names: Mapping[str, str]
) -> list[Change]:
    """Return each difference with its field's label and a line of text, in the order of the fields.

    `diff` is the journal's, as the caller may see it; `names` are those of users and teams in it.
    """
    found: list[Change] = []
    for name, change in diff.items():
        found += _of_field(record_type, name, change, names)
    return in_order(record_type, found)


def in_order(record_type: RecordType, changes: list[Change]) -> list[Change]:
    """Return changes in the order in which people read the fields."""
    if len(changes) < 2:  # as most are, and a timeline has many
        return changes
    order = {name: number for number, name in enumerate(record_type.fields)}

    def place(change: Change) -> tuple[int, str]:
        return order.get(change["field"].partition(".")[0], len(order)), change["field"]

    return sorted(changes, key=place)


def told(record_type: RecordType, name: str, old: str | None, new: str | None) -> Change:
    """Return a difference of a field that another product tells of, as a text; it may be none of
    ours."""
    field = record_type.fields.get(name)
    label = _humanised(name) if name in record_type.import_parents else name
    return _change(name, field.label if field else label, _kind(field), [old, new], {})


def _of_field(
    record_type: RecordType, name: str, change: Any, names: Mapping[str, str]
) -> list[Change]:
    field = record_type.fields.get(name)
    label = field.label if field else _humanised(name)
    if isinstance(change, dict):
        return list(_of_map(record_type, name, label, change, names))
    if name in record_type.parts:
        firsts = _firsts(record_type, name, change)
        if firsts is not None:
            fields = record_type.fields
            return [_change(n, fields[n].label, None, p, names) for n, p in firsts.items()]
    return [_change(name, label, _kind(field), change, names)]


def _of_map(
    record_type: RecordType, name: str, label: str, change: Any, names: Mapping[str, str]
) -> Iterator[Change]:
    for key, inner in sorted(change.items()):
        # a workspace's own fields stand in a map, each with a label of its own
        own = record_type.fields.get(f"{name}.{key}")
        own = own or (record_type.fields.get(key) if name == "custom" else None)
        inner_label = own.label if own else f"{label} {key}"
        yield _change(f"{name}.{key}", inner_label, _kind(own), inner, names)


def _firsts(record_type: RecordType, name: str, change: Any) -> dict[str, list[Any]] | None:
    """Return the differences of the fields that show the first part of a list; None where more of
    the list differs than they tell."""
    old, new = ((side or [{}]) for side in change)
    shorts = {p.of: s for s, p in record_type.primaries.items() if p.field == name}
    differing = {of for of in {**old[0], **new[0]} if old[0].get(of) != new[0].get(of)}
    if old[1:] != new[1:] or not differing & shorts.keys() or differing - {*shorts, _DERIVED}:
        return None
    return {
        short: [old[0].get(of), new[0].get(of)]
        for of, short in shorts.items()
        if of in differing and short in record_type.fields
    }


def _change(
    name: str, label: str, kind: Kind | None, change: Any, names: Mapping[str, str]
) -> Change:
    old, new = change if isinstance(change, list) and len(change) == 2 else (None, change)
    if kind is Kind.DECIMAL:
        old, new = _plain(old), _plain(new)
    said = _step(old, new, kind, names)
    return {"field": name, "label": label, "old": old, "new": new, "text": f"{label}: {said}"}


def _step(old: Any, new: Any, kind: Kind | None, names: Mapping[str, str]) -> str:
    if old and new and isinstance(old, str) and isinstance(new, str):  # as most are
        return f"{_text(old, kind, names)} → {_text(new, kind, names)}"
    if isinstance(old, list) and isinstance(new, list) and old and new:
        added = [item for item in new if item not in old]
        removed = [item for item in old if item not in new]
        parts = [
            f"{verb} {_said(items, kind, names)}"
            for verb, items in (("added", added), ("removed", removed))
            if items
        ]
        if parts:
            return ", ".join(parts)
    if old in (None, "", [], {}):
        return _said(new, kind, names)
    return f"{_said(old, kind, names)} → {_said(new, kind, names)}"


def _said(value: Any, kind: Kind | None, names: Mapping[str, str]) -> str:
    if isinstance(value, str):
        return _text(value, kind, names) if value else _EMPTY
    if value in (None, [], {}):
        return _EMPTY
    match value:
        case bool():
            return "yes" if value else "no"
        case int() | Decimal():
            return f"{value:,}"
        case list():
            return ", ".join(_said(item, kind, names) for item in value)
    return _part(value, names) if isinstance(value, dict) else _text(str(value), kind, names)


def _part(value: Mapping[str, Any], names: Mapping[str, str]) -> str:
    title = next((value[key] for key in _TITLES if value.get(key)), None)
    if title is not None:
        return _said(title, None, names)
    return ", ".join(f"{key}: {_said(inner, None, names)}" for key, inner in value.items())


def _text(text: str, kind: Kind | None, names: Mapping[str, str]) -> str:
    if names and kind in (Kind.USER, Kind.TEAM) and text in names:
        return f"{names[text]} ({text[-_SHOWN_OF_ID:] if kind is Kind.USER else text})"
    if kind is Kind.DATETIME:
        return _moment(text)
    if kind is Kind.DECIMAL and re.fullmatch(r"-?\d+(\.\d+)?", text):
        return f"{Decimal(text):,}"
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _moment(text: str) -> str:
    try:
        found = datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return text
    return f"{found:%Y-%m-%d %H:%M} UTC"


def _plain(value: Any) -> Any:
    """Return an amount as records have it on the wire: as a text."""
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return str(value) if is_number else value


def _kind(field: Field | None) -> Kind | None:
    """Return the kind by which a value is read; what is masked is only text."""
    return None if field is None or field.masked else field.kind


def _humanised(name: str) -> str:
    return name.replace("_", " ").capitalize()
