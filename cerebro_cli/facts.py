"""What the command line knows of each noun, read from the generated nouns.json.

The wire schemas say the same, but importing them costs pydantic (280 ms); this costs 1 ms.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

DUPLICATES = "duplicates"
"""The verb that has verbs of its own."""


class Field(NamedTuple):
    """One field of a noun."""

    name: str
    kind: str
    label: str
    description: str
    required_on_create: bool
    writable: bool


class Noun(NamedTuple):
    """One noun: what it is called, what it holds and what a list of it shows."""

    name: str
    singular: str
    component: str
    title: str
    schema: str
    keys: tuple[str, ...]
    columns: tuple[str, ...]
    verbs: tuple[str, ...]
    """What every noun of its kind can do: `list`, `get`, …; verbs of its own come besides."""
    fields: Mapping[str, Field]

    @property
    def takes_custom(self) -> bool:
        """Whether a workspace can add fields of its own."""
        return "custom" in self.fields

    @property
    def commands(self) -> tuple[str, ...]:
        """The verbs of its command: those of the noun, and what operations do with its records."""
        return (*self.verbs, *(("merge", "split", DUPLICATES) if self.is_bulk else ()))

    @property
    def is_bulk(self) -> bool:
        """Whether all that a filter fits can be changed, or deleted, at once."""
        return "import" in self.verbs and "update" in self.verbs

    @property
    def writable(self) -> tuple[Field, ...]:
        """The fields that a client may send; none means that the noun is only read."""
        return tuple(field for field in self.fields.values() if field.writable)


@cache
def nouns() -> Mapping[str, Noun]:
    """Return every noun by name."""
    text = Path(__file__).with_name("nouns.json").read_text(encoding="utf-8")
    found = {}
    for facts in json.loads(text)["nouns"]:
        fields = {field["name"]: Field(**field) for field in facts.pop("fields")}
        listed = {name: tuple(facts[name]) for name in ("keys", "columns", "verbs")}
        found[facts["name"]] = Noun(**{**facts, **listed, "fields": fields})
    return found


def nearest(word: str, names: list[str]) -> str | None:
    """Return the name that the word was probably meant to be."""
    import difflib  # 2 ms, and only when something is wrong

    lowered = {name.lower(): name for name in names}
    close = difflib.get_close_matches(word.lower(), list(lowered), n=1, cutoff=0.6)
    return lowered[close[0]] if close else None
