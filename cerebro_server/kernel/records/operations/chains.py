"""Rows of files that follow one another: one that says what the one before it says is none."""

from __future__ import annotations

from typing import Final

from pydantic_core import from_json, to_json

from cerebro_server.kernel.db import Sql, ident, literal
from cerebro_server.kernel.fields import Chain, RecordType
from cerebro_server.kernel.ids import uuid7
from cerebro_server.kernel.records.operations import stored
from cerebro_server.kernel.records.operations.planning import CHUNK, Plan
from cerebro_server.kernel.records.planned import Row

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
    await _begin(plan, record_type, record_type.chain)


async def _begin(plan: Plan, record_type: RecordType, chain: Chain) -> None:
    """Add what chains begin with, where their first rows say what was before."""
    async with plan.alive(), plan.look() as context:
        rows = await context.read(
            Sql(_firsts(record_type, chain), (plan.operation.id, record_type.name))
        )
    for start in range(0, len(rows), CHUNK):
        firsts = [from_json(values) for (values,) in rows[start : start + CHUNK]]
        async with plan.begin() as context:
            made = await chain.began(context, firsts)
            await plan.add(
                context,
                [Row(record_type.name, "create", uuid7(), None, values) for values in made],
            )


def _firsts(record_type: RecordType, chain: Chain) -> str:
    """Select the values of planned rows that come first, and say what was before them."""
    return (
        f"{_chains(record_type, chain)}, first as (select distinct on (o) rank, n from chain "
        "order by o, a, n nulls first) select r.new_values from first f join operation_rows r "
        "on r.rank = f.rank and r.n = f.n join new on new.rank = f.rank and new.n = f.n "
        f"where r.operation_id = new.op and r.new_values ? {literal(chain.before)} order by f.n"
    )


def _repeated(record_type: RecordType, chain: Chain) -> str:
    """Select (rank, n) of planned rows that say the same as what stands before them."""
    return (
        f"{_chains(record_type, chain)}, linked as (select rank, n, w, "
        "lag(w) over (partition by o order by a, n nulls first) as before from chain) "
        "select rank, n from linked where n is not null and w = before order by rank, n"
    )


def _chains(record_type: RecordType, chain: Chain) -> str:
    """Begin a statement about the chains that a plan adds to: what it adds, and what is there."""
    table = ident(record_type.table_name)
    of, what, at = (ident(name) for name in (chain.of, chain.what, chain.at))
    only = f" and {record_type.told_where.format(row='t')}" if record_type.told_where else ""
    return (
        "with new as materialized (select r.operation_id as op, r.rank, r.n, "
        f"(r.new_values ->> {literal(chain.of)})::uuid as o, "
        f"(r.new_values ->> {literal(chain.what)})::uuid as w, "
        f"(r.new_values ->> {literal(chain.at)})::timestamptz as a from operation_rows r "
        "where r.operation_id = %s and r.record_type = %s and r.action = 'create'), "
        "chain as (select rank, n, o, w, a from new union all "
        f"select null, null, t.{of}, t.{what}, t.{at} from {table} t "
        f"where t.{of} in (select o from new) and t.deleted_at is null{only})"
    )
