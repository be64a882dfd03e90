"""Values as text for a column: on one line, with nothing hidden in it that could move a cursor."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

SHORT_ID = 8
"""Characters at the end of an id that lists show; six or more are a reference."""

_KEPT = "\u200c\u200d"  # joiners: Persian words and compound emoji need them
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(Z|\+00:?00)")


def visible(text: str, *, keep: str = "") -> str:
    r"""Spell out what a terminal would obey or hide: `\x1b`, `\n`, `\u202e`, lone surrogates.

    `keep` names characters to leave, such as `"\n"` where text may have several lines.

    >>> visible("Acme\x1b[31m")
    'Acme\\x1b[31m'
    """
    if text.isprintable():
        return text
    return "".join(c if c in keep or not _is_hidden(c) else _spelt(c) for c in text)


def cell(value: Any, kind: str | None = None) -> str:
    """Return a value, plain or typed, as text for one cell; `kind` is a field's kind, if known.

    >>> cell({"salesforce": "001"}), cell(None), cell(True)
    ('salesforce:001', '', 'yes')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if hasattr(value, "model_dump"):
        value = value.model_dump(mode="json")
    if isinstance(value, Mapping):
        return _mapping(value)
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(cell(item) for item in value)
    return _BY_KIND.get(kind or "", _plain)(value)


def column(record: Any, path: str, kind: str | None = None) -> str:
    """Return one field of a record, a dict or a typed one, as text; `actor.name` goes deeper.

    >>> column({"name": "Acme"}, "name")
    'Acme'
    """
    value = record
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)
    return cell(value, kind)


def moment(value: Any) -> str:
    """Return a time in UTC to the minute: `2026-05-01 09:30Z`; what is none comes as it is."""
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    found = _MOMENT.fullmatch(text)
    return f"{found[1]} {found[2]}Z" if found else visible(text)


def short_id(value: Any) -> str:
    """Return the end of an id: its beginning is only the clock."""
    return visible(str(value))[-SHORT_ID:]


def _plain(value: Any) -> str:
    return visible(str(value))


_BY_KIND = {"datetime": moment, "uuid": short_id}


def _mapping(value: Mapping[str, Any]) -> str:
    if {"type", "id", "name"} <= value.keys():  # an actor
        return cell(value["name"] or value["type"])
    return ", ".join(f"{visible(str(key))}:{_inner(inner)}" for key, inner in value.items())


def _inner(value: Any) -> str:
    if isinstance(value, Mapping | list | tuple):
        return visible(json.dumps(value, ensure_ascii=False, default=str))
    return cell(value)


def _is_hidden(character: str) -> bool:
    category = unicodedata.category(character)
    return category in ("Cc", "Cs", "Zl", "Zp") or (category == "Cf" and character not in _KEPT)


def _spelt(character: str) -> str:
    code = ord(character)
    if character in "\n\r\t":
        return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}[character]
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


_PLANNED = {
    "create": "to create",
    "update": "to update",
    "delete": "to delete",
    "restore": "to restore",
    "unchanged": "unchanged",
    "skip": "skipped",
    "error": "refused",
}
_DONE = ("created", "updated", "deleted", "restored")


def plan_summary(operation: Mapping[str, Any]) -> str:
    """Say in a line what an operation, as a plain dict, would do or did.

    >>> plan_summary({"state": "planned", "plan": {"update": 2, "unchanged": 1}})
    '2 to update, 1 unchanged'
    """
    nouns = operation.get("nouns") or []
    if len(nouns) < 2:
        return _summary(operation, with_left=True) or "nothing to do"
    told = {name: operation.get(name) for name in ("state", "undoes")}
    parts = [
        f"{each['record_type']}: {said}"
        for each in nouns
        if (said := _summary({**told, **each}, with_left=False))
    ]
    left = (operation.get("done") or {}).get("left")
    return "; ".join([*parts, *([f"{left:,} left as they were"] if left else [])])


def _summary(counted: Mapping[str, Any], *, with_left: bool) -> str:
    plan, done = counted.get("plan") or {}, counted.get("done") or {}
    parts = [(done.get(name) or 0, name) for name in _DONE]
    is_begun = counted.get("state") not in ("planning", "planned", "expired")
    # what an undo leaves is counted as left, whenever that was seen
    refused = () if counted.get("undoes") else ("error",)
    names = ("unchanged", "skip", *refused) if is_begun else tuple(_PLANNED)
    rest = [(plan.get(name) or 0, _PLANNED[name]) for name in names]
    if is_begun:
        left = done.get("left") or 0
        rest = [*parts, *rest, *([(left, "left as they were")] if with_left else [])]
    return ", ".join(f"{number:,} {said}" for number, said in rest if number)
