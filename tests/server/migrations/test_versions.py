"""The older PostgreSQL releases that are promised: installed, written, read, walled off."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import errors as pg

from cerebro_server import registry
from cerebro_server.embedded import throwaway
from cerebro_server.embedded.errors import EmbeddedError
from cerebro_server.kernel.db import urls
from tests.fixtures.server import serving
from tests.fixtures.stores import Installation, make_database, settings
from tests.server.migrations.test_steps import still_works

FILE = "name,domain,employees\nImported,imported.example,7\nÉcole,,x\nStraße,strasse.example,\n"


@pytest.fixture(scope="module", params=[14, 15, 16, 17])
def older(request: pytest.FixtureRequest) -> Iterator[Installation]:
    """An installation on an older PostgreSQL, of our wheel or of the system."""
    stores = throwaway(redis=False, major=request.param)
    try:
        running = stores.__enter__()
    except EmbeddedError:
        pytest.skip(f"needs PostgreSQL {request.param}")
    try:
        url = make_database(running.database_url)
        with psycopg.connect(url) as connection:
            assert connection.info.server_version // 10000 == request.param
        report = registry.install(settings(url))
        assert report.api_key
        assert report.warnings == []
        yield Installation(url, report.api_key)
    finally:
        stores.__exit__(None, None, None)


async def test_serves_the_api(older: Installation) -> None:
    async with serving(older) as client:
        company = (await client.post("/v1/companies", json={"name": "ÄCME GmbH"})).json()
        found = await client.get("/v1/companies", params={"where": "name = 'äcme gmbh'"})
        assert [item["id"] for item in found.json()["items"]] == [company["id"]]
        headers = {"content-type": "text/csv"}
        reply = await client.post("/v1/companies/import", content=FILE.encode(), headers=headers)
        assert reply.status_code == 200
        assert (reply.json()["created"], len(reply.json()["errors"])) == (2, 1)
        page = await client.get("/v1/companies", params={"sort": "name", "limit": 2})
        assert [item["name"] for item in page.json()["items"]] == ["Imported", "Straße"]
        params = {"sort": "name", "limit": 2, "cursor": page.json()["next_cursor"]}
        page = await client.get("/v1/companies", params=params)
        assert [item["name"] for item in page.json()["items"]] == ["ÄCME GmbH"]
        reply = await client.patch("/v1/companies/imported.example", json={"employees": 8})
        assert reply.json()["version"] == 2
        record = "companies/imported.example"
        changes = (await client.get("/v1/changes", params={"record": record})).json()["items"]
        assert [change["action"] for change in changes] == ["updated", "created"]
        exported = await client.get("/v1/companies/export", params={"columns": "name,employees"})
        assert sorted(exported.text.split()) == sorted(
            ["name,employees", "Imported,8", "Straße,", "ÄCME", "GmbH,"]
        )
    await still_works(older)


def test_keeps_its_walls(older: Installation) -> None:
    with psycopg.connect(urls.app_url(older.settings)) as app:
        for statement in (
            "select * from ws_main.companies",
            "select * from public.workspaces",
            "create table public.mine ()",
            "create schema mine",
        ):
            with pytest.raises(pg.InsufficientPrivilege), app.transaction():
                app.execute(statement)
        role = app.info.user.replace("_app", "_main")
        app.execute("select set_config('role', %s, true)", (role,))
        with pytest.raises(psycopg.Error) as error, app.transaction():
            app.execute("insert into ws_main.companies (id, name) values (gen_random_uuid(), 'x')")
        assert error.value.sqlstate == "CB001"
        with pytest.raises(pg.InsufficientPrivilege):
            app.execute("delete from ws_main.changes")


def test_a_second_installation_does_nothing(older: Installation) -> None:
    assert registry.install(older.settings).applied == []
