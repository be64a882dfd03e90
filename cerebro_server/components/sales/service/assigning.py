"""Many leads assigned by one operation: a plan of who gets which, which the kernel applies.

The plan is what handing out comes to: it is done, read off, and taken back before anything of it is
committed. Room is looked at again as the rows are written (`rules.handing_out.still_right`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final, NamedTuple
from uuid import UUID

from cerebro_sdk.schemas.sales.lead_assignment import LeadsAssign
from cerebro_server.components.sales.records.assignment import assignment_rules
from cerebro_server.components.sales.rules import handing_out
from cerebro_server.components.sales.service.meant_leads import named, one_way
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.errors import Forbidden
from cerebro_server.kernel.fields import ManyVerb
from cerebro_server.kernel.records import reader
from cerebro_server.kernel.records.operations.inputs import read
from cerebro_server.kernel.records.operations.planning import Plan
from cerebro_server.kernel.records.operations.stored import Operation
from cerebro_server.kernel.records.planned import FORBIDDEN, Row

_MOST: Final = 10_000
_NEEDS: Final = ("read", "bulk", "update", "assign")
_HAD: Final = (
    "case when t.converted_at is not null then 'converted' when t.locked_at is not null "
    "then 'locked' when t.owner_id is not null then 'has_owner' end"
)
"""Why a lead `t` stays as it is; null where it is to be assigned."""
_STAYS: Final = {
    "converted": "The lead was converted.",
    "locked": "The lead is locked.",
    "has_owner": "The lead has an owner.",
    "no_rule": "No rule fits the lead, or nobody has room.",
}
_FORBIDDEN: Final = {"code": "forbidden", "message": FORBIDDEN}


class _Lead(NamedTuple):
    """A lead that may be assigned."""

    id: UUID
    version: int
    had: str | None
    """Why it stays as it is."""
    may: bool


async def check(context: Context, asked: Mapping[str, Any]) -> int:
    """Refuse what cannot be asked for; return about how many rows there are.

    Raises `ValidationFailed`, `InvalidQuery`, `Forbidden`, `NotFound`.
    """
    said = read(LeadsAssign, asked)
    await _rule(context, said)
    if said.leads is not None:
        return len(said.leads)
    where = _waiting(context, said)
    rows = await context.read(
        Sql(
            f"select count(*) from (select from leads t where {where.text} limit %s) s",
            (*where.params, _MOST),
        )
    )
    return int(rows[0][0])


async def plan(making: Plan) -> None:
    """Plan who gets which leads: input is `LeadsAssign`."""
    said = read(LeadsAssign, making.operation.input)
    async with making.look() as context:
        rule = await _rule(context, said)
        leads, missing, more = await _leads(context, said)
        waiting = [one.id for one in leads if one.had is None and one.may]
        given: dict[UUID, dict[str, Any]] = {}
        handed: list[dict[str, Any]] = []
        if waiting:
            await handing_out.give(context, waiting, only=rule)
            given = await _given(context, waiting)
            handed = await handing_out.told(context, waiting)
            await (await context.write()).rollback()
    rows = [_row(one, given.get(one.id)) for one in leads]
    async with making.begin() as context:
        await making.add(context, [*missing, *rows])
    stays = Counter(str(row.problem["code"]) for row in rows if row.problem)
    making.report |= {
        "assigned": len(given),
        "handed": handed,
        "stays": dict(stays),
        "more": more,
    }


def _row(one: _Lead, given: dict[str, Any] | None) -> Row:
    """Return the row of the plan for a lead."""
    if given is not None:
        return Row("leads", "update", one.id, one.version, given)
    if one.had is None and not one.may:
        return Row("leads", "error", one.id, one.version, problem=_FORBIDDEN)
    code = one.had or "no_rule"
    problem = {"code": code, "message": _STAYS[code]}
    return Row("leads", "skip", one.id, one.version, problem=problem)


async def _rule(context: Context, said: LeadsAssign) -> UUID | None:
    """Check what holds for all leads; return the rule that is asked alone."""
    for action in _NEEDS:
        context.actor.require(f"leads:{action}")
    shown = context.seen(context.catalog["leads"])
    if "owner_id" in shown.closed | shown.hidden:
        raise Forbidden("You may not change owner_id of leads.", permission="leads:update")
    one_way(said.where, said.leads)
    if said.where is not None:
        _waiting(context, said)
    if said.rule is None:
        return None
    return (await reader.get(context, assignment_rules, said.rule, deleted_too=False)).id


def _waiting(context: Context, said: LeadsAssign) -> Sql:
    """Return the condition of leads that the filter means."""
    record_type = context.catalog["leads"]
    fits = reader.filtered(context, record_type, reader.Selection(said.where), "assign")
    return Sql.both(fits, Sql(f"{_HAD} is null"))


async def _leads(context: Context, said: LeadsAssign) -> tuple[list[_Lead], list[Row], bool]:
    """Return the leads that are meant, rows for those there are not, and whether there are more."""
    record_type = context.catalog["leads"]
    missing: list[Row] = []
    where = _waiting(context, said)
    if said.leads is not None:
        ids, missing = await named(context, said.leads)
        where = Sql("t.id = any(%s)", (ids,))
    may = context.condition(record_type, "update", "assign") or Sql("true")
    rows = await context.read(
        Sql(
            f"select t.id, t.version, {_HAD}, ({may.text}) is true from leads t "
            f"where {where.text} order by t.id limit %s",
            (*may.params, *where.params, _MOST + 1),
        )
    )
    return [_Lead(*row) for row in rows[:_MOST]], missing, len(rows) > _MOST


async def _given(context: Context, leads: list[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return what leads were given, by id."""
    rows = await context.read(
        Sql(
            "select t.id, t.owner_id, t.team, t.assignment_rule_id, t.assigned_at from leads t "
            "where t.id = any(%s) and t.owner_id is not null",
            (leads,),
        )
    )
    return {
        lead_id: {
            name: value
            for name, value in zip(handing_out.GIVEN, values, strict=True)
            if value is not None
        }
        for lead_id, *values in rows
    }


async def part(context: Context, target: Operation, record_id: UUID) -> list[UUID]:
    """Return what an operation wrote for one lead: the lead."""
    return [record_id]


VERB: Final = ManyVerb(check, plan, part)
