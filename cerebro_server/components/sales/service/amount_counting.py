"""The triggers that keep the amount of deals that are counted from their lines, by any door."""

from __future__ import annotations

from typing import Final

from cerebro_server.kernel.db import Workspace, triggers

_ONE: Final = """
begin
    select sum(l.net) into new.amount from deal_lines l
        where l.deal_id = new.id and l.deleted_at is null;
    return new;
end"""
"""Of a deal that is written itself: whatever is said of its amount, what counts is the sum."""
_SEVERAL: Final = """
declare
    _ids uuid[];
begin
    if tg_op = 'INSERT' then
        _ids := array(select distinct deal_id from _new);
    elsif tg_op = 'DELETE' then
        _ids := array(select distinct deal_id from _old);
    else
        _ids := array(select deal_id from _old union select deal_id from _new);
    end if;
    -- a sum taken before the lock would miss the lines of whoever had it
    perform from deals where id = any (_ids) order by id for no key update;
    update deals d set amount = s.net, updated_at = now()
        from (select i as id, (select sum(l.net) from deal_lines l
            where l.deal_id = i and l.deleted_at is null) as net from unnest(_ids) i) s
        where d.id = s.id and d.amount_source = 'lines' and d.amount is distinct from s.net;
    return null;
end"""
"""Of the deals whose lines were written. The version stays: it tells of what people write, and a
plan about a deal holds though its lines were counted anew."""
_TABLES: Final = {
    "insert": "new table as _new",
    "update": "old table as _old new table as _new",
    "delete": "old table as _old",
}


def derived(workspace: Workspace) -> list[str]:
    """Return the statements that (re)create the triggers of one workspace."""
    schema = workspace.schema
    found = [
        *triggers.callers_function(schema, "_deal_amount", _ONE),
        *triggers.callers_function(schema, "_deal_amounts", _SEVERAL),
        *triggers.for_each_row(
            *(schema, "deals", "_amount", "before insert or update of amount, amount_source"),
            runs="_deal_amount",
            when="new.amount_source = 'lines'",
        ),
    ]
    for event, rows in _TABLES.items():
        found += triggers.for_each_statement(
            *(schema, "deal_lines", f"_amounts_{event}", f"after {event}"),
            runs="_deal_amounts",
            rows=rows,
        )
    return found
