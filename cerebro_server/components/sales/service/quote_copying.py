"""The triggers that give quotes their lines, and keep their sums, by whatever door."""

from __future__ import annotations

from typing import Final

from cerebro_server.components.sales.service.stage_history import UUID7
from cerebro_server.kernel.db import Workspace, triggers

_COPIED: Final = (
    "product_id, description, unit, quantity, unit_price, discount_percent, discount_amount, "
    "tax_rate, position"
)
_SUMS: Final = "coalesce(sum(subtotal), 0), coalesce(sum(discount), 0), coalesce(sum(tax), 0)"
_NEW: Final = f"""
begin
    if new.previous_id is not null then
        select {_SUMS} into new.subtotal, new.discount, new.tax from quote_lines l
            where l.quote_id = new.previous_id and l.deleted_at is null;
    else
        select {_SUMS} into new.subtotal, new.discount, new.tax from deal_lines l
            where l.deal_id = new.deal_id and l.deleted_at is null;
    end if;
    return new;
end"""
"""The sums of a new quote are there with it, so that the reply has them; the lines come after."""
_COPY: Final = f"""
begin
    if new.previous_id is not null then
        insert into quote_lines (id, quote_id, {_COPIED}) select {UUID7}, new.id, {_COPIED}
            from quote_lines l where l.quote_id = new.previous_id and l.deleted_at is null
            order by l.position, l.id;
    else
        insert into quote_lines (id, quote_id, {_COPIED}) select {UUID7}, new.id, {_COPIED}
            from deal_lines l where l.deal_id = new.deal_id and l.deleted_at is null
            order by l.position, l.id;
    end if;
    return null;
end"""
_COUNT: Final = f"""
declare
    _ids uuid[];
begin
    if tg_op = 'INSERT' then
        _ids := array(select distinct quote_id from _new);
    elsif tg_op = 'DELETE' then
        _ids := array(select distinct quote_id from _old);
    else
        _ids := array(select quote_id from _old union select quote_id from _new);
    end if;
    perform from quotes where id = any (_ids) order by id for no key update;
    update quotes q set subtotal = s.a, discount = s.b, tax = s.c, updated_at = now()
        from unnest(_ids) i, lateral (select {_SUMS} from quote_lines l
            where l.quote_id = i and l.deleted_at is null) s(a, b, c)
        where q.id = i and (q.subtotal, q.discount, q.tax) is distinct from (s.a, s.b, s.c);
    return null;
end"""
_EVENTS: Final = {
    "insert": "new table as _new",
    "update": "old table as _old new table as _new",
    "delete": "old table as _old",
}


def derived(workspace: Workspace) -> list[str]:
    """Return the statements that (re)create the triggers of one workspace."""
    schema, row = workspace.schema, triggers.for_each_row
    bodies = {"_quote": _NEW, "_quote_copy": _COPY, "_quote_sums": _COUNT}
    found = [
        statement
        for name, body in bodies.items()
        for statement in triggers.callers_function(schema, name, body)
    ]
    found += row(schema, "quotes", "_sums", "before insert", runs="_quote")
    found += row(schema, "quotes", "_lines", "after insert", runs="_quote_copy")
    for event, rows in _EVENTS.items():
        found += triggers.for_each_statement(
            *(schema, "quote_lines", f"_sums_{event}", f"after {event}"),
            runs="_quote_sums",
            rows=rows,
        )
    return found
