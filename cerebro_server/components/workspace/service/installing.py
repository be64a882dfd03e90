"""Making the database ready: roles, `public`, and every workspace's schema."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import errors as pg

from cerebro_server.kernel.config import Settings
from cerebro_server.kernel.db import Workspace, ident, migrate, roles, urls
from cerebro_server.kernel.errors import Invalid
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.journal import trigger_sql

Connection = psycopg.Connection[Any]
_LOCK = 0x63657265  # one installer at a time: "cere"


@dataclass(slots=True)
class Report:
    """What an installation did."""

    applied: list[str] = field(default_factory=list)
    new: list[Workspace] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Blueprint:
    """What belongs into every workspace's schema."""

    record_types: Sequence[RecordType]
    tables: Sequence[str]
    """Writable tables that are no records."""
    insert_only: Sequence[str]
    """Tables that the workspace's role may add to and not even read."""
    derived: Callable[[Workspace, str | None], list[str]]
    """Statements of the components, given the role that owns functions."""
    in_base: Sequence[str]
    """Queries for what of a workspace is kept in the base currency."""
    on_ready: Callable[[Connection, Workspace], None]
    """Runs in the transaction that brings a workspace up to date: writes rows that we ship."""
    facts: Sequence[str]
    """What else `on_ready` goes by: when it changes, workspaces are brought up to date."""
    on_new: Callable[[Connection, Workspace], None]
    """Runs in the transaction that registers a new workspace."""


def install(settings: Settings, blueprint: Blueprint) -> Report:
    """Bring `public` and every workspace to the newest revision; make `main` if there is none.

    Doing nothing costs one query.
    """
    report = Report()
    with alone(settings) as connection:
        installation, has_roles = _installation(connection, settings, report)
        if not has_roles:
            report.warnings.append(
                "This login may not create roles: everything runs as one login, and a second "
                "workspace is refused. Grant it CREATEROLE before the first start to change that."
            )
        journal = roles.role_name(installation, "journal") if has_roles else None
        _settle_base(connection, settings, blueprint)
        known = connection.execute(
            "select slug, schema_name, role_name, revision, derived from public.workspaces"
        ).fetchall()
        if not known:
            schema, role = create_schema(connection, installation, "main", has_roles=has_roles)
            known = [("main", schema, role, "", "")]
        for slug, schema, role, *stand in known:
            workspace = Workspace(slug, schema, role)
            bring_up_to_date(
                connection, settings, blueprint, workspace, journal=journal, stand=stand, to=report
            )
    return report


@contextmanager
def alone(settings: Settings) -> Iterator[Connection]:
    """Connect as the owner, and be the only one who installs, makes or removes workspaces."""
    with psycopg.connect(urls.owner_url(settings), autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", (_LOCK,))
        yield connection


def bring_up_to_date(
    connection: Connection,
    settings: Settings,
    blueprint: Blueprint,
    workspace: Workspace,
    *,
    journal: str | None,
    stand: Sequence[str],
    to: Report,
) -> None:
    """Migrate one workspace and renew what follows from the code; `stand` is its revision and the
    digest of what followed then, both empty for a new one."""
    record_types = blueprint.record_types
    statements = _derived(workspace.schema, record_types, journal)
    statements += blueprint.derived(workspace, journal)
    tables = [*blueprint.tables, *blueprint.insert_only, *blueprint.facts]
    digest = _digest([*statements, *tables, *_columns(record_types)])
    newest = migrate.newest("workspace")
    if list(stand) == [newest, digest]:
        return
    migrate.upgrade(urls.owner_url(settings), "workspace", workspace.schema)
    with connection.transaction():
        roles.run(connection, *statements)
        if journal is not None:
            _grant(connection, workspace, journal, blueprint)
        _register(connection, workspace, newest, digest)
        blueprint.on_ready(connection, workspace)
        if not stand[0]:
            blueprint.on_new(connection, workspace)
            to.new.append(workspace)
    to.applied.append(f"{workspace.schema}: {newest}")


def _register(connection: Connection, workspace: Workspace, revision: str, derived: str) -> None:
    connection.execute(
        "insert into public.workspaces (slug, schema_name, role_name, revision, derived) "
        "values (%s, %s, %s, %s, %s) on conflict (slug) "
        "do update set revision = excluded.revision, derived = excluded.derived",
        (workspace.slug, workspace.schema, workspace.role, revision, derived),
    )


def _digest(statements: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(statements).encode()).hexdigest()


def revisions(settings: Settings) -> dict[str, str]:
    """Return the revision of each schema, and the code's own under `code`."""
    found = {"code": migrate.newest("workspace")}
    with psycopg.connect(urls.owner_url(settings), autocommit=True) as connection:
        if not _exists(connection, "public.installation"):
            return found
        row = connection.execute("select version_num from public.alembic_version").fetchone()
        found["public"] = str(row[0]) if row else "none"
        for schema, revision in connection.execute(
            "select schema_name, revision from public.workspaces order by slug"
        ):
            found[schema] = revision
    return found


def _installation(connection: Connection, settings: Settings, report: Report) -> tuple[str, bool]:
    url, newest = urls.owner_url(settings), migrate.newest("control")
    known = _exists(connection, "public.alembic_version")
    row = known and connection.execute("select version_num from public.alembic_version").fetchone()
    if not row or row[0] != newest:
        migrate.upgrade(url, "control", "public")
        report.applied.append(f"public: {newest}")
    found = connection.execute("select id, has_roles from public.installation").fetchone()
    if found:
        if found[1]:
            _, password = urls.app_login(settings, found[0])
            _renew_password(connection, url, found[0], password)
        return str(found[0]), bool(found[1])
    name = secrets.token_hex(4)
    _, password = urls.app_login(settings, name)
    insert = "insert into public.installation (id, has_roles) values (%s, %s)"
    has_roles = True
    try:
        with connection.transaction():  # whoever is cut off here leaves no roles behind
            roles.ensure_installation_roles(connection, name, password)
            connection.execute(insert, (name, has_roles))
    except pg.InsufficientPrivilege:
        has_roles = False
        connection.execute(insert, (name, has_roles))
    return name, has_roles


def _settle_base(connection: Connection, settings: Settings, blueprint: Blueprint) -> None:
    """Keep the base currency that amounts are in. Raises `Invalid` where it is to be another while
    there are some that could not follow."""
    base = settings.base_currency
    [(held,)] = connection.execute("select base_currency from public.installation").fetchall()
    if held == base:
        return
    if held is not None:
        for slug, schema in connection.execute(
            "select slug, schema_name from public.workspaces order by slug"
        ).fetchall():
            with connection.transaction():
                connection.execute(f"set local search_path = {ident(schema)}".encode())
                rows = [connection.execute(query.encode()) for query in blueprint.in_base]
                found = [what for each in rows for (what,) in each.fetchall()]
            if found:
                raise Invalid(
                    f"CEREBRO_BASE_CURRENCY is {base}, and workspace {slug} has "
                    f"{' and '.join(found)} in {held}, which would be wrong: set it back to "
                    f"{held}, or destroy those (deleted ones as well), and try again."
                )
    connection.execute("update public.installation set base_currency = %s", (base,))


def _renew_password(connection: Connection, url: str, installation: str, password: str) -> None:
    """Follow a changed secret key; a login that still works is left alone."""
    login = roles.role_name(installation, "app")
    try:
        psycopg.connect(urls.with_login(url, login, password)).close()
    except psycopg.OperationalError:
        with connection.transaction():
            roles.ensure_installation_roles(connection, installation, password)


def create_schema(
    connection: Connection, installation: str, slug: str, *, has_roles: bool
) -> tuple[str, str]:
    """Make the schema and the role of a workspace, where they are missing; return their names."""
    schema = f"ws_{slug}"
    role = "none"
    with connection.transaction():
        if has_roles:
            role = roles.ensure_workspace_role(connection, installation, slug)
        roles.run(connection, f"create schema if not exists {ident(schema)}")
    return schema, role


def _derived(schema: str, record_types: Sequence[RecordType], owner: str | None) -> list[str]:
    """Return everything in a schema that follows from the record types, as statements."""
    told = [rt for rt in record_types if rt.is_journaled]
    return [s for rt in told for s in trigger_sql(schema, rt.journaled, owner=owner)]


def _columns(record_types: Sequence[RecordType]) -> list[str]:
    return [f"{rt.table_name}.{column.name}" for rt in record_types for column in rt.table.columns]


def _grant(
    connection: Connection,
    workspace: Workspace,
    journal: str,
    blueprint: Blueprint,
) -> None:
    record_types = blueprint.record_types
    histories = [rt.table_name for rt in record_types if rt.is_history]
    told = [rt.table_name for rt in record_types if not rt.is_history]
    names = [*told, *blueprint.tables, *(rt.table_name for rt in record_types if rt.told_where)]
    columns: dict[str, list[str]] = {name: [] for name in names}
    for table, column in connection.execute(
        "select table_name, column_name from information_schema.columns "
        "where table_schema = %s and table_name = any(%s) order by table_name, ordinal_position",
        (workspace.schema, names),
    ):
        columns[table].append(column)
    roles.grant_workspace(
        connection,
        schema=workspace.schema,
        role=workspace.role,
        journal=journal,
        tables=dict(columns),
        insert_only=blueprint.insert_only,
        histories=histories,
        kept={table: names for rt in record_types for table, names in rt.keeps.items()},
    )


def _exists(connection: Connection, name: str) -> bool:
    row = connection.execute("select to_regclass(%s) is not null", (name,)).fetchone()
    return bool(row and row[0])
