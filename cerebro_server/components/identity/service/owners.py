"""The first user of a workspace."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import psycopg

from cerebro_server.components.identity.service.keys import new_key
from cerebro_server.kernel.db import ident
from cerebro_server.kernel.ids import uuid7

EMAIL = "owner@localhost"

Connection = psycopg.Connection[Any]


def create(
    connection: Connection, *, workspace: str, schema: str, email: str = EMAIL, name: str = "Owner"
) -> str:
    """Create the owner of a new workspace with a first key; return the key, shown only now."""
    user_id = uuid7()
    _as_system(connection)
    connection.execute(
        f"insert into {ident(schema)}.users (id, email, name, roles, teams) "
        "values (%s, %s, %s, '{owner}', '{}')",
        (user_id, email, name),
    )
    return _issue(connection, workspace, schema, user_id, "first key")


def issue_key(url: str, *, workspace: str, schema: str) -> str:
    """Give the owner one more key: for whoever has the database but lost the first one."""
    with psycopg.connect(url) as connection:
        _as_system(connection)
        [(user_id,)] = connection.execute(
            f"select id from {ident(schema)}.users where 'owner' = any(roles) "
            "and deleted_at is null and disabled_at is null order by id limit 1"
        ).fetchall()
        return _issue(connection, workspace, schema, user_id, "issued by the operator")


def _issue(connection: Connection, workspace: str, schema: str, user_id: UUID, name: str) -> str:
    text, key = new_key(workspace)
    connection.execute(
        f"insert into {ident(schema)}.keys "
        "(id, user_id, name, prefix, lookup, secret_hash, scopes) "
        "values (%s, %s, %s, %s, %s, %s, '{*}')",
        (uuid7(), user_id, name, key.prefix, key.lookup, key.secret_hash),
    )
    return text


def _as_system(connection: Connection) -> None:
    connection.execute("select set_config('cerebro.actor', 'system', true)")
