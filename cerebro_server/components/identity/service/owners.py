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


def create(connection: Connection, *, workspace: str, schema: str) -> str:
    """Create the owner of a new workspace with a first key; return the key, shown only now."""
    user_id = uuid7()
    connection.execute(
        f"insert into {ident(schema)}.users (id, email, name, role) "
        "values (%s, %s, 'Owner', 'owner')",
        (user_id, EMAIL),
    )
    return _issue(connection, workspace, schema, user_id, "first key")


def issue_key(url: str, *, workspace: str, schema: str) -> str:
    """Give the owner one more key: for whoever has the database but lost the first one."""
    with psycopg.connect(url) as connection:
        [(user_id,)] = connection.execute(
            f"select id from {ident(schema)}.users where role = 'owner' order by id limit 1"
        ).fetchall()
        return _issue(connection, workspace, schema, user_id, "issued by the operator")


def _issue(connection: Connection, workspace: str, schema: str, user_id: UUID, name: str) -> str:
    text, key = new_key(workspace)
    connection.execute(
        f"insert into {ident(schema)}.api_keys "
        "(id, user_id, name, lookup, secret_hash, scopes) values (%s, %s, %s, %s, %s, %s)",
        (uuid7(), user_id, name, key.lookup, key.secret_hash, ["*"]),
    )
    return text
