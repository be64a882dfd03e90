"""Workspaces, as the operator of a server lists, makes and removes them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from psycopg import errors as pg

from cerebro_server.components.workspace.service import installing
from cerebro_server.components.workspace.service.installing import Blueprint, Connection, Report
from cerebro_server.kernel.config import Settings
from cerebro_server.kernel.db import Workspace, ident, migrate, roles
from cerebro_server.kernel.errors import Conflict, Invalid, NotFound, Unavailable

FIRST = "main"
_SLUG = re.compile(r"[a-z][a-z0-9_]{0,29}")
_LOCK_TRIES = 10


@dataclass(frozen=True, slots=True)
class Listed:
    """One workspace in figures."""

    slug: str
    schema: str
    revision: str
    created_at: datetime
    users: int
    size_bytes: int


def listed(settings: Settings) -> list[Listed]:
    """Return every workspace, by slug."""
    with installing.alone(settings) as connection:
        _require_installed(connection)
        found = connection.execute(
            "select w.slug, w.schema_name, w.revision, w.created_at, coalesce(("
            "select sum(pg_total_relation_size(c.oid)) from pg_class c "
            "join pg_namespace n on n.oid = c.relnamespace "
            "where n.nspname = w.schema_name and c.relkind in ('r', 'm')), 0)::bigint "
            "from public.workspaces w order by w.slug"
        ).fetchall()
        return [
            Listed(slug, schema, revision, created_at, _count_users(connection, schema), size)
            for slug, schema, revision, created_at, size in found
        ]


def create(settings: Settings, blueprint: Blueprint, slug: str) -> Workspace:
    """Make a workspace; one that was cut off while it was made is finished.

    Running servers know it at once: they look for it when somebody signs in. Raises `Invalid`,
    `Conflict`, `Unavailable`.
    """
    _check_slug(slug)
    with installing.alone(settings) as connection:
        installation = _require_installed(connection)
        if _find(connection, slug) is not None:
            raise Conflict(f"There is a workspace {slug!r} already.")
        if installation is None:
            raise Conflict(
                "A second workspace is not possible here: the database login may not create "
                "roles, so nothing would keep the workspaces apart. Grant it CREATEROLE and "
                "install into a new database."
            )
        if _holds_data(connection, f"ws_{slug}"):
            raise Conflict(
                f"The schema ws_{slug} holds data and belongs to no workspace: look at it, then "
                "drop or rename it."
            )
        schema, role = installing.create_schema(connection, installation, slug, has_roles=True)
        made = Workspace(slug, schema, role)
        installing.bring_up_to_date(
            connection,
            settings,
            blueprint,
            made,
            journal=roles.role_name(installation, "journal"),
            stand=("", ""),
            to=Report(),
        )
    return made


def remove(settings: Settings, slug: str) -> None:
    """Remove a workspace with all its data, or what is left of one that was never finished.

    First nobody is let in any more (servers answer 401 from then on, also those that remember a
    key), then all goes in one transaction. Who is cut off in between finds it closed but whole,
    and calls this again. Raises `Invalid`, `NotFound`, `Unavailable`.
    """
    if slug == FIRST:
        raise Invalid(
            f"The workspace {FIRST!r} stays: `cerebro up` and `cerebro db upgrade` would make it "
            "anew, or miss it. To delete everything, use `cerebro reset`, or drop the database."
        )
    with installing.alone(settings) as connection:
        installation = _require_installed(connection)
        schema = f"ws_{slug}"
        if not _SLUG.fullmatch(slug) or not (
            _find(connection, slug) or _is_unfinished(connection, schema)
        ):
            raise NotFound(f"There is no workspace {slug!r}.")
        if installation is not None:
            roles.shut_out(connection, installation, slug)
        for attempt in range(_LOCK_TRIES):
            try:
                _drop(connection, slug, schema, installation)
                return
            except (pg.LockNotAvailable, pg.DeadlockDetected):
                connection.execute("select pg_sleep(%s)", (0.2 * (attempt + 1),))
    raise Unavailable(f"The workspace {slug!r} is too busy to be removed; try again.")


def _drop(connection: Connection, slug: str, schema: str, installation: str | None) -> None:
    with connection.transaction():
        # requests queue behind a lock that waits: never for long
        connection.execute("set local lock_timeout = '2s'")
        roles.run(connection, f"drop schema if exists {ident(schema)} cascade")
        # public.logins' rows of it go with this one
        connection.execute("delete from public.workspaces where slug = %s", (slug,))
        if installation is not None:
            roles.drop(connection, roles.role_name(installation, slug))


def _require_installed(connection: Connection) -> str | None:
    """Return the installation's id; None where it has no roles. Raises `Unavailable`."""
    row = connection.execute("select to_regclass('public.alembic_version')").fetchone()
    if row and row[0]:
        row = connection.execute("select version_num from public.alembic_version").fetchone()
    if not row or row[0] != migrate.newest("control"):
        raise Unavailable("The database is not up to date: run `cerebro db upgrade` first.")
    found = connection.execute("select id, has_roles from public.installation").fetchone()
    if not found:
        raise Unavailable("Nothing is installed here yet: run `cerebro db upgrade` first.")
    return str(found[0]) if found[1] else None


def _check_slug(slug: str) -> None:
    if not _SLUG.fullmatch(slug):
        raise Invalid(
            f"{slug!r} cannot name a workspace: use up to 30 small letters, digits and "
            "underscores, and begin with a letter."
        )
    if slug in roles.RESERVED:
        raise Invalid(f"{slug!r} is reserved: a database role of ours has that name.")


def _find(connection: Connection, slug: str) -> str | None:
    row = connection.execute(
        "select schema_name from public.workspaces where slug = %s", (slug,)
    ).fetchone()
    return str(row[0]) if row else None


def _is_unfinished(connection: Connection, schema: str) -> bool:
    """Tell whether the schema is there and nobody was ever in it: a cut-off `create` left it."""
    row = connection.execute("select to_regnamespace(%s) is not null", (ident(schema),)).fetchone()
    return bool(row and row[0]) and not _holds_data(connection, schema)


def _holds_data(connection: Connection, schema: str) -> bool:
    """Tell whether a schema has tables of others, or users: ours has its first at the very end."""
    tables = {
        name
        for (name,) in connection.execute(
            "select tablename from pg_tables where schemaname = %s", (schema,)
        )
    }
    if "users" in tables and "alembic_version" in tables:
        return _count_users(connection, schema) > 0
    return bool(tables)


def _count_users(connection: Connection, schema: str) -> int:
    row = connection.execute(
        f"select count(*) from {ident(schema)}.users where deleted_at is null"
    ).fetchone()
    return int(row[0]) if row else 0
