"""What to say when a filter cannot be read: where, what was expected, what was meant."""

from __future__ import annotations

import re
from typing import Any

from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from cerebro_server.kernel.errors import InvalidQuery, closest

SYMBOLS = ("=", "!=", "<", "<=", ">", ">=")
OPERATORS = (
    *SYMBOLS,
    *("in", "contains", "starts with", "ends with", "is empty", "is not empty"),
    *("has", "has any", "has all"),
)
# What people type out of habit from SQL and programming languages.
_HABITS = {
    "==": "=",
    "===": "=",
    "=!": "!=",
    "<>": "!=",
    "!": "!=",
    "=>": ">=",
    "=<": "<=",
    "~": "contains",
    "~=": "contains",
    "=~": "contains",
    "like": "contains",
    "ilike": "contains",
    "includes": "contains",
    "matches": "contains",
    "equals": "=",
    "eq": "=",
    "ne": "!=",
    "is": "=",
    "is null": "is empty",
    "is not null": "is not empty",
    "begins with": "starts with",
    "&": "and",
    "&&": "and",
    "|": "or",
    "||": "or",
    ",": "and",
    ";": "and",
}


def refusal(detail: str, *, position: int | None, suggestion: str | None = None) -> InvalidQuery:
    """Return the error; the suggestion stands in its sentence too."""
    members: dict[str, Any] = {} if position is None else {"position": position}
    if suggestion is not None:
        detail = f"{detail} Did you mean `{suggestion}`?"
        members["suggestion"] = suggestion
    return InvalidQuery(detail, **members)


def unknown_operator(operator: str, *, position: int | None) -> InvalidQuery:
    """Return the error for something that stands where an operator should."""
    meant = _HABITS.get(operator.lower()) or closest(operator, OPERATORS)
    return refusal(
        f"`{operator}` is no operator; there are {', '.join(OPERATORS)}.",
        position=position,
        suggestion=meant,
    )


def explain(error: UnexpectedInput, text: str) -> InvalidQuery:
    """Turn the parser's error into ours."""
    expected, start = _where(error, text)
    position = start + 1
    rest = text[start:]
    if not rest.strip():
        detail = f"The filter ends where {_phrase(expected)} should follow."
        return refusal(detail, position=position)
    if rest[0] in "\"'" and not _QUOTED.match(rest):
        detail = f"The quote opened at character {position} is not closed."
        return refusal(detail, position=position)
    word = _word(rest)
    if "SYMBOL" in expected:
        return _operator(rest, word, position)
    detail = f"Expected {_phrase(expected)} at character {position}, not `{word}`."
    if expected & {"_AND", "RPAR", "$END"} and "COMMA" not in expected:
        return _connective(detail, text, word, position)
    return refusal(detail, position=position)


_QUOTED = re.compile(r"""("([^"\\]|\\.)*"|'([^'\\]|\\.)*')""", re.DOTALL)


def _where(error: UnexpectedInput, text: str) -> tuple[set[str], int]:
    """Return the terminals that could have followed, and the index where none of them did."""
    if isinstance(error, UnexpectedCharacters):
        return set(error.allowed or ()), error.pos_in_stream or 0
    if isinstance(error, UnexpectedToken):
        at_end = error.token.type == "$END"
        start = len(text.rstrip()) if at_end else error.token.start_pos or 0
        return set(error.accepts or error.expected), start
    return set(), len(text.rstrip())


_PHRASES = {
    "FIELD": "a field, `not` or `(`",
    "BARE": "a value",
    "SYMBOL": "an operator such as `=`, `in` or `is empty`",
    "COMMA": "`,` or `)`",
    "RPAR": "`and`, `or` or `)`",
    "$END": "`and`, `or` or the end",
    "_AND": "`and` or `or`",
    "LPAR": "`(`",
}


def _phrase(expected: set[str]) -> str:
    return next((_PHRASES[name] for name in _PHRASES if name in expected), "the end")


def _word(text: str) -> str:
    found = re.match(r"""[=<>!~&|]+|[^\s()"',=<>!~&|]+|.""", text, re.DOTALL)
    return found[0][:60] if found else ""


def _operator(rest: str, word: str, position: int) -> InvalidQuery:
    """Explain what stands in an operator's place; operators may have two or three words."""
    words = re.findall(r"[^\s()\"',]+", rest[:100])
    if [w.lower() for w in words[:2]] == ["not", "in"]:
        return refusal(
            "There is no `not in`: put `not` before the field, as in `not state in (CO, PA)`.",
            position=position,
        )
    for length in (3, 2):
        phrase = " ".join(words[:length])
        meant = _HABITS.get(phrase.lower())
        if meant is None and len(words) >= length:
            meant = closest(phrase, [name for name in OPERATORS if name.count(" ") == length - 1])
        if meant:
            return unknown_operator(phrase, position=position)
    return unknown_operator(word, position=position)


def _connective(detail: str, text: str, word: str, position: int) -> InvalidQuery:
    """Explain what stands after a complete condition."""
    meant = _HABITS.get(word) or {"and": "and", "or": "or"}.get(word.lower())
    if meant or not word[0].isalnum():
        return refusal(detail, position=position, suggestion=meant)
    before = re.search(r"[^\s()\"',=<>!]+\s+$", text[: position - 1])
    if before is None:
        return refusal(detail, position=position, suggestion=closest(word, ("and", "or")))
    detail += " A value of several words needs quotes."
    return refusal(detail, position=position, suggestion=f'"{before[0].strip()} {word}"')
