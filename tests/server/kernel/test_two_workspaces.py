"""Two workspaces on one database: who may what, as a closed list, and what PostgreSQL refuses."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import errors as pg

from cerebro_server import registry
from tests.fixtures.server import serving
from tests.fixtures.stores import Installation
from tests.server.kernel.conftest import Application, application, changes

URL = "/v1/companies"
COMPANY = "insert into companies (id, name) values (gen_random_uuid(), 'Acme')"
RECORDS = (
    *("users", "teams", "roles", "keys", "sessions"),
    *("fields", "companies", "contacts", "positions"),
    *("pipelines", "stages", "lost_reasons", "deals", "deal_contacts"),
    *("lead_statuses", "lead_forms", "leads"),
    *("exchange_rates", "recurring_plans"),
    *("territories", "assignment_rules", "assignment_members", "quotas"),
    *("tasks", "activities", "attendees", "notes", "follows"),
    "files",
    *("products", "price_books", "prices", "deal_lines", "quotes", "quote_lines"),
    "earlier_changes",
)
JOBS = ("jobs", "relay_cursor", "schedules")
OPERATIONS = (
    *("operations", "operation_rows", "operation_writes"),
    *("uploads", "upload_pieces", "import_mappings"),
)
EXPORTS = ("exports", "export_pieces")
DUPLICATES = ("duplicate_pairs", "duplicate_rules")
SALES = ("lead_mapping", "quote_links")
BYTES = ("blobs", "blob_pieces", "blob_senders")
OTHERS = (
    *("passwords", "one_time_tokens", "idempotency_keys"),
    *(*JOBS, *OPERATIONS, *EXPORTS, *DUPLICATES, *SALES, *BYTES),
)
READ_WRITE = "DELETE INSERT SELECT"  # and UPDATE by column
OF_A_WORKSPACE = {
    **dict.fromkeys((*RECORDS, *OTHERS), READ_WRITE),
    "deal_stages": "INSERT SELECT",  # and UPDATE by column, of what was imported
    "changes": "SELECT",
    "record_keys": "SELECT",
    "outgoing_mail": "INSERT",
}
OF_THE_JOURNAL = {
    "changes": "INSERT SELECT",
    "deal_stages": "INSERT SELECT UPDATE",
    "changes_seq": "USAGE",
    "deals": "SELECT",
    "deals_number_seq": "SELECT UPDATE USAGE",
    "quotes_number_seq": "SELECT UPDATE USAGE",
    "record_keys": "DELETE INSERT SELECT",
}
OURS = "(select oid from pg_namespace where nspname ~ '^ws_' or nspname = 'public')"
GRANTEE = "case a.grantee when 0 then 'public' else a.grantee::regrole::text end"


@pytest.fixture
def second(installation: Installation) -> str:
    """The key of the owner of a second workspace."""
    return registry.create_workspace(
        installation.settings, "second", email="ada@second.example", name="Ada"
    )


@pytest.fixture(scope="module")
def both(shared: Installation) -> Installation:
    """Two workspaces, for what only reads, or is refused."""
    shared.add_workspace("second")
    return shared


@pytest.fixture
def app(both: Installation) -> Iterator[Application]:
    yield from application(both)


@pytest.fixture
def owner(both: Installation) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(both.url) as connection:
        yield connection


class TestGrants:
    """Every right that anybody but the owner has in our schemas."""

    def test_on_tables(self, app: Application, owner: psycopg.Connection[Any]) -> None:
        found = owner.execute(
            f"select c.relnamespace::regnamespace::text, c.relname, {GRANTEE}, "
            "string_agg(a.privilege_type, ' ' order by a.privilege_type) "
            "from pg_class c, aclexplode(c.relacl) a "
            f"where c.relnamespace in {OURS} and a.grantee <> c.relowner group by 1, 2, 3"
        ).fetchall()
        expected: dict[tuple[str, str, str], str] = {
            ("public", "installation", app.role("control")): "SELECT",
            ("public", "workspaces", app.role("control")): "SELECT",
            ("public", "logins", app.role("control")): "SELECT",
            ("public", "logins", app.journal): "DELETE INSERT SELECT",
            ("public", "sign_in_failures", app.role("control")): "DELETE INSERT SELECT",
            ("public", "workers", app.role("control")): "DELETE INSERT SELECT UPDATE",
            ("public", "due", app.role("control")): "DELETE INSERT SELECT UPDATE",
        }
        for slug in ("main", "second"):
            for role, rights in (
                (app.role(slug), OF_A_WORKSPACE),
                (app.journal, OF_THE_JOURNAL),
            ):
                expected |= {(f"ws_{slug}", table, role): right for table, right in rights.items()}
        assert {(s, t, r): rights for s, t, r, rights in found} == expected

    def test_on_columns(self, app: Application, owner: psycopg.Connection[Any]) -> None:
        found = owner.execute(
            "select c.relnamespace::regnamespace::text, c.relname, t.attname, "
            f"{GRANTEE}, a.privilege_type from pg_attribute t "
            "join pg_class c on c.oid = t.attrelid, "
            f"aclexplode(t.attacl) a where c.relnamespace in {OURS}"
        ).fetchall()
        columns = owner.execute(
            "select table_schema, table_name, column_name from information_schema.columns "
            "where table_schema ~ '^ws_' and table_name = any(%s) and column_name <> 'id'",
            ([*RECORDS, *OTHERS, "deal_stages"],),
        ).fetchall()
        assert set(found) == {
            (schema, table, column, app.role(schema.removeprefix("ws_")), "UPDATE")
            for schema, table, column in columns
        } | {
            (schema, "deals", column, app.journal, "UPDATE")
            for schema in ("ws_main", "ws_second")
            for column in ("last_stage_change_at", "opened_at", "last_open_stage_id")
        }

    def test_on_schemas(self, app: Application, owner: psycopg.Connection[Any]) -> None:
        found = owner.execute(
            f"select n.nspname, {GRANTEE}, a.privilege_type from pg_namespace n, "
            f"aclexplode(n.nspacl) a where n.oid in {OURS} and a.grantee <> n.nspowner"
        ).fetchall()
        usage = {("public", role) for role in ("public", app.role("control"), app.journal)} | {
            (f"ws_{slug}", role)
            for slug in ("main", "second")
            for role in (app.role(slug), app.journal)
        }
        assert set(found) == {(*pair, "USAGE") for pair in usage}

    def test_on_functions_that_run_with_the_rights_of_others(
        self,
        app: Application,
        owner: psycopg.Connection[Any],
    ) -> None:
        found = owner.execute(
            "select p.pronamespace::regnamespace::text, p.proowner::regrole::text, "
            "p.proacl is not null and not exists (select from aclexplode(p.proacl) a "
            "where a.grantee <> p.proowner), p.proconfig::text "
            f"from pg_proc p where p.pronamespace in {OURS} and p.prosecdef"
        ).fetchall()
        assert {schema for schema, *_ in found} == {"ws_main", "ws_second"}
        for schema, role, is_closed, config in found:
            assert role == app.journal
            assert is_closed, "nobody calls it but its trigger"
            assert f"{schema}, pg_temp" in config

    def test_of_roles_over_each_other(
        self, app: Application, owner: psycopg.Connection[Any]
    ) -> None:
        found = owner.execute(
            "select m.member::regrole::text, m.roleid::regrole::text from pg_auth_members m "
            "join pg_roles r on r.oid = m.roleid where r.rolname like %s "
            "and m.member::regrole::text like %s",
            (app.role("%"), app.role("%")),
        ).fetchall()
        # roles belong to the cluster: those of other tests' workspaces may still be there
        of_this = {"control", "main", "second", "journal", "app"}
        login = app.role("app")
        pairs = {(m, r) for m, r in found if r.rsplit("_", 1)[1] in of_this}
        assert pairs == {(login, app.role(kind)) for kind in ("control", "main", "second")}
        flags = owner.execute(
            "select rolname from pg_roles where rolname like %s and (rolsuper or rolcreaterole "
            "or rolcreatedb or rolbypassrls or rolreplication or (rolcanlogin and rolinherit))",
            (app.role("%"),),
        ).fetchall()
        assert flags == []

    def test_nothing_is_owned_but_the_functions(
        self,
        app: Application,
        owner: psycopg.Connection[Any],
    ) -> None:
        found = owner.execute(
            "select distinct classid::regclass::text, refobjid::regrole::text from pg_shdepend "
            "where deptype = 'o' and refclassid = 'pg_authid'::regclass and dbid = "
            "(select oid from pg_database where datname = current_database()) "
            "and refobjid::regrole::text like %s",
            (app.role("%"),),
        ).fetchall()
        assert found == [("pg_proc", app.journal)]


class TestTheOther:
    """What is refused changes nothing, so all of it is tried on one database."""

    @pytest.mark.parametrize("table", [*RECORDS, *OTHERS, "changes", "record_keys", "deal_stages"])
    @pytest.mark.parametrize(
        "statement",
        [
            "select 1 from ws_second.{table}",
            "delete from ws_second.{table}",
            "insert into ws_second.{table} select * from {table}",
            "select * from {table} union all select * from ws_second.{table}",
            "copy ws_second.{table} to stdout",
        ],
    )
    def test_is_not_reached_by_naming_it(
        self,
        app: Application,
        statement: str,
        table: str,
    ) -> None:
        app.enter()
        with pytest.raises(pg.InsufficientPrivilege):
            app.connection.execute(statement.format(table=table))

    @pytest.mark.parametrize(
        "statement",
        [
            "select ws_second.fold('x')",
            "update ws_second.users set roles = '{{owner}}'",
            "create table ws_second.mine ()",
            "create view mine as select * from ws_second.users",
            "create temporary view mine as select * from ws_second.users",
            "alter table ws_second.companies set schema ws_main",
            "select nextval('ws_second.changes_seq')",
            "select email from public.logins",
            "select slug from public.workspaces",
            "create temporary table mine (like ws_second.companies)",
            "lock table ws_second.companies",
            "truncate ws_second.companies",
            "create trigger mine after insert on companies "
            "execute function ws_second._logins_of_users()",
        ],
    )
    def test_is_not_reached_by_other_means(self, app: Application, statement: str) -> None:
        app.enter()
        with pytest.raises(pg.InsufficientPrivilege):
            app.connection.execute(statement)

    @pytest.mark.parametrize(("schema", "role"), [("ws_second", "main"), ("ws_main", "second")])
    def test_is_not_reached_with_the_wrong_role(
        self,
        app: Application,
        schema: str,
        role: str,
    ) -> None:
        app.enter(schema=schema, role=role)
        for statement in ("select * from companies", COMPANY, "select * from users"):
            # a schema without the right to use it is not searched
            with pytest.raises(pg.UndefinedTable), app.connection.transaction():
                app.connection.execute(statement)

    @pytest.mark.parametrize("schema", ["ws_main", "ws_second", "public"])
    def test_is_not_reached_without_a_context(self, app: Application, schema: str) -> None:
        app.connection.execute("select set_config('search_path', %s, true)", (schema,))
        table = "workspaces" if schema == "public" else "companies"
        with pytest.raises((pg.UndefinedTable, pg.InsufficientPrivilege)):
            app.connection.execute(f"select * from {table}")

    def test_is_not_reached_by_a_temporary_table_of_the_other_context(
        self,
        app: Application,
        both: Installation,
    ) -> None:
        app.enter(schema="ws_second", role="second")
        for table in ("changes", "companies"):
            app.connection.execute(f"create temporary table {table} (like ws_second.{table})")
            app.connection.execute(f"grant all on pg_temp.{table} to public")
        app.connection.commit()
        app.enter()
        app.connection.execute(COMPANY)
        app.connection.commit()
        assert changes(both)[-1][0] == "created"
        for table in ("changes", "companies"):
            row = app.connection.execute(f"select count(*) from pg_temp.{table}").fetchone()
            assert row == (0,)
            app.connection.rollback()


class TestOneConnection:
    """Item 6: A, then B, then A, all on the only connection of the pool."""

    async def test_never_shows_one_workspace_the_other(
        self, installation: Installation, second: str
    ) -> None:
        theirs = {"Authorization": f"Bearer {second}"}
        async with serving(installation, pool_size=1) as client:
            for number in range(8):  # more than it takes until statements are prepared
                ours = await client.post(URL, json={"name": f"Main {number}"})
                other = await client.post(URL, json={"name": f"Second {number}"}, headers=theirs)
                assert (ours.status_code, other.status_code) == (201, 201)
                for reply, word in (
                    (await client.get(URL), "Main"),
                    (await client.get(URL, headers=theirs), "Second"),
                ):
                    names = [item["name"] for item in reply.json()["items"]]
                    assert len(names) == number + 1
                    assert all(name.startswith(word) for name in names)
                foreign = f"{URL}/{ours.json()['id']}"
                for method in ("GET", "PATCH", "DELETE"):
                    body = {"name": "Stolen"} if method == "PATCH" else None
                    reply = await client.request(method, foreign, json=body, headers=theirs)
                    assert reply.status_code == 404
            for headers, word in (({}, "Second"), (theirs, "Main")):
                changes_seen = (await client.get("/v1/changes?limit=500", headers=headers)).text
                assert word not in changes_seen

    async def test_keeps_them_apart_when_requests_fail_in_between(
        self, installation: Installation, second: str
    ) -> None:
        theirs = {"Authorization": f"Bearer {second}"}
        async with serving(installation, pool_size=1) as client:
            await client.post(URL, json={"name": "Main", "domain": "main.example"})
            for _ in range(4):
                taken = await client.post(URL, json={"name": "x", "domain": "main.example"})
                assert taken.status_code == 409
                reply = await client.get(URL, headers=theirs)
                assert (reply.status_code, reply.json()["items"]) == (200, [])
                gone = await client.post(
                    URL,
                    content=b'{"name": "\\u0000"}',
                    headers={"content-type": "application/json"},
                )
                assert gone.status_code == 422
                assert (await client.get(URL, headers=theirs)).json()["items"] == []

    async def test_keeps_them_apart_when_all_come_at_once(
        self, installation: Installation, second: str
    ) -> None:
        theirs = {"Authorization": f"Bearer {second}"}
        async with serving(installation, pool_size=2) as client:
            await client.post(URL, json={"name": "Main"})
            await client.post(URL, json={"name": "Second"}, headers=theirs)
            replies = await asyncio.gather(
                *(client.get(URL, headers=theirs if n % 2 else {}) for n in range(60))
            )
        for number, reply in enumerate(replies):
            [item] = reply.json()["items"]
            assert item["name"] == ("Second" if number % 2 else "Main")

    async def test_same_idempotency_key_in_both_makes_one_each(
        self, installation: Installation, second: str
    ) -> None:
        theirs = {"Authorization": f"Bearer {second}"}
        key = {"Idempotency-Key": '"same"'}
        async with serving(installation, pool_size=1) as client:
            for _ in range(2):
                ours = await client.post(URL, json={"name": "Main"}, headers=key)
                other = await client.post(URL, json={"name": "Second"}, headers=key | theirs)
                assert (ours.json()["name"], other.json()["name"]) == ("Main", "Second")
            for headers in ({}, theirs):
                assert len((await client.get(URL, headers=headers)).json()["items"]) == 1
