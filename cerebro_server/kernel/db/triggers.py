"""Statements that (re)create functions and triggers of a component's own in a workspace."""

from __future__ import annotations

from cerebro_server.kernel.db.sql import ident, literal


def function(schema: str, name: str, body: str, *, owner: str | None) -> list[str]:
    """Return the statements for a trigger's function that runs with the rights of its owner."""
    called = f"{ident(schema)}.{ident(name)}()"
    statements = [
        f"create or replace function {called} returns trigger language plpgsql "
        f"security definer set search_path = {ident(schema)}, pg_temp as $body${body} $body$",
        f"revoke all on function {called} from public",
    ]
    if owner is not None:
        # the right to create is needed for the moment of taking over only
        statements += [
            f"grant create on schema {ident(schema)} to {ident(owner)}",
            f"alter function {called} owner to {ident(owner)}",
            f"revoke create on schema {ident(schema)} from {ident(owner)}",
        ]
    return statements


def callers_function(schema: str, name: str, body: str) -> list[str]:
    """Return the statement for a trigger's function that runs with the rights of whoever writes."""
    return [
        f"create or replace function {ident(schema)}.{ident(name)}() returns trigger "
        f"language plpgsql set search_path = {ident(schema)}, pg_temp as $body${body} $body$"
    ]


def for_each_row(
    schema: str, table: str, name: str, event: str, *, runs: str, when: str | None = None
) -> list[str]:
    """Return the statements for a trigger that runs a function for each row that fits."""
    on, only = f"{ident(schema)}.{ident(table)}", f"when ({when}) " if when else ""
    return [
        f"drop trigger if exists {ident(name)} on {on}",
        f"create trigger {ident(name)} {event} on {on} for each row {only}"
        f"execute function {ident(schema)}.{ident(runs)}()",
    ]


def for_each_statement(
    schema: str, table: str, name: str, event: str, *, runs: str, rows: str
) -> list[str]:
    """Return the statements for a trigger that runs a function once for all rows of a statement."""
    on = f"{ident(schema)}.{ident(table)}"
    return [
        f"drop trigger if exists {ident(name)} on {on}",
        f"create trigger {ident(name)} {event} on {on} referencing {rows} "
        f"for each statement execute function {ident(schema)}.{ident(runs)}()",
    ]


def refusal(schema: str, name: str, said: str) -> list[str]:
    """Return the statement for a function that refuses what a trigger runs it for."""
    return [
        f"create or replace function {ident(schema)}.{ident(name)}() returns trigger "
        f"language plpgsql as $body$begin raise exception {literal(said)} "
        "using errcode = 'insufficient_privilege'; end$body$"
    ]


def only_as(role: str, condition: str) -> str:
    """Return the condition that whoever writes is a role, and another one."""
    return f"current_user = {literal(role)} and ({condition})"


def sequence_rights(schema: str, sequence: str, owner: str) -> list[str]:
    """Return the statement that lets a role count on, and set, a sequence."""
    on = f"{ident(schema)}.{ident(sequence)}"
    return [f"grant select, update, usage on sequence {on} to {ident(owner)}"]
