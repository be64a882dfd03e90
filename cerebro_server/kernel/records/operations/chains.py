"""Rows of files that follow one another: one that says what the one before it says is none."""

from __future__ import annotations

from typing import Final

from pydantic_core import to_json

from cerebro_server.kernel.db import Sql, ident, literal
from cerebro_server.kernel.fields import Chain, RecordType
from cerebro_server.kernel.records.operations import stored
from cerebro_server.kernel.records.operations.planning import CHUNK, Plan

_SAME: Final = {
    "code": "same_as_before",
    "message": "Nothing begins with it: the row before it says the same.",
}


async def settle(plan: Plan, noun: str) -> None:
    """Leave out what a plan would add to a chain that says the same as what stands before it there,
    be it planned or stored."""
    async with plan.alive(), plan.look() as context:
        record_type = context.catalog[noun]
        if record_type.chain is None:
            return
        repeated = await context.read(
            Sql(_repeated(record_type, record_type.chain), (plan.operation.id, noun))
        )
    for start in range(0, len(repeated), CHUNK):
        ranks, numbers = zip(*repeated[start : start + CHUNK], strict=True)
        async with plan.begin() as context:
            await (await context.write()).rows(
                Sql(
                    "update operation_rows r set action = 'skip', rank = %s, new_values = null, "
                    "record_id = null, problem = %s::jsonb "
                    "from unnest(%s::smallint[], %s::bigint[]) as s(rank, n) "
                    "where r.operation_id = %s and r.rank = s.rank and r.n = s.n",
                    (
                        *(stored.IDLE, to_json(_SAME).decode()),
                        *(list(ranks), list(numbers), plan.operation.id),
                    ),
                )
            )


def _repeated(record_type: RecordType, chain: Chain) -> str:
    """Select (rank, n) of planned rows that say the same as what stands before them."""
    table = ident(record_type.table_name)
    of, what, at = (ident(name) for name in (chain.of, chain.what, chain.at))
    only = f" and {record_type.told_where.format(row='t')}" if record_type.told_where else ""
    return (
        "with new as materialized (select r.rank, r.n, "
        f"(r.new_values ->> {literal(chain.of)})::uuid as o, "
        f"(r.new_values ->> {literal(chain.what)})::uuid as w, "
        f"(r.new_values ->> {literal(chain.at)})::timestamptz as a from operation_rows r "
        "where r.operation_id = %s and r.record_type = %s and r.action = 'create'), "
        "chain as (select rank, n, o, w, a from new union all "
        f"select null, null, t.{of}, t.{what}, t.{at} from {table} t "
        f"where t.{of} in (select o from new) and t.deleted_at is null{only}), "
        "linked as (select rank, n, w, lag(w) over (partition by o order by a, n nulls first) "
        "as before from chain) "
        "select rank, n from linked where n is not null and w = before order by rank, n"
    )
