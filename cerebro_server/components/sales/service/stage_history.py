"""The triggers that keep which stages each deal was in: by whatever door it was moved, and as
imports tell it."""

from __future__ import annotations

from cerebro_server.kernel.db import Workspace, triggers

UUID7 = (
    "encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) placing "
    "substring(int8send(floor(extract(epoch from clock_timestamp()) * 1000)::bigint) from 3) "
    "from 1 for 6), 52, 1), 53, 1), 'hex')::uuid"
)
"""A UUIDv7 (RFC 9562, section 5.7) in SQL: the clock over a random UUID, and its version."""
_SINCE = """
begin
    -- what comes in closed was closed then; clocks go back now and then, a stay does not
    if tg_op = 'INSERT' then
        new.last_stage_change_at := least(clock_timestamp(), new.closed_at);
    else
        new.last_stage_change_at := greatest(clock_timestamp(), old.last_stage_change_at);
    end if;
    return new;
end"""
"""Since when a deal is in its stage: by this, the deal and its stay say the same."""
_BODY = f"""
declare
    _actor text := coalesce(
        nullif(current_setting('cerebro.on_behalf_of', true), ''),
        nullif(current_setting('cerebro.actor', true), ''), 'system');
    _at timestamptz := new.last_stage_change_at;
    _from_id uuid;
    _from text;
begin
    if tg_op = 'UPDATE' then
        _from_id := old.stage_id;
        _from := old.stage;
        update deal_stages set left_at = greatest(_at, entered_at),
            version = version + (origin <> 'imported')::integer, updated_at = now()
            where deal_id = new.id and left_at is null and deleted_at is null
            returning left_at into _at;
        _at := coalesce(_at, new.last_stage_change_at);
    end if;
    insert into deal_stages (id, deal_id, pipeline_id, from_stage, from_stage_id, to_stage,
        to_stage_id, to_status, entered_at, actor, amount, currency, probability, expected_close,
        forecast_category, origin, noted_at)
    values ({UUID7}, new.id, new.pipeline_id, _from, _from_id, new.stage, new.stage_id,
        new.status, _at, _actor, new.amount, new.currency, new.probability, new.expected_close,
        new.forecast_category, case tg_op when 'INSERT' then 'arrived' else 'moved' end, _at);
    return null;
end"""
_CHAINS = """
declare
    _deals uuid[];
begin
    if tg_op = 'INSERT' then
        select array_agg(distinct n.deal_id) into _deals from _new n where n.origin = 'imported';
    else
        select array_agg(distinct d) into _deals from _new n join _old o using (id),
            unnest(array[n.deal_id, o.deal_id]) d
            where n.origin = 'imported' and (n.deal_id, n.to_stage_id, n.entered_at,
                n.deleted_at is null) is distinct from
                (o.deal_id, o.to_stage_id, o.entered_at, o.deleted_at is null);
    end if;
    if _deals is null then
        return null;
    end if;
    -- whoever moves one of them waits, and whoever has moved one is waited for
    perform from deals where id = any(_deals) order by id for no key update;
    with rows as (
        select s.id, s.deal_id, s.origin, s.noted_at, s.entered_at, s.created_at, s.to_stage,
            s.to_stage_id, row_number() over (partition by s.deal_id, s.origin = 'imported'
            order by s.noted_at desc, s.id desc) = 1 as is_last
        from deal_stages s
        where s.deal_id = any(_deals) and (s.origin <> 'imported' or s.deleted_at is null)
    ), placed as (
        -- what was noted here stands behind what is told of the time before it was noted; the
        -- last of that says where the deal is, and so is the last of all
        select r.id, r.deal_id, r.origin, r.noted_at, r.to_stage, r.to_stage_id, case
            when r.origin = 'imported' then r.entered_at
            else greatest(coalesce(r.noted_at, r.entered_at), (select max(i.entered_at)
                from deal_stages i  -- by its index: of the rows above, each would read all
                where i.deal_id = r.deal_id and i.origin = 'imported' and i.deleted_at is null
                and (r.is_last or i.entered_at <= r.created_at))) end as at
        from rows r
    ), linked as (
        select p.id, p.deal_id, p.origin, p.noted_at, p.at, p.to_stage, p.to_stage_id,
            p.origin <> 'imported' and p.to_stage_id = lag(p.to_stage_id) over w as is_told
        from placed p window w as (partition by p.deal_id
            order by p.at, p.origin <> 'imported', p.noted_at, p.id)
    ), chain as (
        select l.id, l.at, lag(l.to_stage) over w as before, lag(l.to_stage_id) over w as before_id,
            lead(l.at) over w as until, false as is_told
        from linked l where l.is_told is not true window w as (partition by l.deal_id
            order by l.at, l.origin <> 'imported', l.noted_at, l.id)
        union all
        select l.id, l.at, null, null, null, true from linked l where l.is_told
    )
    update deal_stages s set entered_at = c.at, from_stage = c.before,
        from_stage_id = c.before_id, left_at = c.until,
        deleted_at = case when s.origin = 'imported' then s.deleted_at
            when c.is_told then coalesce(s.deleted_at, now()) end
    from chain c where s.id = c.id and (s.entered_at, s.from_stage_id, s.left_at,
        s.origin <> 'imported' and s.deleted_at is not null)
        is distinct from (c.at, c.before_id, c.until, c.is_told);
    update deals d set last_stage_change_at = c.last, opened_at = least(d.opened_at, c.first),
        last_open_stage_id = case when d.status = 'open' then d.last_open_stage_id
            else coalesce(c.closed_in, d.last_open_stage_id) end
    from (select s.deal_id, min(s.entered_at) as first, max(s.entered_at) as last,
        (array_agg(s.to_stage_id order by s.entered_at desc, s.left_at desc nulls first)
            filter (where s.to_status = 'open'))[1] as closed_in
        from deal_stages s where s.deal_id = any(_deals) and s.deleted_at is null
        group by s.deal_id) c
    where d.id = c.deal_id and (d.last_stage_change_at, d.opened_at, d.last_open_stage_id)
        is distinct from (c.last, least(d.opened_at, c.first), case when d.status = 'open'
            then d.last_open_stage_id else coalesce(c.closed_in, d.last_open_stage_id) end);
    return null;
end"""
_NOT_IMPORTED = "new.origin is distinct from 'imported'"
_HERE_BEFORE = "old.origin is distinct from 'imported' or new.origin is distinct from 'imported'"
_RUNNING = {"_deal_stages": _BODY, "_deal_chains": _CHAINS}
"""What runs with the rights of the role that owns it, by name."""


def derived(workspace: Workspace, owner: str | None) -> list[str]:
    """Return the statements that (re)create the triggers of one workspace.

    `owner` is the role that owns the functions and, beside the owner of all, alone may write what
    happened here: an undo of a move is one more move, and leaves the way there and back. What is
    imported the workspace's role may write, and undo.
    """
    schema = workspace.schema
    found = [
        each
        for name, body in _RUNNING.items()
        for each in triggers.function(schema, name, body, owner=owner)
    ]
    row, statement = triggers.for_each_row, triggers.for_each_statement
    found += triggers.callers_function(schema, "_stage_since", _SINCE)
    found += row(schema, "deals", "_since_of_new", "before insert", runs="_stage_since")
    found += row(
        *(schema, "deals", "_since_of_moved", "before update of stage_id"),
        runs="_stage_since",
        when="old.stage_id is distinct from new.stage_id",
    )
    found += row(schema, "deals", "_stages_of_new", "after insert", runs="_deal_stages")
    found += row(
        *(schema, "deals", "_stages_of_moved", "after update of stage_id"),
        runs="_deal_stages",
        when="old.stage_id is distinct from new.stage_id",
    )
    found += statement(
        *(schema, "deal_stages", "_chain_of_new", "after insert"),
        runs="_deal_chains",
        rows="new table as _new",
    )
    found += statement(
        *(schema, "deal_stages", "_chain_of_changed", "after update"),
        runs="_deal_chains",
        rows="old table as _old new table as _new",
    )
    return found if owner is None else [*found, *_guarded(workspace, owner)]


def _guarded(workspace: Workspace, owner: str) -> list[str]:
    """Return the statements that keep the workspace's role from what it did not import."""
    schema, role = workspace.schema, workspace.role
    return [
        *triggers.refusal(schema, "_only_triggers", "only triggers write what happened here"),
        *triggers.for_each_row(
            *(schema, "deal_stages", "_guard_new", "before insert"),
            runs="_only_triggers",
            when=triggers.only_as(role, _NOT_IMPORTED),
        ),
        *triggers.for_each_row(
            *(schema, "deal_stages", "_guard", "before update"),
            runs="_only_triggers",
            when=triggers.only_as(role, _HERE_BEFORE),
        ),
    ]
