"""The process that keeps PostgreSQL for another one: `python -m cerebro_server.embedded.keeping`.

The kernel ties a store to the *thread* that started it, and whoever calls `local()` may do so from
any thread of theirs. So the store is started by the main thread of this small process, and what
ties this process to its caller is a pipe, its stdin: once that closes, by leave or because the
caller is gone, even by `kill -9`, it stops the store, removes what is temporary, and ends.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import select
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from cerebro_server.embedded.errors import AlreadyRunningError, EmbeddedError
from cerebro_server.embedded.lock import DataDirLock
from cerebro_server.embedded.places import make_data_dir
from cerebro_server.embedded.signals import Signals
from cerebro_server.embedded.stores import prepare
from cerebro_server.embedded.throwaway import start, throwaway

API_SOCKET = "api.sock"
_CALLER, _REPORTS = 0, 1


def main() -> int:
    """Keep the store until the caller is gone; the one line on stdout says where it is."""
    try:
        with Signals() as signals, _store(sys.argv[1:]) as facts:
            _tell(facts)
            return _watch(signals, facts["pid"])
    except AlreadyRunningError as error:
        _tell({"error": str(error), "holder": error.holder})
    except EmbeddedError as error:
        _tell({"error": str(error)})
    return 1


@contextmanager
def _store(data_dirs: list[str]) -> Iterator[dict[str, Any]]:
    """Run PostgreSQL on the data directory that is named, else on a temporary one."""
    if data_dirs:
        with _lasting(Path(data_dirs[0])) as facts:
            yield facts
        return
    with throwaway(redis=False) as stores:
        yield {
            "database_url": stores.database_url,
            "secret_key": secrets.token_hex(32),
            "sockets": str(stores.folder),
            "pid": stores.pids["postgres"],
        }


@contextmanager
def _lasting(data_dir: Path) -> Iterator[dict[str, Any]]:
    place = make_data_dir(data_dir)
    with DataDirLock(place) as lock, ExitStack() as stack:
        stores = prepare(place, say=lambda _: None)
        assert stores.cluster is not None  # noqa: S101 -- the environment names none here
        sockets = stores.places.sockets
        stack.callback(stores.places.tidy)
        stack.callback((sockets / API_SOCKET).unlink, missing_ok=True)
        service = stores.cluster.service(stores.places.log("postgres"))
        pid = start(stores.cluster, service, stack)
        lock.describe(state="ready", children={"postgres": pid})
        yield {
            "database_url": stores.cluster.url,
            "secret_key": stores.places.secret_key(),
            "sockets": str(sockets),
            "pid": pid,
        }
        lock.describe(state="stopping")


def _watch(signals: Signals, pid: int) -> int:
    """Return once the caller is gone, a signal asks for it, or the store has died."""
    while not signals.stop_requested:
        if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            return 1
        readable, _, _ = select.select([signals.wakes, _CALLER], [], [])
        if signals.wakes in readable:
            signals.drain()
        if _CALLER in readable and not os.read(_CALLER, 512):
            break
    return 0


def _tell(facts: dict[str, Any]) -> None:
    with contextlib.suppress(BrokenPipeError):  # the caller is gone already
        os.write(_REPORTS, json.dumps(facts).encode() + b"\n")


if __name__ == "__main__":
    sys.exit(main())
