"""The triggers that number deals and quotes: on from the highest, whatever files say."""

from __future__ import annotations

from typing import Final

from cerebro_server.kernel.db import Workspace, triggers

_TABLES: Final = {"deals": "_deal_numbers", "quotes": "_quote_numbers"}


def derived(workspace: Workspace, owner: str | None) -> list[str]:
    """Return the statements that (re)create the triggers of one workspace; `owner` is the role that
    may set the sequences."""
    schema = workspace.schema
    found: list[str] = []
    for table, name in _TABLES.items():
        sequence = f"{table}_number_seq"
        found += triggers.function(schema, name, _body(sequence), owner=owner)
        found += triggers.for_each_row(schema, table, "_number_of_new", "before insert", runs=name)
        if owner is not None:
            found += triggers.sequence_rights(schema, sequence, owner)
    return found


def _body(sequence: str) -> str:
    return f"""
begin
    if new.number is null then
        new.number := nextval('{sequence}');
    elsif new.number > (select last_value from {sequence}) then
        perform setval('{sequence}', new.number);
    end if;
    return new;
end"""
