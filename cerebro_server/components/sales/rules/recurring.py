"""What is checked when recurring plans, or what deals say of them, are written."""

from __future__ import annotations

from typing import Final

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.fields import Batch

PAIR: Final = ("recurring_plan_id", "recurring_amount")


def check_pairs(batch: Batch) -> None:
    """Refuse deals that would have a plan without an amount, or an amount without a plan."""
    for number, row in enumerate(batch.rows):
        if row.keys().isdisjoint(PAIR):
            continue
        held = {**(batch.before[number] if batch.before else {}), **row}
        lacking = [name for name in PAIR if held.get(name) is None]
        if len(lacking) == 1:
            [name] = lacking
            [other] = {*PAIR} - {name}
            said = f"{other} says nothing without {name}: send both, or empty both."
            batch.refuse(number, name, "recurring_pair", said)


async def changed_plans(context: Context, batch: Batch) -> None:
    """Refuse to delete plans that living deals have."""
    gone = [
        before["id"]
        for row, before in zip(batch.rows, batch.before, strict=True)
        if row.get("deleted_at")
    ]
    if not gone:
        return
    rows = await context.read(
        Sql(
            "select distinct recurring_plan_id::text from deals "
            "where recurring_plan_id = any(%s::uuid[]) and deleted_at is null",
            (gone,),
        )
    )
    used = {plan for (plan,) in rows}
    for number, before in enumerate(batch.before):
        if before["id"] in used and batch.rows[number].get("deleted_at"):
            said = "Deals have this plan: give them another one first."
            batch.refuse(number, None, "in_use", said)
