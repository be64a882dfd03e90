"""Rows of plans for records that a planner makes or changes, as the rules of their nouns leave
them: sets in, a row for each out, with what is wrong where something is."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from pydantic_core import from_json

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident
from cerebro_server.kernel.fields import Batch, RecordType
from cerebro_server.kernel.fields.custom import COLUMN
from cerebro_server.kernel.records import locking, parts, uniqueness
from cerebro_server.kernel.records.customizing import customize
from cerebro_server.kernel.records.importing.claims import Claims
from cerebro_server.kernel.records.importing.deciding import admitted_births
from cerebro_server.kernel.records.people import resolve_people
from cerebro_server.kernel.records.planned import FORBIDDEN, Row, admitted, different
from cerebro_server.kernel.records.projection import WIRE_JSON, wire_row
from cerebro_server.kernel.records.relating import resolve_relations
from cerebro_server.kernel.records.statements import held_by
from cerebro_server.kernel.records.writer import prepare

Values = dict[str, Any]
_ANY = Sql("true")
_START = UUID(int=0)


class Chosen(NamedTuple):
    """A record that a plan is about."""

    id: UUID
    version: int
    may: bool
    """Whether the caller may do with it what was asked for."""
    locked_at: datetime | None
    values: Values
    """As the caller sees it; what is hidden or masked is not there."""


async def choose(
    context: Context,
    record_type: RecordType,
    where: Sql,
    *actions: str,
    after: UUID = _START,
    limit: int,
) -> list[Chosen]:
    """Return the next records for which a condition on the row `t` holds, in the order of ids."""
    shown = context.seen(record_type)
    may = context.condition(record_type, *actions) or _ANY
    rows = await context.read(
        Sql(
            f"select t.id, t.version, ({may.text}) is true, {locking.since(record_type)}, "
            f"{WIRE_JSON} from {ident(record_type.table_name)} t, {wire_row(shown)} "
            f"where {where.text} and t.id > %s order by t.id limit %s",
            (*may.params, *where.params, after, limit),
        )
    )
    seen = {name for name in shown.fields if shown.shows(name)}
    return [
        Chosen(i, version, may, locked_at, {k: v for k, v in _plain(json).items() if k in seen})
        for i, version, may, locked_at, json in rows
    ]


def _plain(json: Any) -> Values:
    found: Values = json if isinstance(json, dict) else from_json(json)
    return found


async def births(
    context: Context,
    record_type: RecordType,
    rows: Mapping[UUID, Values],
    *,
    planned: Container[str] = (),
) -> dict[UUID, Row]:
    """Return the row that makes each new record, or says why it cannot be made.

    `rows` are valid values of the wire by the id that the record is to have; `planned` are ids that
    they may name although such a record is only planned yet. Needs `<noun>:create`.
    """
    context.actor.require(f"{record_type.name}:create")
    ids = list(rows)
    batch = Batch([dict(rows[record_id]) for record_id in ids], allow_invalid=True)
    await prepare(context, record_type, batch, planned=planned)
    await _refuse_taken(context, record_type, batch)
    filled = [
        {"external_ids": {}, **{n: row[n] for n in record_type.stored if row.get(n) is not None}}
        for row in batch.rows
    ]
    wrong = _problems(batch)
    whole = [number for number in range(len(ids)) if number not in wrong]
    allowed = await admitted_births(
        context, record_type, [{"id": ids[number], **filled[number]} for number in whole], planned
    )
    found = {}
    for number, record_id in enumerate(ids):
        problem = wrong.get(number)
        if problem is None and allowed is not None and record_id not in allowed:
            problem = {"code": "forbidden", "message": FORBIDDEN}
        if problem is not None:
            found[record_id] = Row(record_type.name, "error", problem=problem)
        else:
            found[record_id] = Row(record_type.name, "create", record_id, None, filled[number])
    return found


async def changes(
    context: Context, record_type: RecordType, rows: Mapping[UUID, Values]
) -> dict[UUID, Row]:
    """Return the row that changes each record, does nothing, or says why it cannot be changed.

    `rows` are valid values of the wire, of the fields that change, by id. Needs `<noun>:update`.
    """
    context.actor.require(f"{record_type.name}:update")
    limit = context.condition(record_type, "read", "update") or _ANY
    held = await context.read(
        Sql(
            f"select t.id, t.version, {locking.since(record_type)}, ({limit.text}) is true, "
            f"to_jsonb(t) from {ident(record_type.table_name)} t where t.id = any(%s) "
            "and t.deleted_at is null order by t.id",
            (*limit.params, list(rows)),
        )
    )
    batch = Batch([dict(rows[record_id]) for record_id, *_ in held], allow_invalid=True)
    for row in batch.rows:
        parts.fill_words(record_type, row, row)
    await resolve_people(context, record_type, batch)
    await resolve_relations(context, record_type, batch)
    unknown = batch.refused
    await customize(context, record_type, batch)
    batch.before = [from_json(json) for *_, json in held]
    parts.settle(record_type, batch, region=context.settings.default_region)
    await batch.judge(record_type.update_rules, context, leave=unknown)
    wrong = _problems(batch)
    found: list[Row] = []
    for number, (record_id, version, locked_at, may, _) in enumerate(held):
        problem = wrong.get(number)
        if problem is None and locked_at is not None:
            said = locking.said(context, record_type, "The record", locked_at)
            problem = {"code": locking.CODE, "message": said}
        if problem is None and not may:
            problem = {"code": "forbidden", "message": FORBIDDEN}
        if problem is not None:
            found.append(Row(record_type.name, "error", record_id, version, problem=problem))
            continue
        new = different(record_type, batch.before[number], batch.rows[number])
        action = "update" if new else "unchanged"
        found.append(Row(record_type.name, action, record_id, version, new or None))
    told = await admitted(context, record_type, found)
    return {row.record_id: row for row in told if row.record_id is not None}


async def _refuse_taken(context: Context, record_type: RecordType, batch: Batch) -> None:
    """Refuse rows that have a key of a record that there is, or a unique value of one."""
    claims = Claims(record_type, record_type.keys)
    wanted = [(n, *key) for n, row in enumerate(batch.rows) for key in claims.keys_of(row)]
    if wanted:
        numbers, kinds, values = (list(column) for column in zip(*wanted, strict=True))
        held = await context.read(
            Sql(
                "select s.n, s.kind, s.value from unnest(%s::integer[], %s::text[], %s::text[]) "
                f"as s(n, kind, value) cross join {held_by('%s', 's.kind', 's.value')} o "
                "where o.is_unique",
                (numbers, kinds, values, record_type.name),
            )
        )
        seen = await uniqueness.holders(context, record_type, wanted) if held else {}
        for number, kind, value in held:
            which = f": {', '.join(seen[number])}" if number in seen else ""
            said = f"Another {record_type.noun.singular} has {kind} {value}{which}."
            batch.refuse(number, kind, "duplicate_key", said)
    own = {n: (None, row.get(COLUMN)) for n, row in enumerate(batch.rows)}
    for clash in await uniqueness.clashes(context, record_type, own):
        said = uniqueness.told(record_type, clash.holder)
        batch.refuse(clash.row, f"{COLUMN}/{clash.definition.key}", "duplicate_key", said)


def _problems(batch: Batch) -> dict[int, Mapping[str, Any]]:
    """Return what is wrong with rows, by number; the first of several, with the others beside."""
    found: dict[int, list[dict[str, Any]]] = {}
    for each in batch.refusals:
        said = {"code": each.code, "field": each.field, "message": each.message}
        found.setdefault(each.row, []).append(said)
    return {number: _one(said) for number, said in found.items()}


def _one(said: Sequence[dict[str, Any]]) -> dict[str, Any]:
    first, *also = said
    return {**first, "also": also} if also else first
