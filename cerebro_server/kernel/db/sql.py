"""SQL text with its bound parameters, the two ways to quote what cannot be bound, and settings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_SETTING = re.compile(r"[a-z_]+(\.[a-z_]+)?")


@dataclass(frozen=True, slots=True)
class Sql:
    """SQL as psycopg takes it: `%s` for each parameter, a literal per cent sign doubled."""

    text: str
    params: tuple[Any, ...] = ()

    @classmethod
    def both(cls, *parts: Sql) -> Sql:
        """Return the conjunction; of nothing it is true."""
        if not parts:
            return cls("true")
        text = " and ".join(part.text for part in parts)
        return cls(
            text if len(parts) == 1 else f"({text})",
            tuple(param for part in parts for param in part.params),
        )


def ident(name: str) -> str:
    """Quote a declared name. Only `[a-z_][a-z0-9_]*` passes: users' text is never a name."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"not a plain SQL name: {name!r}")
    return f'"{name}"'


def literal(text: str) -> str:
    """Quote a declared text as an SQL literal."""
    if "\\" in text or "\0" in text or "%" in text:
        raise ValueError(f"not a plain SQL literal: {text!r}")
    return "'" + text.replace("'", "''") + "'"


def settings(**values: str) -> Sql:
    """Return the statement that sets PostgreSQL's settings until the transaction ends.

    Its text says the names alone, so one plan of it serves all values. Ours have a dot in their
    names, and go as `**{"cerebro.actor": …}`.
    """
    for name in values:
        if not _SETTING.fullmatch(name):
            raise ValueError(f"not a plain name of a setting: {name!r}")
    calls = ", ".join(f"set_config('{name}', %s, true)" for name in values)
    return Sql(f"select {calls}", tuple(values.values()))
