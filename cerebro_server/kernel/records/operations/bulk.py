"""Planning the change, or the deletion, of whatever a filter selects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic_core import from_json, to_json

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident, literal
from cerebro_server.kernel.errors import ValidationFailed
from cerebro_server.kernel.fields import Batch, RecordType
from cerebro_server.kernel.fields.custom import COLUMN
from cerebro_server.kernel.records import locking, parts, reader
from cerebro_server.kernel.records.customizing import customize
from cerebro_server.kernel.records.operations import bundling, stored, uniques
from cerebro_server.kernel.records.operations.planning import CHUNK, Plan
from cerebro_server.kernel.records.operations.statements import DELETED
from cerebro_server.kernel.records.people import resolve_people
from cerebro_server.kernel.records.planned import FORBIDDEN, Row, admitted, different
from cerebro_server.kernel.records.refusals import refused
from cerebro_server.kernel.records.relating import resolve_relations
from cerebro_server.kernel.records.statements import completed, merged_custom, recordset
from cerebro_server.kernel.records.validation import update_values
from cerebro_server.kernel.records.writer import needs_before

_START = UUID(int=0)
_PROBLEMS = {
    locking.CODE: "The record is locked.",
    "forbidden": FORBIDDEN,
}


@dataclass(frozen=True, slots=True)
class Change:
    """What a bulk operation does to each record."""

    action: str
    """`update` or `delete`"""
    values: dict[str, Any]


async def change_of(
    context: Context, record_type: RecordType, action: str, sent: Mapping[str, Any]
) -> Change:
    """Read what is to be done to each record. Raises `ValidationFailed`, `Forbidden`."""
    for needed in ("bulk", action):
        context.actor.require(f"{record_type.name}:{needed}")
    if action == "delete":
        return Change(action, {DELETED: context.now.isoformat()})
    return Change(action, await values_of(context, record_type, sent))


async def values_of(
    context: Context, record_type: RecordType, sent: Mapping[str, Any]
) -> dict[str, Any]:
    """Read the values that records are to get. Raises `ValidationFailed`."""
    values = update_values(context.seen(record_type), to_json(sent))
    if "external_ids" in values:
        values["external_ids"] = values["external_ids"] or {}
    batch = Batch([values])
    parts.fill_words(record_type, values, values)
    await resolve_people(context, record_type, batch)
    await resolve_relations(context, record_type, batch)
    await customize(context, record_type, batch)
    if batch.refusals:
        raise refused(batch)
    return batch.rows[0]


def check_unique(record_type: RecordType, change: Change, size: int) -> None:
    """Refuse to give several records what only one can have. Raises `ValidationFailed`."""
    unique = {*record_type.keys, "external_ids"}
    unique |= {name for name, key in record_type.part_keys.items() if key.is_unique}
    given = {name: value for name, value in change.values.items() if value}
    keys = {each.key for each in record_type.custom if each.is_unique}
    wrong = [name for name in given if name in unique]
    wrong += [
        f"{COLUMN}.{key}" for key in keys & {k for k, v in (given.get(COLUMN) or {}).items() if v}
    ]
    if wrong and size > 1:
        said = "Only one record can have it, and several fit the filter."
        raise ValidationFailed(
            f"{', '.join(wrong)}: {said}",
            errors=[
                {
                    "pointer": f"/input/values/{name.replace('.', '/')}",
                    "code": "unique",
                    "detail": said,
                }
                for name in wrong
            ],
        )


def selected(context: Context, record_type: RecordType, where: str | None) -> Sql:
    """Return the condition for the records that an operation is about. Raises `InvalidQuery`."""
    return reader.filtered(context, record_type, reader.Selection(where or None))


async def plan_change(plan: Plan, noun: str) -> None:
    """Plan a change or deletion: input is `{where, values}`."""
    asked = plan.operation.input
    action = plan.operation.kind.partition(".")[2]
    after = _START
    while True:
        async with plan.begin() as context:
            record_type = context.catalog[noun]
            change = await change_of(context, record_type, action, asked.get("values") or {})
            where = selected(context, record_type, asked.get("where"))
            by_rules = action == "update" and needs_before(record_type, change.values)
            add = _by_rules if by_rules else _by_statement
            last = await add(plan, context, record_type, change, where=where, after=after)
        if last is None:
            break
        after = last
    if action == "update":
        await bundling.settle(plan)
        await uniques.settle(plan)


async def _by_statement(
    plan: Plan,
    context: Context,
    record_type: RecordType,
    change: Change,
    *,
    where: Sql,
    after: UUID,
) -> UUID | None:
    """Plan the next records in one statement, which suits when all get the same."""
    order = stored.order_of(context, record_type.name)
    ranks = {name: stored.rank(name, order) for name in (change.action, "error", "unchanged")}
    differs = _differs(record_type, change)
    limit = context.condition(record_type, change.action)
    becomes = _becomes(context, record_type, change)
    columns = ", ".join(f"t.{ident(column.name)}" for column in record_type.table.columns)
    query = (
        f"with t as (select {columns} from {ident(record_type.table_name)} t where {where.text} "
        "and t.id > %s order by t.id limit %s), j as (select t.id, t.version, case "
        f"when not {differs.text} then 'unchanged' "
        f"when {locking.since(record_type)} is not null then '{locking.CODE}' "
        f"when ({limit.text if limit else 'true'}) is not true then 'forbidden' "
        f"when {becomes.text} then 'forbidden' else {literal(change.action)} end as verdict "
        "from t) select case when verdict = any(%s) then 'error' else verdict end, "
        "case when verdict = %s then %s else %s end::smallint, %s, id, version, "
        "case when verdict = %s then %s::jsonb end, "
        "case when verdict = any(%s) then jsonb_build_object('code', verdict, 'message', "
        "%s::jsonb ->> verdict) end from j order by id"
    )
    codes = list(_PROBLEMS)
    params = (
        *(*where.params, after, CHUNK),
        *(*differs.params, *(limit.params if limit else ()), *becomes.params),
        *(codes, change.action, ranks[change.action], ranks["error"], record_type.name),
        *(change.action, to_json(change.values).decode()),
        *(codes, to_json(_PROBLEMS).decode()),
    )
    added = await plan.add_from(context, Sql(query, params))
    if added < CHUNK:
        return None
    [(last,)] = await context.read(
        Sql(
            "select record_id from operation_rows where operation_id = %s "
            "order by record_id desc limit 1",
            (plan.operation.id,),
        )
    )
    return UUID(str(last))


def _differs(record_type: RecordType, change: Change) -> Sql:
    """Return whether a row `t` is not already so."""
    if change.action == "delete":
        return Sql("true")
    names = list(change.values)
    if not names:
        return Sql("false")
    before = ", ".join(f"t.{ident(name)}" for name in names)
    after = ", ".join(merged_custom() if n == COLUMN else f"s.{ident(n)}" for n in names)
    staged = recordset(record_type, names)
    return Sql(
        f"(select ({before}) is distinct from ({after}) from {staged})",
        (to_json([change.values]).decode(),),
    )


def _becomes(context: Context, record_type: RecordType, change: Change) -> Sql:
    """Return whether the caller might not change the row `t` any more, once it is so."""
    limit = context.condition(record_type, "update")
    if change.action == "delete" or limit is None or not change.values:
        return Sql("false")
    staged = recordset(record_type, list(change.values))
    merged = ", ".join(
        f"{merged_custom() if c.name == COLUMN else f's.{ident(c.name)}'} as {ident(c.name)}"
        if c.name in change.values
        else f"t.{ident(c.name)}"
        for c in record_type.table.columns
        if c.computed is None
    )
    rows = completed(record_type, f"select {merged} from {staged}")
    return Sql(
        f"not exists (select from {rows} where {limit.text})",
        (to_json([change.values]).decode(), *limit.params),
    )


async def _by_rules(
    plan: Plan,
    context: Context,
    record_type: RecordType,
    change: Change,
    *,
    where: Sql,
    after: UUID,
) -> UUID | None:
    """Plan the next records one by one: what is written depends on what each has."""
    limit = context.condition(record_type, "update")
    found = await context.read(
        Sql(
            f"select t.id, t.version, ({limit.text if limit else 'true'}) is true, to_jsonb(t) "
            f"from {ident(record_type.table_name)} t where {where.text} and t.id > %s "
            "order by t.id limit %s",
            (*(limit.params if limit else ()), *where.params, after, CHUNK),
        )
    )
    held = [from_json(json) for *_, json in found]
    batch = Batch([dict(change.values) for _ in held], before=held)
    parts.settle(record_type, batch, region=context.settings.default_region)
    if record_type.update_rules is not None:
        await record_type.update_rules(context, batch)
    refusals: dict[int, list[Mapping[str, Any]]] = {}
    for refusal in batch.refusals:
        said = {"code": refusal.code, "field": refusal.field, "message": refusal.message}
        refusals.setdefault(refusal.row, []).append(said)
    verdicts = []
    for number, (record_id, version, may, _) in enumerate(found):
        before, values = held[number], batch.rows[number]
        problem = _problem(record_type, before, may=may, refusals=refusals.get(number, ()))
        new = different(record_type, before, values)
        if not new:
            verdicts.append(Row(record_type.name, "unchanged", record_id, version))
        elif problem:
            row = Row(record_type.name, "error", record_id, version, problem=problem)
            verdicts.append(row)
        else:
            verdicts.append(Row(record_type.name, "update", record_id, version, new))
    await plan.add(context, await admitted(context, record_type, verdicts))
    return UUID(str(found[-1][0])) if len(found) == CHUNK else None


def _problem(
    record_type: RecordType,
    before: Mapping[str, Any],
    *,
    may: bool,
    refusals: Sequence[Mapping[str, Any]],
) -> Mapping[str, Any] | None:
    if refusals:
        return refusals[0]
    code = None if may else "forbidden"
    if record_type.lockable and before.get("locked_at") is not None:
        code = locking.CODE
    return {"code": code, "message": _PROBLEMS[code]} if code else None
