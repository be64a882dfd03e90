"""Stores for a test run: quick, careless about power cuts, gone afterwards."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from cerebro_server.embedded import account as accounts
from cerebro_server.embedded import places, processes
from cerebro_server.embedded.binaries import find_postgres, find_redis
from cerebro_server.embedded.errors import EmbeddedError
from cerebro_server.embedded.postgres import Cluster
from cerebro_server.embedded.processes import Service, tail
from cerebro_server.embedded.redis import RedisServer


@dataclass(frozen=True)
class Throwaway:
    """Running stores. `redis_url` is None where Redis was not asked for, or is not installed."""

    database_url: str
    redis_url: str | None
    folder: Path
    pids: dict[str, int]


@contextmanager
def throwaway(*, redis: bool = True, major: int | None = None) -> Iterator[Throwaway]:
    """Start PostgreSQL, and Redis, in a temporary folder; stop them and remove it at the end.

    `major` asks for one version of PostgreSQL. Call it from the main thread: the stores end with
    the thread that started them.
    """
    account = accounts.choose(Path(os.devnull))
    with ExitStack() as stack:
        folder = places.make_temporary(account)
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        cluster = Cluster(
            find_postgres(account, major=major), folder / "postgres", folder, account, durable=False
        )
        cluster.initialise()
        service = cluster.service(folder / "postgres.log")
        pids = {"postgres": start(cluster, service, stack)}
        program = find_redis(account) if redis else None
        server = None
        if program is not None:
            server = RedisServer(program, folder, folder, account)
            pids["redis"] = start(server, server.service(folder / "redis.log"), stack)
        yield Throwaway(cluster.url, server.url if server else None, folder, pids)


def start(store: Cluster | RedisServer, service: Service, stack: ExitStack) -> int:
    """Start a store and wait until it is ready; leaving the stack stops it. Returns its pid."""
    process = processes.spawn(service)
    stack.callback(processes.stop, process, service)
    stack.callback(process.send_signal, service.stop_signal)
    try:
        store.await_ready(process)
    except EmbeddedError as error:
        raise EmbeddedError(f"{error}\n{tail(service.log)}") from None
    return process.pid
