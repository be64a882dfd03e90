"""A filter held against a record type: names, operators and values checked and reduced.

Both compilers start from here, so they can differ in how they compare and in nothing else. What is
left are ten tests and three connectives: `!=` is the complement of `=`, a day against a time is a
range, `in` over days is a choice of ranges.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from cerebro_sdk.schemas.kinds import Kind
from cerebro_sdk.schemas.query import (
    And,
    Comparison,
    Condition,
    Has,
    HasSome,
    HasWhere,
    In,
    IsEmpty,
    Node,
    Not,
    Or,
)
from cerebro_server.kernel.errors import closest
from cerebro_server.kernel.fields import Field
from cerebro_server.kernel.query import limits
from cerebro_server.kernel.query.mistakes import refusal
from cerebro_server.kernel.query.moments import Day
from cerebro_server.kernel.query.subject import MAX_DEPTH, Related, Subject
from cerebro_server.kernel.query.values import TEXTS, Env, Several, convert

Operator = Literal[
    "eq", "lt", "le", "gt", "ge", "any", "has", "contains", "starts", "ends", "empty"
]

_ORDER: dict[str, Operator] = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
_WITHIN: dict[str, Operator] = {
    "contains": "contains",
    "starts with": "starts",
    "ends with": "ends",
}
_ALWAYS = ("=", "!=", "in", "is empty", "is not empty")
_OF_WHOLES = ("is empty", "is not empty")
_OF_LISTS = ("has", "has any", "has all", "is empty", "is not empty")


@dataclass(frozen=True, slots=True)
class Test:
    """One field against one value (against a tuple of values for `any`)."""

    field: Field
    op: Operator
    value: Any = None


@dataclass(frozen=True, slots=True)
class Every:
    """True when all parts are."""

    of: tuple[Typed, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """True when a part is."""

    of: tuple[Typed, ...]


@dataclass(frozen=True, slots=True)
class Unless:
    """The exact complement."""

    of: Typed


@dataclass(frozen=True, slots=True)
class Among:
    """True when some related record, or some part of a list, fulfils a condition."""

    related: Related
    of: Typed


Typed = Test | Every | Some | Unless | Among


def check(node: Node, about: Subject | Mapping[str, Field], env: Env) -> Typed:
    """Return the filter as tests on a subject. Raises InvalidQuery and QueryTooLarge."""
    limits.check_tree(node)
    return _check(node, Subject.of(about), env, MAX_DEPTH)


def _check(node: Node, subject: Subject, env: Env, depth: int) -> Typed:
    match node:
        case And(of=parts):
            return Every(tuple(_check(part, subject, env, depth) for part in parts))
        case Or(of=parts):
            return Some(tuple(_check(part, subject, env, depth) for part in parts))
        case Not(of=part):
            return Unless(_check(part, subject, env, depth))
        case _:
            return _along(node, node.field.split("."), subject, env, depth)


def _along(node: Condition, path: list[str], subject: Subject, env: Env, depth: int) -> Typed:
    """Follow a path to the field at its end; a comparison holds if it holds for some record."""
    if (whole := ".".join(path)) in subject.fields:  # a part of a field, too: `home.city`
        name, rest = whole, []
    else:
        name, *rest = path
    related = subject.related.get(name)
    if related is None or (not rest and not isinstance(node, HasWhere | IsEmpty)):
        if rest:
            raise _no_relation(node, path, subject)
        return _condition(node, find_field(name, subject.fields, node.position), env)
    if not depth:
        detail = f"`{node.field}` goes more than {MAX_DEPTH} relations deep."
        raise refusal(detail, position=node.position)
    if not rest:
        return _of_relation(node, related, env, depth)
    found = _along(node, rest, related.subject(), env, depth - 1)
    if isinstance(found, Test) and found.op == "empty":
        return Unless(Among(related, Unless(found)))  # the complement of `is not empty`
    if isinstance(found, Unless):  # `!=` is the complement of `=`, whatever lies between
        is_full = isinstance(found.of, Test) and found.of.op == "empty"
        return Among(related, found) if is_full else Unless(Among(related, found.of))
    return Among(related, found)


def _of_relation(node: Condition, related: Related, env: Env, depth: int) -> Typed:
    if isinstance(node, HasWhere):
        return Among(related, _check(node.where, related.subject(), env, depth - 1))
    there = Among(related, Every(()))
    return there if node.op == "is not empty" else Unless(there)


def _no_relation(node: Condition, path: list[str], subject: Subject) -> Exception:
    detail = f"There is no relation `{path[0]}`."
    parts = [name for name in subject.fields if name.startswith(f"{path[0]}.")]
    if parts:
        detail = f"There is no `{'.'.join(path)}`; there is {', '.join(parts)}."
    meant = closest(".".join(path), parts) or closest(path[0], subject.related)
    return refusal(detail, position=node.position, suggestion=meant)


def find_field(path: str, fields: Mapping[str, Field], position: int | None) -> Field:
    """Return the field of that name, or say which one was probably meant."""
    field = fields.get(path) or _relation(fields.get(f"{path}_id"))
    usable = [name for name, known in fields.items() if known.filterable]
    if field is None:
        raise refusal(
            f"There is no field `{path}`.", position=position, suggestion=closest(path, usable)
        )
    if not field.filterable:
        raise refusal(f"`{path}` cannot be used in filters or sorts.", position=position)
    return field


def _relation(field: Field | None) -> Field | None:
    """Return the field behind a relation's name: `owner = me` means `owner_id`."""
    return field if field is not None and field.kind is Kind.USER else None


def operators_of(field: Field) -> tuple[str, ...]:
    """Return the operators that make sense for a field."""
    if field.kind is Kind.KEYS:
        return _OF_LISTS
    if field.kind is Kind.RANGE:
        return _OF_WHOLES
    if field.kind in TEXTS:
        return (*_ALWAYS, *_ORDER, *_WITHIN)
    if field.kind in (Kind.BOOLEAN, Kind.UUID, Kind.USER, Kind.TEAM, Kind.SELECT):
        return _ALWAYS
    return (*_ALWAYS, *_ORDER)


def _condition(node: Condition, field: Field, env: Env) -> Typed:
    allowed = operators_of(field)
    if node.op not in allowed:
        op = "has" if isinstance(node, HasWhere) else node.op
        raise refusal(
            f"`{op}` does not apply to {field.name}; use {', '.join(allowed)}.",
            position=node.position,
            suggestion=_instead(op, field),
        )
    match node:
        case IsEmpty(op=op):
            empty = Test(field, "empty")
            return empty if op == "is empty" else Unless(empty)
        case In(values=values):
            return _any(field, tuple(convert(value, field, env) for value in values))
        case Comparison(op=op, value=value):
            return _comparison(field, op, convert(value, field, env))
        case Has(value=value):
            return _has(field, convert(value, field, env))
        case HasSome(op=op, values=values):
            parts = tuple(_has(field, convert(value, field, env)) for value in values)
            return Some(parts) if op == "has any" else Every(parts)
        case HasWhere():
            raise AssertionError("`has (…)` is for relations")


def _instead(op: str, field: Field) -> str | None:
    if op.startswith("has"):
        return "contains" if field.kind in TEXTS else "="
    return "=" if op in _WITHIN else None


def _comparison(field: Field, op: str, value: Any) -> Typed:
    if op == "=":
        return _equal(field, value)
    if op == "!=":
        return Unless(_equal(field, value))
    if isinstance(value, Several):
        value = value.values[0]  # a part of a phone number, or what comes before it: as typed
    if isinstance(value, Day):
        # after a day is from its end on; until a day is before its end
        value = value.end if op in (">", "<=") else value.start
        return Test(field, "ge" if op in (">", ">=") else "lt", value)
    return Test(field, _ORDER[op] if op in _ORDER else _WITHIN[op], value)


def _has(field: Field, value: Any) -> Typed:
    if isinstance(value, Several):
        return Some(tuple(Test(field, "has", each) for each in value.values))
    return Test(field, "has", value)


def _equal(field: Field, value: Any) -> Typed:
    if isinstance(value, Several):
        return Test(field, "any", value.values)
    if isinstance(value, Day):
        return Every((Test(field, "ge", value.start), Test(field, "lt", value.end)))
    return Test(field, "eq", value)


def _any(field: Field, values: tuple[Any, ...]) -> Typed:
    days = tuple(_equal(field, value) for value in values if isinstance(value, Day))
    several = (each for value in values if isinstance(value, Several) for each in value.values)
    plain = (*(value for value in values if not isinstance(value, Day | Several)), *several)
    parts = (*((Test(field, "any", plain),) if plain or not days else ()), *days)
    return parts[0] if len(parts) == 1 else Some(parts)
