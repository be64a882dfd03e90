"""Filters as Python functions, for records that are at hand: row rules, triggers, webhooks."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from cerebro_sdk.schemas.query import Node
from cerebro_server.kernel.fields import Field
from cerebro_server.kernel.query.folding import fold
from cerebro_server.kernel.query.subject import Subject
from cerebro_server.kernel.query.typed import Among, Every, Some, Test, Typed, Unless, check
from cerebro_server.kernel.query.values import TEXTS, Env

Row = Mapping[str, Any]
Predicate = Callable[[Row], bool]

_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "eq": operator.eq,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
    "any": lambda held, values: held in values,
    "contains": operator.contains,
    "starts": str.startswith,
    "ends": str.endswith,
}


def compile_predicate(node: Node, about: Subject | Mapping[str, Field], env: Env) -> Predicate:
    """Return the filter as a function of a record's fields (Python values, absent is empty).

    Related records and parts stand in it under the relation's name, as lists of such records.
    """
    return _predicate(check(node, about, env))


def _predicate(typed: Typed) -> Predicate:
    match typed:
        case Every(of=parts):
            every = [_predicate(part) for part in parts]
            return lambda row: all(part(row) for part in every)
        case Some(of=parts):
            some = [_predicate(part) for part in parts]
            return lambda row: any(part(row) for part in some)
        case Unless(of=part):
            negated = _predicate(part)
            return lambda row: not negated(row)
        case Among(related=related, of=part):
            name, inner = related.name, _predicate(part)
            return lambda row: any(inner(other) for other in row.get(name) or ())
        case Test():
            return _test(typed)


def _is_empty(held: Any) -> bool:
    return held is None or held in ("", [], {})


def _test(test: Test) -> Predicate:
    read, value = test.field.read, test.value
    if test.op == "empty":
        return lambda row: _is_empty(read(row))
    if test.op == "has":
        return lambda row: value in [fold(word) for word in read(row) or ()]
    compare = _COMPARE[test.op]
    if test.op == "any":
        value = frozenset(value)
    if test.field.kind in TEXTS:
        return lambda row: not _is_empty(held := read(row)) and compare(fold(held), value)
    return lambda row: not _is_empty(held := read(row)) and compare(held, value)
