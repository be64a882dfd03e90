"""Operations that whoever was at them left: gone on with by others, or failed."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, Transaction, settings
from cerebro_server.kernel.errors import InternalError, Problem
from cerebro_server.kernel.jobs import enqueue
from cerebro_server.kernel.records.operations import stored, undone
from cerebro_server.kernel.records.operations.planning import Plan
from cerebro_server.kernel.records.operations.stored import Operation

JOB: Final = "operation"
"""The kind of job that plans and applies what is more than a request does."""


async def later(context: Context, operation_id: UUID) -> None:
    """Let a worker do it."""
    await enqueue(
        await context.write(),
        kind=JOB,
        key=str(operation_id),
        payload={"operation_id": str(operation_id)},
    )


async def fail(plan: Plan, problem: Problem) -> None:
    """Write down what went wrong, unless others are at the operation by now, or somebody cancelled
    it; it can be resumed."""
    async with plan.look() as context:
        transaction = await context.write()
        operation = await stored.locked(transaction, plan.operation.id)
        if operation.attempt in (plan.operation.attempt, plan.attempt):
            await _fail(transaction, operation, problem)


async def _fail(transaction: Transaction, operation: Operation, problem: Problem) -> None:
    if operation.state not in ("planning", "planned", "applying"):
        return
    said: dict[str, Any] = {"code": problem.code, "title": problem.title, "detail": problem.detail}
    said |= {"status": problem.status, "errors": problem.errors}
    await stored.change(
        transaction, operation.id, state="failed", problem=said, moments=("ended_at",)
    )
    if operation.state == "applying":
        await undone.settle(transaction, operation, is_whole=False)


async def forget(context: Context, operation_id: UUID, attempt: UUID) -> bool:
    """Remove an operation that came to no plan: whoever asked is told what is wrong. One that
    others are at by now stays. Tell whether it is gone."""
    async with context.apart() as apart:
        transaction = await apart.write()
        for name, column in (("operation_rows", "operation_id"), ("operations", "id")):
            gone = await transaction.rows(
                Sql(
                    f"delete from {name} where {column} = %s and exists (select from operations "
                    "o where o.id = %s and o.planned_at is null "
                    "and coalesce(o.attempt, %s) = %s) returning 1",
                    (operation_id, operation_id, attempt, attempt),
                )
            )
    return bool(gone)


async def take_over(context: Context) -> None:
    """Ask for a job for every operation that is to be planned or applied, that has not moved for a
    minute, and that no job is for: whoever was at it is gone. A plan that waits for `apply` stays
    as it is; one that was to be applied at once goes on.

    Where the job is dead, and the operation has not moved since, it fails: another job would not
    do better.
    """
    transaction = await context.write()
    left = await transaction.rows(
        Sql(
            "select o.id, o.actor, coalesce('user:' || o.user_id, ''), (select coalesce("
            "j.last_error, '') from jobs j where j.kind = %s and j.key = o.id::text "
            "and j.state = 'dead' and j.updated_at >= o.updated_at "
            "order by j.updated_at desc limit 1) from operations o "
            "where (o.state in ('planning', 'applying') or o.state = 'planned' "
            "and o.options @> '{\"yes\": true}') and o.updated_at < now() - interval '1 min' "
            "and not exists (select from jobs j where j.kind = %s and j.key = o.id::text "
            "and j.state in ('pending', 'leased'))",
            (JOB, JOB),
        )
    )
    for operation_id, actor, behalf, error in left:
        if error is not None:
            said = f"A worker tried it, and gave up: {error} Resume it to have it tried again."
            operation = await stored.locked(transaction, operation_id)
            await _fail(transaction, operation, InternalError(said))
            continue
        whose = {
            "cerebro.actor": actor,
            "cerebro.on_behalf_of": behalf if actor.startswith("key:") else "",
        }
        await transaction.rows(settings(**whose))
        await later(context, operation_id)
