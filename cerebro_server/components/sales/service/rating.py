"""Rates of deals: the trigger that gives a deal the rate of its day by whatever door it is written,
and the work of bringing deals in step with rates that were written, or became due, since."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from cerebro_server.kernel.context import Context
from cerebro_server.kernel.db import Sql, Workspace, ident

START: Final = UUID(int=0)
_CHUNK: Final = 5_000
_LAST: Final = _CHUNK - 1
_TODAY: Final = "(now() at time zone 'UTC')::date"
_CLOSED_ON: Final = "(t.closed_at at time zone 'UTC')::date"
_WAS_CLOSED_ON: Final = "(old.closed_at at time zone 'UTC')::date"
_IS_CLOSED_ON: Final = "(new.closed_at at time zone 'UTC')::date"
_BASE: Final = "nullif(current_setting('cerebro.base_currency', true), '')"
_TURNSTILE: Final = "hashtextextended(current_schema() || '.rates', 0)"
_RATE_OF: Final = f"""
    select 1::numeric, null::date where _currency = {_BASE}
    union all
    (select r.rate, r.day from exchange_rates r
        where r.currency = _currency and r.day <= _on and r.deleted_at is null
            and _currency is distinct from {_BASE}
        order by r.day desc limit 1)"""
_BODY: Final = f"""
declare
    _on date := {_TODAY};
begin
    new.recurring_months := (
        select p.months from recurring_plans p where p.id = new.recurring_plan_id);
    perform pg_advisory_xact_lock_shared({_TURNSTILE});
    if new.status <> 'open' then
        _on := {_IS_CLOSED_ON};
        if tg_op = 'UPDATE' and old.status <> 'open' and old.rate is not null
            and old.currency = new.currency and {_WAS_CLOSED_ON} = _on then
            new.rate := old.rate;
            new.rate_day := old.rate_day;
            return new;
        end if;
    end if;
    select r.rate, r.day into new.rate, new.rate_day from _rate_of(new.currency, _on) r;
    return new;
end"""
_BEFORE: Final = (
    "old.status, old.currency, old.closed_at, old.deleted_at, old.locked_at, old.rate, "
    "old.rate_day, old.recurring_plan_id, old.recurring_months"
)
_AFTER: Final = _BEFORE.replace("old.", "new.")
IN_BASE: Final = """
select 'exchange rates' where exists (select from exchange_rates)
union all select 'closed deals' where exists (
    select from deals where status <> 'open' and rate is not null)
"""
"""What would be wrong with another base currency, those among it that are deleted and can come
back. Open deals follow by themselves."""
_WAIT: Final = f"select pg_advisory_xact_lock({_TURNSTILE})"
_MAY: Final = (
    "t.deleted_at is null and t.locked_at is null and (t.status = 'open' or t.rate is null)"
)
# 0 is no rate: the trigger puts in the right one, which it alone says
_RERATE: Final = f"""
with c as materialized (
    select t.id from deals t where t.id > %s and {_MAY} order by t.id limit {_CHUNK}),
p as materialized (
    select t.id from c join deals t on t.id = c.id
        left join lateral _rate_of(t.currency,
            case t.status when 'open' then {_TODAY} else {_CLOSED_ON} end) r on true
    where {_MAY} and (r.rate, r.day) is distinct from (t.rate, t.rate_day)
    for no key update of t),
u as (
    update deals t set rate = 0, version = t.version + 1, updated_at = now()
    from p where t.id = p.id)
select id from c order by id offset {_LAST}
"""


async def wait_for_writers(context: Context) -> None:
    """Wait until every transaction has ended that wrote deals and may not know the newest rates;
    those that begin later know them. In a transaction of its own: it holds up all of them."""
    await (await context.write()).rows(Sql(_WAIT))


async def rerate(context: Context, after: UUID) -> UUID | None:
    """Give the next few thousand open deals today's rate, and closed ones without a rate that of
    the day they were closed; return where to go on, None at the end. Locked deals wait until they
    are unlocked."""
    rows = await (await context.write()).rows(Sql(_RERATE, (after,)))
    return UUID(str(rows[0][0])) if rows else None


def derived(workspace: Workspace, owner: str | None) -> list[str]:
    """Return the statements that (re)create the trigger of one workspace; it runs with the rights
    of whoever writes the deal, so nobody needs to own it."""
    schema = workspace.schema
    return [
        f"create or replace function {ident(schema)}._rate_of(_currency text, _on date) "
        "returns table (rate numeric, day date) language sql stable "
        f"set search_path = {ident(schema)}, pg_temp as $rate${_RATE_OF} $rate$",
        f"create or replace function {ident(schema)}._rate_of_deal() returns trigger "
        f"language plpgsql set search_path = {ident(schema)}, pg_temp as $rate${_BODY} $rate$",
        f"drop trigger if exists _rate_of_new on {ident(schema)}.deals",
        f"create trigger _rate_of_new before insert on {ident(schema)}.deals "
        f"for each row execute function {ident(schema)}._rate_of_deal()",
        f"drop trigger if exists _rate_of_changed on {ident(schema)}.deals",
        f"create trigger _rate_of_changed before update on {ident(schema)}.deals "
        f"for each row when (({_BEFORE}) is distinct from ({_AFTER})) "
        f"execute function {ident(schema)}._rate_of_deal()",
    ]
