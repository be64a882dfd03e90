"""Look at a database from outside: does it answer, and is it as we need it?"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

import psycopg

from cerebro_server.kernel.config import Settings
from cerebro_server.kernel.errors import Unavailable

_PAUSE_SECONDS = 0.05
# Waiting mends neither of these.
_FINAL = ("authentication failed", "no pg_hba.conf entry", 'role "', 'database "')


@dataclass(frozen=True, slots=True)
class Examination:
    """What one look at a database found."""

    version: str
    version_number: int
    lowers_accents: bool
    """Whether `lower('É')` is `é`, without which names differing in case are different names."""
    may_create_roles: bool
    oldest_write_seconds: float
    """Age of the oldest transaction that wrote something; the journal's readers wait for it."""
    connections: int
    max_connections: int
    size_bytes: int


OLDEST_WRITE = (
    "select coalesce(max(extract(epoch from now() - xact_start)), 0)::float8 "
    "from pg_stat_activity where backend_xid is not null"
)
"""Seconds that the oldest transaction which has written is open by now; 0 where none is."""

_LOOK = f"""
select current_setting('server_version'), current_setting('server_version_num')::int,
  lower('É') = 'é',
  (select rolcreaterole or rolsuper from pg_roles where rolname = current_user),
  ({OLDEST_WRITE}),
  (select count(*)::int from pg_stat_activity where backend_type = 'client backend'),
  current_setting('max_connections')::int, pg_database_size(current_database())
"""


def examine(settings: Settings) -> Examination:
    """Look at the database as its owner. Raises `Unavailable` when it does not answer."""
    try:
        with psycopg.connect(_url(settings), connect_timeout=3, autocommit=True) as connection:
            row = connection.execute(_LOOK).fetchone()
    except psycopg.Error as error:
        raise Unavailable(str(error).strip()) from error
    assert row is not None  # noqa: S101
    return Examination(*row)


def await_database(settings: Settings, *, seconds: float) -> None:
    """Wait until the database takes connections; what waiting cannot mend is raised at once."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            psycopg.connect(_url(settings), connect_timeout=3).close()
            return
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline or any(hint in str(error) for hint in _FINAL):
                raise Unavailable(f"The database does not answer: {error}".strip()) from error
        threading.Event().wait(_PAUSE_SECONDS)


def _url(settings: Settings) -> str:
    url = settings.database_url or settings.database_app_url
    if url is None:
        raise Unavailable("No database is configured: set CEREBRO_DATABASE_URL.")
    return url.get_secret_value()
