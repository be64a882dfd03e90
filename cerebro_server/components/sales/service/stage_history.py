"""The trigger on deals that keeps which stages each was in, by whatever door it was moved."""

from __future__ import annotations

from cerebro_server.kernel.db import Workspace, ident

UUID7 = (
    "encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) placing "
    "substring(int8send(floor(extract(epoch from clock_timestamp()) * 1000)::bigint) from 3) "
    "from 1 for 6), 52, 1), 53, 1), 'hex')::uuid"
)
"""A UUIDv7 (RFC 9562, section 5.7) in SQL: the clock over a random UUID, and its version."""
_BODY = f"""
declare
    _actor text := coalesce(
        nullif(current_setting('cerebro.on_behalf_of', true), ''),
        nullif(current_setting('cerebro.actor', true), ''), 'system');
    _at timestamptz := clock_timestamp();
    _from_id uuid;
    _from text;
begin
    if tg_op = 'UPDATE' then
        _from_id := old.stage_id;
        _from := old.stage;
        -- clocks go back now and then; a stay does not
        update deal_stages set left_at = greatest(_at, entered_at), version = version + 1,
            updated_at = now() where deal_id = new.id and left_at is null
            returning left_at into _at;
        _at := coalesce(_at, clock_timestamp());
    elsif new.closed_at is not null then
        _at := least(_at, new.closed_at);
    end if;
    insert into deal_stages (id, deal_id, pipeline_id, from_stage, from_stage_id, to_stage,
        to_stage_id, to_status, entered_at, actor, amount, currency, probability, expected_close,
        forecast_category)
    values ({UUID7}, new.id, new.pipeline_id, _from, _from_id, new.stage, new.stage_id,
        new.status, _at, _actor, new.amount, new.currency, new.probability, new.expected_close,
        new.forecast_category);
    return null;
end"""


def derived(workspace: Workspace, owner: str | None) -> list[str]:
    """Return the statements that (re)create the trigger of one workspace.

    `owner` is the role that owns the function and, beside the owner of all, alone may write the
    history: an undo of a move is one more move, and leaves the way there and back.
    """
    schema = workspace.schema
    statements = [
        f"create or replace function {ident(schema)}._deal_stages() returns trigger "
        "language plpgsql security definer "
        f"set search_path = {ident(schema)}, pg_temp as $stages${_BODY} $stages$",
        f"revoke all on function {ident(schema)}._deal_stages() from public",
        f"drop trigger if exists _stages_of_new on {ident(schema)}.deals",
        f"create trigger _stages_of_new after insert on {ident(schema)}.deals "
        f"for each row execute function {ident(schema)}._deal_stages()",
        f"drop trigger if exists _stages_of_moved on {ident(schema)}.deals",
        f"create trigger _stages_of_moved after update of stage_id on {ident(schema)}.deals "
        "for each row when (old.stage_id is distinct from new.stage_id) "
        f"execute function {ident(schema)}._deal_stages()",
    ]
    if owner is not None:
        statements += [
            f"grant create on schema {ident(schema)} to {ident(owner)}",
            f"alter function {ident(schema)}._deal_stages() owner to {ident(owner)}",
            f"revoke create on schema {ident(schema)} from {ident(owner)}",
        ]
    return statements
