"""The application's own login, past the application."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from cerebro_server.kernel.db import urls
from tests.fixtures.stores import Installation, settings

OPEN = (
    "select set_config('search_path', %s || ', pg_temp', true), "
    "set_config('role', %s, true), set_config('cerebro.actor', %s, true)"
)


class Application:
    """The application's own login, as an attacker with free SQL would have it."""

    def __init__(self, connection: psycopg.Connection, installation: str) -> None:
        self.connection = connection
        self.installation = installation
        self.journal = self.role("journal")

    def role(self, kind: str) -> str:
        return f"cerebro_{self.installation}_{kind}"

    def enter(self, *, actor: str = "system", schema: str = "ws_main", role: str = "main") -> None:
        self.connection.execute(OPEN, (schema, self.role(role), actor))


def application(installation: Installation) -> Iterator[Application]:
    with psycopg.connect(installation.url) as owner:
        row = owner.execute("select id from public.installation").fetchone()
    assert row is not None
    url = urls.with_login(installation.url, *urls.app_login(settings(installation.url), row[0]))
    with psycopg.connect(url) as connection:
        yield Application(connection, row[0])


@pytest.fixture
def app(installation: Installation) -> Iterator[Application]:
    yield from application(installation)


def changes(installation: Installation) -> list[tuple[str, str]]:
    """Return what the journal has of companies: action and actor."""
    with psycopg.connect(installation.url) as owner:
        return owner.execute(
            "select action, actor from ws_main.changes where record_type = 'companies' order by seq"
        ).fetchall()
