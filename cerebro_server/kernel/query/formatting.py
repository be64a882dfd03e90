"""From a filter's tree back to text."""

from __future__ import annotations

import re

from cerebro_sdk.schemas.query import (
    And,
    Comparison,
    Has,
    HasSome,
    HasWhere,
    In,
    IsEmpty,
    Moment,
    Node,
    Not,
    Or,
    Text,
    Value,
    Word,
)
from cerebro_server.kernel.query import limits

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def format_query(node: Node) -> str:
    """Return the text that parses back to the same tree."""
    limits.check_tree(node)
    return _node(node)


def _node(node: Node) -> str:
    match node:
        case And(of=parts):
            text = " and ".join(_bracketed(part, And, Or) for part in parts)
        case Or(of=parts):
            text = " or ".join(_bracketed(part, Or) for part in parts)
        case Not(of=part):
            text = f"not {_bracketed(part, And, Or)}"
        case Comparison() | Has():
            text = f"{node.field} {node.op} {format_value(node.value)}"
        case In() | HasSome():
            text = f"{node.field} {node.op} ({', '.join(map(format_value, node.values))})"
        case HasWhere(where=part):
            text = f"{node.field} has ({_node(part)})"
        case IsEmpty():
            text = f"{node.field} {node.op}"
    return text


def _bracketed(node: Node, *looser: type) -> str:
    text = _node(node)
    return f"({text})" if isinstance(node, looser) else text


def format_value(value: Value) -> str:
    """Return a value as it is typed."""
    match value:
        case Text(text=text):
            return '"' + re.sub(r'[\\"\n\t\r]', lambda found: _ESCAPES[found[0]], text) + '"'
        case Word(word=word):
            return word
        case Moment(moment=base, shifts=shifts):
            return " ".join([base, *(f"{shift[0]} {shift[1:]}" for shift in shifts)])
