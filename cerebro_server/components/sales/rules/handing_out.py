"""Leads without an owner get one: set-wise, by the first assignment rule that fits and has room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, NamedTuple
from uuid import UUID

import structlog

from cerebro_server.components.sales.rules.assignment import LEADS, fitting
from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql
from cerebro_server.kernel.errors import Invalid
from cerebro_server.kernel.fields import Batch
from cerebro_server.kernel.journal import keys_of
from cerebro_server.kernel.records.statements import held_by

_log = structlog.get_logger("cerebro.sales")
_ACTIVE: Final = (
    "select exists (select from assignment_rules where is_active and deleted_at is null)"
)
_HELD: Final = (
    'select r.id, r."where", r.method, r.team from assignment_rules r where r.deleted_at is null '
    "and {which} order by r.position, r.id for no key update"
)
_WAITS: Final = (
    "t.id = any(%s) and t.owner_id is null and t.deleted_at is null and t.converted_at is null "
    "and t.locked_at is null"
)
_WORKING: Final = "u.deleted_at is null and u.disabled_at is null"
_NEW: Final = "version = t.version + 1, updated_at = now()"
_LOAD: Final = (
    "(select count(*) from leads l join lead_statuses s on s.id = l.status_id "
    "where l.owner_id = m.user_id and l.deleted_at is null and l.converted_at is null "
    "and s.type not in ('won', 'lost'))"
)
_THIS_MONTH: Final = "date_trunc('month', now() at time zone 'UTC') at time zone 'UTC'"
_GIVEN: Final = (
    "(select count(*) from leads l where l.owner_id = m.user_id "
    f"and l.assigned_at >= {_THIS_MONTH} and l.assignment_rule_id is not null "
    "and l.deleted_at is null)"
)
_LATEST: Final = "select max(l.assigned_at) from leads l where l.assignment_rule_id = "


GIVEN: Final = ("owner_id", "team", "assignment_rule_id", "assigned_at")
"""The columns that say who was given a lead, and how."""
_SHARES: Final = """
select s.rule_id, r.name, s.owner_id, {owner}, s.count
from (select l.assignment_rule_id as rule_id, l.owner_id, count(*) as count,
    min(l.assigned_at) as first from leads l where l.id = any(%s) group by 1, 2) s
left join assignment_rules r on r.id = s.rule_id order by s.owner_id is null, s.rule_id is null,
    r.position, s.first
"""
_TOLD: Final = ("rule_id", "rule", "owner_id", "owner", "leads")
MANY: Final = MappingProxyType(dict.fromkeys(_TOLD))
"""What is told of more leads than can be tried: that there are rules."""
_PLACES: Final = f"""
select p.rule_id::text, p.owner_id::text,
    m.id is not null and r.id is not null and u.id is not null, m.capacity_per_month,
    (select count(*) from leads l where l.owner_id = p.owner_id
    and l.assigned_at >= {_THIS_MONTH} and l.assignment_rule_id is not null
    and l.deleted_at is null), {_THIS_MONTH}
from unnest(%s::uuid[], %s::uuid[]) p(rule_id, owner_id)
left join assignment_rules r on r.id = p.rule_id and r.deleted_at is null
left join assignment_members m on m.rule_id = p.rule_id and m.user_id = p.owner_id
    and m.is_active and m.deleted_at is null
left join users u on u.id = p.owner_id and {_WORKING}
"""
_IS_UNDO: Final = "select nullif(current_setting('cerebro.undoes', true), '') is not null"


class Rule(NamedTuple):
    """An assignment rule that is held until the transaction ends."""

    id: UUID
    where: str | None
    method: str
    team: str | None


async def applies(context: Context) -> bool:
    """Tell whether there are rules for new leads."""
    [(found,)] = await context.read(Sql(_ACTIVE))
    return bool(found)


async def give(context: Context, leads: Sequence[UUID], *, only: UUID | None = None) -> None:
    """Give leads that have no owner one, in this transaction: who owns a lead with the same e-mail
    address, else the next member of the first rule that fits and has room.

    One transaction at a time does so in a workspace: it holds the rules, so that nobody gets more
    than they have room for. `only` is a rule that is asked alone, active or not.
    """
    transaction = await context.write()
    which = Sql("r.is_active") if only is None else Sql("r.id = %s", (only,))
    held = await transaction.rows(Sql(_HELD.format(which=which.text), which.params))
    if not held or not leads:
        return
    rules = [Rule(*row) for row in held]
    ids = list(leads)
    later = [one for (one,) in await transaction.rows(_followers(context, ids))] if ids[1:] else []
    first = [one for one in ids if one not in {*later}]
    await transaction.batch(_to_the_same(context, ids), *_by_rules(context, rules, first))
    if later:  # of one person, the first has an owner by now, or no rule fits
        same = [_to_the_same(context, later)] * 2
        await transaction.batch(*same, *_by_rules(context, rules, later))


async def told(context: Context, leads: Sequence[UUID]) -> list[dict[str, Any]]:
    """Return how many of these leads each rule gave to whom; what has no rule went to the same
    person, or to nobody. Names are there as far as the caller sees them."""
    known = context.condition(context.catalog["users"], "read") or Sql("true")
    owner = f"(select t.name from users t where t.id = s.owner_id and {known.text})"
    rows = await context.read(Sql(_SHARES.format(owner=owner), (*known.params, list(leads))))
    return [dict(zip(_TOLD, row, strict=True)) for row in rows]


async def still_right(context: Context, batch: Batch) -> None:
    """Refuse planned assignments for which there is no room any more, or that are of a month that
    has passed. Holds the rules, as `give` does; an undo brings back what was."""
    given = [n for n, row in enumerate(batch.rows) if _is_given(row)]
    if not given or (await context.read(Sql(_IS_UNDO)))[0][0]:
        return
    pairs = {_pair(batch.rows[number]) for number in given}
    rules, owners = [rule for rule, _ in pairs], [owner for _, owner in pairs]
    transaction = await context.write()
    await transaction.rows(Sql(_HELD.format(which="r.id = any(%s::uuid[])"), (rules,)))
    rows = await transaction.rows(Sql(_PLACES, (rules, owners)))
    places = {(rule, owner): rest for rule, owner, *rest in rows}
    had = {owner: count for _, owner, _, _, count, _ in rows}
    for number in given:
        row = batch.rows[number]
        rule, owner = _pair(row)
        is_there, capacity, _, month = places[rule, owner]
        if not is_there:
            said = "Whom it was planned for gets no leads by this rule any more: plan it anew."
            batch.refuse(number, "owner_id", "no_member", said)
        elif datetime.fromisoformat(str(row["assigned_at"])) < month:
            said = "It was planned in a month that has passed: plan it anew."
            batch.refuse(number, "assigned_at", "of_last_month", said)
        elif capacity is not None and had[owner] >= capacity:
            said = f"Whom it was planned for has their {capacity} leads of this month by now."
            batch.refuse(number, "owner_id", "no_room", said)
        else:
            had[owner] += 1


def _pair(row: Mapping[str, Any]) -> tuple[str, str]:
    return str(row["assignment_rule_id"]), str(row["owner_id"])


def _is_given(row: Mapping[str, Any]) -> bool:
    return bool(row.get("assignment_rule_id") and row.get("owner_id") and row.get("assigned_at"))


def _with_emails(context: Context) -> Sql:
    """Return leads `t`, each beside every address of it, `e.value`."""
    keys = Sql(keys_of(context.catalog[LEADS].journaled, "t"))
    emails = Sql(f"select k.value from ({keys.text}) k where k.kind = 'email'")
    return Sql(f"leads t cross join lateral ({emails.text}) e")


def _followers(context: Context, leads: list[UUID]) -> Sql:
    """Select the leads that share an address with an earlier one of the same set."""
    listed = _with_emails(context)
    return Sql(
        "select distinct id from (select t.id, row_number() over (partition by e.value "
        f"order by t.id) as place from {listed.text} where {_WAITS}) p where place > 1",
        (leads,),
    )


def _to_the_same(context: Context, leads: list[UUID]) -> Sql:
    """Give leads to whoever has the newest other lead with an address of theirs."""
    listed, others = _with_emails(context), Sql(held_by("'leads'", "'email'", "e.value"))
    return Sql(
        "with found as (select distinct on (t.id) t.id, o.owner_id, o.team "
        f"from {listed.text} cross join {others.text} k "
        "join leads o on o.id = k.record_id and o.id <> t.id and o.owner_id is not null "
        f"and o.deleted_at is null join users u on u.id = o.owner_id and {_WORKING} "
        f"where {_WAITS} order by t.id, o.id desc) "
        "update leads t set owner_id = f.owner_id, team = coalesce(t.team, f.team), "
        f"assigned_at = clock_timestamp(), {_NEW} "
        "from found f where t.id = f.id and t.owner_id is null",
        (leads,),
    )


def _by_rules(context: Context, rules: Sequence[Rule], leads: list[UUID]) -> list[Sql]:
    """Return a statement for each rule, in their order; one whose filter fits the fields of leads
    no longer is passed over."""
    found = []
    for rule in rules:
        try:
            fits = fitting(context, rule.where)
        except Invalid as error:
            _log.warning("an assignment rule fits no longer", rule=rule.id, error=error.detail)
            continue
        found.append(_by_rule(rule, fits, leads))
    return found


def _by_rule(rule: Rule, fits: Sql, leads: list[UUID]) -> Sql:
    """Share out the leads that fit a rule, the first come first.

    Each member has as many places as there is room for; places are taken in the order in which the
    method would fill them one after the other.
    """
    load = Sql(_LOAD if rule.method == "least_loaded" else "0")
    return Sql(
        "with waiting as materialized (select t.id, row_number() over (order by t.id) as place "
        f"from leads t where {_WAITS} and {fits.text}), "
        "members as materialized (select m.id, m.user_id, case when m.capacity_per_month is null "
        f"then null else greatest(m.capacity_per_month - {_GIVEN}, 0) end as room, "
        f"({_LATEST}m.rule_id and l.owner_id = m.user_id) as latest, {load.text} as load "
        f"from assignment_members m join users u on u.id = m.user_id and {_WORKING} "
        "where m.rule_id = %s and m.is_active and m.deleted_at is null), "
        "slots as materialized (select m.user_id, row_number() over (order by m.load + k, "
        "m.latest nulls first, m.id) as place from members m, "
        "generate_series(1, least(m.room, (select count(*) from waiting))) k), "
        # later than the last one, whatever clocks do: the order of turns goes by it
        f"began as materialized (select greatest(clock_timestamp(), ({_LATEST}%s)) as at) "
        "update leads t set owner_id = s.user_id, team = coalesce(t.team, %s), "
        "assignment_rule_id = %s, assigned_at = b.at + s.place * interval '1 microsecond', "
        f"{_NEW} from waiting w join slots s on s.place = w.place, began b "
        "where t.id = w.id and t.owner_id is null",
        (leads, *fits.params, rule.id, rule.id, rule.team, rule.id),
    )
