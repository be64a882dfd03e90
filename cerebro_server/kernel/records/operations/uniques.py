"""Rows of a plan that give a record a value of a unique custom field which another has."""

from __future__ import annotations

from uuid import UUID

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, ident, literal
from cerebro_server.kernel.fields import Definition, RecordType
from cerebro_server.kernel.fields.custom import COLUMN
from cerebro_server.kernel.query.sql import comparable
from cerebro_server.kernel.records import uniqueness
from cerebro_server.kernel.records.custom_indexes import of_row, whole
from cerebro_server.kernel.records.operations import stored
from cerebro_server.kernel.records.operations.planning import CHUNK, Plan


async def settle(plan: Plan) -> None:
    """Leave every row that gives a record what another one keeps, as `key_taken`; not where that
    one lets go of it, or goes, by an earlier row of the plan."""
    async with plan.begin() as context:
        rows = await context.read(
            Sql(
                "select distinct rank, record_type from operation_rows where operation_id = %s "
                "and action in ('update', 'restore') order by 1",
                (plan.operation.id,),
            )
        )
    for rank, noun in rows:
        place: int | None = 0
        while place is not None:
            async with plan.begin() as context:
                record_type = context.catalog[noun]
                unique = [each for each in context.whole(record_type).custom if each.is_unique]
                place = await _next(context, plan, record_type, unique, (rank, place))


async def _next(
    context: Context,
    plan: Plan,
    record_type: RecordType,
    unique: list[Definition],
    place: tuple[int, int],
) -> int | None:
    """Look at the next rows of a rank; return the number of the last, None where there are no
    more."""
    rank, after = place
    operation_id = plan.operation.id
    numbers = await context.read(
        Sql(
            "select n from operation_rows where operation_id = %s and rank = %s and n > %s "
            "and (action = 'restore' or new_values ? %s) order by n limit %s",
            (operation_id, rank, after, COLUMN, CHUNK),
        )
    )
    if not unique or not numbers:
        return None
    last = int(numbers[-1][0])
    where = (operation_id, rank, after, last)
    while left := await _left(context, record_type, unique, where):
        # others may have counted on these to let go of something
        await plan.leave(context, rank, left)
    return last if len(numbers) == CHUNK else None


async def _left(
    context: Context,
    record_type: RecordType,
    unique: list[Definition],
    where: tuple[UUID, int, int, int],
) -> dict[int, dict[str, object]]:
    """Return why rows are to be left, by their numbers."""
    found: dict[int, dict[str, object]] = {}
    limit = context.condition(record_type, "read") or Sql("true")
    for definition in unique:
        statement = _taken(record_type, definition, limit.text)
        rows = await context.read(Sql(statement, (*where, *limit.params, *where[:2])))
        for n, holder, may_read, value in rows:
            seen = holder if may_read else None
            about = uniqueness.by_now(context, record_type, definition, value, seen)
            found[n] = {"code": "key_taken", **about}
    return found


def _taken(record_type: RecordType, definition: Definition, limit: str) -> str:
    """Select (n, who has it, whether the caller may read that one, the value) of rows whose value
    another record keeps."""
    table, key = ident(record_type.table_name), literal(definition.key)
    expression = comparable(whole(definition))
    mine, before, later = (of_row(expression, alias) for alias in ("m", "o", "g"))
    given = f"coalesce(p.new_values -> '{COLUMN}', '{{}}')"
    return (
        "with p as materialized (select n, record_id, action, new_values from operation_rows "
        "where operation_id = %s and rank = %s and n > %s and n <= %s), "
        "m as materialized (select p.n, p.record_id, p.action, "
        f"jsonb_strip_nulls(b.{ident(COLUMN)} || {given}) as {ident(COLUMN)}, "
        f"b.{ident(COLUMN)} as held from p join {table} b on b.id = p.record_id) "
        f"select m.n, t.id, ({limit}) is true, m.{ident(COLUMN)} ->> {key} from m "
        f"cross join lateral (select m.held as {ident(COLUMN)}) o "
        f"join {table} t on {expression} = {mine} and t.deleted_at is null "
        "and t.id <> m.record_id "
        f"where (m.action = 'restore' or {mine} is distinct from {before}) "
        "and not exists (select from operation_rows r cross join lateral "
        f"(select r.new_values -> '{COLUMN}' as {ident(COLUMN)}) g where r.operation_id = %s "
        f"and r.record_id = t.id and r.rank < {stored.IDLE} and (r.rank, r.n) < (%s, m.n) "
        f"and (r.action = 'delete' or g.{ident(COLUMN)} ? {key} "
        f"and {later} is distinct from {mine}))"
    )
