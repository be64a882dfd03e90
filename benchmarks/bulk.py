"""Import, re-import, export, bulk edit and undo through operations, beside PostgreSQL alone."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.measure import Figure, at_least, at_most, seconds
from benchmarks.stand import SECRET, Stand, process_alone, stand

ROWS = 1_000_000 if os.environ.get("CEREBRO_BENCH_FULL") else 20_000
_HEADER = ("First Name", "Last Name", "E-mail", "Mobile Phone", "Job Title", "City", "Country")
_COLUMNS = "first_name, last_name, emails, phones, job_title, addresses"
_GROWTH_MB = 150
_PEAK = "VmHWM:"


def run() -> Iterator[Figure]:
    """Yield the figures, each beside its baseline of the same rows in the same table."""
    content = people(ROWS)
    with stand() as here, worker(here) as pid:
        bare = _bare_import(here, ROWS)
        before = _peak_mb(pid)
        first: dict[str, Any] = {}
        took = seconds(lambda: first.update(import_(here, content, key="email")))
        name = f"import {ROWS:,} contacts, with plan"
        yield at_least(name, ROWS / took, ROWS / bare, unit="rows/s", ratio=0.30)
        grown = _peak_mb(pid) - before
        yield _memory("memory of the worker, grown by the import", grown)
        again = seconds(lambda: import_(here, content, key="email"))
        yield at_least("unchanged re-import", ROWS / again, ROWS / bare, unit="rows/s", ratio=1.0)
        yield _export(here)
        bare_edit = _bare_edit(here)
        edit: dict[str, Any] = {}
        edited = seconds(lambda: edit.update(_edit(here)))
        rows = edit["done"]["updated"]
        yield at_least(
            f"bulk edit of {rows:,}", rows / edited, rows / bare_edit, unit="rows/s", ratio=0.35
        )
        undone = seconds(lambda: _undo(here, edit["id"]))
        yield at_most("undo of that edit", undone, edited, unit="s", ratio=1.5)
        undone = seconds(lambda: _undo(here, first["id"]))
        yield at_most("undo of that import", undone, took, unit="s", ratio=1.5)
        yield _memory("memory of the worker, grown by all of it", _peak_mb(pid) - before)


def _memory(name: str, grown: float) -> Figure:
    return Figure(name, grown, _GROWTH_MB, "MB", f"< {_GROWTH_MB} MB", grown < _GROWTH_MB)


def people(count: int) -> bytes:
    """Return a file of contacts."""
    chance = random.Random(1)
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(_HEADER)
    for n in range(count):
        writer.writerow(_person(chance, n))
    return target.getvalue().encode()


def _person(chance: random.Random, n: int) -> tuple[str, ...]:
    return (
        chance.choice(("Ada", "Grace", "Alan", "Barbara", "Edsger", "Donald")),
        f"Lovelace{n % 5_000}",
        f"p{n}@ex{n % 1_000}.example",
        f"+49 30 {1_000_000 + n}",
        chance.choice(("CTO", "CEO", "Dev")),
        chance.choice(("Berlin", "Rome")),
        chance.choice(("DE", "IT")),
    )


def worker(here: Stand) -> Any:
    """Run a worker beside the stand; gives its process id."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("CEREBRO_")}
    env |= {"CEREBRO_DATABASE_URL": here.database_url, "CEREBRO_SECRET_KEY": SECRET}
    return process_alone([sys.executable, "-m", "cerebro_server", "worker"], env=env)


def import_(here: Stand, content: bytes, noun: str = "contacts", **asked: Any) -> dict[str, Any]:
    """Import a file as an operation, and wait for its end."""
    binary = {"content_type": "application/octet-stream"}
    upload = here.call("PUT", "/v1/uploads", content, **binary)
    return done(here, f"{noun}.import", upload_id=upload["id"], **asked)


def done(here: Stand, kind: str, **asked: Any) -> dict[str, Any]:
    """Plan and apply an operation, and wait for its end."""
    body = {"kind": kind, "input": asked, "options": {"yes": True}}
    return ended(here, _post(here, "/v1/operations", body))


def _edit(here: Stand) -> dict[str, Any]:
    values = {"department": "Board"}
    return done(here, "contacts.update", where="country = DE", values=values)


def _undo(here: Stand, operation_id: str) -> dict[str, Any]:
    return ended(here, _post(here, f"/v1/operations/{operation_id}/undo", {"yes": True}))


def _post(here: Stand, path: str, body: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = here.call(
        "POST", path, json.dumps(body).encode(), content_type="application/json"
    )
    return found


def ended(here: Stand, found: dict[str, Any]) -> dict[str, Any]:
    """Wait until an operation is applied."""
    while found["state"] in ("planning", "applying"):
        time.sleep(0.05)
        found = here.call("GET", f"/v1/operations/{found['id']}")
    if found["state"] != "applied":
        raise RuntimeError(f"{found['kind']}: {found['state']} {found['problem']}")
    planned, ended = (_seconds_to(found, moment) for moment in ("planned_at", "ended_at"))
    said = f"{found['kind']}: planned in {planned:.0f} s, applied in {ended - planned:.0f} s"
    print(f"  {said}: {found['done']}", file=sys.stderr, flush=True)
    return found


def _seconds_to(found: dict[str, Any], moment: str) -> float:
    began, ended = (datetime.fromisoformat(found[name]) for name in ("created_at", moment))
    return (ended - began).total_seconds()


def _bare_import(here: Stand, count: int) -> float:
    """COPY the same rows into the same table and indexes, without its triggers."""
    chance = random.Random(1)
    rows = [_person(chance, n) for n in range(count)]

    def copy() -> None:
        with psycopg.connect(here.database_url) as connection:
            connection.execute(f"set search_path = {here.schema}")
            connection.execute("alter table contacts disable trigger user")
            cursor = connection.cursor()
            text = f"copy contacts (id, {_COLUMNS}) from stdin"
            with cursor.copy(text) as stream:
                for n, row in enumerate(rows):
                    stream.write_row(_stored(n, row))
            connection.execute("alter table contacts enable trigger user")

    took = seconds(copy)
    with psycopg.connect(here.database_url, autocommit=True) as connection:
        connection.execute(f"truncate {here.schema}.contacts cascade")
        connection.execute("vacuum analyze")
    return took


def _stored(n: int, row: tuple[str, ...]) -> tuple[str, ...]:
    first, last, email, phone, title, city, country = row
    return (
        f"00000000-0000-7000-8000-{n:012x}",
        first,
        last,
        json.dumps([{"address": email}]),
        json.dumps([{"number": phone.replace(" ", ""), "type": "mobile", "is_valid": True}]),
        title,
        json.dumps([{"city": city, "country": country}]),
    )


def _bare_edit(here: Stand) -> float:
    """Change the same rows in one UPDATE without the journal, and take it back."""

    def update() -> None:
        connection.execute("update contacts set department = 'Bare' where country = 'DE'")

    with psycopg.connect(here.database_url) as connection:
        connection.execute(f"set search_path = {here.schema}")
        connection.execute("alter table contacts disable trigger user")
        took = seconds(update)
        connection.rollback()
    with psycopg.connect(here.database_url, autocommit=True) as connection:
        connection.execute(f"vacuum analyze {here.schema}.contacts")
    return took


def _export(here: Stand) -> Figure:
    columns = "id, first_name, last_name, email, phone, job_title, city, country"
    path = f"/v1/contacts/export?columns={columns.replace(' ', '')}"

    def ours() -> None:
        _drain(here, path)

    def bare() -> None:
        statement = f"copy (select {columns} from contacts where deleted_at is null) to stdout csv"
        with psycopg.connect(here.database_url) as connection:
            connection.execute(f"set search_path = {here.schema}")
            with connection.cursor().copy(statement) as stream:
                for _ in stream:
                    pass

    took, alone = _best(ours), _best(bare)
    return at_least("export as CSV", ROWS / took, ROWS / alone, unit="rows/s", ratio=0.35)


def _best(call: Callable[[], None]) -> float:
    return min(seconds(call) for _ in range(3))


def _drain(here: Stand, path: str) -> None:
    connection = HTTPConnection("127.0.0.1", here.port, timeout=600)
    connection.request("GET", path, headers={"Authorization": f"Bearer {here.api_key}"})
    reply = connection.getresponse()
    if reply.status != 200:
        raise RuntimeError(reply.read().decode())
    while reply.read(1 << 20):
        pass
    connection.close()


def _peak_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    line = next(line for line in status.splitlines() if line.startswith(_PEAK))
    return int(line.split()[1]) / 1024
