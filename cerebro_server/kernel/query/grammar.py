"""The grammar of the query language, and the tree built from it."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from lark import Lark, Token, Transformer

from cerebro_sdk.schemas.query import (
    MOMENT,
    PATH,
    WORD,
    And,
    Comparison,
    Element,
    Has,
    HasSome,
    HasWhere,
    In,
    IsEmpty,
    Moment,
    Not,
    Or,
    Text,
    Word,
)
from cerebro_server.kernel.errors import InvalidQuery
from cerebro_server.kernel.query.mistakes import SYMBOLS, unknown_operator

_APART = r"(?![\w.])"
_LISTED = r"(?=\s*\()"


def _keyword(words: str, end: str = _APART) -> str:
    """Return the terminal for a keyword, all lower or all upper case."""
    spaced = words.replace(" ", r"\s+")
    upper = words.upper().replace(" ", r"\s+")
    return f"/(?:{spaced}|{upper}){end}/"


# The contextual lexer asks only for what the parser can take, so a bare word after an operator is
# a value even where it spells a keyword: `state in (OR, IN, ME)`.
_GRAMMAR = rf"""
?start: any
?any: all (_OR all)*
?all: one (_AND one)*
?one: NOT one -> negation
    | "(" any ")"
    | FIELD SYMBOL value -> comparison
    | FIELD WORDED value -> comparison
    | FIELD _IN "(" values ")" -> membership
    | FIELD (IS_EMPTY | IS_NOT_EMPTY) -> emptiness
    | FIELD _HAS value -> has
    | FIELD _HAS "(" any ")" -> has_where
    | FIELD (HAS_ANY | HAS_ALL) "(" values ")" -> has_some
values: value ("," value)*
?value: STRING | MOMENT | BARE

NOT.2: {_keyword("not")}
_AND: {_keyword("and")}
_OR: {_keyword("or")}
_IN: {_keyword("in")}
WORDED: {_keyword("contains")} | {_keyword("starts with")} | {_keyword("ends with")}
IS_EMPTY: {_keyword("is empty")}
IS_NOT_EMPTY: {_keyword("is not empty")}
HAS_ANY.2: {_keyword("has any", _LISTED)}
HAS_ALL.2: {_keyword("has all", _LISTED)}
_HAS: {_keyword("has")}
FIELD: /{PATH}/
SYMBOL: /[=<>!~&|]+/
STRING: /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/s
MOMENT.2: /{MOMENT}/
BARE: /{WORD}/
%ignore /\s+/
"""

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


def unquote(token: Token) -> str:
    """Return what stands between the quotes; a backslash makes the next character plain."""

    def plain(match: re.Match[str]) -> str:
        character = match[1]
        if character[0] == "u":
            return chr(int(character[1:], 16))
        if character.isalnum():
            if character not in _ESCAPES:
                raise InvalidQuery(
                    f"\\{character} is no escape; known are \\\\ \\\" \\' \\n \\t \\r \\uXXXX.",
                    position=(token.start_pos or 0) + match.start() + 2,
                )
            return _ESCAPES[character]
        return character

    return re.sub(r"\\(u[0-9a-fA-F]{4}|.)", plain, token[1:-1], flags=re.DOTALL)


class _Tree(Transformer[Token, Element]):
    """Build the syntax tree while parsing, from the leaves up."""

    def STRING(self, token: Token) -> Element:  # noqa: N802
        return Text(text=unquote(token)).at(_start(token))

    def BARE(self, token: Token) -> Element:  # noqa: N802
        return Word(word=str(token)).at(_start(token))

    def MOMENT(self, token: Token) -> Element:  # noqa: N802
        base, *shifts = re.findall(r"^[a-zA-Z]+|[+-]\d+[a-z]+", re.sub(r"\s", "", token))
        return Moment(moment=base.lower(), shifts=tuple(shifts)).at(_start(token))

    def values(self, items: list[Element]) -> list[Element]:
        return items

    def comparison(self, items: list[Any]) -> Element:
        field, operator, value = items
        op = " ".join(operator.lower().split())
        if operator.type == "SYMBOL" and op not in SYMBOLS:
            raise unknown_operator(op, position=_start(operator))
        return Comparison(op=op, field=str(field), value=value).at(_start(field))

    def membership(self, items: list[Any]) -> Element:
        return In(field=str(items[0]), values=tuple(items[1])).at(_start(items[0]))

    def emptiness(self, items: list[Any]) -> Element:
        op: Any = " ".join(items[1].lower().split())
        return IsEmpty(op=op, field=str(items[0])).at(_start(items[0]))

    def has(self, items: list[Any]) -> Element:
        return Has(field=str(items[0]), value=items[1]).at(_start(items[0]))

    def has_some(self, items: list[Any]) -> Element:
        op: Any = " ".join(items[1].lower().split())
        return HasSome(op=op, field=str(items[0]), values=tuple(items[2])).at(_start(items[0]))

    def has_where(self, items: list[Any]) -> Element:
        return HasWhere(field=str(items[0]), where=items[1]).at(_start(items[0]))

    def negation(self, items: list[Any]) -> Element:
        return Not(of=items[1]).at(_start(items[0]))

    def all(self, items: list[Any]) -> Element:
        return And(of=tuple(items)).at(items[0].position)

    def any(self, items: list[Any]) -> Element:
        return Or(of=tuple(items)).at(items[0].position)


def _start(token: Token) -> int:
    return (token.start_pos or 0) + 1


@cache
def parser() -> Lark:
    """Return the parser, made at first use."""
    return Lark(_GRAMMAR, parser="lalr", transformer=_Tree(), maybe_placeholders=False)
