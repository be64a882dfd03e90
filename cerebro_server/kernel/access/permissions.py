"""Permissions as text: `<noun>:<action>[:own|team|all]`, and patterns that stand for several."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from cerebro_server.kernel.fields import RecordType

ACTIONS = {
    "read": "See {noun}, alone, in lists and in filters.",
    "create": "Add {noun}.",
    "update": "Change {noun}.",
    "delete": "Delete {noun}; they can be restored.",
    "restore": "Bring deleted {noun} back.",
    "destroy": "Remove deleted {noun} for good, with their links.",
    "lock": "Lock {noun}: until they are unlocked, nobody changes or deletes them.",
    "unlock": "Unlock {noun}.",
    "import": "Add and change {noun} from files.",
    "export": "Take {noun} out as files.",
    "bulk": "Change or delete many {noun} at once, by a filter.",
}
"""What can be done with record types, as far as they have the operations."""

SCOPES = ("own", "team", "all")
"""Of whom: records that one owns, those of one's teams too, or everybody's; each holds the last."""

_TEXT = re.compile(r"(\*|[a-z][a-z_]*):(\*|[a-z][a-z_]*)(?::(own|team|all))?")


class Permission(NamedTuple):
    """One permission, or a pattern of several where noun or action is `*`."""

    noun: str
    action: str
    scope: str = "all"

    def __str__(self) -> str:
        if self[:2] == ("*", "*"):
            return "*"
        return f"{self.noun}:{self.action}" + ("" if self.scope == "all" else f":{self.scope}")

    def fits(self, noun: str, action: str) -> bool:
        """Tell whether it is of this noun and action, or a pattern that stands for both."""
        return self.noun in ("*", noun) and self.action in ("*", action)


EVERYTHING = Permission("*", "*")


def parse(text: str) -> Permission | None:
    """Read one permission; None for text that is none and so allows nothing."""
    if text == "*":
        return EVERYTHING
    match = _TEXT.fullmatch(text)
    return Permission(match[1], match[2], match[3] or "all") if match else None


def parse_all(texts: Iterable[str]) -> tuple[Permission, ...]:
    """Read permissions, without those that mean nothing."""
    return tuple(found for text in texts if (found := parse(text)) is not None)


def widest(held: Iterable[Permission], noun: str, action: str) -> str | None:
    """Return the widest scope in which an action is held; None where it is not."""
    scopes = [SCOPES.index(p.scope) for p in held if p.fits(noun, action)]
    return SCOPES[max(scopes)] if scopes else None


def narrower(one: str, other: str) -> str:
    """Return the narrower of two scopes."""
    return min(one, other, key=SCOPES.index)


def permissions_of(record_type: RecordType) -> dict[str, str]:
    """Return the permissions that a record type has, each with the sentence that explains it."""
    verbs = {"read", *record_type.noun.verbs}
    verbs |= {"bulk"} if record_type.is_bulk else set()
    texts = {action: text for action, text in ACTIONS.items() if action in verbs}
    texts |= record_type.actions
    name = record_type.name
    return {f"{name}:{action}": text.format(noun=name) for action, text in texts.items()}


def expanded(pattern: Permission, catalog: Mapping[str, RecordType]) -> list[Permission]:
    """Return what a pattern stands for among the nouns there are; everything stays everything."""
    if pattern == EVERYTHING or "*" not in pattern[:2]:
        return [pattern]
    texts = (text for record_type in catalog.values() for text in permissions_of(record_type))
    known = map(parse, texts)
    return [
        Permission(found.noun, found.action, pattern.scope)
        for found in known
        if found is not None and pattern.fits(found.noun, found.action)
    ]
