"""Possible duplicates of rows that are to be written: found by index, then compared.

Set-wise: a list of rows in, one list of candidates for each out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from pydantic_core import to_json

from cerebro_sdk.schemas.kinds import Kind
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident, literal
from cerebro_server.kernel.errors import PossibleDuplicate
from cerebro_server.kernel.fields import Compared, Duplicates, Field, Primary, RecordType

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
    record_type: str


async def check(context: Context, record_type: RecordType, row: Mapping[str, Any]) -> None:
    """Refuse a new row that is probably a record which the caller may read.

    Costs nothing where the row says too little, else one read for each noun that it is held
    against. Raises `PossibleDuplicate`.
    """
    [found] = await find(context, record_type, [row])
    rules = record_type.duplicates
    for noun, others in (rules.elsewhere if rules else {}).items():
        found += (await find(context, context.catalog[noun], [row], rules=others))[0]
    if found:
        raise refusal(record_type, found)


def refusal(record_type: RecordType, found: Iterable[Candidate]) -> PossibleDuplicate:
    """Return the error for a new record that is probably one of these."""
    candidates = list(found)
    said = "; ".join(f"{each.title or each.id} ({', '.join(each.reasons)})" for each in candidates)
    return PossibleDuplicate(
        f"There is probably such {record_type.noun.one} already: {said}. "
        "Create it all the same with allow_duplicates=true.",
        candidates=[
            {
                "id": each.id,
                "title": each.title,
                "score": each.score,
                "reasons": each.reasons,
                "record_type": each.record_type,
            }
            for each in candidates
        ],
    )


async def find(
    context: Context,
    record_type: RecordType,
    rows: Sequence[Mapping[str, Any]],
    *,
    rules: Duplicates | None = None,
) -> list[list[Candidate]]:
    """Return for each row the living records that it may be a duplicate of, the surest first.

    Only what the caller sees is looked at: records that they may not read are no candidates, and
    fields that are hidden or masked are neither compared nor named. `rules` are those of the record
    type, unless others are given.
    """
    rules = rules or record_type.duplicates
    found: list[list[Candidate]] = [[] for _ in rows]
    if rules is None or not context.actor.may(f"{record_type.name}:read"):
        return found
    shown = context.seen(record_type)
    compared = [each for each in rules.compared if shown.shows(each.field)]
    values = [_values(shown, rules, compared, row) for row in rows]
    asked = [n for n, of_row in enumerate(values) if _says_enough(of_row, compared, rules)]
    blocks = [name for name in rules.blocks if shown.shows(name)]
    if not asked or not blocks:
        return found
    statement = _statement(context, shown, blocks, compared, [(n, values[n]) for n in asked])
    for number, record_id, title, *of_record in await context.read(statement):
        pairs = [
            (values[number][rule.field], other, rule)
            for rule, other in zip(compared, of_record, strict=True)
        ]
        score, reasons = _compare(pairs)
        if score >= rules.threshold:
            candidate = Candidate(record_id, title, score, tuple(reasons), record_type.name)
            found[number].append(candidate)
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
    rows: Iterable[tuple[int, Mapping[str, Sequence[str]]]],
) -> Sql:
    """Select `(row, id, title, compared values …)` of what shares a block with one of the rows."""
    table = ident(shown.table_name)
    limit = context.condition(shown, "read") or Sql("true")
    arms = [arm for name in blocks for arm in _arms(shown, name, limit.text)]
    title = shown.fields.get(shown.noun.title)
    values = "".join(f", {every(shown, each.field)}" for each in compared)
    typed = "".join(f", {ident(name)} text[]" for name in blocks)
    return Sql(
        f"select s.n, t.id::text, {title.sql if title and not title.masked else 'null'}{values} "
        f"from json_to_recordset(%s::json) as s(n integer{typed}), "
        f"lateral ({' union '.join(arms)}) as c join {table} t on t.id = c.id",
        (
            to_json([{"n": n, **{b: row.get(b, ()) for b in blocks}} for n, row in rows]).decode(),
            *(param for _ in arms for param in limit.params),
        ),
    )


def _arms(shown: RecordType, name: str, limit: str) -> Iterator[str]:
    """Yield the queries for records that share a block with one of a row's values: by the index on
    the field, or by the keys of records, which lists have for what is further down, too."""
    table, field = ident(shown.table_name), shown.fields[name]
    living = f"t.deleted_at is null and {limit} order by t.id desc limit {_OF_A_BLOCK}"
    side = same(field, "v.value")
    listed = _list_of(shown, name)
    kind = shown.part_keys[listed.field].kind if listed else name
    has_keys = listed is not None or name in shown.keys
    if not has_keys or field.kind is Kind.PHONE:  # keys hold the whole number only
        yield (
            f"(select a.id from unnest(s.{ident(name)}) as v(value), lateral (select t.id "
            f"from {table} t where {same(field, field.sql)} = {side} and {side} <> '' "
            f"and {living}) a)"
        )
    if has_keys:
        yield (
            f"(select t.id from record_keys k join {table} t on t.id = k.record_id "
            f"where k.record_type = {literal(shown.name)} and k.kind = {literal(kind)} "
            f"and k.value = any(array(select fold(v) from unnest(s.{ident(name)}) v)) "
            f"and {living})"
        )


def _list_of(shown: RecordType, name: str) -> Primary | None:
    """Return the list with keys that a field shows the first of, if the caller sees it."""
    primary = shown.primaries.get(name)
    is_keyed = primary is not None and primary.field in shown.part_keys
    return primary if is_keyed and primary and shown.shows(primary.field) else None


def every(shown: RecordType, name: str) -> str:
    """Return the SQL of all values of a field of the row `t`, as an array."""
    if listed := _list_of(shown, name):
        column = shown.fields[listed.field].sql
        return f"array(select p ->> {literal(listed.of)} from jsonb_array_elements({column}) p)"
    return f"array[{shown.fields[name].sql}]"


def _values(
    shown: RecordType, rules: Duplicates, compared: Sequence[Compared], row: Mapping[str, Any]
) -> dict[str, list[str]]:
    """Return all values of each compared field of a new row."""
    derived = rules.derive(row) if rules.derive else {}
    found: dict[str, list[str]] = {}
    for name in (each.field for each in compared):
        if primary := shown.primaries.get(name):
            parts = row.get(primary.field) or []
            parts = parts if _list_of(shown, name) else parts[:1]
            values = [part.get(primary.of) for part in parts]
        else:
            values = [derived.get(name, row.get(name))]
        found[name] = [str(value) for value in values if value]
    return found


def _says_enough(
    row: Mapping[str, Sequence[str]], compared: Sequence[Compared], rules: Duplicates
) -> bool:
    """Tell whether the row's values could reach the threshold at all."""
    return sum(each.weight for each in compared if row.get(each.field)) >= rules.threshold


def _compare(
    pairs: Iterable[tuple[Iterable[str], Iterable[str | None], Compared]],
) -> tuple[float, list[str]]:
    """Return how sure it is that both are the same, from 0 to 1, and why."""
    score = 0.0
    reasons = []
    for one, other, rule in pairs:
        first = {rule.normalise(value) for value in one} - {""}
        second = {rule.normalise(value) for value in other if value} - {""}
        if not first or not second:
            continue
        if first & second:
            score += rule.weight
            reasons.append(rule.reason)
        elif rule.alike_weight and any(_are_alike(a, b) for a in first for b in second):
            score += rule.alike_weight
            reasons.append(rule.alike_reason)
        else:
            score += rule.unlike_weight
    return round(min(max(score, 0.0), 1.0), 2), reasons


def _are_alike(one: str, other: str) -> bool:
    return SequenceMatcher(None, one, other).ratio() >= _ALIKE
