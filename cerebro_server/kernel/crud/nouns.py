"""Operations that every noun has, in the noun's own words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter

from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.http.operations import operation

_NEEDS = {
    **dict.fromkeys(("list", "search", "get", "timeline", "diff", "snippet"), "read"),
    "write_many": "import",
}
"""What another permission than that of its own name is for."""


def of_noun(
    router: APIRouter,
    record_type: RecordType,
    method: str,
    path: str,
    verb: str,
    **described: Any,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register an operation of a record type: `<noun>.<verb>`, its docstring about that noun."""
    noun = record_type.noun
    presets = ", ".join(record_type.presets) or "none yet"
    words = {"one": noun.singular, "a_one": noun.one, "many": noun.name, "presets": presets}
    needs = f"{noun.name}:{_NEEDS.get(verb, verb)}"
    return operation(
        router, method, path, f"{noun.name}.{verb}", words=words, needs=needs, **described
    )
