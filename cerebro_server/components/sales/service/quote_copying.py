"""The triggers that give quotes their lines, and keep their sums, by whatever door."""

from __future__ import annotations

from typing import Final

from cerebro_server.components.sales.service.stage_history import UUID7
from cerebro_server.kernel.db import Workspace, ident, triggers

_COPIED: Final = (
    "product_id, description, unit, quantity, unit_price, discount_percent, discount_amount, "
    "tax_rate, position"
)
_ALL: Final = (
    "coalesce(sum(subtotal), 0) as subtotal, coalesce(sum(discount), 0) as discount, "
    "coalesce(sum(net), 0) as net, coalesce(sum(tax), 0) as tax"
)
_SUMS: Final = f"""
    with g as materialized (
        select coalesce(l.tax_rate, 0) as rate, sum(l.subtotal) as subtotal,
            sum(l.discount) as discount, sum(l.net) as net, sum(l.tax) as tax
        from (select tax_rate, subtotal, discount, net, tax from quote_lines
                where quote_id = _quote and deleted_at is null
            union all select tax_rate, subtotal, discount, net, tax from deal_lines
                where deal_id = _deal and deleted_at is null) l group by 1
    ), t as (
        select {_ALL} from g
    ), o as (
        select least(t.net, round(t.net * coalesce(_percent, 0) / 100, 2) + coalesce(_amount, 0))
            as off from t
    ), s as (
        -- what comes off is shared over the rates by their nets; cents that are left over go to
        -- the largest
        select g.rate, g.net, round(o.off * g.net / nullif(t.net, 0), 2) as share,
            row_number() over (order by g.net desc, g.rate) as place from g, t, o
    ), r as (
        select s.rate, s.net - s.share
            - case when s.place = 1 then o.off - sum(s.share) over () else 0 end as rest from s, o
    )
    select t.subtotal, t.discount + o.off, case when o.off = 0 then t.tax
        else (select sum(round(r.rest * r.rate / 100, 2)) from r) end
    from t, o"""
"""Subtotal, discount and tax of the lines of a quote, or of a deal beside a discount on all."""
_BY_IMPORT: Final = "nullif(current_setting('cerebro.operation', true), '') is not null"
"""Only imports make quotes by an operation; their lines come from files, too."""
_NEW: Final = f"""
begin
    if {_BY_IMPORT} then
        return new;
    end if;
    select s.subtotal, s.discount, s.tax into new.subtotal, new.discount, new.tax
        from _sums_of_quote(new.previous_id,
            case when new.previous_id is null then new.deal_id end,
            new.discount_percent, new.discount_amount) s;
    return new;
end"""
"""The sums of a new quote are there with it, so that the reply has them; the lines come after."""
_COPY: Final = f"""
begin
    if {_BY_IMPORT} then
        return null;
    end if;
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
_CHANGED: Final = """
begin
    select s.subtotal, s.discount, s.tax into new.subtotal, new.discount, new.tax
        from _sums_of_quote(new.id, null, new.discount_percent, new.discount_amount) s;
    return new;
end"""
"""Of a quote whose own discount changes."""
_COUNT: Final = """
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
    update quotes q set subtotal = s.subtotal, discount = s.discount, tax = s.tax,
        updated_at = now()
        from unnest(_ids) i, lateral (select o.discount_percent, o.discount_amount from quotes o
            where o.id = i) w,
            lateral _sums_of_quote(i, null, w.discount_percent, w.discount_amount) s
        where q.id = i and (q.subtotal, q.discount, q.tax)
            is distinct from (s.subtotal, s.discount, s.tax);
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
    bodies = {
        "_quote": _NEW,
        "_quote_changed": _CHANGED,
        "_quote_copy": _COPY,
        "_quote_sums": _COUNT,
    }
    found = [
        f"create or replace function {ident(schema)}._sums_of_quote(_quote uuid, _deal uuid, "
        "_percent numeric, _amount numeric) returns table (subtotal numeric, discount numeric, "
        f"tax numeric) language sql stable set search_path = {ident(schema)}, pg_temp "
        f"as $sums${_SUMS} $sums$"
    ]
    found += [
        statement
        for name, body in bodies.items()
        for statement in triggers.callers_function(schema, name, body)
    ]
    found += row(schema, "quotes", "_sums", "before insert", runs="_quote")
    found += row(
        *(schema, "quotes", "_sums_changed"),
        "before update of discount_percent, discount_amount",
        runs="_quote_changed",
    )
    found += row(schema, "quotes", "_lines", "after insert", runs="_quote_copy")
    for event, rows in _EVENTS.items():
        found += triggers.for_each_statement(
            *(schema, "quote_lines", f"_sums_{event}", f"after {event}"),
            runs="_quote_sums",
            rows=rows,
        )
    return found
