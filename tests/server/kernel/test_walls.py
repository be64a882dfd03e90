"""What PostgreSQL itself refuses: the second lock behind every check of ours."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import errors as pg

from tests.fixtures.stores import Installation
from tests.server.kernel.conftest import Application, changes

COMPANY = "insert into companies (id, name) values (gen_random_uuid(), 'Acme')"


def test_the_login_by_itself_sees_nothing(app: Application) -> None:
    for statement in (
        "select name from ws_main.companies",
        "select slug from public.workspaces",
        "insert into public.workspaces values ('x', 'x', 'x', '', '')",
        "create schema mine",
        "create table public.mine ()",
    ):
        with pytest.raises(pg.InsufficientPrivilege), app.connection.transaction():
            app.connection.execute(statement)


def test_a_write_without_an_actor_is_refused(app: Application, installation: Installation) -> None:
    app.enter(actor="")
    with pytest.raises(psycopg.Error) as error:
        app.connection.execute(COMPANY)
    assert error.value.sqlstate == "CB001"
    app.connection.rollback()
    assert changes(installation) == []


@pytest.mark.parametrize(
    "statement",
    [
        "update changes set actor = 'someone else'",
        "delete from changes",
        "truncate changes",
        "insert into changes (actor, record_type, record_id, action, version, diff) "
        "values ('x', 'companies', gen_random_uuid(), 'created', 1, '{}')",
        "insert into record_keys values ('companies', 'domain', 'x', gen_random_uuid(), true)",
        "delete from record_keys",
        "truncate companies",
        "update companies set id = gen_random_uuid()",
        "alter table companies disable trigger all",
        "drop trigger _journal_insert on companies",
        "create table ws_main.mine ()",
        "set session_replication_role = replica",
        "select name from public.workspaces",
    ],
)
def test_the_workspace_role_cannot_pass_the_journal_by(app: Application, statement: str) -> None:
    app.enter()
    app.connection.execute(COMPANY)
    with pytest.raises(psycopg.Error) as error:
        app.connection.execute(statement)
    assert error.value.sqlstate in ("42501", "42P01", "42703"), error.value


def test_nobody_becomes_the_journal(app: Application) -> None:
    with pytest.raises(pg.InsufficientPrivilege):
        app.connection.execute(f"set role {app.journal}")


def test_a_temporary_table_named_changes_swallows_nothing(
    app: Application, installation: Installation
) -> None:
    for table in ("changes", "record_keys", "companies", "logins"):
        app.connection.execute(f"create temporary table {table} (id uuid, name text)")
        app.connection.execute(f"grant all on {table} to public")
    app.enter()
    app.connection.execute(COMPANY)
    app.connection.commit()
    assert changes(installation) == [("created", "system")]


def test_context_ends_with_the_transaction(app: Application) -> None:
    app.enter()
    app.connection.commit()
    with pytest.raises((pg.UndefinedTable, pg.InsufficientPrivilege)):
        app.connection.execute(COMPANY)


def test_a_set_is_journaled_as_a_set_with_one_row_each(
    app: Application, installation: Installation
) -> None:
    app.enter(actor="user:x")
    app.connection.execute(
        "insert into companies (id, name, domain) "
        "select gen_random_uuid(), 'n' || n, n || '.example' from generate_series(1, 50) n"
    )
    app.connection.execute(
        "update companies set name = 'even' "
        "where right(split_part(domain, '.', 1), 1) in ('0', '2')"
    )
    app.connection.execute("update companies set version = version + 1")
    app.connection.execute("delete from companies where domain = '7.example'")
    app.connection.commit()
    actions = [action for action, _ in changes(installation)]
    assert {a: actions.count(a) for a in set(actions)} == {
        "created": 50,
        "updated": 10,
        "destroyed": 1,
    }


def test_two_records_swap_a_key_in_one_statement(
    app: Application, installation: Installation
) -> None:
    app.enter()
    app.connection.execute(
        "insert into companies (id, name, domain) values "
        "(gen_random_uuid(), 'a', 'a.example'), (gen_random_uuid(), 'b', 'b.example')"
    )
    app.connection.execute(
        "update companies set domain = case domain when 'a.example' then 'b.example' "
        "else 'a.example' end"
    )
    app.connection.commit()
    with psycopg.connect(installation.url) as owner:
        found = owner.execute(
            "select c.name, k.value from ws_main.record_keys k "
            "join ws_main.companies c on c.id = k.record_id order by 1"
        ).fetchall()
    assert found == [("a", "b.example"), ("b", "a.example")]
