"""An owner that is no superuser, one that may not create roles, and a new secret key."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import errors as pg
from pydantic import SecretStr

from cerebro_server import registry
from cerebro_server.embedded import throwaway
from cerebro_server.kernel.db import urls
from tests.fixtures.server import serving
from tests.fixtures.stores import Installation, drop_database, make_database, on_database, settings
from tests.server.migrations.conftest import rows
from tests.server.migrations.test_steps import still_works


@pytest.fixture
def owned(postgres: str) -> Iterator[Callable[[str], str]]:
    """Make a database for a new login with some attributes; return its URL."""
    made: list[tuple[str, str]] = []

    def make(attributes: str) -> str:
        role, url = f"owner_{secrets.token_hex(4)}", make_database(postgres)
        made.append((role, url))
        name = url.partition("?")[0].rpartition("/")[2]
        with psycopg.connect(postgres, autocommit=True) as connection:
            connection.execute(f"create role {role} login password 'owner' {attributes}")
            connection.execute(f"alter database {name} owner to {role}")
        return urls.with_login(url, role, "owner")

    yield make
    for role, url in made:
        known = rows(url, "select rolname from pg_roles where rolname ~ '^cerebro_'") and rows(
            url, "select 'cerebro_' || id || '_%' from installation"
        )
        drop_database(on_database(postgres, url.partition("?")[0].rpartition("/")[2]))
        with psycopg.connect(postgres, autocommit=True) as connection:
            for (pattern,) in known:
                for (other,) in connection.execute(
                    "select rolname from pg_roles where rolname like %s", (pattern,)
                ).fetchall():
                    connection.execute(f"drop role {other}")
            connection.execute(f"drop role {role}")


def key_of(url: str) -> str:
    report = registry.install(settings(url))
    assert report.api_key
    return report.api_key


async def test_createrole_is_enough_for_everything(owned: Callable[[str], str]) -> None:
    url = owned("createrole createdb")
    report = registry.install(settings(url))
    assert report.api_key
    assert report.warnings == []
    assert rows(url, "select has_roles from installation") == [(True,)]
    assert "_app" in urls.app_url(settings(url))
    await still_works(Installation(url, report.api_key))
    with (
        psycopg.connect(urls.app_url(settings(url))) as app,
        pytest.raises(pg.InsufficientPrivilege),
    ):
        app.execute("select * from ws_main.companies")
    assert registry.install(settings(url)).applied == []


async def test_without_createrole_it_warns_and_works(owned: Callable[[str], str]) -> None:
    url = owned("createdb")
    report = registry.install(settings(url))
    assert report.api_key
    [warning] = report.warnings
    assert "CREATEROLE" in warning
    assert rows(url, "select has_roles from installation") == [(False,)]
    assert urls.app_url(settings(url)) == url
    await still_works(Installation(url, report.api_key))
    again = registry.install(settings(url))
    assert (again.applied, again.warnings) == ([], [warning])


class TestSecretKey:
    @pytest.fixture
    def strict(self) -> Iterator[str]:
        """A cluster that asks application logins for their password."""
        with throwaway(redis=False) as stores:
            with psycopg.connect(stores.database_url, autocommit=True) as connection:
                [(file,)] = connection.execute("show hba_file").fetchall()
                rule = 'local all "/^cerebro_[0-9a-f]+_app$" scram-sha-256\n'
                Path(file).write_text(rule + Path(file).read_text())
                connection.execute("select pg_reload_conf()")
            yield make_database(stores.database_url)

    async def test_a_new_one_renews_the_password_of_the_login(self, strict: str) -> None:
        key = key_of(strict)
        old = settings(strict)
        new = settings(strict, secret_key=SecretStr(secrets.token_hex(32)))
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(urls.app_url(new))
        registry.install(new)
        psycopg.connect(urls.app_url(new)).close()
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(urls.app_url(old))
        server = serving(
            Installation(strict, key), secret_key=new.secret_key, database_app_url=None
        )
        async with server as client:
            assert (await client.get("/v1/companies")).status_code == 200
