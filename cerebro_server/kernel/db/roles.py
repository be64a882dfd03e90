"""Roles and grants: what each database login may do, and nothing more.

All role names carry the installation's id, since roles belong to the whole cluster:

- `cerebro_<id>_app`      the application's login; owns nothing, may only `SET ROLE`
- `cerebro_<id>_control`  reads `public`, to find out which workspace a key belongs to, and keeps
  the counts of failed sign-ins and the list of workers there
- `cerebro_<id>_journal`  owns the journal's trigger functions; nobody can become it
- `cerebro_<id>_<slug>`   one for each workspace
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import psycopg
from psycopg import errors

from cerebro_server.kernel.db.sql import ident, literal

Connection = psycopg.Connection[Any]
_PATIENCE_SECONDS = 20  # a little more than a statement may take
RESERVED = frozenset({"app", "control", "journal", "owner"})


def role_name(installation: str, kind: str) -> str:
    """Return the name of a role of this installation."""
    return f"cerebro_{installation}_{kind}"


def run(connection: Connection, *statements: str) -> None:
    """Run composed statements; every name in them went through `ident`."""
    for statement in statements:
        connection.execute(statement)


def ensure_installation_roles(connection: Connection, installation: str, password: str) -> None:
    """Create the three roles of an installation, and renew the login's password."""
    app, control, journal = (role_name(installation, k) for k in ("app", "control", "journal"))
    # a new role is no superuser and may create nothing; to say so again would take a superuser
    _ensure(connection, app, "login noinherit")
    run(connection, f"alter role {ident(app)} password {literal(password)}")
    _ensure(connection, control, "nologin")
    _ensure(connection, journal, "nologin")
    _admit(connection, app, control)
    database = _database(connection)
    run(
        connection,
        f"grant connect, temporary on database {database} to {ident(app)}",
        "revoke create on schema public from public",
        f"grant usage on schema public to {ident(control)}",
        f"grant usage on schema public to {ident(journal)}",
        f"grant select on public.installation, public.workspaces, public.logins "
        f"to {ident(control)}",
        f"grant select, insert, delete on public.sign_in_failures to {ident(control)}",
        f"grant select, insert, delete on public.logins to {ident(journal)}",
        f"grant select, insert, update, delete on public.workers, public.due to {ident(control)}",
    )


def ensure_workspace_role(connection: Connection, installation: str, slug: str) -> str:
    """Create a workspace's role and let the application take it on; return its name."""
    name = role_name(installation, slug)
    _ensure(connection, name, "nologin")
    _admit(connection, role_name(installation, "app"), name)
    return name


def grant_workspace(
    connection: Connection,
    *,
    schema: str,
    role: str,
    journal: str,
    tables: dict[str, Sequence[str]],
    insert_only: Sequence[str] = (),
    histories: Sequence[str] = (),
    kept: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> None:
    """Grant a workspace's role its rights: column by column, never on `id`, no TRUNCATE.

    `tables` maps each writable table to its columns; those of `insert_only` cannot even be read,
    those of `histories` are written by triggers, which keep the columns `kept` of others, too.
    """
    s, r, j = ident(schema), ident(role), ident(journal)
    run(
        connection,
        f"revoke all on all tables in schema {s} from {r}, {j}",
        f"grant usage on schema {s} to {r}, {j}",
        f"grant select on {s}.changes, {s}.record_keys to {r}",
        f"grant select, insert on {s}.changes to {j}",
        f"grant usage on sequence {s}.changes_seq to {j}",
        f"grant select, insert, delete on {s}.record_keys to {j}",
    )
    for table in insert_only:
        run(connection, f"grant insert on {s}.{ident(table)} to {r}")
    for table in histories:
        run(
            connection,
            f"grant select on {s}.{ident(table)} to {r}",
            f"grant select, insert, update on {s}.{ident(table)} to {j}",
        )
    for table, columns in kept.items():
        listed = ", ".join(map(ident, columns))
        run(connection, f"grant select, update ({listed}) on {s}.{ident(table)} to {j}")
    for table, columns in tables.items():
        changeable = ", ".join(ident(c) for c in columns if c != "id")
        t = f"{s}.{ident(table)}"
        run(
            connection,
            f"grant select, insert{'' if table in histories else ', delete'} on {t} to {r}",
            f"grant update ({changeable}) on {t} to {r}",
        )


def shut_out(connection: Connection, installation: str, slug: str) -> None:
    """Let no more transactions begin in a workspace, and wait for those that run."""
    app, name = role_name(installation, "app"), role_name(installation, slug)
    if not connection.execute("select 1 from pg_roles where rolname = %s", (name,)).fetchone():
        return
    run(connection, f"revoke {ident(name)} from {ident(app)}")
    row = connection.execute("select clock_timestamp()").fetchone()
    running = (
        "select 1 from pg_stat_activity where datname = current_database() and usename = %s "
        "and xact_start < %s limit 1"
    )
    for _ in range(_PATIENCE_SECONDS * 20):
        if not row or not connection.execute(running, (app, row[0])).fetchone():
            break
        connection.execute("select pg_sleep(0.05)")


def drop(connection: Connection, name: str) -> None:
    """Drop a workspace's role, unless a copy of this database still has rights for it."""
    try:
        with connection.transaction():
            run(connection, f"drop role if exists {ident(name)}")
    except errors.DependentObjectsStillExist:
        pass  # of no use to anybody here: the schema is gone


def _ensure(connection: Connection, name: str, attributes: str) -> None:
    known = connection.execute("select 1 from pg_roles where rolname = %s", (name,)).fetchone()
    if not known:
        run(connection, f"create role {ident(name)} {attributes}")
    # who made a role may administer it, but from PostgreSQL 16 not act as it
    option = " with inherit true, set true" if connection.info.server_version >= 160000 else ""
    run(connection, f"grant {ident(name)} to current_user{option}")


def _admit(connection: Connection, login: str, role: str) -> None:
    option = " with inherit false, set true" if connection.info.server_version >= 160000 else ""
    run(connection, f"grant {ident(role)} to {ident(login)}{option}")


def _database(connection: Connection) -> str:
    [(name,)] = connection.execute("select quote_ident(current_database())").fetchall()
    return str(name)
