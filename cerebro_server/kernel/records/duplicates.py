"""Possible duplicates of rows that are to be written: found by index, then compared.

Set-wise: a list of rows in, one list of candidates for each out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from pydantic_core import to_json

from cerebro_sdk.schemas.kinds import Kind
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.errors import PossibleDuplicate
from cerebro_server.kernel.fields import Compared, Duplicates, Field, RecordType

_OF_A_BLOCK = 50
"""Records that are compared of those that share a value; the newest ones."""
_SHOWN = 5
_ALIKE = 0.85
"""From which ratio on two values are nearly the same."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that a new one is probably the same as."""

    id: str
    title: str | None
    score: float
    """From the threshold of the rules to 1."""
    reasons: tuple[str, ...]


async def check(context: Context, record_type: RecordType, row: Mapping[str, Any]) -> None:
    """Refuse a new row that is probably a record which the caller may read.

    Costs nothing where the row says too little, else one read. Raises `PossibleDuplicate`.
    """
    [candidates] = await find(context, record_type, [row])
    if not candidates:
        return
    noun = record_type.noun
    said = "; ".join(f"{each.title or each.id} ({', '.join(each.reasons)})" for each in candidates)
    raise PossibleDuplicate(
        f"There is probably such a {noun.singular} already: {said}. "
        "Create it all the same with allow_duplicates=true.",
        candidates=[
            {"id": each.id, "title": each.title, "score": each.score, "reasons": each.reasons}
            for each in candidates
        ],
    )


async def find(
    context: Context, record_type: RecordType, rows: Sequence[Mapping[str, Any]]
) -> list[list[Candidate]]:
    """Return for each row the living records that it may be a duplicate of, the surest first.

    Only what the caller sees is looked at: records that they may not read are no candidates, and
    fields that are hidden or masked are neither compared nor named.
    """
    rules = record_type.duplicates
    found: list[list[Candidate]] = [[] for _ in rows]
    if rules is None or not context.actor.may(f"{record_type.name}:read"):
        return found
    shown = context.seen(record_type)
    whole = [_whole(record_type, rules, row) for row in rows]
    compared = [each for each in rules.compared if _is_open(shown, each.field)]
    asked = [n for n, row in enumerate(whole) if _says_enough(row, compared, rules)]
    blocks = [name for name in rules.blocks if _is_open(shown, name)]
    if not asked or not blocks:
        return found
    statement = _statement(context, shown, blocks, compared, [(n, whole[n]) for n in asked])
    for number, record_id, title, *values in await context.read(statement):
        pairs = [(whole[number].get(c.field), v, c) for c, v in zip(compared, values, strict=True)]
        score, reasons = _compare(pairs)
        if score >= rules.threshold:
            found[number].append(Candidate(record_id, title, score, tuple(reasons)))
    return [sorted(each, key=lambda one: (-one.score, one.id))[:_SHOWN] for each in found]


def same(field: Field, side: str) -> str:
    """Return what two values of a field that is a block have in common; an index is on just this.

    Phones by their last nine digits: with or without their country.
    """
    if field.kind is Kind.PHONE:
        return f"right(regexp_replace({side}, '[^0-9]+', '', 'g'), 9)"
    return f"fold({side})"


def _statement(
    context: Context,
    shown: RecordType,
    blocks: Sequence[str],
    compared: Sequence[Compared],
    rows: Iterable[tuple[int, Mapping[str, Any]]],
) -> Sql:
    """Select `(row, id, title, compared values …)` of what shares a block with one of the rows."""
    table = ident(shown.table_name)
    limit = context.condition(shown, "read") or Sql("true")
    arms = []
    for name in blocks:
        field = shown.fields[name]
        side = same(field, f"s.{ident(name)}")
        arms.append(
            f"(select t.id from {table} t where t.deleted_at is null and "
            f"{same(field, field.sql)} = {side} and {side} <> '' and {limit.text} "
            f"order by t.id desc limit {_OF_A_BLOCK})"
        )
    title = shown.fields.get(shown.noun.title)
    values = "".join(f", {shown.fields[each.field].sql}" for each in compared)
    typed = "".join(f", {ident(name)} text" for name in blocks)
    return Sql(
        f"select s.n, t.id::text, {title.sql if title and not title.masked else 'null'}{values} "
        f"from json_to_recordset(%s::json) as s(n integer{typed}), "
        f"lateral ({' union '.join(arms)}) as c join {table} t on t.id = c.id",
        (
            to_json(
                [{"n": n, **{name: row.get(name) for name in blocks}} for n, row in rows]
            ).decode(),
            *(param for _ in blocks for param in limit.params),
        ),
    )


def _whole(record_type: RecordType, rules: Duplicates, row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a new row with what the database would compute for it."""
    firsts = {
        short: (row.get(primary.field) or [{}])[0].get(primary.of)
        for short, primary in record_type.primaries.items()
    }
    return {**row, **firsts, **(rules.derive(row) if rules.derive else {})}


def _is_open(shown: RecordType, name: str) -> bool:
    return name in shown.fields and not shown.fields[name].masked


def _says_enough(row: Mapping[str, Any], compared: Sequence[Compared], rules: Duplicates) -> bool:
    """Tell whether the row's values could reach the threshold at all."""
    return sum(each.weight for each in compared if row.get(each.field)) >= rules.threshold


def _compare(pairs: Iterable[tuple[Any, Any, Compared]]) -> tuple[float, list[str]]:
    """Return how sure it is that both are the same, from 0 to 1, and why."""
    score = 0.0
    reasons = []
    for one, other, rule in pairs:
        if not one or not other:
            continue
        first, second = rule.normalise(str(one)), rule.normalise(str(other))
        if not first or not second:
            continue
        if first == second:
            score += rule.weight
            reasons.append(rule.reason)
        elif rule.alike_weight and SequenceMatcher(None, first, second).ratio() >= _ALIKE:
            score += rule.alike_weight
            reasons.append(rule.alike_reason)
        else:
            score += rule.unlike_weight
    return round(min(max(score, 0.0), 1.0), 2), reasons
