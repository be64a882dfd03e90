"""Every migration up, down and up again, on a database with data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

import cerebro_server.migrations
from cerebro_server import registry
from cerebro_server.kernel.db import migrate
from tests.fixtures.samples import made
from tests.fixtures.server import serving
from tests.fixtures.stores import Installation
from tests.server.migrations.conftest import catalog, rows

FOLDER = Path(cerebro_server.migrations.__path__[0])
COMPANY = {
    "name": "Acme",
    "domain": "acme.example",
    "external_ids": {"crm": "1"},
    "phone": "+49 30 1234567",
    "street": "1 Main St",
    "city": "Rome",
}


def revisions(kind: str) -> list[str]:
    names = sorted(path.name for path in (FOLDER / kind / "versions").glob("[0-9]*.py"))
    return [name.partition("_")[0] for name in names]


async def fill(installation: Installation) -> None:
    """Write through the API, so that every table has rows."""
    async with serving(installation) as client:
        for number in range(3):
            body = {**COMPANY, "domain": f"{number}.example", "external_ids": {"crm": str(number)}}
            headers = {"Idempotency-Key": f'"{number}"'}
            asked = {"params": {"allow_duplicates": "true"}, "headers": headers}
            assert (await client.post("/v1/companies", json=body, **asked)).is_success
        assert (await client.patch("/v1/companies/0.example", json={"employees": 3})).is_success
        assert (await client.delete("/v1/companies/1.example")).is_success


async def test_of_a_workspace(installation: Installation) -> None:
    url = installation.url
    await fill(installation)
    whole, steps = catalog(url, "ws_main"), revisions("workspace")
    migrate.downgrade(url, "workspace", "ws_main", "base")
    seen = {}
    for revision in steps[:-1]:
        migrate.upgrade(url, "workspace", "ws_main", revision)
        seen[revision] = catalog(url, "ws_main")
    migrate.upgrade(url, "workspace", "ws_main")
    assert catalog(url, "ws_main") == whole
    for revision in reversed(steps[:-1]):
        migrate.downgrade(url, "workspace", "ws_main", revision)
        assert catalog(url, "ws_main") == seen[revision], f"down to {revision}"
    migrate.upgrade(url, "workspace", "ws_main")
    assert catalog(url, "ws_main") == whole


# columns that no newer migration brings or changes: those of others go down with them
KEPT = (
    "select id, version, name, employees, external_ids, created_at, updated_at, deleted_at "
    "from companies order by id"
)


async def test_the_last_one_keeps_the_data_and_gets_its_triggers_back(
    installation: Installation,
) -> None:
    url = installation.url
    await fill(installation)
    before = rows(url, KEPT)
    journal = rows(url, "select * from changes order by seq")
    last = revisions("workspace")[-2]
    migrate.downgrade(url, "workspace", "ws_main", last)
    rows(url, f"update public.workspaces set revision = '{last}'")
    assert registry.current(installation.settings)["ws_main"] == last
    assert rows(url, KEPT) == before
    report = registry.install(installation.settings)
    assert (report.created, report.api_key, len(report.applied)) == (False, None, 1)
    assert rows(url, KEPT) == before
    after = rows(url, "select * from changes order by seq")
    assert after[: len(journal)] == journal
    # what a migration writes besides is journaled as its own
    more = rows(url, f"select actor, action from changes order by seq offset {len(journal)}")
    assert set(more) <= {("system", "created")}
    await still_works(installation)


async def still_works(installation: Installation) -> None:
    """Hold every record type to its triggers, and the API to its grants."""
    tables = {rt.table_name for rt in registry.record_types() if rt.is_journaled}
    found = rows(
        installation.url,
        "select tgrelid::regclass::text, count(*) from pg_trigger where not tgisinternal "
        "and tgenabled = 'O' and tgname ~ '^_journal_' group by 1",
    )
    assert dict(found) == dict.fromkeys(tables, 3)
    async with serving(installation) as client:
        for record_type in [rt for rt in registry.record_types() if "create" in rt.noun.verbs]:
            path = f"{record_type.name}/{await made(client, record_type)}"
            items = (await client.get("/v1/changes", params={"record": path})).json()["items"]
            assert [item["action"] for item in items] == ["created"]


@pytest.fixture
def registered(installation: Installation) -> Iterator[psycopg.Connection]:
    with psycopg.connect(installation.url, autocommit=True) as connection:
        yield connection


def test_of_the_installation(installation: Installation, registered: psycopg.Connection) -> None:
    url, whole = installation.url, catalog(installation.url, "public")
    steps = revisions("control")
    for target in (*reversed(steps[:-1]), "base"):
        migrate.downgrade(url, "control", "public", target)
    assert registered.execute("select to_regclass('public.workspaces')").fetchone() == (None,)
    migrate.upgrade(url, "control", "public")
    assert catalog(url, "public") == whole
