"""Filters as SQL: text with declared identifiers and placeholders, never with values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cerebro_sdk.schemas.kinds import Kind
from cerebro_sdk.schemas.query import Node
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.fields import Field
from cerebro_server.kernel.query.subject import Subject
from cerebro_server.kernel.query.typed import Among, Every, Some, Test, Typed, Unless, check
from cerebro_server.kernel.query.values import TEXTS, Env


def column(field: Field) -> str:
    """Return a field's column; the record's table is always `t`."""
    return field.sql


def comparable(field: Field) -> str:
    """Return what comparisons and sorts go by; an index serves them when it is on just this."""
    return f"fold({column(field)})" if field.kind in TEXTS else column(field)


def compile_sql(node: Node, about: Subject | Mapping[str, Field], env: Env) -> Sql:
    """Return the filter as a condition on table `t`: true or not true, never to be negated."""
    params: list[Any] = []
    return Sql(_condition(check(node, about, env), params), tuple(params))


def _condition(typed: Typed, params: list[Any]) -> str:
    match typed:
        case Every(of=parts):
            return _joined(" and ", parts, params) or "true"
        case Some(of=parts):
            return _joined(" or ", parts, params) or "false"
        case Among(related=related, of=part):
            params.extend(related.before.params)
            return f"({related.before.text}{_condition(part, params)}{related.after})"
        case Unless(of=part):
            return _complement(part, params)
        case Test():
            return f"({_test(typed, params)})"


def _joined(word: str, parts: Sequence[Typed], params: list[Any]) -> str:
    listed = word.join(_condition(part, params) for part in parts)
    return f"({listed})" if parts else ""


def _complement(part: Typed, params: list[Any]) -> str:
    if isinstance(part, Test) and part.op == "empty" and part.field.kind is not Kind.KEYS:
        present = "<> ''" if part.field.kind in TEXTS else "is not null"
        return f"({column(part.field)} {present})"
    # nulls make a comparison null, so that a plain `not` would lose the empty ones
    return f"({_condition(part, params)} is not true)"


# By code points whatever the database's collation, as the predicate does; an empty text comes
# before no other.
_TEXT_ORDER = {
    "lt": "{side} collate \"C\" < %s and {name} <> ''",
    "le": "{side} collate \"C\" <= %s and {name} <> ''",
    "gt": '{side} collate "C" > %s',
    "ge": '{side} collate "C" >= %s',
}
_TEMPLATES = {
    "eq": "{side} = %s",
    "lt": "{side} < %s",
    "le": "{side} <= %s",
    "gt": "{side} > %s",
    "ge": "{side} >= %s",
    "any": "{side} = any(%s)",
    "has": "exists (select from unnest({name}) as e(word) where fold(e.word) = %s)",
    "contains": "pg_catalog.strpos({side}, %s) > 0",
    "starts": "{side} ^@ %s",
    "ends": "pg_catalog.right({side}, %s) = %s",
    "empty": "{name} is null",
}
_TEXT_TEMPLATES = _TEMPLATES | _TEXT_ORDER | {"empty": "{name} is null or {name} = ''"}


_LIST_TEMPLATES = _TEMPLATES | {"empty": "coalesce(cardinality({name}), 0) = 0"}


def _templates(field: Field) -> dict[str, str]:
    if field.kind in TEXTS:
        return _TEXT_TEMPLATES
    return _LIST_TEMPLATES if field.kind is Kind.KEYS else _TEMPLATES


def _test(test: Test, params: list[Any]) -> str:
    templates = _templates(test.field)
    if test.op == "any":
        params.append(list(test.value))
    elif test.op == "ends":
        params.extend((len(test.value), test.value))
    elif test.op != "empty":
        params.append(test.value)
    return templates[test.op].format(name=column(test.field), side=comparable(test.field))
