"""What a key may do: its scopes, its end, and the columns that no key reaches."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest
from pydantic import ValidationError

from cerebro_server import registry
from cerebro_server.kernel.config import Settings
from cerebro_server.kernel.fields import RecordType
from cerebro_server.kernel.ids import uuid7
from tests.fixtures.people import People, bearer
from tests.fixtures.samples import joined, ladder, sample
from tests.fixtures.server import serving
from tests.fixtures.stores import Installation

# the nouns that have every operation, and stand alone; what the others may is in tests/proof
TYPES = {rt.name: rt for rt in registry.record_types() if rt.is_bulk and not joined(rt)}
VERBS = ("list", "get", "create", "update", "delete", "restore", "import", "export")
OPERATIONS = [*(f"{noun}.{verb}" for noun in TYPES for verb in VERBS), "changes.list"]
TABLES = ["changes", "record_keys", *(rt.table_name for rt in TYPES.values())]


def permission(operation: str) -> str:
    noun, _, verb = operation.partition(".")
    return f"{noun}:{'read' if verb in ('list', 'get') else verb}"


def changed(record_type: RecordType) -> dict[str, Any]:
    """Return a sample of those fields that may change once the record is there."""
    assert record_type.update is not None
    return {k: v for k, v in sample(record_type).items() if k in record_type.update.model_fields}


async def call(client: httpx.AsyncClient, operation: str, record: str) -> httpx.Response:
    noun, _, verb = operation.partition(".")
    url, text = f"/v1/{noun}", {"content-type": "text/csv"}
    one = f"{url}/{record}"
    match verb:
        case "list":
            return await client.get(url)
        case "get":
            return await client.get(one, params={"deleted": "include"})
        case "create":
            return await client.post(url, json=sample(TYPES[noun]))
        case "update":
            return await client.patch(one, json=changed(TYPES[noun]))
        case "delete":
            return await client.delete(one)
        case "restore":
            return await client.post(f"{one}/restore")
        case "import":
            row = sample(TYPES[noun])
            file = f"{','.join(row)}\n{','.join(row.values())}\n"
            return await client.post(f"{url}/import", content=file, headers=text)
    return await client.get(f"{url}/export")


class Workspace:
    """Workspace `main`, as the database's owner sees it."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        connection.execute("set search_path = ws_main; set cerebro.actor = 'system'")

    def key(self, *scopes: str) -> str:
        """Give the owner a key with these scopes; return its text."""
        return People(self.connection).key(*scopes)

    def record(self, record_type: RecordType) -> str:
        record_id = uuid7()
        values = sample(record_type) | ladder(self.connection, record_type.name)
        if values.get("user_id") == "me":  # which the rules would find out
            values |= {"user_id": uuid7(), "currency": "EUR"}
        names = ", ".join(values)
        marks = ", ".join(["%s"] * len(values))
        self.connection.execute(
            f"insert into {record_type.table_name} (id, {names}) values (%s, {marks})",
            (record_id, *values.values()),
        )
        return str(record_id)

    def sums(self) -> list[Any]:
        """Return a checksum of each table."""
        every = " union all ".join(
            f"select '{table}', md5(string_agg(t::text, '' order by t::text)) from {table} t"
            for table in TABLES
        )
        return self.connection.execute(every).fetchall()


@pytest.fixture(scope="module")
def workspace(shared: Installation) -> Iterator[Workspace]:
    with psycopg.connect(shared.url, autocommit=True) as connection:
        yield Workspace(connection)


class TestScopes:
    async def test_every_operation_needs_its_own_permission(
        self, workspace: Workspace, reader: httpx.AsyncClient
    ) -> None:
        needed = {permission(operation) for operation in OPERATIONS}
        records = {noun: workspace.record(rt) for noun, rt in TYPES.items()}
        for operation in OPERATIONS:
            wanted = permission(operation)
            reader.headers["authorization"] = f"Bearer {workspace.key(*(needed - {wanted}))}"
            before = workspace.sums()
            reply = await call(reader, operation, records.get(operation.partition(".")[0], ""))
            problem = reply.json()
            assert (reply.status_code, problem["code"]) == (403, "forbidden"), operation
            assert problem["permission"] == wanted
            assert wanted in problem["detail"]
            assert workspace.sums() == before, f"{operation} was refused and wrote"

    async def test_that_permission_alone_is_enough(
        self, workspace: Workspace, reader: httpx.AsyncClient
    ) -> None:
        for operation in OPERATIONS:
            noun = operation.partition(".")[0]
            record = workspace.record(TYPES[noun]) if noun in TYPES else ""
            own = [permission(operation)]
            if operation.endswith(".import"):
                own += [f"{noun}:create", f"{noun}:update"]  # what its rows may turn out to be
            if noun in TYPES:
                own.append(f"{noun}:read")  # what may not be seen is not there
            for scopes in (own, [f"{noun}:*"], ["*"]):
                reader.headers["authorization"] = f"Bearer {workspace.key(*scopes)}"
                reply = await call(reader, operation, record)
                assert reply.status_code in (200, 201, 404), (operation, scopes, reply.text)
                assert reply.status_code != 404 or operation.endswith(".delete")

    async def test_refusal_comes_before_any_other_answer(
        self, workspace: Workspace, reader: httpx.AsyncClient
    ) -> None:
        reader.headers["authorization"] = f"Bearer {workspace.key()}"
        for operation in OPERATIONS:
            reply = await call(reader, operation, "of-nobody.example")
            assert reply.status_code == 403, operation

    async def test_the_journal_shows_nouns_that_the_key_may_read(
        self, workspace: Workspace, reader: httpx.AsyncClient
    ) -> None:
        workspace.record(TYPES["companies"])
        for scopes, expected in ((["changes:read"], 0), (["changes:read", "companies:read"], 1)):
            reader.headers["authorization"] = f"Bearer {workspace.key(*scopes)}"
            reply = await reader.get("/v1/changes?limit=1&record_type=companies")
            items = reply.json()["items"]
            assert len(items) == expected

    async def test_the_journal_does_not_tell_who_exists(
        self, workspace: Workspace, reader: httpx.AsyncClient
    ) -> None:
        known = workspace.record(TYPES["companies"])
        reader.headers["authorization"] = f"Bearer {workspace.key('changes:read')}"
        for reference in (known, "of-nobody.example"):
            reply = await reader.get("/v1/changes", params={"record": f"companies/{reference}"})
            assert reply.status_code == 403

    @pytest.mark.parametrize("scope", ["companies", "companies:", ":read", "", "**", "companies.*"])
    async def test_a_scope_that_means_nothing_gives_nothing(
        self, workspace: Workspace, reader: httpx.AsyncClient, scope: str
    ) -> None:
        reader.headers["authorization"] = f"Bearer {workspace.key(scope)}"
        assert (await reader.get("/v1/companies")).status_code == 403


class TestTheEndOfAKey:
    @pytest.mark.parametrize(
        "end",
        [
            "update keys set revoked_at = now() where lookup = %s",
            "update users set disabled_at = now() where id = "
            "(select user_id from keys where lookup = %s)",
            "delete from keys where lookup = %s",
        ],
    )
    async def test_bites_as_soon_as_it_is_no_longer_remembered(
        self, installation: Installation, end: str
    ) -> None:
        with psycopg.connect(installation.url, autocommit=True) as connection:
            workspace = Workspace(connection)
            key = workspace.key("*")
            async with (
                serving(installation, key_cache_seconds=0.0) as forgetful,
                serving(installation, key_cache_seconds=0.2) as remembering,
            ):
                for client in (forgetful, remembering):
                    reply = await client.get("/v1/companies", headers=bearer(key))
                    assert reply.status_code == 200
                connection.execute(end, (key.split("_")[2],))
                reply = await forgetful.get("/v1/companies", headers=bearer(key))
                assert (reply.status_code, reply.json()["code"]) == (401, "not_authenticated")
                await asyncio.sleep(0.25)
                reply = await remembering.get("/v1/companies", headers=bearer(key))
                assert reply.status_code == 401

    def test_cannot_be_put_off_by_more_than_a_second(self) -> None:
        with pytest.raises(ValidationError):
            Settings(key_cache_seconds=1.5)
        assert Settings.model_fields["key_cache_seconds"].default <= 1.0


class TestMassAssignment:
    @pytest.mark.parametrize("noun", TYPES)
    async def test_reaches_no_column_that_is_not_writable(
        self, workspace: Workspace, reader: httpx.AsyncClient, noun: str
    ) -> None:
        record_type = TYPES[noun]
        record = workspace.record(record_type)
        url = f"/v1/{noun}/{record}"
        before = (await reader.get(url)).json()
        rows = workspace.connection.execute(
            "select column_name from information_schema.columns "
            "where table_schema = 'ws_main' and table_name = %s",
            (record_type.table_name,),
        ).fetchall()
        closed = {name for (name,) in rows} - set(record_type.writable)
        assert closed >= {"id", "created_at", "updated_at", "deleted_at", "version"}
        for column in (*closed, "tenant_id", "role", "__class__", "ctid", "xmin"):
            for method, address in (("POST", f"/v1/{noun}"), ("PATCH", url)):
                fields = (sample if method == "POST" else changed)(record_type)
                body = {**fields, column: before.get(column, 1)}
                reply = await reader.request(method, address, json=body)
                assert reply.status_code == 422, (method, column)
                [error] = reply.json()["errors"]
                assert (error["pointer"], error["code"]) == (f"/{column}", "extra_forbidden")
        assert (await reader.get(url)).json() == before

    async def test_reaches_no_column_through_a_file(
        self, workspace: Workspace, reader: httpx.AsyncClient
    ) -> None:
        file = "name,id,version,created_at,deleted_at\nForged,01a202cd-76fb-7e0e-8575-dd843ea38113,"
        file += "77,2001-01-01T00:00:00Z,2001-01-01T00:00:00Z\n"
        headers = {"content-type": "text/csv"}
        await reader.post("/v1/companies/import", content=file, headers=headers)
        rows = workspace.connection.execute(
            "select id::text, version, extract(year from created_at), deleted_at from companies "
            "where name = 'Forged'"
        ).fetchall()
        for record_id, version, year, deleted_at in rows:
            assert not record_id.endswith("dd843ea38113")
            assert (version, deleted_at) == (1, None)
            assert year > 2001
