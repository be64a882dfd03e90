"""Running migrations: `public` first, then each workspace's schema in a transaction of its own."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, pool, text
from sqlalchemy.exc import OperationalError

from cerebro_server.kernel.db.sql import ident
from cerebro_server.kernel.db.urls import alchemy

_MIGRATIONS = Path(__file__).parents[2] / "migrations"
_LOCK_TRIES = 10


def newest(kind: str) -> str:
    """Return the newest revision in the code, of `control` or `workspace`.

    Read off the file names (`0001_words.py`): starting a server must not load Alembic.
    """
    names = sorted(p.name for p in (_MIGRATIONS / kind / "versions").glob("[0-9]*.py"))
    return re.sub(r"_.*", "", names[-1])


def upgrade(url: str, kind: str, schema: str, revision: str = "head") -> None:
    """Bring one schema to a revision, in one transaction; waits at most 2 s for a lock, then
    tries again, so that running requests never queue behind a migration."""
    _run(url, kind, schema, "upgrade", revision)


def downgrade(url: str, kind: str, schema: str, revision: str) -> None:
    """Take one schema back to a revision."""
    _run(url, kind, schema, "downgrade", revision)


def _run(url: str, kind: str, schema: str, command: str, revision: str) -> None:
    from alembic import command as commands  # here: only an upgrade needs Alembic
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS / kind))
    engine = create_engine(alchemy(url), poolclass=pool.NullPool)
    for attempt in range(_LOCK_TRIES):
        try:
            with engine.begin() as connection:
                connection.execute(text("set local lock_timeout = '2s'"))
                connection.execute(text(f"set local search_path = {ident(schema)}, pg_temp"))
                attributes: dict[str, Any] = {"connection": connection, "schema": schema}
                config.attributes.update(attributes)
                getattr(commands, command)(config, revision)
            return
        except OperationalError as error:
            if "lock timeout" not in str(error) or attempt == _LOCK_TRIES - 1:
                raise
            time.sleep(0.5 * (attempt + 1))
