"""The triggers that number deals and quotes: on from the highest, whatever files say. A dry
run uses no number up: it counts on from the sequence by itself. New deals stand last in their
stage."""

from __future__ import annotations

from typing import Final

from cerebro_server.kernel.db import Workspace, triggers
from cerebro_server.kernel.places import of_id

_TABLES: Final = {"deals": "_deal_numbers", "quotes": "_quote_numbers"}
_PLACED: Final = {"deals": f"new.position := coalesce(new.position, {of_id('new.id')});"}


def derived(workspace: Workspace, owner: str | None) -> list[str]:
    """Return the statements that (re)create the triggers of one workspace; `owner` is the role that
    may set the sequences."""
    schema = workspace.schema
    found: list[str] = []
    for table, name in _TABLES.items():
        sequence = f"{table}_number_seq"
        found += triggers.function(
            schema, name, _body(table, sequence, _PLACED.get(table, "")), owner=owner
        )
        found += triggers.for_each_row(schema, table, "_number_of_new", "before insert", runs=name)
        if owner is not None:
            found += triggers.sequence_rights(schema, sequence, owner)
    return found


def _body(table: str, sequence: str, also: str) -> str:
    return f"""
declare
    tried bigint;
begin
    if current_setting('cerebro.dry_run', true) = 'on' then
        tried := coalesce(nullif(current_setting('cerebro.tried_{table}', true), '')::bigint, 0);
        tried := greatest(tried + 1, (select last_value + is_called::int from {sequence}));
        new.number := coalesce(new.number, tried);
        perform set_config('cerebro.tried_{table}', greatest(tried, new.number)::text, true);
    elsif new.number is null then
        new.number := nextval('{sequence}');
    elsif new.number > (select last_value from {sequence}) then
        perform setval('{sequence}', new.number);
    end if;
    {also}
    return new;
end"""
