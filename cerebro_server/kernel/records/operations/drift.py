"""Whether a plan still fits what is there, looked at as a whole before the first row is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, Transaction, ident
from cerebro_server.kernel.errors import PlanDrifted
from cerebro_server.kernel.records.operations import shown, statements, stored
from cerebro_server.kernel.records.operations.stored import Operation

_SHOWN = 20
_CHUNK = 10_000


def check_rights(context: Context, operation: Operation) -> None:
    """Raise `PlanDrifted` where what the caller is allowed, or the workspace's fields, are not as
    they were when the operation was planned."""
    if operation.rights != stored.rights_of(context.actor):
        replan = "" if operation.started_at else ", or apply it with `on_drift` replan"
        raise PlanDrifted(
            "What you are allowed, or a custom field, has changed since this was planned; plan it "
            f"anew{replan}."
        )


async def check(context: Context, operation: Operation) -> None:
    """Raise `PlanDrifted` where a planned record has changed, a key that was free is taken, or what
    the caller is allowed, or the workspace's fields, are not as they were."""
    check_rights(context, operation)
    transaction = await context.write()
    nouns = await transaction.rows(
        Sql(
            "select rank, record_type, min(n), max(n), min(action) from operation_rows "
            f"where operation_id = %s and rank < {stored.IDLE} group by rank, record_type "
            "order by rank",
            (operation.id,),
        )
    )
    moved = await _moved(transaction, operation)
    count = 0
    found: list[tuple[str, UUID, str]] = []
    for rank, noun, first, last, action in nouns:
        for n in range(first - 1, last, _CHUNK) if moved(noun) else ():
            where = (operation.id, rank, n, min(n + _CHUNK, last))
            drifted = await _drifted(context, transaction, noun, where, new=action == "create")
            count += len(drifted)
            found += [(noun, *each) for each in drifted[: _SHOWN - len(found)]]
    if count:
        raise PlanDrifted(
            f"{count:,} record{'' if count == 1 else 's'} changed since this was planned; plan it "
            "anew, or apply it with `on_drift` skip or replan.",
            count=count,
            errors=await _said(context, found),
        )


async def _said(
    context: Context, found: Sequence[tuple[str, UUID, str]]
) -> list[Mapping[str, Any]]:
    """Return records that drifted as errors, with what they are called."""
    ids: dict[str, list[UUID]] = {}
    for noun, record_id, _ in found:
        ids.setdefault(noun, []).append(record_id)
    called: dict[UUID, str | None] = {}
    for noun, of_noun in ids.items():
        called |= await shown.labels(context, context.catalog[noun], of_noun)
    return [
        {
            "pointer": f"/{noun}/{record_id}",
            "code": code,
            "detail": called.get(record_id) or f"{noun} {record_id}",
            "label": called.get(record_id),
        }
        for noun, record_id, code in found
    ]


async def _moved(transaction: Transaction, operation: Operation) -> Callable[[str], bool]:
    """Return whether anything at all of a noun was written since planning began: most plans are
    applied at once, and need no look at each record."""
    [(era,)] = await transaction.rows(Sql("select coalesce(max(era), 1) from changes"))
    if era > 1:  # restored from a backup: numbers of transactions from before say nothing
        return lambda noun: True
    rows = await transaction.rows(
        Sql(
            "select distinct record_type from changes, (select %s::pg_snapshot) s(s) where era = 1 "
            "and xid >= pg_snapshot_xmin(s.s) and not pg_visible_in_snapshot(xid, s.s)",
            (operation.snapshot,),
        )
    )
    return {noun for (noun,) in rows}.__contains__


async def _drifted(
    context: Context, transaction: Transaction, noun: str, where: tuple[Any, ...], *, new: bool
) -> list[tuple[UUID, str]]:
    record_type = context.catalog[noun]
    if new:
        rows = await transaction.rows(Sql(statements.taken(record_type, new=True), where))
        return [(holder, "key_taken") for _, _, _, holder, _ in rows if holder is not None]
    rows = await transaction.rows(
        Sql(
            f"select p.record_id from ({statements.CHUNK_ROWS}) p "
            f"left join {ident(record_type.table_name)} t on t.id = p.record_id "
            "where t.version is distinct from p.version",
            where,
        )
    )
    return [(record_id, "changed") for (record_id,) in rows]
