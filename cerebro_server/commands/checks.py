"""What `cerebro doctor` looks at on this machine: programs, places, modes, room, port."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

from cerebro_sdk import profiles
from cerebro_server.embedded import EmbeddedError, listening
from cerebro_server.embedded.binaries import find_postgres, find_redis
from cerebro_server.embedded.places import Places
from cerebro_server.embedded.postgres import major_of

State = Literal["ok", "warn", "fail"]
_GIGABYTE = 1 << 30


class Check(NamedTuple):
    """One thing that was looked at. `mend` says what to do when it is not in order."""

    name: str
    state: State
    found: str
    mend: str = ""


def machine(places: Places, holder: dict[str, Any] | None) -> Iterator[Check]:
    """Look at everything that can be seen without a database."""
    yield from _programs(places)
    yield _running(places, holder)
    if holder is None:
        yield _port()
    yield from _modes(places)
    yield _room(places)


def _programs(places: Places) -> Iterator[Check]:
    if os.environ.get("CEREBRO_DATABASE_URL"):
        yield Check("postgresql", "ok", "named by CEREBRO_DATABASE_URL")
    else:
        try:
            binaries = find_postgres(places.account, major=major_of(places.postgres))
            yield Check("postgresql", "ok", f"{binaries.version} in {binaries.folder}")
        except EmbeddedError as error:
            yield Check("postgresql", "fail", "not found", str(error))
    if os.environ.get("CEREBRO_REDIS_URL"):
        yield Check("redis", "ok", "named by CEREBRO_REDIS_URL")
    elif (program := find_redis(places.account)) is not None:
        yield Check("redis", "ok", str(program))
    else:
        mend = "Nothing is lost without it on one machine; to have it, install redis-server."
        yield Check("redis", "warn", "not found", mend)


def _running(places: Places, holder: dict[str, Any] | None) -> Check:
    if holder is not None:
        found = f"{holder.get('state', 'running')}, process {holder.get('pid', '?')}"
        return Check("running", "ok", f"{found}, {holder.get('url', 'no address yet')}")
    start = f"cerebro up --data-dir '{places.data_dir}'"
    if places.postgres.exists():
        return Check("running", "warn", "no; the data is there", f"Start it: {start}")
    return Check("running", "warn", "no, and no data yet", f"Start it: {start}")


def _port() -> Check:
    port = int(os.environ.get("CEREBRO_PORT") or 8080)
    if listening.is_free(os.environ.get("CEREBRO_HOST") or "127.0.0.1", port):
        return Check("port", "ok", f"{port} is free")
    mend = f"Start with another: cerebro up --port {port + 1}"
    return Check("port", "warn", f"{port} is taken by {listening.holder(port)}", mend)


def _modes(places: Places) -> Iterator[Check]:
    secrets = [places.secret_file, profiles.folder() / "profiles.json"]
    closed = [places.postgres, places.sockets]
    wrong = [path for path in [*secrets, *closed] if _mode(path) & 0o077]
    if _mode(places.data_dir) & 0o022:
        wrong.append(places.data_dir)
    if wrong:
        mend = f"chmod go-rwx {' '.join(map(str, wrong))}"
        yield Check("file modes", "fail", "others may read or write our files", mend)
    else:
        yield Check("file modes", "ok", "closed to others")
    if places.postgres.exists() and not places.secret_file.exists():
        mend = f"Restore {places.secret_file}, or start once: a new one is made, old cursors end."
        yield Check("secret key", "warn", "missing", mend)


def _room(places: Places) -> Check:
    existing = next(path for path in [places.stores, *places.stores.parents] if path.exists())
    free = shutil.disk_usage(existing).free
    found = f"{free / _GIGABYTE:.1f} GB free for {existing}"
    if free > _GIGABYTE:
        return Check("disk", "ok", found)
    mend = "Free some room: PostgreSQL stops when the disk is full (no data is lost then)."
    return Check("disk", "fail" if free < _GIGABYTE // 10 else "warn", found, mend)


def _mode(path: Path) -> int:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return 0
