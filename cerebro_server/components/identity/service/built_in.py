"""The roles that come with Cerebro, made of the nouns that there are."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

import psycopg

from cerebro_server.kernel.access import permissions_of
from cerebro_server.kernel.db import ident
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.ids import uuid7

Connection = psycopg.Connection[Any]

_PLATFORM = ("identity", "workspace")
_ONESELF = (
    "keys:read:own",
    "keys:create",
    "keys:revoke:own",
    "sessions:read:own",
    "sessions:end:own",
)
_PEOPLE = ("users:read", "teams:read", "fields:read")
_OF_RECORDS = {
    "manager": (
        *("read", "create", "update", "delete:team", "restore"),
        *("lock", "unlock", "import", "export", "bulk"),
    ),
    "agent": ("read", "create", "update:team", "delete:own", "restore:own"),
    "read_only": ("read",),
}


class BuiltIn(NamedTuple):
    """A role that comes with Cerebro."""

    key: str
    name: str
    description: str
    permissions: tuple[str, ...]


def built_in_roles(
    record_types: Iterable[RecordType], more: Iterable[str] = ()
) -> tuple[BuiltIn, ...]:
    """Return the built-in roles. `more` are permissions that are no record type's."""
    known = list(record_types)
    ours = [rt for rt in known if rt.noun.component not in _PLATFORM or rt.is_worked_on]
    nouns = [rt.name for rt in ours]
    settings = {rt.name for rt in ours if rt.is_setting}
    personal = {rt.name for rt in ours if rt.is_personal}
    every = {rt.name: None for rt in known for _ in permissions_of(rt)}
    texts = {
        key: tuple(
            f"{noun}:{action}"
            for noun in nouns
            for action in _of_noun(key, noun, settings, personal)
        )
        for key in _OF_RECORDS
    }
    verbs = [f"{rt.name}:{verb}" for rt in known if rt.name in nouns for verb in rt.actions]
    of_teams = [f"{verb}:team" for verb in verbs]
    return (
        BuiltIn("owner", "Owner", "May do everything, and nobody else may change it.", ("*",)),
        BuiltIn(
            "admin",
            "Administrator",
            "May do everything but change owners.",
            (*(f"{noun}:*" for noun in every), *more),
        ),
        BuiltIn(
            "manager",
            "Manager",
            "Works with all records, locks, imports and exports, and deletes those of their teams.",
            (*texts["manager"], *verbs, *_PEOPLE, "roles:read", "changes:read", *_ONESELF),
        ),
        BuiltIn(
            "agent",
            "Agent",
            "Sees all records, makes new ones, changes those of their teams, deletes their own; "
            "settings such as pipelines are for managers.",
            (*texts["agent"], *of_teams, *_PEOPLE, "changes:read", *_ONESELF),
        ),
        BuiltIn(
            "read_only",
            "Read only",
            "Sees all records.",
            (*texts["read_only"], *_PEOPLE, "changes:read", *_ONESELF),
        ),
    )


def _of_noun(
    role: str, noun: str, settings: Collection[str], personal: Collection[str]
) -> tuple[str, ...]:
    """Return what a role may do with a noun: agents only read settings, and of what is somebody's
    own matter they write their own."""
    if role == "agent" and noun in settings:
        return ("read",)
    if role == "agent" and noun in personal:
        return ("read", *(f"{verb}:own" for verb in ("create", "update", "delete", "restore")))
    return _OF_RECORDS[role]


def refresh(connection: Connection, schema: str, roles: Sequence[BuiltIn]) -> None:
    """Write the built-in roles into a workspace, where they differ from what is there."""
    connection.execute("select set_config('cerebro.actor', 'system', true)")
    for role in roles:
        values = (role.name, role.description, list(role.permissions), role.key)
        found = connection.execute(
            f"select 1 from {ident(schema)}.roles where key = %s and is_built_in", (role.key,)
        ).fetchone()
        if found is None:
            connection.execute(
                f"insert into {ident(schema)}.roles "
                "(name, description, permissions, key, is_built_in, id, row_rules, field_rules) "
                "values (%s, %s, %s, %s, true, %s, %s, %s)",
                (*values, uuid7(), json.dumps({}), json.dumps({})),
            )
        else:
            connection.execute(
                f"update {ident(schema)}.roles set name = %s, description = %s, permissions = %s, "
                "version = version + 1, updated_at = now() where key = %s and is_built_in "
                "and (name, description, permissions) is distinct from (%s, %s, %s::text[])",
                (*values, *values[:3]),
            )
