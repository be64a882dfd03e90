"""Installing: twice, at the same time, cut off in the middle."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from cerebro_server import registry
from tests.fixtures.processes import without_ours
from tests.fixtures.stores import SECRET, Installation, settings
from tests.server.migrations.conftest import catalog, rows
from tests.server.migrations.test_steps import still_works

OWNED = (
    "select count(*) from pg_roles where rolname ~ ('^cerebro_' || (select id from installation))"
)
CUTS = {
    "at the start": "select 1",
    "when public is being made": "select 1 from pg_stat_activity where pid <> pg_backend_pid() "
    "and datname = current_database()",
    "when public is made": "select 1 where to_regclass('public.installation') is not null",
    "when the installation has its id": "select 1 from public.installation",
    "when the schema is there": "select 1 where to_regnamespace('ws_main') is not null",
    "when its tables are there": "select 1 where to_regclass('ws_main.companies') is not null",
    "when it is registered": "select 1 from public.workspaces",
}


def test_a_second_time_does_nothing(installation: Installation) -> None:
    before = [catalog(installation.url, schema) for schema in ("public", "ws_main")]
    keys = rows(installation.url, "select * from keys")
    oids = rows(installation.url, "select oid, proname from pg_proc where proname ~ '_journal_'")
    report = registry.install(installation.settings)
    assert (report.applied, report.created, report.api_key, report.warnings) == (
        [],
        False,
        None,
        [],
    )
    assert [catalog(installation.url, schema) for schema in ("public", "ws_main")] == before
    assert rows(installation.url, "select * from keys") == keys
    assert (
        rows(installation.url, "select oid, proname from pg_proc where proname ~ '_journal_'")
        == oids
    )


async def test_two_at_once_make_one(empty: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(registry.install, [settings(empty)] * 4))
    keys = [report.api_key for report in reports if report.api_key]
    assert len(keys) == 1
    assert sorted(report.created for report in reports) == [False, False, False, True]
    assert rows(empty, "select count(*) from users") == [(1,)]
    assert rows(empty, "select count(*) from installation") == [(1,)]
    await still_works(Installation(empty, keys[0]))


@pytest.mark.parametrize("cut", CUTS)
async def test_cut_off_it_is_finished_by_the_next(empty: str, cut: str) -> None:
    environment = without_ours(os.environ)
    environment |= {"CEREBRO_DATABASE_URL": empty, "CEREBRO_SECRET_KEY": SECRET}
    command = "from cerebro_server import registry as r; from cerebro_server.kernel.config import *"
    installer = subprocess.Popen(
        [sys.executable, "-c", f"{command}; r.install(settings())"], env=environment
    )
    with psycopg.connect(empty, autocommit=True) as watcher:
        while installer.poll() is None:
            try:
                if watcher.execute(CUTS[cut]).fetchone():
                    break
            except psycopg.errors.UndefinedTable:
                pass
            time.sleep(0.001)
    installer.send_signal(signal.SIGKILL)
    installer.wait()
    report = registry.install(settings(empty))
    key = report.api_key or registry.issue_key(settings(empty))
    assert rows(empty, "select count(*) from users") == [(1,)]
    assert rows(empty, "select slug, revision from workspaces") == [("main", report.revision)]
    assert rows(empty, OWNED) == [(4,)], "app, control, journal, main"
    again = registry.install(settings(empty))
    assert (again.applied, again.created) == ([], False)
    await still_works(Installation(empty, key))
