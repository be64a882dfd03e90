"""Leads that are there are given to people by the assignment rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from cerebro_sdk.schemas.sales.lead_assignment import LeadAssign, LeadAssigned, LeadAssignments
from cerebro_server.components.sales.records.assignment import assignment_rules
from cerebro_server.components.sales.records.leads import leads
from cerebro_server.components.sales.rules import handing_out
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.errors import Forbidden, NotFound, ValidationFailed
from cerebro_server.kernel.records import reader, writer
from cerebro_server.kernel.records.reader import Selection
from cerebro_server.kernel.records.references import resolve

MOST: Final = 10_000
HAD: Final = (
    "case when t.converted_at is not null then 'converted' when t.locked_at is not null "
    "then 'locked' when t.owner_id is not null then 'has_owner' end"
)
"""Why a lead `t` stays as it is; null where it is to be assigned."""


async def assign(context: Context, asked: LeadAssign) -> LeadAssignments:
    """Give leads without an owner one, in one write that is taken back whole; those that have one
    stay. Needs `leads:assign`; who gets a lead need not be within the caller's reach.

    Raises `ValidationFailed` where leads are both named and filtered, `Forbidden`, `NotFound`.
    """
    _check(context, asked)
    rule = None
    if asked.rule is not None:
        rule = (await reader.get(context, assignment_rules, asked.rule, deleted_too=False)).id
    before, more = await (_fitting if asked.where else _named)(context, asked)
    waiting = [lead_id for lead_id, had in before.items() if had is None]
    if waiting:
        await handing_out.give(context, waiting, only=rule)
    items = await _told(context, before)
    if asked.dry_run and waiting:
        await (await context.write()).rollback()
    return LeadAssignments(
        items=items,
        assigned=sum(each.outcome in ("by_rule", "same_person") for each in items),
        more=more,
        dry_run=asked.dry_run or context.is_dry,
    )


def check_rights(context: Context) -> None:
    """Raise `Forbidden` where the caller may not say whose leads are."""
    context.actor.require("leads:assign")
    shown = context.seen(leads)
    if "owner_id" in shown.closed | shown.hidden:
        raise Forbidden("You may not change owner_id of leads.", permission="leads:update")


def _check(context: Context, asked: LeadAssign) -> None:
    check_rights(context)
    if asked.leads and asked.where:
        said = "Name leads or send a filter, not both."
        errors = [{"pointer": "/where", "code": "mixed", "detail": said}]
        raise ValidationFailed(said, errors=errors)


Before = dict[UUID, str | None]
"""Leads with why each stays as it is; None where it is to be assigned."""


async def _named(context: Context, asked: LeadAssign) -> tuple[Before, bool]:
    ids = [await resolve(context, context.seen(leads), str(one)) for one in asked.leads]
    visible = context.condition(leads, "read") or Sql("true")
    allowed = context.condition(leads, "assign") or Sql("true")
    rows = await context.read(
        Sql(
            f"select t.id, {HAD}, ({allowed.text}) is true from leads t where t.id = any(%s) "
            f"and t.deleted_at is null and {visible.text}",
            (*allowed.params, ids, *visible.params),
        )
    )
    found = {lead_id: (had, may) for lead_id, had, may in rows}
    for reference, lead_id in zip(asked.leads, ids, strict=True):
        if lead_id not in found:
            raise NotFound(f"There is no lead {reference}.")
        if not found[lead_id][1]:
            raise writer.outside(context, leads, "assign")
    return {lead_id: found[lead_id][0] for lead_id in ids}, False


async def _fitting(context: Context, asked: LeadAssign) -> tuple[Before, bool]:
    fits = reader.filtered(context, leads, Selection(where=asked.where), "assign")
    rows = await context.read(
        Sql(
            f"select t.id from leads t where {fits.text} and {HAD} is null order by t.id limit %s",
            (*fits.params, MOST + 1),
        )
    )
    return {lead_id: None for (lead_id,) in rows[:MOST]}, len(rows) > MOST


async def _told(context: Context, before: Before) -> list[LeadAssigned]:
    """Say what became of each lead, as far as the caller may know."""
    shown = context.seen(leads)
    names = Sql("t.full_name" if shown.shows("full_name") else "null")
    people = context.condition(context.catalog["users"], "read")
    known = people or Sql("true")
    owner = Sql(f"(select t.name from users t where t.id = l.owner_id and {known.text})")
    rows: Sequence[tuple[Any, ...]] = await context.read(
        Sql(
            f"select l.id, l.full_name, l.owner_id, {owner.text}, l.assignment_rule_id "
            f"from (select t.id, {names.text} as full_name, t.owner_id, t.assignment_rule_id "
            "from leads t where t.id = any(%s)) l",
            (*known.params, list(before)),
        )
    )
    found = {row[0]: row for row in rows}
    items = []
    for lead_id, had in before.items():
        _, full_name, owner_id, owner_name, rule_id = found[lead_id]
        outcome = had
        if outcome is None:
            outcome = "no_rule" if owner_id is None else "by_rule" if rule_id else "same_person"
        items.append(
            LeadAssigned(
                lead_id=lead_id,
                full_name=full_name,
                outcome=outcome,
                owner_id=owner_id,
                owner=owner_name,
                rule_id=rule_id,
            )
        )
    return items
