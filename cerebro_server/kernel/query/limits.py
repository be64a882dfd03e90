"""How large a filter may be, and what may not stand in it."""

from __future__ import annotations

import re
from typing import Any

from cerebro_sdk.schemas.query import And, HasSome, HasWhere, In, Node, Not, Or
from cerebro_server.kernel.errors import QueryTooLarge

MAX_CHARACTERS = 4_000
MAX_NODES = 200
MAX_DEPTH = 20
MAX_VALUES = 1_000
MAX_SORT_KEYS = 5
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""Characters that PostgreSQL keeps in no text: NUL and lone surrogates."""


def check_text(text: str) -> None:
    """Refuse a filter of too many characters."""
    if len(text) > MAX_CHARACTERS:
        raise QueryTooLarge(
            f"The filter has {len(text)} characters; at most {MAX_CHARACTERS} are allowed.",
            position=MAX_CHARACTERS + 1,
        )


def check_tree(node: Node) -> None:
    """Refuse a filter with too many conditions, nested too deeply, or with too long a list."""
    waiting: list[tuple[Node, int]] = [(node, 1)]
    nodes = 0
    while waiting:
        current, depth = waiting.pop()
        nodes += 1
        if nodes > MAX_NODES:
            raise _too_large(f"The filter has more than {MAX_NODES} parts.", current)
        if depth > MAX_DEPTH:
            raise _too_large(f"The filter is nested more than {MAX_DEPTH} deep.", current)
        if isinstance(current, In | HasSome) and len(current.values) > MAX_VALUES:
            raise _too_large(f"A list may hold at most {MAX_VALUES} values.", current)
        match current:
            case And(of=parts) | Or(of=parts):
                waiting.extend((part, depth + 1) for part in parts)
            case Not(of=part):
                waiting.append((part, depth + 1))
            case HasWhere(where=part):
                waiting.append((part, depth + 1))


def _too_large(detail: str, node: Node) -> QueryTooLarge:
    members: dict[str, Any] = {} if node.position is None else {"position": node.position}
    return QueryTooLarge(f"{detail} Split it, or narrow it down.", **members)
