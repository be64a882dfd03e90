"""Pairs of records that are probably one: listed, looked at side by side, dismissed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from pydantic_core import from_json, to_json

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.errors import AmbiguousReference, Invalid, NotFound, WrongState
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.ids import read_id
from cerebro_server.kernel.records import merged, reader
from cerebro_server.kernel.records.matching.rules import fields, in_force, stored_reasons
from cerebro_server.kernel.records.writer import outside

STATES: Final = ("open", "dismissed", "merged")
_END = re.compile(r"[0-9a-f-]{6,35}", re.IGNORECASE)
_ALIKE: Final = 10
_ASIDE: Final = ("id", "version", "created_at", "updated_at", "deleted_at", "locked_at")
"""Fields that are never the same, or say nothing of it."""
_BOTH_LIVE: Final = "a.deleted_at is null and b.deleted_at is null"


class Asked(NamedTuple):
    """Which pairs."""

    state: str = "open"
    min_score: float | None = None
    max_score: float | None = None
    sample: int | None = None
    """So many of them by chance, instead of all."""


async def page(
    context: Context, record_type: RecordType, asked: Asked, *, cursor: str | None, limit: int
) -> bytes:
    """Return a page of pairs as JSON, the surest first: of those that the caller may read both
    records of. Raises `Invalid`, `InvalidCursor`."""
    if asked.state not in STATES:
        raise Invalid(
            f"There is no state {asked.state!r}; there are: {', '.join(STATES)}.",
            errors=[{"parameter": "state", "code": "unknown_state", "detail": asked.state}],
        )
    of_list = ["duplicates", record_type.name, *map(str, asked)]
    where = [_in_state(record_type, asked.state)]
    if asked.min_score is not None:
        where.append(Sql("d.score >= %s", (asked.min_score,)))
    if asked.max_score is not None:
        where.append(Sql("d.score <= %s", (asked.max_score,)))
    if cursor is not None:
        score, after = reader.read_cursor(context, cursor, of_list)
        where.append(
            Sql(
                "d.score <= %s::numeric and (d.score < %s::numeric or d.id > %s::uuid)",
                (score, score, after),
            )
        )
    most = limit if asked.sample is None else min(limit, asked.sample)
    order = "d.score desc, d.id" if asked.sample is None else "random()"
    found = await _found(context, record_type, where, order=order, limit=most + 1)
    following = None
    if len(found) > most and asked.sample is None:
        last = found[most - 1]
        following = reader.write_cursor(context, [str(last["score"]), str(last["id"])], of_list)
    return to_json({"items": found[:most], "next_cursor": following})


async def one(context: Context, record_type: RecordType, reference: str) -> bytes:
    """Return a pair as JSON, both records side by side. Raises `NotFound`, `AmbiguousReference`."""
    pair = await _one(context, record_type, reference)
    return to_json({**pair, "fields": await _beside(context, record_type, pair)})


async def decide(context: Context, record_type: RecordType, reference: str, *, state: str) -> bytes:
    """Say that the records of a pair are two (`dismissed`), or take that back (`open`); a scan does
    not change it. Needs the right to change both.

    Raises `NotFound`, `Forbidden`, `WrongState`.
    """
    context.actor.require(f"{record_type.name}:update")
    pair = await _one(context, record_type, reference)
    if pair["state"] == "merged":
        raise WrongState("They are merged; split them, and they are a pair again.")
    limits = [limit for limit in [context.condition(record_type, "update")] if limit]
    rows = await (await context.write()).rows(
        Sql(
            "update duplicate_pairs set state = %s, "
            "decided_at = case when %s = 'open' then null else now() end, "
            "decided_by = case when %s = 'open' then null else %s end "
            f"where id = %s and (select count(*) from {ident(record_type.table_name)} t "
            f"where {Sql.both(Sql('t.id = any(%s::uuid[])'), *limits).text}) = 2 returning id",
            (
                *(state, state, state, context.actor.tag, pair["id"]),
                [str(pair["one_id"]), str(pair["other_id"])],
                *(param for limit in limits for param in limit.params),
            ),
        )
    )
    if not rows:
        raise outside(context, record_type, "update")
    return await one(context, record_type, str(pair["id"]))


def _in_state(record_type: RecordType, state: str) -> Sql:
    noun = record_type.name
    if state != "merged":
        return Sql(f"d.record_type = %s and d.state = %s and {_BOTH_LIVE}", (noun, state))
    return Sql(
        "d.record_type = %s and (a.deleted_at is null) <> (b.deleted_at is null) and "
        "(select o.kind from changes c join operations o on o.id = c.operation_id "
        "where c.record_id = case when a.deleted_at is null then d.other_id else d.one_id end "
        "and c.record_type = %s and c.action = 'deleted' order by c.seq desc limit 1) "
        "in (%s, 'undo')",
        (noun, noun, f"{noun}.{merged.VERB}"),
    )


def _side(context: Context, record_type: RecordType, column: str) -> Sql:
    """Return one record of a pair, if the caller may read it."""
    title = context.seen(record_type).fields.get(record_type.noun.title)
    text = title.sql if title and not title.masked else "null"
    where = Sql.both(Sql(f"t.id = d.{column}"), *reader.readable(context, record_type))
    return Sql(
        f"lateral (select {text} as title, t.deleted_at from {ident(record_type.table_name)} t "
        f"where {where.text} offset 0)",
        where.params,
    )


async def _found(
    context: Context, record_type: RecordType, where: Sequence[Sql], *, order: str, limit: int
) -> list[dict[str, Any]]:
    """Return pairs of which the caller may read both records."""
    context.actor.require(f"{record_type.name}:read")
    a, b = (_side(context, record_type, column) for column in ("one_id", "other_id"))
    limits = Sql.both(*where)
    rows = await context.read(
        Sql(
            "select d.id, d.one_id, a.title, d.other_id, b.title, d.score::float8, d.reasons, "
            f"case when {_BOTH_LIVE} then d.state else 'merged' end, d.rules_version, "
            f"d.found_at, d.decided_at from duplicate_pairs d, {a.text} a, {b.text} b "
            f"where {limits.text} order by {order} limit %s",
            (*a.params, *b.params, *limits.params, limit),
        )
    )
    hidden = await _hidden(context, record_type) if rows else frozenset[str]()
    return [_wire(record_type, row, hidden) for row in rows]


async def _hidden(context: Context, record_type: RecordType) -> frozenset[str]:
    """Return the names of comparisons of fields that the caller does not see."""
    shown = context.seen(record_type)
    rules = (await in_force(context, record_type)).rules
    if all(shown.shows(name) for name in fields(rules)):
        return frozenset()
    closed = [each for each in rules.compare if not all(shown.shows(f) for f in each.fields)]
    return frozenset(each.name for each in closed)


def _wire(record_type: RecordType, row: Sequence[Any], hidden: frozenset[str]) -> dict[str, Any]:
    pair_id, one_id, one, other_id, other, score, reasons, state, version, found_at, at = row
    said = [each for each in stored_reasons(reasons) if each["name"] not in hidden]
    return {
        **{"id": pair_id, "record_type": record_type.name, "one_id": one_id, "one_title": one},
        **{"other_id": other_id, "other_title": other, "score": score, "reasons": said},
        **{"state": state, "rules_version": version, "found_at": found_at, "decided_at": at},
        "fields": [],
    }


async def _one(context: Context, record_type: RecordType, reference: str) -> dict[str, Any]:
    """Return the pair that an id, or the last 6 or more characters of one, means."""
    of_noun = Sql("d.record_type = %s", (record_type.name,))
    full, end = read_id(reference), reference.lower()
    found: list[dict[str, Any]] = []
    if full is not None or _END.fullmatch(reference):
        fits = Sql("d.id = %s", (full,))
        if full is None:
            fits = Sql("right(d.id::text, %s) = %s", (len(end), end))
        where = [of_noun, fits]
        found = await _found(context, record_type, where, order="d.id", limit=_ALIKE)
    if not found:
        raise NotFound(
            f"No pair of {record_type.name} fits {reference[:80]!r} (looked at: id, end of an id)."
        )
    if len(found) > 1:
        raise AmbiguousReference(
            f"{len(found)} pairs fit {reference!r}; use a longer or full id.",
            candidates=[str(each["id"]) for each in found],
        )
    return found[0]


async def _beside(
    context: Context, record_type: RecordType, pair: dict[str, Any]
) -> list[dict[str, Any]]:
    """Return the fields that either record has a value in."""
    shown = context.seen(record_type)
    both = []
    for record_id in (pair["one_id"], pair["other_id"]):
        written = await reader.get(context, record_type, str(record_id), deleted_too=True)
        both.append(from_json(written.json))
    found = []
    for name in shown.columns:
        one, other = (record.get(name) for record in both)
        if name in _ASIDE or not any(each not in (None, "", [], {}) for each in (one, other)):
            continue
        said = {"field": name, "label": shown.fields[name].label, "one": one, "other": other}
        found.append({**said, "is_same": one == other})
    return found


async def groups(
    context: Context, record_type: RecordType, *, above: float | None, ids: Sequence[UUID]
) -> tuple[list[list[UUID]], int]:
    """Return the records that open pairs bring together, each group in the order in which they are
    to be kept: the one that says most first, then the oldest; and how many pairs are left out.

    A pair is left out where either record is locked, takes no part in merges, or is not the
    caller's to change and delete, and a group where somebody said of two of its records that they
    are two.
    """
    parts = [Sql("d.record_type = %s and d.state = 'open'", (record_type.name,))]
    if above is not None:
        parts.append(Sql("d.score >= %s", (above,)))
    if ids:
        parts.append(Sql("d.id = any(%s)", (list(ids),)))
    which = Sql.both(*parts)
    a, b = (_mine(context, record_type, column) for column in ("one_id", "other_id"))
    rows = await context.read(
        Sql(
            "select d.one_id, a.filled, a.may, d.other_id, b.filled, b.may "
            f"from duplicate_pairs d, {a.text} a, {b.text} b where {which.text} "
            "order by d.score desc, d.id",
            (*a.params, *b.params, *which.params),
        )
    )
    mine = [(one, other) for one, _, may, other, _, too in rows if may and too]
    filled = {row[0]: row[1] for row in rows} | {row[3]: row[4] for row in rows}
    found = joined(mine)
    apart = await _dismissed(context, record_type, list(filled))
    kept = [group for group in found if not any(pair <= group for pair in apart)]
    members = {record for group in kept for record in group}
    taken = sum(one in members for one, _ in mine)
    ordered = [sorted(group, key=lambda record: (-filled[record], record)) for group in kept]
    return ordered, len(rows) - taken


def _mine(context: Context, record_type: RecordType, column: str) -> Sql:
    """Return one record of a pair, if the caller may read it: how many of its fields have a value,
    and whether it can be merged."""
    limit = context.condition(record_type, "update", "delete") or Sql("true")
    is_free = "t.locked_at is null" if record_type.lockable else "true"
    if record_type.unmerged is not None:
        is_free += f" and t.{ident(record_type.unmerged.column)} is null"
    living = Sql(f"t.id = d.{column} and t.deleted_at is null")
    where = Sql.both(living, *reader.readable(context, record_type))
    return Sql(
        f"lateral (select {_filled(record_type)} as filled, "
        f"({limit.text}) is true and {is_free} as may from {ident(record_type.table_name)} t "
        f"where {where.text} offset 0)",
        (*limit.params, *where.params),
    )


def _filled(record_type: RecordType) -> str:
    """Return the SQL of how many fields of the row `t` have a value."""
    counted = []
    for name in record_type.stored:
        column = f"t.{ident(name)}"
        if name in record_type.parts:
            counted.append(f"({column} <> '[]')::int")
        elif name not in record_type.journaled.maps:
            counted.append(f"({column} is not null)::int")
    return " + ".join(counted)


async def _dismissed(
    context: Context, record_type: RecordType, ids: Sequence[UUID]
) -> list[frozenset[UUID]]:
    rows = await context.read(
        Sql(
            "select one_id, other_id from duplicate_pairs where record_type = %s "
            "and state = 'dismissed' and one_id = any(%s) and other_id = any(%s)",
            (record_type.name, list(ids), list(ids)),
        )
    )
    return [frozenset(row) for row in rows]


def joined(pairs: Sequence[tuple[Any, Any]]) -> list[set[Any]]:
    """Return the groups of what hangs together."""
    above: dict[Any, Any] = {}

    def top(each: Any) -> Any:
        while above.setdefault(each, each) != each:
            above[each] = above[above[each]]
            each = above[each]
        return each

    for one, other in pairs:
        above[top(other)] = top(one)
    found: dict[Any, set[Any]] = {}
    for each in list(above):
        found.setdefault(top(each), set()).add(each)
    return list(found.values())
