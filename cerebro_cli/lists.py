"""`phones+=X` and `phones-=X`: what is added to a list of a record, and what is taken out."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from cerebro_cli import edit, exits, facts

_STEP = re.compile(r"(?P<name>[a-z][a-z0-9_]*)(?P<sign>[+-])=(?P<text>.*)", re.DOTALL)
_LISTS = ("parts", "keys")


class Step(NamedTuple):
    """One item that comes or goes."""

    field: facts.Field
    adds: bool
    text: str


def split(pairs: Sequence[str], noun: facts.Noun) -> tuple[list[str], list[Step]]:
    """Return the plain `key=value` arguments, and the steps among them."""
    plain: list[str] = []
    steps: list[Step] = []
    for pair in pairs:
        match = _STEP.fullmatch(pair)
        if not match:
            plain.append(pair)
            continue
        field = edit.writable(match["name"], noun)
        if field.kind not in _LISTS:
            raise exits.usage(f"{field.name} is no list; write {field.name}=VALUE.")
        if not match["text"].strip():
            raise exits.usage(f"{pair!r} names nothing.")
        steps.append(Step(field, match["sign"] == "+", match["text"].strip()))
    names = {pair.partition("=")[0].strip() for pair in plain}
    for step in steps:
        if step.field.name in names:
            raise exits.usage(f"{step.field.name} is given twice.")
    return plain, steps


def applied(steps: Sequence[Step], current: Mapping[str, Any]) -> dict[str, Any]:
    """Return the lists as they are after the steps."""
    found: dict[str, Any] = {}
    for step in steps:
        held = list(found.get(step.field.name, current.get(step.field.name) or ()))
        found[step.field.name] = _added(step, held) if step.adds else _without(step, held)
    return found


def _added(step: Step, held: list[Any]) -> list[Any]:
    item: Any = step.text
    if step.field.kind == "parts" and step.text.startswith("{"):
        try:
            item = json.loads(step.text)
        except ValueError:
            raise exits.usage(f"{step.text!r} is not JSON.") from None
    return [*held, item]


def _without(step: Step, held: list[Any]) -> list[Any]:
    fitting = [item for item in held if _fits(item, step.text)]
    if len(fitting) != 1:
        listed = ", ".join(_shown(item) for item in held) or "nothing"
        many = "Several" if fitting else "None"
        raise exits.usage(f"{many} of {step.field.name} fit {step.text!r}; there is {listed}.")
    return [item for item in held if item is not fitting[0]]


def _fits(item: Any, text: str) -> bool:
    """Tell whether an item is meant: by any of its texts, or by the end of a phone number."""
    if not isinstance(item, dict):
        return str(item).casefold() == text.casefold()
    values = [value for value in item.values() if isinstance(value, str)]
    if any(value.casefold() == text.casefold() for value in values):
        return True
    digits = re.sub(r"\D", "", text).lstrip("0")
    return len(digits) >= 6 and re.sub(r"\D", "", str(item.get("number", ""))).endswith(digits)


def _shown(item: Any) -> str:
    if not isinstance(item, dict):
        return str(item)
    return next((str(value) for value in item.values() if isinstance(value, str)), "{}")
