"""What `cerebro worker` and `cerebro relay` share: waiting for a database that is ready."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from importlib import import_module
from typing import TYPE_CHECKING

from cerebro_cli.exits import UNAVAILABLE, USAGE, Stop
from cerebro_server.commands import environment

if TYPE_CHECKING:
    from cerebro_server.kernel.config import Settings

_DATABASE_SECONDS = 60.0
_PAUSE_SECONDS = 0.2


def run(settings: Settings, module: str) -> None:
    """Call `run` of a module once the database is there and up to date, until it returns."""
    if settings.database_url is None and settings.database_app_url is None:
        raise Stop(
            "No database is named: set CEREBRO_DATABASE_URL, or CEREBRO_DATABASE_APP_URL.",
            USAGE,
            hint="`cerebro up` starts a database and a worker of its own.",
        )
    from pydantic import SecretStr

    from cerebro_server.kernel.db import examine
    from cerebro_server.kernel.telemetry import configure_logs

    configure_logs(level=settings.log_level, form=settings.log_format)
    with environment.explained():
        examine.await_database(settings, seconds=_DATABASE_SECONDS)
        url = SecretStr(_await_url(settings))
        ready = import_module(module).run
        _spare_the_collector()
        # with the URL that was found: from here on the database being away is no end
        asyncio.run(ready(settings.model_copy(update={"database_app_url": url})))


def _spare_the_collector() -> None:
    """Look for cycles seldom: batches are lists of values, which hold none, and looking through
    them again and again took half the time of planning an import."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 50)


def _await_url(settings: Settings) -> str:
    """Return the application's URL once somebody has brought the database up to date: the API may
    just be starting, or PostgreSQL be gone again."""
    import psycopg

    from cerebro_server.kernel.db import urls

    deadline = time.monotonic() + _DATABASE_SECONDS
    while True:
        try:
            return urls.app_url(settings)
        except psycopg.errors.UndefinedTable:
            if time.monotonic() > deadline:
                raise Stop(
                    "Nothing is installed in this database.",
                    UNAVAILABLE,
                    hint="Run `cerebro db upgrade`, or `cerebro serve --upgrade`.",
                ) from None
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
        threading.Event().wait(_PAUSE_SECONDS)
