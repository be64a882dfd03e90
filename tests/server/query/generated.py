"""Generated rows and filters: mostly from the pools, so that they meet."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from cerebro_sdk.schemas.kinds import Kind
from cerebro_sdk.schemas.query import (
    And,
    Comparison,
    Has,
    HasSome,
    In,
    IsEmpty,
    Moment,
    Not,
    Or,
    Text,
    Word,
)
from cerebro_server.kernel.fields import Field

from . import custom
from .kinds import COLUMNS, FIELDS, POOLS, TEXTS

_ASSIGNED = st.characters(exclude_categories=("Cs", "Cn", "Co"), exclude_characters="\0")
texts = st.sampled_from(TEXTS) | st.text(_ASSIGNED, max_size=5)
huge = st.sampled_from([2**31, 2**63, -(2**63) - 1, 10**30, -(10**38)])


@st.composite
def rows(draw: st.DrawFn, *, max_size: int = 12) -> list[dict[str, Any]]:
    """A few rows with few values: many are equal, many are null."""
    few = {
        name: st.sampled_from([*([None] if FIELDS[name].nullable else []), *POOLS[kind][:3]])
        for name, kind in ((name, FIELDS[name].kind) for name in COLUMNS if name != "id")
    }
    found = draw(st.lists(st.fixed_dictionaries(few), min_size=2, max_size=max_size))
    order = draw(st.permutations(range(1, len(found) + 1)))
    return [{"id": UUID(int=number << 64), **row} for number, row in zip(order, found, strict=True)]


def _typed(text: str) -> Any:
    try:
        return st.sampled_from([Word(word=text), Text(text=text)])
    except ValueError:
        return st.just(Text(text=text))


def _words(*words: str) -> Any:
    return st.sampled_from([Word(word=word) for word in words])


def _moments(base: list[str], units: list[str]) -> st.SearchStrategy[Moment]:
    one = st.tuples(st.sampled_from("+-"), st.integers(0, 3).map(str), st.sampled_from(units))
    shifts = st.lists(one.map("".join), min_size=1, max_size=2).map(tuple)
    return st.builds(Moment, moment=st.sampled_from(base), shifts=shifts)


def _pool(kind: Kind) -> st.SearchStrategy[Any]:
    return st.sampled_from(POOLS[kind])


_CALENDAR = ["d", "w", "mo", "y"]
_text_values = texts.filter(bool).flatmap(_typed)
VALUES: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.TEXT: _text_values,
    Kind.LONG_TEXT: _text_values,
    Kind.DOMAIN: _text_values,
    Kind.INTEGER: (_pool(Kind.INTEGER) | huge).map(str).flatmap(_typed),
    Kind.DECIMAL: _pool(Kind.DECIMAL).map(str).flatmap(_typed),
    Kind.BOOLEAN: _words("true", "false", "TRUE"),
    Kind.DATE: st.one_of(
        _pool(Kind.DATE).map(str).flatmap(_typed), _moments(["today"], _CALENDAR), _words("today")
    ),
    Kind.DATETIME: st.one_of(
        _pool(Kind.DATE).map(str).flatmap(_typed),
        _pool(Kind.DATETIME).map(lambda time: Text(text=time.isoformat())),
        _pool(Kind.DATETIME).map(lambda time: Word(word=time.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))),
        _moments(["now", "today"], ["s", "m", "h", *_CALENDAR]),
        _words("now", "today", "NOW"),
    ),
    Kind.UUID: _pool(Kind.UUID).map(str).flatmap(_typed),
    Kind.USER: _pool(Kind.USER).map(str).flatmap(_typed) | _words("me", "ME"),
    Kind.TEAM: _pool(Kind.TEAM).flatmap(_typed) | _words("my.teams", "RED"),
    Kind.KEYS: st.sampled_from(["red", "RED", "é", "a%b", "none"]).flatmap(_typed)
    | _words("my.teams"),
}
_ORDER = ["<", "<=", ">", ">="]
_TEXTS = [*_ORDER, "contains", "starts with", "ends with"]
_OPERATORS: dict[Kind, list[str]] = {
    **{Kind.BOOLEAN: [], Kind.UUID: [], Kind.USER: [], Kind.TEAM: []},
    **{Kind.TEXT: _TEXTS, Kind.LONG_TEXT: _TEXTS, Kind.DOMAIN: _TEXTS},
}


@st.composite
def _of_lists(draw: st.DrawFn, name: str, value: Any) -> Any:
    operator: Any = draw(st.sampled_from(["has", "has any", "has all", "is empty", "is not empty"]))
    if operator == "has":
        return Has(field=name, value=draw(value))
    if operator.startswith("is"):
        return IsEmpty(op=operator, field=name)
    values = tuple(draw(st.lists(value, min_size=1, max_size=3)))
    return HasSome(op=operator, field=name, values=values)


@st.composite
def conditions(draw: st.DrawFn) -> Any:
    """One field against something that fits it."""
    field = FIELDS[draw(st.sampled_from(COLUMNS))]
    value = VALUES[field.kind]
    if field.kind is Kind.KEYS:
        return draw(_of_lists(field.name, value))
    operators = ["=", "!=", *_OPERATORS.get(field.kind, _ORDER), "in", "is empty", "is not empty"]
    operator: Any = draw(st.sampled_from(operators))
    if operator == "in":
        return In(field=field.name, values=tuple(draw(st.lists(value, min_size=1, max_size=3))))
    if operator.startswith("is"):
        return IsEmpty(op=operator, field=field.name)
    return Comparison(op=operator, field=field.name, value=draw(value))


def _nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.builds(And, of=several) | st.builds(Or, of=several) | st.builds(Not, of=inner)


def _of_custom(field: Field) -> st.SearchStrategy[Any]:
    """Return what fits a custom field, or a part of one."""
    if field.kind in (Kind.INTEGER, Kind.DURATION):
        texts = [text for text in custom.typed_values(field) if text.isdigit()]
    elif field.kind is Kind.KEYS and not field.options:
        texts = ["a", "B", "é"]
    elif field.options:
        texts = ["gold", "Very High", "é"]
    else:
        texts = custom.typed_values(field)
    plain = {Kind.BOOLEAN, Kind.DATETIME, Kind.USER, Kind.TEAM}
    return VALUES[field.kind] if field.kind in plain else st.sampled_from(texts).flatmap(_typed)


_CHOICES = [Kind.BOOLEAN, Kind.USER, Kind.TEAM, Kind.SELECT]
_WORDED = [Kind.TEXT, Kind.LONG_TEXT, Kind.EMAIL, Kind.PHONE, Kind.URL, Kind.DOMAIN]


@st.composite
def custom_conditions(draw: st.DrawFn) -> Any:
    """One custom field, or a part of one, against something that fits it."""
    field = custom.FIELDS[draw(st.sampled_from(sorted(custom.FIELDS)))]
    if field.kind is Kind.RANGE:
        empty: Any = draw(st.sampled_from(["is empty", "is not empty"]))
        return IsEmpty(op=empty, field=field.name)
    value = _of_custom(field)
    if field.kind is Kind.KEYS:
        return draw(_of_lists(field.name, value))
    more = [] if field.kind in _CHOICES else _TEXTS if field.kind in _WORDED else _ORDER
    operator: Any = draw(st.sampled_from(["=", "!=", *more, "in", "is empty", "is not empty"]))
    if operator == "in":
        return In(field=field.name, values=tuple(draw(st.lists(value, min_size=1, max_size=3))))
    if operator.startswith("is"):
        return IsEmpty(op=operator, field=field.name)
    return Comparison(op=operator, field=field.name, value=draw(value))


custom_filters = custom_conditions() | st.recursive(
    custom_conditions() | conditions(), _nested, max_leaves=5
)
filters = conditions() | st.recursive(conditions(), _nested, max_leaves=5)
